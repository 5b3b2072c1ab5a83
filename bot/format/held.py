"""/positions: what both desks hold."""

from __future__ import annotations

from bot.format import desks
from bot.format.krx_positions import krx_positions
from bot.format.lang import Lang
from bot.format.markup import bold, lines
from bot.format.positions import us_positions
from bot.format.replies import no_desk
from engine.model.krx_views import KrxDeskView
from engine.model.status import StatusView


def positions(view: StatusView, lang: Lang) -> str:
    """A block for each desk."""
    running = desks.running(view)
    blocks = (
        krx_positions(desk, view.now, lang)
        if isinstance(desk, KrxDeskView)
        else us_positions(desk, view.now, lang, is_alone=len(running) == 1)
        for _name, desk in running
    )
    told = "\n\n".join(blocks) or no_desk(lang)
    return lines(bold(lang.pick("포지션", "Positions")), told)
