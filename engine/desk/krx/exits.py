"""When to sell: the rules in force for each position, and what becomes of open exits."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.desk import blotter, vanished
from engine.desk.calls import PriceCall
from engine.desk.krx import phases, sellable
from engine.desk.krx.book import KrxPosition
from engine.desk.krx.names import Name, upper_limit
from engine.desk.krx.state import State, instrument_of
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.entry_facts import HoldReason, PositionHeld
from engine.model.ids import ClientOrderId, DeskName, DeskState, Qty
from engine.model.instrument import Exchange
from engine.model.intents import Place
from engine.model.money import Krw
from engine.model.orders import OrderIntent, OrderKind, OrderReason, OrderState, Side
from engine.model.quota import Priority
from engine.rules.krx import entry_price
from engine.rules.krx.exits import PRECEDENCE, ExitDecision, HeldView, due_exit, exit_qty
from engine.rules.krx.indicators import won
from engine.rules.safety import BLIND_FOR

WISH_AGAIN_AFTER = timedelta(seconds=3)
LOOK_AT_HALTED_EVERY = timedelta(seconds=15)
FRESH_FOR = timedelta(seconds=8)
QUIET_FOR = timedelta(seconds=30)  # where a stream that is there brought no trade
_TENTHS = 1000


def on_price(state: State, turn: Turn[Krw], position: KrxPosition, name: Name, price: Krw) -> None:
    """A regular price of a held stock."""
    _raise_high_water(turn, position, price)
    _check(state, turn, position, name)


def on_time(state: State, turn: Turn[Krw]) -> None:
    """What the clock makes due, with the last price; a fresh one is asked for where it is old."""
    if not phases.is_open(state, turn.now):
        return
    for position in list(state.book.positions.values()):
        name = state.run.names.by_symbol[position.symbol]
        if name.tick is None or turn.now - name.tick.at > _good_for(state, name):
            is_stopped = name.is_halted or name.has_vi  # a price tells when that is over
            every = LOOK_AT_HALTED_EVERY if is_stopped else WISH_AGAIN_AFTER
            if state.is_due(f"price:{position.symbol}", turn.now, every):
                wish_price(state, position)
        _check(state, turn, position, name)


def _good_for(state: State, name: Name) -> timedelta:
    """How old a last price may be: the book may move without a trade while an exit waits in it."""
    is_selling = any(True for _ in state.live(name.symbol, Side.SELL))
    return QUIET_FOR if name.is_heard and not is_selling else FRESH_FOR


def manage_orders(state: State, turn: Turn[Krw]) -> None:
    """Take exits back that the market moved away from; an exit is never given up."""
    for order in list(state.live(side=Side.SELL)):
        if vanished.is_answered(order) and order.absent_at is not None:
            continue  # the list shows it no more: the account decides, or the trader
        if order.cancel_asked_at is not None:
            again_at = blotter.allow_cancel_again(order, state.run.reports_at)
            if again_at is not None:
                state.run.reports.ask(max(turn.now, again_at), Priority.CANCEL)
        elif state.desk_state is not DeskState.HALTED and _should_reprice(state, order, turn.now):
            _take_back(state, turn, order)


def next_reprice(state: State, order: OwnOrder[Krw]) -> datetime | None:
    """When an open exit is priced anew at the earliest."""
    if order.open_since is None or order.intent.kind is OrderKind.MARKET:
        return None
    return order.open_since + timedelta(seconds=state.settings.exits.reprice_after_s)


def place(
    state: State,
    turn: Turn[Krw],
    position: KrxPosition,
    qty: int,
    *,
    limit: Krw,
    price: Krw,
    reason: OrderReason,
    kind: OrderKind = OrderKind.LIMIT,
) -> ClientOrderId | None:
    """Decide an exit: reserved in the books in the same call. None: nothing is free."""
    qty = min(qty, sellable.sellable_qty(state, position, turn.now))
    if qty <= 0:
        return None
    intent = OrderIntent(
        ClientOrderId(state.next_id("o")),
        DeskName.KRX,
        position.symbol,
        Exchange.KRX,
        Side.SELL,
        Qty(qty),
        limit,
        reason,
        price,
        turn.now,
        kind=kind,
    )
    state.add_order(intent, position.avg_cost, turn.now)
    turn.orders.append(Place(intent))
    turn.changed()
    sellable.note_placed(state, position.symbol, turn.now)
    return intent.client_order_id


def wish_price(state: State, position: KrxPosition, *, is_exempt: bool = False) -> None:
    """Have one price asked for, before everything but cancels."""
    call = state.run.prices.get(position.symbol)
    if call is None:
        state.run.prices[position.symbol] = PriceCall(
            instrument_of(position), Priority.EXIT, with_book=True, is_exempt=is_exempt
        )
    elif call.sent_at is None:
        call.is_exempt = call.is_exempt or is_exempt


def _check(state: State, turn: Turn[Krw], position: KrxPosition, name: Name) -> None:
    tick, session = name.tick, state.session(turn.now)
    if tick is None or session is None or state.desk_state is DeskState.HALTED:
        return
    if _is_blind(state, turn.now):
        return
    view = HeldView(
        avg_cost=position.avg_cost,
        opened_at=position.opened_at,
        high_water=won(position.high_water),
        level=won(position.level) if position.level is not None else None,
        price=won(tick.price),
        upper_limit=upper_limit(name),
        has_scaled_out=position.has_scaled_out,
        is_halted=name.is_halted,
        has_vi=name.has_vi,
    )
    due = due_exit(view, turn.now, state.settings.exits, session)
    if due is None:
        return
    if isinstance(due, HoldReason):
        _hold(turn, position, due)
    elif not _is_paused(position, due.reason, turn.now):
        _exit(state, turn, position, name, due)


def _is_blind(state: State, now: datetime) -> bool:
    """Whether the account was not read since the start, which keeps a stop back for a moment."""
    begun = state.run.started_at
    return state.run.holdings_at is None and begun is not None and now < begun + BLIND_FOR


def _is_paused(position: KrxPosition, reason: OrderReason, now: datetime) -> bool:
    """After a refusal its reason waits, and those behind it; one that goes before never does."""
    refused = position.refused
    if position.retry_at is None or now >= position.retry_at or refused not in PRECEDENCE:
        return False
    return PRECEDENCE.index(reason) >= PRECEDENCE.index(refused)


def _raise_high_water(turn: Turn[Krw], position: KrxPosition, price: Krw) -> None:
    """Never lowered; worth a place in the journal with every tenth of a per cent of the cost."""
    if price <= position.high_water:
        return
    step = position.cost.amount / (position.qty * _TENTHS)
    if not step or price.amount // step > position.high_water.amount // step:
        turn.changed()
    position.high_water = price


def _hold(turn: Turn[Krw], position: KrxPosition, reason: HoldReason) -> None:
    """Kept on purpose, or because it cannot be sold: told once a day."""
    position.held = reason
    if reason.value not in position.told:
        position.told.append(reason.value)
        turn.tell(PositionHeld(position.symbol, position.name, Qty(position.qty), reason))


def _exit(
    state: State, turn: Turn[Krw], position: KrxPosition, name: Name, due: ExitDecision
) -> None:
    """Place it; entries of the stock are taken back, a smaller or slower exit makes way."""
    sells = list(state.live(position.symbol, Side.SELL))
    if due.reason is OrderReason.SCALE_OUT and sells:
        return  # one part at a time: a second would be of what the first leaves
    for order in list(state.live(position.symbol)):
        if order.intent.side is Side.BUY:
            blotter.ask_cancel(turn, order, is_repricing=False)
        elif _must_make_way(order, due):
            _take_back(state, turn, order)
    sold = position.scaled_out if due.reason is OrderReason.SCALE_OUT else 0
    qty = min(exit_qty(Qty(position.qty), due.share_pct, sold), state.free_qty(position))
    tick = name.tick
    if qty <= 0 or tick is None:
        return
    position.held = None
    lower = name.state.lower_limit if name.state is not None else None
    limit = entry_price.exit_limit(tick, lower, state.today(turn.now), name.listing.kind, due.kind)
    place(
        *(state, turn, position, qty),
        limit=limit,
        price=tick.price,
        reason=due.reason,
        kind=due.kind,
    )


def _must_make_way(order: OwnOrder[Krw], due: ExitDecision) -> bool:
    """A part sold for profit when all must go, or a limit where only a market order will do."""
    if order.intent.reason is OrderReason.SCALE_OUT and due.reason is not OrderReason.SCALE_OUT:
        return True
    return due.kind is OrderKind.MARKET and order.intent.kind is OrderKind.LIMIT


def _should_reprice(state: State, order: OwnOrder[Krw], now: datetime) -> bool:
    """Open for a while and above what the market pays now."""
    due = next_reprice(state, order)
    if due is None or now < due or order.state not in (OrderState.ACCEPTED, OrderState.PARTIAL):
        return False
    name = state.run.names.get(order.intent.symbol)
    tick = name.tick if name is not None else None
    if tick is None or (name is not None and (name.has_vi or name.is_halted)):
        return False
    return (tick.bid or tick.price) < order.intent.limit


def _take_back(state: State, turn: Turn[Krw], order: OwnOrder[Krw]) -> None:
    if blotter.ask_cancel(turn, order, is_repricing=True):
        state.run.reports.ask(turn.now + timedelta(seconds=1), Priority.CANCEL)
