"""The chart of a trade card: minutes with volume, executions, zones, stop and target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from engine.model.candles import MinuteCandle
from engine.model.money import Krw, Money
from engine.model.orders import Side
from reports.periods import ZONES
from reports.pictures.drawing import ticks
from reports.pictures.drawing.page import EDGE, WIDTH, Page
from reports.pictures.subjects import TradeCard

_TOP, _VOLUME, _GAP = 388, 100, 16  # pixels
_TIMES, _ABOVE_TIMES = 52, 12
_BESIDE = 150
_BODY, _WICK = 0.7, 2.0
_MOST_TIMES, _MOST_PRICES = 5, 6
_EMPTY_MINUTES = 2.0
_CENTS = 0.05  # dollars from top to bottom; under it two decimals would repeat
STOP_STYLE, TARGET_STYLE = (0, (3, 2)), (0, (8, 3, 2, 3))
ZONE_HATCH = ".."
MOST_ZONES = 4  # drawn and named; more would hide the prices
_MOST_CANDLES, _STEPS = 130, (1, 3, 5, 10, 15, 30, 60)
_MINUTE = timedelta(minutes=1)
_LEAST = timedelta(minutes=30)  # from left to right; in less a minute is a block


def chart(page: Page, card: TradeCard, *, end: float) -> None:
    """Prices above, volume below, down to ``end``; nothing without a candle and an execution."""
    seen = [
        *(candle.at for candle in card.candles),
        *(candle.at + _MINUTE for candle in card.candles[-1:]),
        *(fill.at for fill in card.fills),
    ]
    if seen:
        first, last = min(seen), max(seen)
        beside = max(_LEAST - (last - first), timedelta(0)) / 2
        _Chart(page, card, first - beside, last + beside, end=end).draw()


class _Chart:
    """Times are minutes since ``first``, where the chart begins."""

    def __init__(
        self, page: Page, card: TradeCard, first: datetime, last: datetime, *, end: float
    ) -> None:
        self._page = page
        self._card = card
        self._zone = ZONES[card.desk]
        self._first = first
        self._last = last
        self._end = end - _TIMES
        self._step = next(
            (step for step in _STEPS if len(card.candles) / step <= _MOST_CANDLES), _STEPS[-1]
        )
        self._candles = tuple(_merged(card.candles, self._step))

    def draw(self) -> None:
        volume = _VOLUME + _GAP if self._candles else 0
        axes = self._page.axes(_TOP, self._end - volume, right=_BESIDE)
        length = self._x(self._last)
        margin = max(length * 0.02, _EMPTY_MINUTES)
        axes.set_xlim(-margin, length + margin)
        axes.set_ylim(*ticks.room(self._prices()))
        self._grid(axes)
        self._levels(axes)
        if self._card.candles:
            self._draw_candles(axes)
            self._volume()
        else:
            self._path(axes)
        self._fills(axes)
        self._times(axes)

    def _x(self, at: datetime) -> float:
        return (at - self._first) / _MINUTE

    def _prices(self) -> list[float]:
        """All that must be seen; a target or a zone far away would make the rest flat."""
        near = [_price(fill.price) for fill in self._card.fills]
        for candle in self._card.candles:
            near += [_price(candle.low), _price(candle.high)]
        low, high = min(near), max(near)
        reach = (high - low) or high * 0.01
        far = [stop.price for stop in self._card.stops]
        far += [level for zone in self._card.zones for level in (zone.low, zone.high)]
        far += [self._card.target] if self._card.target is not None else []
        return near + [
            _price(level) for level in far if low - reach <= _price(level) <= high + reach
        ]

    def _grid(self, axes: Axes) -> None:
        page, (low, high) = self._page, axes.get_ylim()
        for value in ticks.figures(low, high, _MOST_PRICES):
            axes.axhline(value, color=page.palette.grid, linewidth=2, zorder=0)
            page.beside(axes, axes.get_xlim()[1], value, self._figure(value, high - low))

    def _figure(self, value: float, height: float) -> str:
        is_won = isinstance(self._card.net, Krw)
        if is_won:
            return f"{value:,.0f}" if height > 1 else f"{value:,.1f}"
        return f"{value:,.2f}" if height > _CENTS else f"{value:,.4f}"

    def _draw_candles(self, axes: Axes) -> None:
        """Up full, down hollow: colour is not the only sign."""
        palette, candles = self._page.palette, self._candles
        for is_up, colour in ((True, palette.up), (False, palette.down)):
            some = [candle for candle in candles if (candle.close >= candle.open) is is_up]
            wicks = LineCollection(
                [self._wick(candle) for candle in some], colors=colour, linewidths=_WICK, zorder=2
            )
            bodies = PolyCollection(
                [self._body(candle) for candle in some],
                facecolors=colour if is_up else palette.back,
                edgecolors=colour,
                linewidths=_WICK,
                zorder=2,
            )
            axes.add_collection(wicks, autolim=False)
            axes.add_collection(bodies, autolim=False)

    def _middle(self, candle: MinuteCandle[Money]) -> float:
        return self._x(candle.at) + self._step / 2

    def _wick(self, candle: MinuteCandle[Money]) -> list[tuple[float, float]]:
        x = self._middle(candle)
        return [(x, _price(candle.low)), (x, _price(candle.high))]

    def _body(self, candle: MinuteCandle[Money]) -> list[tuple[float, float]]:
        return _box(self._middle(candle), self._step, _price(candle.open), _price(candle.close))

    def _volume(self) -> None:
        axes = self._page.axes(self._end - _VOLUME, self._end, right=_BESIDE)
        axes.set_xlim(*self._page.figure.axes[0].get_xlim())
        candles = self._candles
        axes.set_ylim(0, max(candle.volume for candle in candles) * 1.05 or 1)
        bars = [_box(self._middle(one), self._step, 0, float(one.volume)) for one in candles]
        muted = self._page.palette.muted
        axes.add_collection(PolyCollection(bars, facecolors=muted, linewidths=0), autolim=False)
        length = self._page.lang.pick(f"{self._step}분봉", f"{self._step} min")
        self._page.beside(axes, axes.get_xlim()[1], axes.get_ylim()[1] / 2, length)

    def _path(self, axes: Axes) -> None:
        """Without candles, from execution to execution."""
        fills = sorted(self._card.fills, key=lambda fill: fill.at)
        axes.plot(
            [self._x(fill.at) for fill in fills],
            [_price(fill.price) for fill in fills],
            color=self._page.palette.line,
            linewidth=4,
        )

    def _levels(self, axes: Axes) -> None:
        palette, card = self._page.palette, self._card
        for zone in card.zones[:MOST_ZONES]:
            low, high = _price(zone.low), _price(zone.high)
            if low < high:
                axes.axhspan(
                    *(low, high),
                    facecolor=palette.panel,
                    edgecolor=palette.zone,
                    hatch=ZONE_HATCH,
                    alpha=0.55,
                    linewidth=0,
                    zorder=0.5,
                )
            for level in {low, high}:
                axes.axhline(level, color=palette.zone, linewidth=3, zorder=1)
        if card.target is not None:
            axes.axhline(
                _price(card.target), color=palette.target, linestyle=TARGET_STYLE, linewidth=4
            )
        if card.stops:
            stops = sorted(card.stops, key=lambda stop: stop.at)
            xs = [self._x(stop.at) for stop in stops] + [self._end_of_stop()]
            ys = [_price(stop.price) for stop in (*stops, stops[-1])]
            axes.plot(
                *(xs, ys),
                color=palette.stop,
                linestyle=STOP_STYLE,
                linewidth=4,
                drawstyle="steps-post",
                zorder=3,
            )

    def _end_of_stop(self) -> float:
        """A stop ends with the trade."""
        last = max((fill.at for fill in self._card.fills), default=self._last)
        latest = max(stop.at for stop in self._card.stops)
        return self._x(max(last, latest))

    def _fills(self, axes: Axes) -> None:
        """Buys from below, sells from above, so that the price itself stays visible."""
        palette = self._page.palette
        low, high = axes.get_ylim()
        off = (high - low) * 0.05
        for fill in self._card.fills:
            is_buy = fill.side is Side.BUY
            x, y = self._x(fill.at), _price(fill.price)
            place = max(y - off, low + off / 2) if is_buy else min(y + off, high - off / 2)
            axes.plot(
                *([x, x], [place, y]), color=palette.text, linewidth=2, zorder=4, clip_on=False
            )
            axes.plot(
                *([x], [place]),
                marker="^" if is_buy else "v",
                markersize=24,
                color=palette.text,
                markeredgecolor=palette.back,
                markeredgewidth=3,
                zorder=5,
                clip_on=False,
            )

    def _times(self, axes: Axes) -> None:
        first, last = (at.astimezone(self._zone) for at in (self._first, self._last))
        form = "%H:%M" if first.date() == last.date() else "%m-%d %H:%M"
        most = _MOST_TIMES if first.date() == last.date() else 3
        low, high = axes.get_xlim()
        width = WIDTH - 2 * EDGE - _BESIDE
        end = 0.0
        for at in ticks.times(first, last, most):
            x = EDGE + (self._x(at) - low) / (high - low) * width
            shown = self._page.tick(x, self._end + _ABOVE_TIMES, f"{at:{form}}")
            if self._page.ends_of(shown)[0] < end:
                shown.remove()
                continue
            end = self._page.ends_of(shown)[1] + 24


def _price(money: Money) -> float:
    return float(money.amount)


def _merged(candles: Sequence[MinuteCandle[Money]], step: int) -> Iterator[MinuteCandle[Money]]:
    """Of ``step`` minutes of the clock each, so that a whole day's are still seen."""
    for _, group in groupby(candles, lambda one: one.at.timestamp() // (step * 60)):
        some = tuple(group)
        yield MinuteCandle(
            some[0].at,
            some[0].open,
            max(one.high for one in some),
            min(one.low for one in some),
            some[-1].close,
            sum(one.volume for one in some),
        )


def _box(middle: float, length: float, low: float, high: float) -> list[tuple[float, float]]:
    left, right = middle - length * _BODY / 2, middle + length * _BODY / 2
    return [(left, low), (left, high), (right, high), (right, low)]
