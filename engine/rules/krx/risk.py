"""Guards of an entry: ordered checks, the first that holds refuses. None of them sees an exit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from engine.model.ids import DeskState
from engine.model.krx_settings import RiskSettings
from engine.model.money import Krw
from engine.model.score import Gate, Refused

NOT_READ = "account not read"
INDEX_NOT_READ = "index not read"
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class RiskView:
    """The desk's day at one moment, open entries counted as if they were filled.

    ``trades``: positions opened today. ``is_new_position`` False: a further step of one that is
    held. ``realized`` and ``open_result`` after costs; ``start_equity`` None: not read yet.
    ``streak``: losing round trips in a row; ``streak_until`` and ``cooldown_until``: when a pause
    of the desk or of the stock ends. ``index_pct``: the weaker board's change in per cent.
    ``order_value`` None: the size is not decided yet. ``needs_index``: unknown counts as fallen.
    """

    now: datetime
    desk_state: DeskState
    is_ready: bool
    trades: int
    is_new_position: bool
    positions: int
    orders_last_minute: int
    realized: Krw
    open_result: Krw
    start_equity: Krw | None
    streak: int
    streak_until: datetime | None
    cooldown_until: datetime | None
    index_pct: Decimal | None
    order_value: Krw | None = None
    needs_index: bool = False


def check(view: RiskView, settings: RiskSettings) -> Refused | None:
    """The first guard, in the order of ``CHECKS``, that forbids the entry; None: none does."""
    for holds in CHECKS:
        if refused := holds(view, settings):
            return refused
    return None


def loss_limit(start_equity: Krw | None, settings: RiskSettings) -> Krw | None:
    """The stricter of the day's two loss limits, whole won; None where neither can be told."""
    limits: list[Krw] = []
    if settings.max_daily_loss_krw is not None:
        limits.append(Krw(Decimal(settings.max_daily_loss_krw)))
    if settings.max_daily_loss_pct is not None and start_equity is not None:
        share = settings.max_daily_loss_pct / _WHOLE
        limits.append((start_equity * share).rounded(ROUND_FLOOR))
    return min(limits, default=None)


def cooling_down(until: datetime) -> Refused:
    """The refusal of a stock that is left alone for a while."""
    return Refused(Gate.SYMBOL_COOLDOWN, until=until)


def won_text(amount: Krw) -> str:
    """An amount as people of either language read it."""
    won = int(amount.amount)
    return f"{'-' if won < 0 else ''}₩{abs(won):,}"


def _desk_state(view: RiskView, _settings: RiskSettings) -> Refused | None:
    if view.desk_state is not DeskState.RUNNING:
        return Refused(Gate.DESK_STATE, view.desk_state.value)
    return None if view.is_ready else Refused(Gate.DESK_STATE, NOT_READ)


def _max_trades(view: RiskView, settings: RiskSettings) -> Refused | None:
    if not view.is_new_position or view.trades < settings.max_trades:
        return None
    return Refused(Gate.MAX_TRADES, str(view.trades), str(settings.max_trades))


def _daily_loss(view: RiskView, settings: RiskSettings) -> Refused | None:
    """A limit in per cent cannot be kept before the equity is known: nothing is entered then."""
    if settings.max_daily_loss_pct is not None and view.start_equity is None:
        return Refused(Gate.DAILY_LOSS, NOT_READ, f"{settings.max_daily_loss_pct} %")
    limit = loss_limit(view.start_equity, settings)
    lost = -(view.realized + view.open_result)
    if limit is None or lost < limit:
        return None
    return Refused(Gate.DAILY_LOSS, won_text(lost), won_text(limit))


def _max_positions(view: RiskView, settings: RiskSettings) -> Refused | None:
    if not view.is_new_position or view.positions < settings.max_positions:
        return None
    return Refused(Gate.MAX_POSITIONS, str(view.positions), str(settings.max_positions))


def _order_value(view: RiskView, settings: RiskSettings) -> Refused | None:
    limit = Krw(Decimal(settings.max_order_krw))
    if view.order_value is None or view.order_value <= limit:
        return None
    return Refused(Gate.ORDER_VALUE, won_text(view.order_value), won_text(limit))


def _orders_per_minute(view: RiskView, settings: RiskSettings) -> Refused | None:
    placed, limit = view.orders_last_minute, settings.max_orders_per_minute
    return Refused(Gate.ORDERS_PER_MINUTE, str(placed), str(limit)) if placed >= limit else None


def _loss_streak(view: RiskView, settings: RiskSettings) -> Refused | None:
    is_pausing = view.streak_until is not None and view.now < view.streak_until
    if not is_pausing and view.streak < settings.loss_streak:
        return None
    until = view.streak_until if is_pausing else None
    return Refused(Gate.LOSS_STREAK, str(view.streak), str(settings.loss_streak), until)


def _symbol_cooldown(view: RiskView, _settings: RiskSettings) -> Refused | None:
    until = view.cooldown_until
    return cooling_down(until) if until is not None and view.now < until else None


def _index_down(view: RiskView, settings: RiskSettings) -> Refused | None:
    change, floor = view.index_pct, settings.index_floor_pct
    if change is None:
        return Refused(Gate.INDEX_DOWN, INDEX_NOT_READ, f"{floor} %") if view.needs_index else None
    if change > floor:
        return None
    return Refused(Gate.INDEX_DOWN, f"{change:.2f} %", f"{floor} %")


_Check = Callable[[RiskView, RiskSettings], Refused | None]
CHECKS: tuple[_Check, ...] = (
    _desk_state,
    _max_trades,
    _daily_loss,
    _max_positions,
    _order_value,
    _orders_per_minute,
    _loss_streak,
    _symbol_cooldown,
    _index_down,
)
