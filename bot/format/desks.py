"""What the two desks have in common, for the texts that speak of both."""

from __future__ import annotations

from bot.format import krx_words, words
from bot.format.lang import Lang
from engine.model.ids import DeskName, DeskState
from engine.model.krx_views import KrxDeskView, KrxPositionView
from engine.model.status import StatusView
from engine.model.views import PositionView, UsDeskView

DeskView = UsDeskView | KrxDeskView
AnyPosition = PositionView | KrxPositionView

MARKS = {DeskState.RUNNING: "🟢", DeskState.EXITS_ONLY: "🟡", DeskState.HALTED: "⛔"}


def running(view: StatusView) -> tuple[tuple[DeskName, DeskView], ...]:
    """The desks that are enabled, the Korean one first as its day is."""
    desks: tuple[tuple[DeskName, DeskView | None], ...] = (
        (DeskName.KRX, view.krx),
        (DeskName.US, view.us),
    )
    return tuple((name, desk) for name, desk in desks if desk is not None)


def of(view: StatusView, name: DeskName) -> DeskView | None:
    """One desk; None when it is disabled."""
    return view.krx if name is DeskName.KRX else view.us


def held(view: StatusView) -> tuple[AnyPosition, ...]:
    """Positions of both desks."""
    return tuple(row for _name, desk in running(view) for row in desk.positions)


def doing(desk: DeskView, lang: Lang) -> str:
    """What the desk does by the clock."""
    if isinstance(desk, KrxDeskView):
        return krx_words.phase(desk.phase, lang)
    return words.window(desk.window, lang)


def doing_next(desk: DeskView, lang: Lang) -> str:
    """What it does after that."""
    if isinstance(desk, KrxDeskView):
        return krx_words.phase(desk.next_phase, lang)
    return words.window(desk.next_window, lang)
