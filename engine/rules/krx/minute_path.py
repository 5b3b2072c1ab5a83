"""How a recorded minute becomes trades: a made-up path through its four prices.

The open at :00; then, if it closed no lower than it opened, the low at :15 and the high at :30,
else the high first; the close at :45. A quarter of the volume each, the remainder with the close;
what has no volume is left out. The best bid and ask lie around each price, one tick apart at least.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine.model.listing import SecurityKind
from engine.model.money import Krw
from engine.model.recorded import RecordedMinute
from engine.rules.krx.price_steps import is_on_tick, round_down, round_up, step_up

OFFSETS_S = (0, 15, 30, 45)
_PARTS = len(OFFSETS_S)


def trades_of(bar: RecordedMinute) -> Iterator[tuple[int, int, int]]:
    """Second, price and shares of each trade."""
    middle = (bar.low, bar.high) if bar.close >= bar.open else (bar.high, bar.low)
    quarter, rest = divmod(bar.volume, _PARTS)
    sizes = (quarter, quarter, quarter, quarter + rest)
    for second, price, size in zip(OFFSETS_S, (bar.open, *middle, bar.close), sizes, strict=True):
        if size:
            yield second, price, size


def book_at(
    price: Krw, day: date, kind: SecurityKind, lower_limit: Krw, upper_limit: Krw
) -> tuple[Krw | None, Krw | None]:
    """Best bid and ask at a trade: the bid is the trade's price, the ask a tick above it.

    A price between two ticks lies between bid and ask. At a price limit nobody stands beyond it.
    """
    if is_on_tick(price, day, kind):
        bid, ask = price, step_up(price, 1, day, kind)
    else:
        bid, ask = round_down(price, day, kind), round_up(price, day, kind)
    return (
        bid if price > lower_limit else None,
        ask if price < upper_limit else None,
    )
