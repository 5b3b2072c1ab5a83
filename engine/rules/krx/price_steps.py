"""Price steps and daily price limits of the Korean exchange, by price, date and kind.

Sources: KRX's rules on price steps: for shares the table in force since 2023-01-25 and the two it
replaced (KOSDAQ had no step above 100 won). ETF and ETN: 5 won, and 1 won under 2,000 since
December 2023; reports differ on the day, so the latest stands: 5 won is valid under both rules.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from engine.model.listing import SecurityKind, Segment
from engine.model.money import Krw

SHARES_SINCE = date(2023, 1, 25)
FUNDS_SINCE = date(2023, 12, 18)
LIMIT_SHARE = Decimal("0.3")
FUNDS = frozenset({SecurityKind.ETF, SecurityKind.ETN})


@dataclass(frozen=True, slots=True)
class _Steps:
    """Prices from ``starts[i]`` on move by ``ticks[i]``; ``counts[i]`` steps lie below that."""

    starts: tuple[int, ...]
    ticks: tuple[int, ...]
    counts: tuple[int, ...]

    def below(self, price: Decimal) -> tuple[int, bool]:
        """Number of the highest step not above the price, and whether the price is on it."""
        whole = max(int(price), 0)
        band = bisect_right(self.starts, whole) - 1
        steps, rest = divmod(whole - self.starts[band], self.ticks[band])
        return self.counts[band] + steps, rest == 0 and price == whole

    def above(self, price: Decimal) -> int:
        """Number of the lowest step not below the price."""
        number, is_on = self.below(price)
        return number if is_on else number + 1

    def price(self, number: int) -> Krw:
        """The price of a step; the first one is the lowest that can be ordered."""
        number = max(number, 1)
        band = bisect_right(self.counts, number) - 1
        return Krw(Decimal(self.starts[band] + (number - self.counts[band]) * self.ticks[band]))


def _table(*bands: tuple[int, int]) -> _Steps:
    """From (start, tick) of each band, lowest first."""
    counts = [0]
    for (start, tick), (following, _) in pairwise(bands):
        counts.append(counts[-1] + (following - start) // tick)
    return _Steps(tuple(s for s, _ in bands), tuple(t for _, t in bands), tuple(counts))


_SHARES = _table(
    *((0, 1), (2_000, 5), (5_000, 10), (20_000, 50), (50_000, 100), (200_000, 500)),
    (500_000, 1_000),
)
_OLD_KOSDAQ_BANDS = ((0, 1), (1_000, 5), (5_000, 10), (10_000, 50), (50_000, 100))
_OLD_SHARES = {
    Segment.KOSPI: _table(*_OLD_KOSDAQ_BANDS, (100_000, 500), (500_000, 1_000)),
    Segment.KOSDAQ: _table(*_OLD_KOSDAQ_BANDS),
}
_FUNDS = _table((0, 1), (2_000, 5))
_OLD_FUNDS = _table((0, 5))


def _steps(day: date, kind: SecurityKind, segment: Segment) -> _Steps:
    if kind in FUNDS:
        return _FUNDS if day >= FUNDS_SINCE else _OLD_FUNDS
    return _SHARES if day >= SHARES_SINCE else _OLD_SHARES[segment]


def tick_size(price: Krw, day: date, kind: SecurityKind, segment: Segment = Segment.KOSPI) -> Krw:
    """The price step that holds at ``price``. ``segment`` matters before 2023-01-25 only."""
    steps = _steps(day, kind, segment)
    return Krw(Decimal(steps.ticks[bisect_right(steps.starts, max(int(price.amount), 0)) - 1]))


def is_on_tick(price: Krw, day: date, kind: SecurityKind, segment: Segment = Segment.KOSPI) -> bool:
    """Whether an order may have this price."""
    return price.amount > 0 and _steps(day, kind, segment).below(price.amount)[1]


def round_up(price: Krw, day: date, kind: SecurityKind, segment: Segment = Segment.KOSPI) -> Krw:
    """The lowest price on a tick that is not below ``price``."""
    steps = _steps(day, kind, segment)
    return steps.price(steps.above(price.amount))


def round_down(price: Krw, day: date, kind: SecurityKind, segment: Segment = Segment.KOSPI) -> Krw:
    """The highest price on a tick that is not above ``price``, or the lowest there is."""
    steps = _steps(day, kind, segment)
    return steps.price(steps.below(price.amount)[0])


def step_up(
    price: Krw, count: int, day: date, kind: SecurityKind, segment: Segment = Segment.KOSPI
) -> Krw:
    """``count`` ticks higher; the first of them reaches the next tick above ``price``."""
    steps = _steps(day, kind, segment)
    return steps.price(steps.below(price.amount)[0] + count)


def step_down(
    price: Krw, count: int, day: date, kind: SecurityKind, segment: Segment = Segment.KOSPI
) -> Krw:
    """``count`` ticks lower, or the lowest price there is; the first reaches the tick below."""
    steps = _steps(day, kind, segment)
    return steps.price(steps.above(price.amount) - count)


def ticks_between(
    low: Krw, high: Krw, day: date, kind: SecurityKind, segment: Segment = Segment.KOSPI
) -> int:
    """Ticks from ``low`` up to ``high``; a price beside a tick counts the whole one."""
    steps = _steps(day, kind, segment)
    return steps.above(high.amount) - steps.below(low.amount)[0]


def band(
    base: Krw, day: date, kind: SecurityKind, segment: Segment = Segment.KOSPI
) -> tuple[Krw, Krw]:
    """Lower and upper price limit, 30 % from the base price; the broker's own are better.

    Wrong for leveraged and inverse products (30 % times the multiple) and on the first day of a
    listing. The lower end is rounded up: both readings of the rule allow what lies inside.
    """
    tick = tick_size(base, day, kind, segment)
    width = Krw(base.amount * LIMIT_SHARE // tick.amount * tick.amount)
    return round_up(base - width, day, kind, segment), round_down(base + width, day, kind, segment)
