"""Copies of the KRX desk's state for the chat and /health."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from engine.desk import latches, mismatches
from engine.desk.krx import guard, limits, phases, scores, small
from engine.desk.krx.book import DayRecord, KrxPosition
from engine.desk.krx.names import Name
from engine.desk.krx.state import State
from engine.desk.own_order import OwnOrder
from engine.model.ids import Qty, Symbol
from engine.model.krx_views import (
    KrxDayView,
    KrxDeskView,
    KrxPositionView,
    ScanView,
    WhyView,
)
from engine.model.money import ZERO_KRW, Krw
from engine.model.orders import Side
from engine.model.score import Bucket, Candidate, Gate, Refused, ScoreCard
from engine.model.views import OrderView
from engine.rules.krx.exits import stop_at, target_at, trailing_at
from engine.rules.krx.indicators import won

_TOP = 10
_EXAMPLES = 3


def make_view(state: State, now: datetime, last_event_at: datetime | None) -> KrxDeskView:
    """Everything at ``now``; nothing in it changes later."""
    next_at, next_phase = phases.next_change(state, now)
    today = state.today(now)
    causes = state.book.causes
    watch = state.run.watch
    return KrxDeskView(
        state=state.desk_state,
        user_latch=state.book.user_latch,
        guard_latch=latches.guard_latch(state.book),
        guard_reason=", ".join(f"{c.reason} ({c.measured} / {c.limit})" for c in causes.values()),
        guard_until=guard.next_release(state),
        phase=state.book.phase,
        next_change=next_at,
        next_phase=next_phase,
        positions=tuple(_position(state, p) for p in state.book.positions.values()),
        orders=tuple(
            _order(order)
            for order in state.book.orders.values()
            if not order.state.is_final or order.day == today
        ),
        foreign=tuple(
            (symbol, state.name_of(symbol), Qty(qty)) for symbol, qty in state.book.foreign.items()
        ),
        today=_day(state, state.book.day or DayRecord(today)),
        guards=guard.guard_views(state),
        universe=len(state.run.names.by_symbol),
        watched=len(watch.instruments) if watch is not None else 0,
        holdings_at=state.run.holdings_at,
        last_event_at=last_event_at,
        troubles=tuple(trouble.value for trouble in state.book.troubles),
        mismatches=mismatches.waiting(state.book),
        small=small.view(state),
    )


def make_scan(state: State, now: datetime) -> ScanView:
    """Every listed name in exactly one bucket, and the best of those that moved."""
    names = state.run.names
    counts = dict.fromkeys(Bucket, 0)
    counts[Bucket.UNFIT] = sum(names.unfit.values())
    moving: list[Candidate] = []
    quiet: list[tuple[Symbol, str]] = []
    for name in names.by_symbol.values():
        counts[name.bucket] += 1
        if name.bucket is not Bucket.QUIET:
            moving.append(_candidate(state, name, now))
        elif len(quiet) < _EXAMPLES:
            quiet.append((name.listing.symbol, name.listing.name))
    moving.sort(key=lambda c: c.card.total if c.card is not None else Decimal(-1), reverse=True)
    return ScanView(
        at=names.scanned_at,
        counts=tuple(counts.items()),
        unfit=tuple(sorted(names.unfit.items(), key=lambda pair: -pair[1])),
        top=tuple(moving[:_TOP]),
        quiet=tuple(quiet),
    )


def make_why(state: State, symbol: Symbol, now: datetime) -> WhyView | None:
    """Points and gates of one stock; None for a code the exchange does not list."""
    names = state.run.names
    name = names.get(symbol)
    entered = state.book.entered.get(symbol)
    position = state.book.positions.get(symbol)
    if position is not None and position.card is not None:
        entered = position.card
    if name is None:
        listing = names.listings.get(symbol)
        if listing is None and entered is None:
            return None
        label = listing.name if listing is not None else state.name_of(symbol)
        return WhyView(
            symbol, label, Bucket.UNFIT, names.unfit_of.get(symbol, ""), None, entered, None
        )
    card = scores.card_of(state, name, now)
    candidate = _candidate(state, name, now)
    return WhyView(
        symbol, name.listing.name, name.bucket, candidate.detail, card, entered, _gate(name)
    )


def _gate(name: Name) -> Refused | None:
    """The last gate that held. The open order of what is held meanwhile is filled."""
    gate = name.gate
    is_over = gate is not None and gate.gate is Gate.ORDER_OPEN and name.bucket is Bucket.HELD
    return None if is_over else gate


def _candidate(state: State, name: Name, now: datetime) -> Candidate:
    price = name.price
    base = name.listing.base_price
    change = (price.ratio(base) - 1) * 100 if price is not None and base else None
    card = scores.card_of(state, name, now) if name.stats is not None else None
    return Candidate(
        symbol=name.symbol,
        name=name.listing.name,
        bucket=name.bucket,
        detail=_detail(state, name, card),
        price=price,
        change_pct=change,
        card=card,
    )


def _detail(state: State, name: Name, card: ScoreCard | None) -> str:
    """The last gate that held, in a word."""
    gate = _gate(name)
    if gate is None and card is not None and not card.broken:
        gate = Refused(Gate.NO_ZONE)
    elif gate is None and card is not None and card.total < state.settings.entry.threshold:
        gate = Refused(Gate.SCORE)
    return gate.gate.value if gate is not None else ""


def _position(state: State, position: KrxPosition) -> KrxPositionView:
    name = state.run.names.get(position.symbol)
    tick = name.tick if name is not None else None
    price, cost = state.price_of(position.symbol), position.avg_cost
    target = target_at(cost, state.settings.exits)
    trailing = trailing_at(cost, won(position.high_water), state.settings.exits)
    return KrxPositionView(
        symbol=position.symbol,
        name=position.name,
        qty=Qty(position.qty),
        avg_cost=cost,
        last_price=price,
        priced_at=tick.at if tick is not None else state.run.holdings_at,
        gain_pct=(price.ratio(cost) - 1) * 100 if price is not None and cost else None,
        stop_price=Krw(stop_at(cost, state.settings.exits)),
        target_price=None if target is None else Krw(target),
        trailing_price=None if trailing is None else Krw(trailing),
        opened_at=position.opened_at,
        zones=tuple(position.zones),
        level=position.level,
        is_selling=any(True for _ in state.live(position.symbol, Side.SELL)),
        held=position.held,
        n_days=state.settings.stages.n_days,
    )


def _order(order: OwnOrder[Krw]) -> OrderView[Krw]:
    return OrderView(
        client_order_id=order.intent.client_order_id,
        broker_order_no=order.broker_order_no,
        symbol=order.intent.symbol,
        side=order.intent.side,
        qty=order.intent.qty,
        filled_qty=Qty(order.filled_qty),
        limit=order.intent.limit,
        state=order.state,
        decided_at=order.intent.decided_at,
    )


def _day(state: State, day: DayRecord) -> KrxDayView:
    return KrxDayView(
        day=day.day,
        entries=len(day.opened),
        round_trips=day.round_trips,
        wins=day.wins,
        realized=day.realized,
        open_gain=limits.open_result(state) if state.book.positions else ZERO_KRW,
        start_equity=day.start_equity,
        index_pct=limits.worst_index(state),
    )
