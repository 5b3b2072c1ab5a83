"""The sum of net over time, and how far it was below its best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from matplotlib.axes import Axes

from reports.pictures.drawing import frame, ticks
from reports.pictures.drawing.page import EDGE, INNER, PLAIN, Page
from reports.pictures.subjects import Picture, ReportView

_CURVE_END, _FALL_TOP, _FALL_END = 880, 990, 1190
_HATCH = "//"
_MANY = 150  # marks; a thick line would hide what it shows


@dataclass(frozen=True, slots=True)
class Fall:
    """Places of marks, 0 before the first; ``recovered`` None: not yet."""

    peak: int
    trough: int
    recovered: int | None
    amount: float


def draw(page: Page, view: ReportView) -> Picture:
    """On a tall page."""
    lang = page.lang
    frame.head(page, view, lang.pick("누적 손익", "equity"))
    if not view.marks:
        frame.nothing(page)
        return page.picture("equity", _alt(page, view, None))
    at = [view.marks[0].at, *(mark.at for mark in view.marks)]
    # The first mark is what the first sales brought; before it there was nothing.
    equity = [0.0, *accumulate(float(mark.net.amount) for mark in view.marks)]
    places = _places(at)
    fall = deepest(equity)
    _curve(page, view, places, equity, at, fall)
    _falls(page, view, places, equity, at, fall)
    frame.moments(page, page.figure.axes[-1], places[1:], at[1:], _FALL_END + 14)
    return page.picture("equity", _alt(page, view, fall))


def deepest(equity: Sequence[float]) -> Fall | None:
    """The deepest fall from a peak; None where the curve never fell."""
    peak, found = 0, None
    for place, value in enumerate(equity):
        if value >= equity[peak]:
            if found is not None and found.recovered is None:
                found = Fall(found.peak, found.trough, place, found.amount)
            peak = place
        elif found is None or equity[peak] - value > found.amount:
            found = Fall(peak, place, None, equity[peak] - value)
    return found


def _places(at: Sequence[datetime]) -> list[float]:
    """Seconds; the beginning stands a little before the first mark."""
    first = at[0].timestamp()
    length = at[-1].timestamp() - first
    before = length / max(1, len(at) - 2) if length else 1.0
    return [first - before, *(moment.timestamp() for moment in at[1:])]


def _curve(
    page: Page,
    view: ReportView,
    places: list[float],
    equity: list[float],
    at: list[datetime],
    fall: Fall | None,
) -> None:
    palette = page.palette
    axes = page.axes(frame.TOP, _CURVE_END, right=frame.BESIDE)
    axes.set_xlim(*_within(places))
    axes.set_ylim(*ticks.room(equity))
    frame.grid(page, axes, view, 5)
    is_stepped = frame.is_one_day(view)
    xs, ys = (places, equity) if is_stepped else _with_zeros(places, equity)
    for is_gain, colour, hatch in ((True, palette.up, None), (False, palette.down, _HATCH)):
        side = [max(0.0, value) if is_gain else min(0.0, value) for value in ys]
        axes.fill_between(
            *(xs, side),
            step="post" if is_stepped else None,
            facecolor=colour,
            edgecolor=colour,
            alpha=0.16,
            hatch=hatch,
            linewidth=0,
        )
    style = "steps-post" if is_stepped else "default"
    width = 5 if len(places) <= _MANY else 3
    axes.plot(places, equity, color=palette.line, linewidth=width, drawstyle=style, zorder=3)
    axes.plot(
        *([places[-1]], [equity[-1]]),
        marker="o",
        markersize=16,
        color=page.colour_of(equity[-1]),
        clip_on=False,
        zorder=5,
    )
    if fall is not None:
        _marked(page, axes, places, equity, at, fall)


def _with_zeros(places: list[float], equity: list[float]) -> tuple[list[float], list[float]]:
    """Also where the curve crosses zero: there one colour ends and the other begins."""
    xs, ys = [places[0]], [equity[0]]
    for x, y in zip(places[1:], equity[1:], strict=True):
        if y * ys[-1] < 0:
            xs.append(xs[-1] + (x - xs[-1]) * ys[-1] / (ys[-1] - y))
            ys.append(0.0)
        xs.append(x)
        ys.append(y)
    return xs, ys


def _marked(
    page: Page,
    axes: Axes,
    places: list[float],
    equity: list[float],
    at: list[datetime],
    fall: Fall,
) -> None:
    """Peak and trough of the deepest fall, each with its day."""
    low, high = axes.get_ylim()
    off = (high - low) * 0.04
    for place, marker, shift, level in (
        (fall.peak, "^", off, "bottom"),
        (fall.trough, "v", -off, "top"),
    ):
        x, y = places[place], equity[place]
        axes.plot(
            *([x], [y]),
            marker=marker,
            markersize=20,
            color=page.palette.stop,
            clip_on=False,
            zorder=4,
        )
        if place:
            text = frame.stamp(at[place], at[1:])
            page.boxed(axes, x, y + shift, text, level="bottom" if level == "bottom" else "top")


def _falls(
    page: Page,
    view: ReportView,
    places: list[float],
    equity: list[float],
    at: list[datetime],
    fall: Fall | None,
) -> None:
    peaks = list(accumulate(equity, max))
    below = [value - peak for value, peak in zip(equity, peaks, strict=True)]
    page.text(EDGE, 962, _told(page, view, fall, at), size=PLAIN, is_bold=True, within=INNER)
    axes = page.axes(_FALL_TOP, _FALL_END, right=frame.BESIDE)
    axes.set_xlim(*_within(places))
    deep = fall.amount if fall is not None else 1.0
    axes.set_ylim(-deep * 1.08, deep * 0.04)
    if fall is None:
        axes.axhline(0, color=page.palette.muted, linewidth=2)
        page.beside(axes, axes.get_xlim()[1], 0, "0")
        return
    frame.grid(page, axes, view, 3)
    axes.fill_between(
        *(places, below),
        step="post" if frame.is_one_day(view) else None,
        facecolor=page.palette.panel,
        edgecolor=page.palette.stop,
        hatch=_HATCH,
        linewidth=3,
    )


def _told(page: Page, view: ReportView, fall: Fall | None, at: list[datetime]) -> str:
    lang = page.lang
    if fall is None:
        return lang.pick("낙폭 없음", "Never fell")
    begin = frame.stamp(at[fall.peak], at[1:]) if fall.peak else lang.pick("처음", "start")
    end = lang.pick("회복 전", "not recovered")
    if fall.recovered is not None:
        end = lang.pick("회복 ", "recovered ") + frame.stamp(at[fall.recovered], at[1:])
    amount = frame.short(page, view, -fall.amount)
    title = lang.pick("최대 낙폭", "Deepest fall")
    return f"{title} {amount} · {begin} → {frame.stamp(at[fall.trough], at[1:])} · {end}"


def _alt(page: Page, view: ReportView, fall: Fall | None) -> str:
    lang = page.lang
    at = [mark.at for mark in view.marks]
    title = lang.pick("누적 손익", "Equity")
    told = f"{title} {view.period.label}: {frame.amount(page, view)}"
    return told if fall is None else f"{told}. {_told(page, view, fall, [at[0], *at])}"


def _within(places: Sequence[float]) -> tuple[float, float]:
    return places[0], places[-1]
