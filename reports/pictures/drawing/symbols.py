"""Who brought it: net by stock, best and worst with the rest put together."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.money import Money
from reports.pictures.drawing import frame
from reports.pictures.drawing.bars import bar
from reports.pictures.drawing.page import EDGE, PLAIN, TALL, WIDE, WIDTH, Page
from reports.pictures.subjects import Picture, ReportView, Share

_MOST_ROWS, _BEST, _WORST = 10, 5, 4
_ROW, _BAR = 92, 24
_FEW_ROWS = (WIDE - frame.TOP - frame.FOOT) // _ROW
_AMOUNT = 280  # pixels for the figure at the right


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    trades: int
    net: Money


def height(view: ReportView) -> int:
    """Wide where few rows suffice."""
    return WIDE if len(view.shares) <= _FEW_ROWS else TALL


def draw(page: Page, view: ReportView) -> Picture:
    """On a page of ``height``."""
    title = page.lang.pick("종목별 기여", "by stock")
    frame.head(page, view, title)
    rows = _rows(page, view)
    if not rows:
        frame.nothing(page)
        return page.picture("symbols", f"{title} {view.period.label}")
    widest = max(abs(float(row.net.amount)) for row in rows) or 1.0
    least = min(0.0, *(float(row.net.amount) for row in rows))
    most = max(0.0, *(float(row.net.amount) for row in rows))
    if least == most:
        most = widest
    axes = page.axes(frame.TOP - 10, frame.TOP - 10 + _ROW * len(rows))
    edge = (most - least) * 0.002  # the outline of the longest bar
    axes.set_xlim(least - edge, most + edge)
    axes.set_ylim(_ROW * len(rows), 0)
    for place, row in enumerate(rows):
        _draw_row(page, view, row, frame.TOP - 10 + place * _ROW)
        top = place * _ROW + 48
        # Only beside the bar: a line through all rows would cross the names.
        zero = [top - 4, top + _BAR + 4]
        axes.plot([0, 0], zero, color=page.palette.muted, linewidth=2, clip_on=False)
        bar(page, axes, (0, top), _BAR, float(row.net.amount), is_across=True)
    told = ", ".join(f"{row.name} {frame.short(page, view, row.net.amount)}" for row in rows[:3])
    return page.picture("symbols", f"{title} {view.period.label}: {told}")


def _draw_row(page: Page, view: ReportView, row: _Row, top: float) -> None:
    base = top + 36
    count = page.lang.pick(f"{row.trades:,}건", f"{row.trades:,} tr.")
    amount = page.text(
        *(WIDTH - EDGE, base, frame.short(page, view, row.net.amount)),
        size=PLAIN,
        is_bold=True,
        colour=page.colour_of(float(row.net.amount)),
        side="right",
        within=_AMOUNT,
    )
    counted = page.text(
        *(page.ends_of(amount)[0] - 24, base, count),
        colour=page.palette.muted,
        size=28,
        side="right",
    )
    page.text(EDGE, base, row.name, size=PLAIN, within=page.ends_of(counted)[0] - EDGE - 24)


def _rows(page: Page, view: ReportView) -> list[_Row]:
    shares = view.shares
    if len(shares) <= _MOST_ROWS:
        return [_row(page, share) for share in shares]
    rest = shares[_BEST:-_WORST]
    net = sum((share.net for share in rest), view.net * 0)
    others = page.lang.pick(f"그 외 {len(rest):,}종목", f"{len(rest):,} others")
    return [
        *(_row(page, share) for share in shares[:_BEST]),
        _Row(others, sum(share.trades for share in rest), net),
        *(_row(page, share) for share in shares[-_WORST:]),
    ]


def _row(page: Page, share: Share) -> _Row:
    return _Row(page.name_of(share.symbol, share.name), share.trades, share.net)
