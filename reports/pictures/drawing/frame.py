"""What the pictures of a report have in common: head, grid, figures beside it, dates below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from matplotlib.axes import Axes

from engine.model.money import Krw
from reports.periods import Span
from reports.pictures.drawing import ticks, words
from reports.pictures.drawing.page import (
    BIG,
    EDGE,
    INNER,
    NAME,
    PLAIN,
    SMALL,
    WIDTH,
    Page,
    Side,
)
from reports.pictures.subjects import ReportView

TOP = 330  # where a chart may begin
BESIDE = 150  # for figures at the right
BELOW = 60  # for dates, above the foot
FOOT = 80
_MOST_DATES = 4
_LABEL_ROOM = 390
_AT_EDGE, _APART = 0.02, 24  # of the axis, pixels


def head(page: Page, view: ReportView, title: str) -> None:
    """Badge, market and chart, period; the net in full; how many trades."""
    lang = page.lang
    begin = page.badge(view.mode, 52)
    heading = f"{words.desk(view.desk, lang)} {title}"
    room = WIDTH - EDGE - _LABEL_ROOM - begin
    page.text(begin, 78, heading, size=PLAIN, is_bold=True, level="center", within=room)
    page.text(
        *(WIDTH - EDGE, 78, view.period.label),
        size=SMALL,
        colour=page.palette.muted,
        side="right",
        level="center",
        within=_LABEL_ROOM,
    )
    net = view.net.amount
    figure = f"{words.arrow(net)} {words.amount(view.net, lang)}"
    page.text(
        EDGE, 222, figure, size=BIG, is_bold=True, colour=page.colour_of(float(net)), within=INNER
    )
    note = words.trades(view.trades, view.win_rate, lang)
    after = lang.pick("비용·세금 뺀 순손익", "net of costs and tax")
    page.text(EDGE, 280, f"{after} · {note}", size=PLAIN, colour=page.palette.muted, within=INNER)


def nothing(page: Page) -> None:
    """In place of a chart."""
    middle = (TOP + page.height - FOOT) / 2
    page.text(
        *(WIDTH / 2, middle, words.nothing(page.lang)),
        size=NAME,
        colour=page.palette.muted,
        side="center",
        level="center",
        within=INNER,
    )


def short(page: Page, view: ReportView, value: float | Decimal) -> str:
    """A signed figure in the report's currency."""
    return words.short(value, page.lang, is_won=isinstance(view.net, Krw))


def grid(page: Page, axes: Axes, view: ReportView, most: int) -> None:
    """Lines at round figures, which stand at the right."""
    low, high = axes.get_ylim()
    edge = axes.get_xlim()[1]
    for value in ticks.figures(low, high, most):
        is_zero = abs(value) < (high - low) * 1e-9
        colour = page.palette.muted if is_zero else page.palette.grid
        axes.axhline(value, color=colour, linewidth=2, zorder=0)
        text = "0" if is_zero else short(page, view, value)
        page.beside(axes, edge, value, text)


def moments(
    page: Page, axes: Axes, places: Sequence[float], at: Sequence[datetime], y: float
) -> None:
    """First, last and some between, under an axis; ``y``: pixels from above."""
    low, high = axes.get_xlim()
    left = axes.get_position().x0 * WIDTH
    width = axes.get_position().width * WIDTH
    first, *between, last = ticks.spread(len(at), _MOST_DATES) * (1 if len(at) > 1 else 2)
    taken: list[tuple[float, float]] = []
    for index in (first, last, *between):
        part = (places[index] - low) / (high - low)
        side: Side = "left" if part < _AT_EDGE else "right" if part > 1 - _AT_EDGE else "center"
        text = page.tick(left + part * width, y, stamp(at[index], at), side=side)
        begin, end = page.ends_of(text)
        if any(
            begin < its_end + _APART and its_begin < end + _APART for its_begin, its_end in taken
        ):
            text.remove()
        else:
            taken.append((begin, end))


def stamp(at: datetime, among: Sequence[datetime]) -> str:
    """03-04, 25-03-04 where there are two years, 09:30 within one day."""
    first, last = among[0], among[-1]
    if first.date() == last.date():
        return f"{at:%H:%M}" if len(among) > 1 or at.time() != at.min.time() else f"{at:%m-%d}"
    return f"{at:%m-%d}" if first.year == last.year else f"{at:%y-%m-%d}"


def is_one_day(view: ReportView) -> bool:
    """Whether marks are single sales."""
    return view.period.span is Span.DAY


def amount(page: Page, view: ReportView) -> str:
    """The net in full."""
    return words.amount(view.net, page.lang)
