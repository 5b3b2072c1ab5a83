"""A calendar in which good and bad days, or months, are seen at a glance."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from matplotlib.patches import Rectangle
from matplotlib.transforms import IdentityTransform

from reports.pictures.drawing import frame, words
from reports.pictures.drawing.page import EDGE, INNER, PLAIN, SMALL, WIDTH, Height, Page
from reports.pictures.drawing.palette import mixed, readable_on
from reports.pictures.subjects import Picture, ReportView

_MOST_MONTHS, _MOST_YEARS = 3, 5
_WEEKDAYS = (("월", "Mon"), ("화", "Tue"), ("수", "Wed"), ("목", "Thu"), ("금", "Fri"))
_WEEKEND = (("토", "Sat"), ("일", "Sun"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FAINTEST, _STRONGEST = 0.14, 0.9
_TITLE, _GAP, _HIGHEST = 50, 6, 110
_BESIDE_YEAR, _FLAT = 120, 84


@dataclass(frozen=True, slots=True)
class _Box:
    """Pixels from the upper left corner, a gap at the right and below."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width - _GAP

    @property
    def middle(self) -> float:
        return self.top + (self.height - _GAP) / 2

    @property
    def is_flat(self) -> bool:
        """No room for two lines."""
        return self.height < _FLAT


def draw(page: Page, view: ReportView) -> Picture:
    """On a tall page: days of at most three months, else months by years."""
    months = _months(view)
    is_days = len(months) <= _MOST_MONTHS
    title = page.lang.pick("달력", "calendar")
    frame.head(page, view, title)
    if not view.marks:
        frame.nothing(page)
    elif is_days:
        _days(page, view, months)
    else:
        _years(page, view)
    return page.picture("heat", f"{title} {view.period.label}: {frame.amount(page, view)}")


