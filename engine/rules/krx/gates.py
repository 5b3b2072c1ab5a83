"""Hard gates of an entry: named refusals, not points. The first that holds is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from engine.model.entry_facts import Phase
from engine.model.krx_settings import KrxSettings
from engine.model.score import Gate, Refused, ScoreCard


@dataclass(frozen=True, slots=True)
class GateView:
    """What the gates look at. Prices in won, ``spread`` in price steps; None: not known.

    ``price_at``: when the price was made. ``bid`` and ``ask`` both None: no book was shown.
    """

    now: datetime
    phase: Phase
    price_at: datetime
    price: int
    card: ScoreCard
    bid: int | None = None
    ask: int | None = None
    spread: int | None = None
    upper_limit: int | None = None
    is_halted: bool = False
    has_vi: bool = False
    is_locked: bool = False
    has_open_order: bool = False
    has_doubt: bool = False


def first_gate(view: GateView, settings: KrxSettings) -> Refused | None:
    """The first gate of ``GATES`` that holds, with measure and limit; None: all are open."""
    for check in GATES.values():
        if refused := check(view, settings):
            return refused
    return None


def is_at_upper_limit(
    price: int, bid: int | None, ask: int | None, upper_limit: int | None
) -> bool:
    """Whether nobody sells any more: the price is at the limit, or the book has no ask."""
    if upper_limit is not None and price >= upper_limit:
        return True
    return bid is not None and ask is None


def _closed(view: GateView, _settings: KrxSettings) -> Refused | None:
    return Refused(Gate.CLOSED) if view.phase is Phase.CLOSED else None


def _too_early(view: GateView, _settings: KrxSettings) -> Refused | None:
    early = view.phase in (Phase.PREPARING, Phase.OPENING)
    return Refused(Gate.TOO_EARLY, view.phase.value) if early else None


def _too_late(view: GateView, settings: KrxSettings) -> Refused | None:
    if view.phase in (Phase.MANAGING, Phase.FLATTENING, Phase.CLOSING_AUCTION):
        minutes = settings.entry.last_entry_before_close_min
        return Refused(Gate.TOO_LATE, view.phase.value, str(minutes))
    return None


def _trading_halt(view: GateView, _settings: KrxSettings) -> Refused | None:
    return Refused(Gate.TRADING_HALT) if view.is_halted else None


def _volatility_halt(view: GateView, _settings: KrxSettings) -> Refused | None:
    return Refused(Gate.VOLATILITY_HALT) if view.has_vi else None


def _locked(view: GateView, _settings: KrxSettings) -> Refused | None:
    return Refused(Gate.LOCKED) if view.is_locked else None


def _in_doubt(view: GateView, _settings: KrxSettings) -> Refused | None:
    return Refused(Gate.ORDER_IN_DOUBT) if view.has_doubt else None


def _order_open(view: GateView, _settings: KrxSettings) -> Refused | None:
    return Refused(Gate.ORDER_OPEN) if view.has_open_order else None


def _stale(view: GateView, settings: KrxSettings) -> Refused | None:
    age = (view.now - view.price_at).total_seconds()
    limit = settings.entry.max_quote_age_s
    return Refused(Gate.STALE_PRICE, f"{age:.0f}", str(limit)) if age > limit else None


def _upper_limit(view: GateView, _settings: KrxSettings) -> Refused | None:
    if not is_at_upper_limit(view.price, view.bid, view.ask, view.upper_limit):
        return None
    limit = "" if view.upper_limit is None else str(view.upper_limit)
    return Refused(Gate.UPPER_LIMIT, str(view.price), limit)


def _spread(view: GateView, settings: KrxSettings) -> Refused | None:
    limit = settings.stages.max_spread_ticks
    if view.spread is None or view.spread <= limit:
        return None
    return Refused(Gate.SPREAD, str(view.spread), str(limit))


def _too_little_known(view: GateView, settings: KrxSettings) -> Refused | None:
    present, least = view.card.present_weight, settings.entry.min_present_weight
    return Refused(Gate.TOO_LITTLE_KNOWN, str(present), str(least)) if present < least else None


def _no_zone(view: GateView, _settings: KrxSettings) -> Refused | None:
    return None if view.card.broken else Refused(Gate.NO_ZONE)


def _score(view: GateView, settings: KrxSettings) -> Refused | None:
    total, threshold = view.card.total, settings.entry.threshold
    return Refused(Gate.SCORE, str(total), str(threshold)) if total < threshold else None


_Check = Callable[[GateView, KrxSettings], Refused | None]
# In this order: the day, the state of the stock, what holds the desk back, the score.
GATES: Mapping[Gate, _Check] = MappingProxyType(
    {
        Gate.CLOSED: _closed,
        Gate.TOO_EARLY: _too_early,
        Gate.TOO_LATE: _too_late,
        Gate.TRADING_HALT: _trading_halt,
        Gate.VOLATILITY_HALT: _volatility_halt,
        Gate.UPPER_LIMIT: _upper_limit,
        Gate.SPREAD: _spread,
        Gate.STALE_PRICE: _stale,
        Gate.LOCKED: _locked,
        Gate.ORDER_OPEN: _order_open,
        Gate.ORDER_IN_DOUBT: _in_doubt,
        Gate.TOO_LITTLE_KNOWN: _too_little_known,
        Gate.NO_ZONE: _no_zone,
        Gate.SCORE: _score,
    }
)
