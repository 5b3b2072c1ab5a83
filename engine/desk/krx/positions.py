"""Positions of the KRX desk: how fills build them, close them, and what a closed one leaves."""

from __future__ import annotations

from datetime import timedelta
from decimal import ROUND_HALF_UP

from engine.desk.krx import lists, small
from engine.desk.krx.book import Gone, KrxPosition
from engine.desk.krx.state import State
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.entry_facts import EntryFilled
from engine.model.fills import Fill
from engine.model.ids import Qty, Symbol
from engine.model.listing import Segment
from engine.model.mismatches import MismatchSeen
from engine.model.money import ZERO_KRW, Krw
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.orders import OrderReason, OrderState, Side
from engine.model.score import Bucket
from engine.rules.krx import costs
from engine.rules.krx.exits import exit_qty, stop_at, target_at

CASH_AFTER = timedelta(seconds=3)  # one call for fills that come together


def bought(state: State, turn: Turn[Krw], order: OwnOrder[Krw], fill: Fill[Krw]) -> None:
    """Shares of an entry came in: open the position or add to it."""
    symbol = order.intent.symbol
    position = state.book.positions.get(symbol)
    if position is None:
        position = _reopen(state, symbol) or _open(state, turn, order)
    amount = fill.price * fill.qty
    fee = costs.fee(amount, state.settings.fee_pct)
    position.qty += fill.qty
    position.cost += amount
    position.entry_fees += fee
    position.high_water = max(position.high_water, fill.price)
    position.changed_at = turn.now
    position.missing_since = None
    if (attempt := state.book.attempts.get(symbol)) is not None:
        position.zones, position.level = list(attempt.card.broken), attempt.card.level
        if order.state is OrderState.FILLED:
            attempt.reprices = 0
    state.day.fees += fee
    state.day.held_back.pop(symbol, None)  # a guard has only put it off
    _reach(state, symbol, Bucket.HELD)
    cost = position.avg_cost
    target = target_at(cost, state.settings.exits)
    turn.tell(
        EntryFilled(
            fill=fill,
            order=order.intent,
            name=position.name,
            fee=fee,
            avg_cost=cost,
            held_qty=Qty(position.qty),
            stop_price=Krw(stop_at(cost, state.settings.exits)),
            target_price=None if target is None else Krw(target),
            is_complete=order.state is OrderState.FILLED,
        )
    )


def sold(state: State, turn: Turn[Krw], order: OwnOrder[Krw], fill: Fill[Krw]) -> None:
    """Shares of an exit went: realise the gain, and close the position with its last share."""
    symbol = order.intent.symbol
    position = state.book.positions.get(symbol)
    held = 0 if position is None else position.qty
    taken = min(fill.qty, held)
    if taken < fill.qty:
        turn.tell(MismatchSeen(symbol, f"{held} held", f"{fill.qty} sold"))
        if position is not None:
            position.is_clean = False
    amount = fill.price * fill.qty
    fee = costs.fee(amount, state.settings.fee_pct)
    tax = costs.tax(amount, order.day, state.kind_of(symbol))
    avg_cost = order.avg_cost if position is None else position.avg_cost
    gain, entry_fees = (fill.price - avg_cost) * fill.qty, ZERO_KRW
    if position is not None and taken:
        cost, entry_fees = _take(turn, position, taken)
        # Shares beyond those held cost what the others did: unpaid, they would be all gain.
        gain = amount - cost - avg_cost * (fill.qty - taken)
        _realize(state, position, gain - fee - tax - entry_fees)
    _add_up(state, gain, fee, tax)
    if order.intent.reason is OrderReason.SCALE_OUT and position is not None:
        _scale_out(state, position, taken)
    turn.tell(
        OrderFilled(
            fill=fill,
            order=order.intent,
            avg_cost=avg_cost,
            gain=gain,
            gain_pct=(fill.price.ratio(avg_cost) - 1) * 100 if avg_cost else avg_cost.amount,
            fee=fee,
            fx=None,
            is_complete=order.state is OrderState.FILLED,
            left_qty=Qty(position.qty if position is not None else 0),
            tax=tax,
            entry_fee=entry_fees,
        )
    )
    if position is not None and position.qty == 0:
        _close(state, turn, position)


def sold_elsewhere(
    state: State, turn: Turn[Krw], position: KrxPosition, qty: int, price: Krw | None
) -> Gone:
    """Shares sold by hand; a sale at a price nobody told counts as one at the last price."""
    symbol, avg_cost = position.symbol, position.avg_cost
    amount = (price or state.price_of(symbol) or avg_cost.rounded(ROUND_HALF_UP)) * qty
    fee = costs.fee(amount, state.settings.fee_pct)
    tax = costs.tax(amount, state.today(turn.now), state.kind_of(symbol))
    since = position.missing_since or turn.now
    cost, entry_fees = _take(turn, position, qty)
    gone = Gone(position, qty, since, cost, entry_fees, amount - cost, fee, tax)
    position.sold_by_hand += qty
    _realize(state, position, gone.net)
    _add_up(state, gone.gross, fee, tax)
    turn.tell(SoldElsewhere(symbol, Qty(qty), price, avg_cost, Qty(position.qty), None))
    if position.qty == 0:
        _close(state, turn, position)
    return gone