def _months(view: ReportView) -> list[tuple[int, int]]:
    first, last = view.period.first, view.period.last
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [(number // 12, number % 12 + 1) for number in numbers]


def _days(page: Page, view: ReportView, months: list[tuple[int, int]]) -> None:
    nets = view.days
    weekdays = _WEEKDAYS + (
        _WEEKEND if any(day.weekday() >= len(_WEEKDAYS) for day in nets) else ()
    )
    most = _most(nets.values())
    room = (page.height - frame.TOP - frame.FOOT) / len(months)
    for number, (year, month) in enumerate(months):
        weeks = [
            week[: len(weekdays)]
            for week in Calendar().monthdatescalendar(year, month)
            if any(day.month == month for day in week[: len(weekdays)])
        ]
        top = frame.TOP + number * room
        names = page.lang.pick(f"{year}년 {month}월", f"{_MONTHS[month - 1]} {year}")
        page.text(EDGE, top + 30, names, size=PLAIN, is_bold=True)
        width = INNER / len(weekdays)
        if len(months) == 1:
            for column, pair in enumerate(weekdays):
                _heading(page, EDGE + (column + 0.5) * width, top + 80, page.lang.pick(*pair))
            top += _TITLE
        height = min(_HIGHEST * 1.3, (room - _TITLE * (2 if len(months) == 1 else 1.3)) / 6)
        for row, week in enumerate(weeks):
            for column, day in enumerate(week):
                if day.month == month:
                    box = _Box(EDGE + column * width, top + _TITLE + row * height, width, height)
                    _cell(page, view, box, nets.get(day), most, str(day.day))


def _years(page: Page, view: ReportView) -> None:
    sums = _by_month(view.days)
    years = sorted({year for year, _ in sums})[-_MOST_YEARS:]
    most = _most(sums.values())
    # A single year as a wall calendar, several beside each other.
    if len(years) == 1:
        width, height = INNER / 3, (page.height - frame.TOP - frame.FOOT) / 4
        for month in range(1, 13):
            row, column = divmod(month - 1, 3)
            box = _Box(EDGE + column * width, frame.TOP + row * height, width, height)
            _cell(page, view, box, sums.get((years[0], month)), most, _month(page, month))
        return
    width = (INNER - _BESIDE_YEAR) / len(years)
    height = (page.height - frame.TOP - frame.FOOT - _TITLE) / 13
    for column, year in enumerate(years):
        left = EDGE + _BESIDE_YEAR + column * width
        _heading(page, left + width / 2, frame.TOP + 30, str(year))
        for month in range(1, 13):
            box = _Box(left, frame.TOP + _TITLE + (month - 1) * height, width, height)
            _cell(page, view, box, sums.get((year, month)), most, "")
        whole = sum((net for (y, _), net in sums.items() if y == year), Decimal(0))
        _sum(page, view, left + width / 2, frame.TOP + _TITLE + 12.5 * height, whole)
    for row in range(13):
        name = _month(page, row + 1) if row < len(_MONTHS) else page.lang.pick("합계", "Total")
        y = frame.TOP + _TITLE + (row + 0.5) * height
        page.text(EDGE, y, name, size=SMALL, colour=page.palette.muted, level="center")


def _cell(
    page: Page, view: ReportView, box: _Box, net: Decimal | None, most: float, name: str
) -> None:
    """Stronger the more, with the figure and its sign; grey where nothing was sold."""
    palette, value = page.palette, float(net or 0)
    strength = _FAINTEST + (_STRONGEST - _FAINTEST) * abs(value) / most
    back = mixed(page.colour_of(value), palette.back, strength) if value else palette.panel
    ink = readable_on(back)
    _ground(page, box, back)
    taken = _name(page, box, name, ink if net is not None else palette.muted) if name else 0.0
    if net is not None:
        _figure(page, box, frame.short(page, view, net), net, ink, taken)


def _ground(page: Page, box: _Box, colour: str) -> None:
    page.figure.add_artist(
        Rectangle(
            (box.left, page.height - box.top - box.height),
            *(box.width - _GAP, box.height - _GAP),
            transform=IdentityTransform(),
            facecolor=colour,
            edgecolor="none",
            zorder=-1,
        )
    )


def _name(page: Page, box: _Box, name: str, colour: str) -> float:
    """In the corner, or in a flat cell at its left; answers the pixels it takes."""
    left, top = (10.0, box.middle) if box.is_flat else (14.0, box.top + 12)
    level: Height = "center" if box.is_flat else "top"
    shown = page.text(box.left + left, top, name, size=26, colour=colour, level=level)
    return page.ends_of(shown)[1] - box.left


def _figure(page: Page, box: _Box, text: str, net: Decimal, ink: str, taken: float) -> None:
    """Below a name, or in a flat cell beside it; ``taken``: pixels of the name."""
    is_beside = box.is_flat and bool(taken)
    figure = page.text(
        box.right - 10 if is_beside else (box.left + box.right) / 2,
        box.middle + (14 if taken and not box.is_flat else 0),
        text,
        size=26 if is_beside else SMALL if box.width < INNER / 4 else PLAIN + 6,
        colour=ink,
        is_bold=True,
        side="right" if is_beside else "center",
        level="center",
        within=box.width - _GAP - 16 - (taken if is_beside else 0),
    )
    if figure.get_text().endswith("…"):  # half a figure would be another figure
        figure.set_text(words.arrow(net))


def _heading(page: Page, x: float, y: float, name: str) -> None:
    page.text(x, y, name, size=SMALL, colour=page.palette.muted, side="center")


def _sum(page: Page, view: ReportView, x: float, y: float, net: Decimal) -> None:
    page.text(
        *(x, y, frame.short(page, view, net)),
        size=SMALL,
        is_bold=True,
        colour=page.colour_of(float(net)),
        side="center",
        level="center",
        within=WIDTH / _MOST_YEARS,
    )


def _month(page: Page, month: int) -> str:
    return page.lang.pick(f"{month}월", _MONTHS[month - 1])


def _by_month(days: Mapping[date, Decimal]) -> dict[tuple[int, int], Decimal]:
    found: dict[tuple[int, int], Decimal] = {}
    for day, net in days.items():
        key = day.year, day.month
        found[key] = found.get(key, Decimal(0)) + net
    return found


def _most(nets: Iterable[Decimal]) -> float:
    return max((abs(float(net)) for net in nets), default=0.0) or 1.0
