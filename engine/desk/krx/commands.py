"""What a person asked of the KRX desk. Every command ends in exactly one CommandAnswered."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from engine.desk import blotter, latches, mismatches
from engine.desk.krx import exits, guard, phases, reconcile, safety
from engine.desk.krx.book import KrxPosition
from engine.desk.krx.state import PendingSale, State
from engine.desk.turn import Turn
from engine.errors import InvariantBroken
from engine.model.commands import (
    Answer,
    ApplySettings,
    CancelOpenOrder,
    Choice,
    Command,
    CommandAnswered,
    Halt,
    Leave,
    Pause,
    Refusal,
    ReleaseGuard,
    Resume,
    SellNow,
    TripGuard,
)
from engine.model.ids import CommandId, DeskState
from engine.model.krx_settings import KrxSettings
from engine.model.money import Krw
from engine.model.orders import OrderKind, OrderReason, Side
from engine.model.quota import Priority
from engine.model.quotes import Tick
from engine.rules.krx import entry_price

PRICE_WITHIN = timedelta(seconds=8)
TAKEN_BACK_WITHIN = timedelta(seconds=30)
_READ_AFTER_CANCEL = timedelta(seconds=2)


def on_command(state: State, turn: Turn[Krw], command_id: CommandId, command: Command) -> None:
    """Do it, or say why not; a sale is answered once its price is there."""
    refusal: Refusal | None = None
    match command:
        case SellNow():
            refusal = _sell_now(state, turn, command_id, command)
            if refusal is None:
                return
        case Answer():
            refusal, is_selling = _answer(state, turn, command_id, command)
            if is_selling:
                return
        case CancelOpenOrder():
            refusal = _cancel(state, turn, command)
        case Pause() | Halt() | Resume() | ReleaseGuard() | TripGuard():
            refusal = _latch(state, turn, command)
        case Leave():
            state.run.is_leaving = True
        case ApplySettings():
            _apply_settings(state, turn, command)
        case _:
            assert_never(command)
    turn.tell(CommandAnswered(command_id, refusal))


def on_call_price(state: State, turn: Turn[Krw], tick: Tick[Krw]) -> None:
    """A price call was answered: sales by hand that waited for it are decided."""
    for sale in [s for s in state.run.sales if s.wish.symbol == tick.symbol]:
        if not sale.is_taking_back:
            state.run.sales.remove(sale)
            _place_by_hand(state, turn, sale, tick)


def check_deadlines(state: State, turn: Turn[Krw]) -> None:
    """Nobody waits for ever."""
    for sale in [s for s in state.run.sales if s.deadline <= turn.now]:
        state.run.sales.remove(sale)
        refusal = Refusal.NOTHING_TO_SELL if sale.is_taking_back else Refusal.NO_PRICE
        turn.tell(CommandAnswered(sale.command_id, refusal))
    for sale in state.run.sales:
        position = state.book.positions.get(sale.wish.symbol)
        if sale.is_taking_back and position is not None and not _is_tied(state, position):
            sale.is_taking_back = False
            sale.deadline = turn.now + PRICE_WITHIN
        if not sale.is_taking_back and position is not None:
            exits.wish_price(state, position, is_exempt=True)


def _latch(
    state: State, turn: Turn[Krw], command: Pause | Halt | Resume | ReleaseGuard | TripGuard
) -> Refusal | None:
    match command:
        case Pause():
            latches.set_user_latch(state.book, turn, DeskState.EXITS_ONLY)
        case Halt():
            latches.set_user_latch(state.book, turn, DeskState.HALTED)
        case Resume():
            return latches.release_user_latch(state.book, turn)
        case ReleaseGuard():
            return guard.release(state, turn)
        case TripGuard():
            safety.trip_from_outside(state, turn, command)
        case _:
            assert_never(command)
    return None


def _apply_settings(state: State, turn: Turn[Krw], command: ApplySettings) -> None:
    if not isinstance(command.settings, KrxSettings):
        raise InvariantBroken("settings of another desk")
    state.apply_settings(command.settings)
    guard.reconsider(state, turn)
    turn.changed()


def _sell_now(
    state: State, turn: Turn[Krw], command_id: CommandId, wish: SellNow
) -> Refusal | None:
    """By hand: the latches do not apply, doubts about shares and the session do."""
    position = state.book.positions.get(wish.symbol)
    if position is None:
        return Refusal.UNKNOWN_SYMBOL
    if not phases.is_open(state, turn.now):
        return Refusal.MARKET_CLOSED
    if state.is_in_doubt(wish.symbol):
        return Refusal.ORDER_IN_DOUBT
    name = state.run.names.get(wish.symbol)
    if name is not None and name.is_halted:
        return Refusal.TRADING_HALTED
    sale = PendingSale(command_id, wish, turn.now + PRICE_WITHIN)
    if _is_tied(state, position):
        sale.is_taking_back = True
        sale.deadline = turn.now + TAKEN_BACK_WITHIN
        for order in list(state.live(wish.symbol)):
            blotter.ask_cancel(turn, order, is_repricing=order.intent.side is Side.SELL)
        due = turn.now + _READ_AFTER_CANCEL
        state.run.reports.ask(due, Priority.CANCEL, is_exempt=True)
    else:
        exits.wish_price(state, position, is_exempt=True)
    state.run.sales.append(sale)
    return None


def _answer(
    state: State, turn: Turn[Krw], command_id: CommandId, said: Answer
) -> tuple[Refusal | None, bool]:
    """The refusal, and whether a sale will answer the command."""
    known = mismatches.find(state.book, said.question)
    if known is None:
        return Refusal.QUESTION_GONE, False
    refusal = reconcile.answer(state, turn, known, said)
    if refusal is not None or said.choice is not Choice.SELL:
        return refusal, False
    wish = SellNow(known.asked.symbol, None)
    refusal = _sell_now(state, turn, command_id, wish)
    return refusal, refusal is None


def _is_tied(state: State, position: KrxPosition) -> bool:
    """Whether an order of ours holds shares of it or would bring more."""
    return any(True for _ in state.live(position.symbol))


def _place_by_hand(state: State, turn: Turn[Krw], sale: PendingSale, tick: Tick[Krw]) -> None:
    position = state.book.positions.get(sale.wish.symbol)
    refusal: Refusal | None = None
    if position is None:
        refusal = Refusal.NOTHING_TO_SELL
    elif not phases.is_open(state, turn.now):
        refusal = Refusal.MARKET_CLOSED
    elif state.is_unresolved(position.symbol):
        refusal = Refusal.ORDER_IN_DOUBT
    if refusal is not None or position is None:
        turn.tell(CommandAnswered(sale.command_id, refusal))
        return
    name = state.run.names.get(position.symbol)
    lower = name.state.lower_limit if name is not None and name.state is not None else None
    session = state.session(turn.now)
    in_auction = session is not None and turn.now >= session.close_auction
    order_kind = OrderKind.MARKET if in_auction else OrderKind.LIMIT
    kind = state.kind_of(position.symbol)
    order_id = exits.place(
        *(state, turn, position, sale.wish.qty or position.qty),
        limit=entry_price.exit_limit(tick, lower, state.today(turn.now), kind, order_kind),
        price=tick.price,
        reason=OrderReason.MANUAL,
        kind=order_kind,
    )
    if order_id is None:
        turn.tell(CommandAnswered(sale.command_id, Refusal.NOTHING_TO_SELL))
    else:
        turn.tell(CommandAnswered(sale.command_id, None, (order_id,)))


def _cancel(state: State, turn: Turn[Krw], command: CancelOpenOrder) -> Refusal | None:
    order = blotter.find_order(state.book.orders, command.order)
    if order is None or order.state.is_final:
        return Refusal.UNKNOWN_ORDER
    if order.is_doubtful:
        return Refusal.ORDER_IN_DOUBT
    if not blotter.ask_cancel(turn, order, is_repricing=False):
        order.is_repricing = False  # being re-priced already: the trader's word is the last
        turn.changed()
    state.run.reports.ask(turn.now + _READ_AFTER_CANCEL, Priority.CANCEL, is_exempt=True)
    return None
