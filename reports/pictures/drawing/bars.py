"""Net of each day as bars; of many days, of weeks or months."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from reports.pictures.drawing import frame, ticks
from reports.pictures.drawing.page import Page
from reports.pictures.subjects import Picture, ReportView

_MOST_BARS = 130  # narrower ones are no bars any more
HATCH = "///"
_WIDTH = 0.76
_END, _DATES = 600, 612
Step = Callable[[date], date]


def draw(page: Page, view: ReportView) -> Picture:
    """On a wide page."""
    lang = page.lang
    bars, title = _bars(view.days, lang.pick("일별 손익", "by day"))
    if len(bars) > _MOST_BARS:
        bars, title = _bars(view.days, lang.pick("주별 손익", "by week"), _monday)
    if len(bars) > _MOST_BARS:
        bars, title = _bars(view.days, lang.pick("월별 손익", "by month"), _first)
    frame.head(page, view, title)
    if bars:
        _draw(page, view, bars)
    else:
        frame.nothing(page)
    return page.picture("bars", f"{title} {view.period.label}: {frame.amount(page, view)}")


def _draw(page: Page, view: ReportView, bars: Mapping[date, Decimal]) -> None:
    # A week that began before the period is named by its first day within.
    days = [max(day, view.period.first) for day in bars]
    nets = [float(net) for net in bars.values()]
    axes = page.axes(frame.TOP, _END, right=frame.BESIDE)
    # A single bar is not as wide as the page.
    axes.set_xlim(-0.5 - max(0, 5 - len(bars)), len(bars) - 0.5 + max(0, 5 - len(bars)))
    low, high = ticks.room([0.0, *nets])
    axes.set_ylim(low, high)
    frame.grid(page, axes, view, 4)
    for place, net in enumerate(nets):
        bar(page, axes, (place - _WIDTH / 2, 0), _WIDTH, net, is_across=False)
    begin = datetime.min.time()
    at = [datetime.combine(day, begin) for day in days]
    frame.moments(page, axes, [float(place) for place in range(len(days))], at, _DATES)


def bar(
    page: Page,
    axes: Axes,
    corner: tuple[float, float],
    thickness: float,
    length: float,
    *,
    is_across: bool,
) -> None:
    """Of a gain full, of a loss hatched: colour is not the only sign."""
    colour = page.colour_of(length)
    sides = (length, thickness) if is_across else (thickness, length)
    is_loss = length < 0
    axes.add_patch(
        Rectangle(
            corner,
            *sides,
            facecolor=page.palette.back if is_loss else colour,
            edgecolor=colour,
            hatch=HATCH if is_loss else None,
            linewidth=1.5,
        )
    )


def _bars(
    days: Mapping[date, Decimal], title: str, step: Step = lambda day: day
) -> tuple[Mapping[date, Decimal], str]:
    found: dict[date, Decimal] = {}
    for day, net in days.items():
        begin = step(day)
        found[begin] = found.get(begin, Decimal(0)) + net
    return found, title


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _first(day: date) -> date:
    return day.replace(day=1)