def unsold(state: State, turn: Turn[Krw], gone: Gone) -> KrxPosition:
    """Shares that were not sold after all: the position as it was, and nothing booked for it."""
    symbol, day = gone.position.symbol, state.day
    position = state.book.positions.get(symbol)
    if position is None:
        position = state.book.positions[symbol] = gone.position
        lists.name_ours(state, turn.now)
        if state.book.closing.pop(symbol, None) is None:
            is_win = position.realized > ZERO_KRW
            state.book.streak -= min(state.book.streak, int(not is_win))
            day.round_trips -= 1
            day.wins -= is_win
    position.qty += gone.qty
    position.cost += gone.cost
    position.entry_fees += gone.entry_fees
    position.sold_by_hand -= gone.qty
    position.changed_at = turn.now
    _realize(state, position, -gone.net)
    _add_up(state, -gone.gross, -gone.fees, -gone.tax)
    _reach(state, symbol, Bucket.HELD)
    return position


def entry_ended(state: State, turn: Turn[Krw], order: OwnOrder[Krw], *, will_reprice: bool) -> None:
    """What an entry left unfilled: tried again at another price, or left."""
    attempt = state.book.attempts.get(order.intent.symbol)
    if will_reprice and attempt is not None:
        attempt.reprices += 1
        attempt.is_short = True
        turn.changed()
        finish_trip(state, turn, order.intent.symbol)
    else:
        leave_alone(state, turn, order.intent.symbol)


def leave_alone(state: State, turn: Turn[Krw], symbol: Symbol) -> None:
    """Nothing more is entered in the stock for a while."""
    attempt = state.book.attempts.get(symbol)
    if attempt is not None:
        pause = timedelta(minutes=state.settings.risk.symbol_cooldown_min)
        attempt.blocked_until = turn.now + pause
        attempt.reprices = 0
        attempt.is_short = False
    turn.changed()
    finish_trip(state, turn, symbol)


def _open(state: State, turn: Turn[Krw], order: OwnOrder[Krw]) -> KrxPosition:
    symbol = order.intent.symbol
    attempt = state.book.attempts.get(symbol)
    listing = state.run.names.listings.get(symbol)
    card = attempt.card if attempt is not None else None
    position = KrxPosition(
        symbol=symbol,
        name=listing.name if listing is not None else symbol,
        segment=listing.segment if listing is not None else Segment.KOSPI,
        qty=0,
        cost=ZERO_KRW,
        entry_fees=ZERO_KRW,
        opened_at=turn.now,
        level=card.level if card is not None else None,
        zones=list(card.broken) if card is not None else [],
        planned_qty=attempt.planned_qty if attempt is not None else order.intent.qty,
        high_water=ZERO_KRW,
        card=card,
        entry_at=order.intent.decided_at,
        foreign_before=state.book.foreign.get(symbol, 0),
    )
    state.book.positions[symbol] = position
    lists.name_ours(state, turn.now)
    state.day.opened.append(symbol)
    return position


def _take(turn: Turn[Krw], position: KrxPosition, qty: int) -> tuple[Krw, Krw]:
    """Take shares out; what they cost and the entry fees of them, in whole won.

    The last share takes all that is left, so nothing is lost to rounding.
    """
    cost = Krw(position.cost.amount * qty / position.qty).rounded(ROUND_HALF_UP)
    fees = Krw(position.entry_fees.amount * qty / position.qty).rounded(ROUND_HALF_UP)
    position.qty -= qty
    position.cost -= cost
    position.entry_fees -= fees
    position.changed_at = turn.now
    position.missing_since = None
    position.rejects = 0
    turn.changed()
    return cost, fees


def _scale_out(state: State, position: KrxPosition, qty: int) -> None:
    """Shares of the part that goes first; done once all of it is gone."""
    position.scaled_out += qty
    share = state.settings.exits.scale_out_share_pct
    left = exit_qty(Qty(position.qty), share, position.scaled_out)
    position.has_scaled_out = left <= 0


def _realize(state: State, position: KrxPosition, net: Krw) -> None:
    position.realized += net
    state.day.realized += net


def _add_up(state: State, gross: Krw, fees: Krw, tax: Krw) -> None:
    """What a sale brought and cost, for the day."""
    day = state.day
    day.gross += gross
    day.fees += fees
    day.tax += tax


def _reopen(state: State, symbol: Symbol) -> KrxPosition | None:
    """More of an entry that was open when the last share went: the same round trip goes on."""
    position = state.book.closing.pop(symbol, None)
    if position is not None:
        state.book.positions[symbol] = position
    return position


def _close(state: State, turn: Turn[Krw], position: KrxPosition) -> None:
    """The last share went; the stock is left alone for a while.

    An entry that is still open may bring more: parts of it are one round trip.
    """
    symbol = position.symbol
    pause = timedelta(minutes=state.settings.risk.symbol_cooldown_min)
    state.day.cooldown[symbol] = turn.now + pause
    del state.book.positions[symbol]
    state.book.closing[symbol] = position
    _reach(state, symbol, Bucket.DONE)
    finish_trip(state, turn, symbol)


def finish_trip(state: State, turn: Turn[Krw], symbol: Symbol) -> None:
    """Count a round trip of which nothing is held and nothing can come any more."""
    position = state.book.closing.get(symbol)
    if position is None or any(True for _ in state.live(symbol, Side.BUY)):
        return
    del state.book.closing[symbol]
    is_win = position.realized > ZERO_KRW
    state.book.streak = 0 if is_win else state.book.streak + 1
    state.day.round_trips += 1
    state.day.wins += is_win
    state.book.attempts.pop(symbol, None)
    small.note_trip(state, turn, position)


def _reach(state: State, symbol: Symbol, bucket: Bucket) -> None:
    name = state.run.names.get(symbol)
    if name is not None:
        name.reach(bucket)
