"""KRX price steps and price limits, in whole won.

Steps of 2023-01-25. The band is 30 % of the base price. Its lower end is rounded up to its step:
the digest of the rule says so, a broker's page says down.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

# Below this price: this step.
_STEPS = (
    (2_000, 1),
    (5_000, 5),
    (20_000, 10),
    (50_000, 50),
    (200_000, 100),
    (500_000, 500),
)
_TOP_STEP = 1_000
_FUND_STEPS = ((2_000, 1),)
_FUND_TOP_STEP = 5
LIMIT_PCT = 30
# Security groups that trade in the steps of funds.
FUND_GROUPS = frozenset({"EF", "EN"})


def tick_size(price: Decimal | float, group: str = "ST") -> int:
    """The price step in won at a price; ``group`` is the security group, ``EF`` for an ETF."""
    funds = group in FUND_GROUPS
    for below, step in _FUND_STEPS if funds else _STEPS:
        if price < below:
            return step
    return _FUND_TOP_STEP if funds else _TOP_STEP


def is_on_tick(price: Decimal, group: str = "ST") -> bool:
    """Whether an order may have this price."""
    return price > 0 and price % tick_size(price, group) == 0


def floor_tick(price: Decimal, group: str = "ST") -> Decimal:
    """The highest orderable price not above ``price``; at least one won."""
    step = tick_size(price, group)
    return max(Decimal(1), (price / step).to_integral_value(ROUND_FLOOR) * step)


def ceil_tick(price: Decimal, group: str = "ST") -> Decimal:
    """The lowest orderable price not below ``price``."""
    step = tick_size(price, group)
    return max(Decimal(1), (price / step).to_integral_value(ROUND_CEILING) * step)


def next_above(price: Decimal, group: str = "ST") -> Decimal:
    """The orderable price one step above an orderable price."""
    return price + tick_size(price, group)


def next_below(price: Decimal, group: str = "ST") -> Decimal:
    """The orderable price one step below an orderable price; 0 below one won."""
    return price - tick_size(price - Decimal("0.5"), group)


def band(base: Decimal, group: str = "ST") -> tuple[Decimal, Decimal]:
    """Lower and upper price limit of a day with this base price."""
    width = floor_tick_of(base * LIMIT_PCT / 100, tick_size(base, group))
    return ceil_tick(base - width, group), floor_tick(base + width, group)


def floor_tick_of(amount: Decimal, step: int) -> Decimal:
    """An amount cut down to a given step."""
    return amount // step * step
