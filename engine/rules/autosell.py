"""When a US position is worth selling, and at what limit. Percentages as people write them."""

from __future__ import annotations

from decimal import Decimal

from engine.model.money import Usd
from engine.model.quotes import Tick
from engine.model.settings import SellPrice, UsSettings
from engine.rules.tick_size import round_down, round_up, tick_below

_HUNDRED = Decimal(100)


def gain_pct(price: Usd, cost: Usd) -> Decimal:
    """(price - cost) / cost in per cent, before costs. Raises ZeroDivisionError for a free lot."""
    return (price.ratio(cost) - 1) * _HUNDRED


def target_price(cost: Usd, target_pct: Decimal, settings: UsSettings) -> Usd:
    """The lowest price on a tick that brings ``target_pct`` on ``cost``.

    With ``include_costs`` the fee of both ways is earned on top of it.
    """
    fee = settings.fee_pct / _HUNDRED if settings.include_costs else Decimal(0)
    factor = (1 + target_pct / _HUNDRED + fee) / (1 - fee)
    return round_up(cost * factor)


def executable_price(tick: Tick) -> Usd:
    """What a sale could be had at: the bid where a book is shown, else the last price."""
    return tick.price if tick.bid is None else tick.bid


def qualifies(tick: Tick, target: Usd) -> bool:
    """Whether the market pays the target price now."""
    return executable_price(tick) >= target


def sell_limit(tick: Tick, target: Usd, wish: SellPrice) -> Usd:
    """Limit of an exit at the target; never below ``target``, which is on a tick."""
    if wish is SellPrice.TARGET:
        return target
    if wish is SellPrice.LAST:
        return max(round_down(tick.price), target)
    return max(marketable_limit(tick), target)


def marketable_limit(tick: Tick) -> Usd:
    """A limit that executes at once: the bid, or one tick under the last price without a book."""
    return tick_below(tick.price) if tick.bid is None else round_down(tick.bid)


def fee_of(amount: Usd, settings: UsSettings) -> Usd:
    """Estimated commission of one way."""
    return amount * (settings.fee_pct / _HUNDRED)
