"""Price steps of US stocks.

Source: SEC Rule 612 (Regulation NMS): no order priced finer than $0.01 from $1.00 on, or than
$0.0001 below it. KIS takes the same decimals (two from $1 on, four below). Smaller steps for
some stocks were decided in 2024 and are not in force for them here: $0.01 stays valid then too.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from engine.model.money import Usd

_ONE = Decimal(1)
_CENT = Decimal("0.01")
_FINE = Decimal("0.0001")


def tick_size(price: Usd) -> Usd:
    """The price step that holds at ``price``."""
    return Usd(_CENT if price.amount >= _ONE else _FINE)


def round_up(price: Usd) -> Usd:
    """The lowest price on a tick that is not below ``price``."""
    return Usd(price.amount.quantize(tick_size(price).amount, ROUND_CEILING))


def round_down(price: Usd) -> Usd:
    """The highest price on a tick that is not above ``price``."""
    return Usd(price.amount.quantize(tick_size(price).amount, ROUND_FLOOR))


def tick_below(price: Usd) -> Usd:
    """The next lower price on a tick, or the lowest price there is."""
    on_tick = round_down(price)
    if on_tick < price:
        return max(on_tick, Usd(_FINE))
    step = _CENT if on_tick.amount > _ONE else _FINE
    return max(Usd(on_tick.amount - step), Usd(_FINE))
