"""When a position is closed, by which rule, and at what price. Percentages as people write them.

Prices are whole won; the cost is exact, so that a rule fires at its price and not beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from engine.model.entry_facts import HoldReason
from engine.model.ids import Qty
from engine.model.krx_settings import ExitSettings
from engine.model.money import Krw
from engine.model.orders import OrderKind, OrderReason
from engine.rules.krx.sessions import KrxSession

_WHOLE = 100


@dataclass(frozen=True, slots=True)
class HeldView:
    """A position and its market at one moment.

    ``high_water``: the highest price since the entry, never lowered. ``level``: what was broken
    at the entry, None where unknown. ``price``: the last regular trade. ``has_vi``: a volatility
    halt, in which orders wait for the auction at its end.
    """

    avg_cost: Krw
    opened_at: datetime
    high_water: int
    level: int | None
    price: int
    upper_limit: int | None = None
    has_scaled_out: bool = False
    is_halted: bool = False
    has_vi: bool = False


@dataclass(frozen=True, slots=True)
class ExitDecision:
    """Sell ``share_pct`` per cent of the position.

    ``kind`` LIMIT: at ``exit_limit``; MARKET: in an auction, whose price is not known yet.
    ``waits_for_auction``: decided in a volatility halt, so it may be filled late and worse.
    """

    reason: OrderReason
    share_pct: int
    kind: OrderKind
    waits_for_auction: bool = False


def due_exit(
    view: HeldView, now: datetime, settings: ExitSettings, session: KrxSession
) -> ExitDecision | HoldReason | None:
    """The exit that is due now, why a due one is held back, or None.

    Nothing outside the session; in the closing auction what is left goes as a market order. A
    volatility halt lets only a stop-loss through, the other rules look again after it.
    """
    if not session.open <= now < session.close:
        return None
    reason = first_due(view, now, settings, session)
    if reason is None:
        return None
    if view.is_halted:
        return HoldReason.TRADING_HALT
    in_auction = now >= session.close_auction
    waits = view.has_vi and not in_auction
    is_stop = reason is OrderReason.STOP_LOSS
    if waits and not is_stop:
        return None
    if settings.hold_upper_limit and not is_stop and is_limit_up(view):
        return HoldReason.UPPER_LIMIT
    share = settings.scale_out_share_pct if reason is OrderReason.SCALE_OUT else _WHOLE
    kind = OrderKind.MARKET if in_auction or waits else OrderKind.LIMIT
    return ExitDecision(reason, share, kind, waits)


def first_due(
    view: HeldView, now: datetime, settings: ExitSettings, session: KrxSession
) -> OrderReason | None:
    """The rule that wins among those that hold, by the order of ``PRECEDENCE``."""
    for reason, holds in _RULES:
        if holds(view, now, settings, session):
            return reason
    return None


def is_limit_up(view: HeldView) -> bool:
    """Whether the stock trades at its upper limit."""
    return view.upper_limit is not None and view.price >= view.upper_limit


def stop_at(cost: Krw, settings: ExitSettings) -> Decimal:
    """The highest whole won at which the stop-loss holds."""
    return _floor(cost.amount * _factor(-settings.stop_loss_pct))


def target_at(cost: Krw, settings: ExitSettings) -> Decimal | None:
    """The lowest whole won at which the profit is taken; None: that rule is off."""
    pct = settings.take_profit_pct
    return None if pct is None else (cost.amount * _factor(pct)).to_integral_value(ROUND_CEILING)


def trailing_at(cost: Krw, high_water: int, settings: ExitSettings) -> Decimal | None:
    """The highest whole won at which the trailing stop holds; None: off, or not armed yet."""
    arm = settings.trailing_arm_pct
    if arm is None or high_water < cost.amount * _factor(arm):
        return None
    return _floor(high_water * _factor(-settings.trailing_give_pct))


def exit_qty(held: Qty, share_pct: int, sold: int = 0) -> Qty:
    """Shares of a position to sell: a part is cut to whole shares, but one at least.

    ``sold``: so many shares of that part are gone already.
    """
    return Qty(max((held + sold) * share_pct // _WHOLE, 1) - sold)


def _floor(price: Decimal) -> Decimal:
    return price.to_integral_value(ROUND_FLOOR)


def _factor(pct: Decimal) -> Decimal:
    return 1 + pct / _WHOLE


def _stop_loss(view: HeldView, _now: datetime, settings: ExitSettings, _s: KrxSession) -> bool:
    return view.price <= stop_at(view.avg_cost, settings)


def _end_of_day(_view: HeldView, now: datetime, _settings: ExitSettings, s: KrxSession) -> bool:
    return now >= s.flatten


def _trailing_stop(view: HeldView, _now: datetime, settings: ExitSettings, _s: KrxSession) -> bool:
    stop = trailing_at(view.avg_cost, view.high_water, settings)
    return stop is not None and view.price <= stop


def _failed(view: HeldView, _now: datetime, settings: ExitSettings, _s: KrxSession) -> bool:
    pct = settings.failed_breakout_pct
    if pct is None or view.level is None:
        return False
    return view.price < view.level * _factor(-pct)


def _take_profit(view: HeldView, _now: datetime, settings: ExitSettings, _s: KrxSession) -> bool:
    target = target_at(view.avg_cost, settings)
    return target is not None and view.price >= target


def _time_stop(view: HeldView, now: datetime, settings: ExitSettings, _s: KrxSession) -> bool:
    minutes = settings.time_stop_min
    if minutes is None or now - view.opened_at < timedelta(minutes=minutes):
        return False
    return view.price <= view.avg_cost.amount * _factor(settings.time_stop_gain_pct)


def _scale_out(view: HeldView, _now: datetime, settings: ExitSettings, _s: KrxSession) -> bool:
    pct = settings.scale_out_pct
    if pct is None or view.has_scaled_out:
        return False
    return view.price >= view.avg_cost.amount * _factor(pct)


_Rule = Callable[[HeldView, datetime, ExitSettings, KrxSession], bool]
# Losses first, then the clock of the day, then profits; what sells a part comes last.
_RULES: tuple[tuple[OrderReason, _Rule], ...] = (
    (OrderReason.STOP_LOSS, _stop_loss),
    (OrderReason.END_OF_DAY, _end_of_day),
    (OrderReason.TRAILING_STOP, _trailing_stop),
    (OrderReason.FAILED_BREAKOUT, _failed),
    (OrderReason.TAKE_PROFIT, _take_profit),
    (OrderReason.TIME_STOP, _time_stop),
    (OrderReason.SCALE_OUT, _scale_out),
)
PRECEDENCE = tuple(reason for reason, _ in _RULES)
