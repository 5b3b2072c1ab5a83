"""What a person asked for. Every command ends in exactly one CommandAnswered."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from engine.desk import blotter, latches, mismatches
from engine.desk.turn import Turn
from engine.desk.us import exits, portfolio, questions, reconcile, safety, windows
from engine.desk.us.book import Asked, Position, Standing
from engine.desk.us.state import PendingSale, State
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
from engine.model.ids import ClientOrderId, CommandId, DeskState, Symbol
from engine.model.krx_settings import KrxSettings
from engine.model.orders import OrderReason
from engine.model.position_facts import QuestionKind
from engine.model.quota import Priority
from engine.model.quotes import Tick
from engine.model.settings import UsSettings
from engine.rules.autosell import executable_price, gain_pct, marketable_limit

PRICE_WITHIN = timedelta(seconds=8)
TAKEN_BACK_WITHIN = timedelta(seconds=30)
_READ_AFTER_CANCEL = timedelta(seconds=2)


def on_command(state: State, turn: Turn, command_id: CommandId, command: Command) -> None:
    """Do it, or say why not; a sale is answered once its price is there."""
    refusal: Refusal | None = None
    match command:
        case SellNow() | Answer():
            refusal = _sell_or_answer(state, turn, command_id, command)
            sells = isinstance(command, SellNow) or command.choice is Choice.SELL
            if refusal is None and sells:
                return
        case CancelOpenOrder():
            refusal = _cancel(state, turn, command)
        case Pause() | Halt() | Resume() | ReleaseGuard() | TripGuard():
            refusal = _latch(state, turn, command)
        case Leave():
            pass  # it enters nothing
        case ApplySettings():
            _apply_settings(state, turn, command.settings)
        case _:
            assert_never(command)
    turn.tell(CommandAnswered(command_id, refusal))


def apply_targets(state: State) -> None:
    """Targets follow the settings, but a latched desk lowers none."""
    is_running = state.desk_state is DeskState.RUNNING
    for position in state.book.positions.values():
        wished = state.pct_for(position.symbol)
        if is_running or wished > position.target_pct:
            position.target_pct = wished


def on_call_price(state: State, turn: Turn, tick: Tick) -> None:
    """A price call was answered: sales by hand that waited for it are decided."""
    waiting = [s for s in state.run.sales if s.symbol == tick.symbol]
    for sale in waiting:
        if _may_place(state, sale):
            state.run.sales.remove(sale)
            _place_by_hand(state, turn, sale, tick)


def on_no_price(state: State, turn: Turn, symbol: Symbol) -> None:
    """A price call brought nothing."""
    for sale in [s for s in state.run.sales if s.symbol == symbol]:
        if sale.is_taking_back:
            continue
        state.run.sales.remove(sale)
        turn.tell(CommandAnswered(sale.command_id, Refusal.NO_PRICE))


def check_deadlines(state: State, turn: Turn) -> None:
    """Nobody waits for ever; a sale whose account was read only now asks for its price again."""
    for sale in [s for s in state.run.sales if s.deadline <= turn.now]:
        state.run.sales.remove(sale)
        refusal = Refusal.NOTHING_TO_SELL if sale.is_taking_back else Refusal.NO_PRICE
        turn.tell(CommandAnswered(sale.command_id, refusal))
    for sale in [s for s in state.run.sales if s.is_taking_back]:
        _go_on_when_free(state, turn, sale)
    for sale in state.run.sales:
        if sale.symbol not in state.run.prices and _may_place(state, sale):
            _ask_price(state, sale)


def _may_place(state: State, sale: PendingSale) -> bool:
    """Whether the quantity is the account's: read since the start, and since the last buy."""
    position = state.book.positions.get(sale.symbol)
    is_known = position is None or position.is_confirmed
    return state.is_ready and is_known and not sale.is_taking_back


def _go_on_when_free(state: State, turn: Turn, sale: PendingSale) -> None:
    """The orders that held the shares are at their end: what they left is sold by hand."""
    if any(order.cancel_asked_at is not None for order in state.live(sale.symbol)):
        return
    sale.is_taking_back = False
    sale.deadline = turn.now + PRICE_WITHIN
    if sale.symbol not in state.book.positions:
        state.run.sales.remove(sale)
        turn.tell(CommandAnswered(sale.command_id, Refusal.NOTHING_TO_SELL))


def _sell_or_answer(
    state: State, turn: Turn, command_id: CommandId, command: SellNow | Answer
) -> Refusal | None:
    if isinstance(command, SellNow):
        return _sell_now(state, turn, command_id, command)
    return _answer(state, turn, command_id, command)


def _latch(
    state: State, turn: Turn, command: Pause | Halt | Resume | ReleaseGuard | TripGuard
) -> Refusal | None:
    refusal: Refusal | None = None
    match command:
        case Pause():
            latches.set_user_latch(state.book, turn, DeskState.EXITS_ONLY)
        case Halt():
            latches.set_user_latch(state.book, turn, DeskState.HALTED)
        case Resume():
            refusal = safety.release_user_latch(state, turn)
        case ReleaseGuard():
            refusal = safety.release_guard(state, turn)
        case TripGuard():
            safety.trip_from_outside(state, turn, command)
        case _:
            assert_never(command)
    apply_targets(state)
    return refusal


def _apply_settings(state: State, turn: Turn, settings: UsSettings | KrxSettings) -> None:
    if not isinstance(settings, UsSettings):
        raise InvariantBroken("settings of another desk")
    state.settings = settings
    safety.apply_caps(state)
    apply_targets(state)
    turn.changed()


def _sell_now(state: State, turn: Turn, command_id: CommandId, command: SellNow) -> Refusal | None:
    position = state.book.positions.get(command.symbol)
    if position is None:
        return Refusal.UNKNOWN_SYMBOL
    sale = PendingSale(command_id, command.symbol, command.qty, turn.now + PRICE_WITHIN)
    return _begin_sale(state, turn, position, sale)


def _begin_sale(state: State, turn: Turn, position: Position, sale: PendingSale) -> Refusal | None:
    """By hand: the gate and the latches do not apply, doubts about shares do."""
    if not state.run.is_started:
        return Refusal.NO_PRICE
    if not windows.is_open(state, turn.now):
        return Refusal.MARKET_CLOSED
    if state.is_in_doubt(position.symbol):
        return Refusal.ORDER_IN_DOUBT
    wanted = position.qty if sale.qty is None else sale.qty
    if state.free_qty(position) < wanted and _take_back(state, turn, position):
        sale.took_back = sale.is_taking_back = True
        sale.deadline = turn.now + TAKEN_BACK_WITHIN
    elif position.exchange is None or state.free_qty(position) <= 0:
        return Refusal.NOTHING_TO_SELL
    state.run.sales.append(sale)
    if not _may_place(state, sale):
        state.run.holdings.ask(turn.now, Priority.EXIT, is_exempt=True)
        state.run.reports.ask(turn.now, Priority.EXIT, is_exempt=True)
    if not sale.is_taking_back:
        _ask_price(state, sale)
    return None


def _take_back(state: State, turn: Turn, position: Position) -> bool:
    """Free the shares that orders of the desk hold; what replaces them is the trader's sale."""
    orders = [o for o in state.live(position.symbol) if o.intent.reason is not OrderReason.MANUAL]
    for order in orders:
        blotter.ask_cancel(turn, order, is_repricing=True)
    if orders:
        due = turn.now + _READ_AFTER_CANCEL
        state.run.reports.ask(due, Priority.CANCEL, is_exempt=True)
    return bool(orders)


def _ask_price(state: State, sale: PendingSale) -> None:
    exits.wish_price(state, sale.symbol, Priority.EXIT, with_book=True, is_exempt=True)


def _place_by_hand(state: State, turn: Turn, sale: PendingSale, tick: Tick) -> None:
    position = state.book.positions.get(sale.symbol)
    order_id: ClientOrderId | None = None
    refusal: Refusal | None = None
    if not windows.is_open(state, turn.now):
        refusal = Refusal.MARKET_CLOSED
    elif state.is_in_doubt(sale.symbol):
        refusal = Refusal.ORDER_IN_DOUBT
    elif position is not None:
        free = state.free_qty(position)
        qty = free if sale.qty is None else min(sale.qty, free)
        limit, price = marketable_limit(tick), executable_price(tick)
        order_id = exits.place(
            state, turn, position, qty, limit=limit, price=price, reason=OrderReason.MANUAL
        )
    if order_id is None:
        refusal = refusal or Refusal.NOTHING_TO_SELL
        turn.tell(CommandAnswered(sale.command_id, refusal))
    else:
        turn.tell(CommandAnswered(sale.command_id, None, (order_id,)))
        if sale.question in state.book.questions:
            reconcile.settle_question(turn, state.book.questions[sale.question], Choice.SELL)
            questions.close_question(state, turn, sale.question, Choice.SELL)


def _cancel(state: State, turn: Turn, command: CancelOpenOrder) -> Refusal | None:
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


def _answer(state: State, turn: Turn, command_id: CommandId, answer: Answer) -> Refusal | None:
    if (known := mismatches.find(state.book, answer.question)) is not None:
        return reconcile.answer(state, turn, known, answer)
    asked = state.book.questions.get(answer.question)
    position = state.book.positions.get(asked.symbol) if asked is not None else None
    if asked is None or position is None or answer.choice not in asked.choices:
        return Refusal.QUESTION_GONE
    if answer.choice is Choice.SELL:
        if any(sale.question == answer.question for sale in state.run.sales):
            return Refusal.QUESTION_GONE  # pressed twice
        deadline = turn.now + PRICE_WITHIN
        sale = PendingSale(command_id, position.symbol, None, deadline, answer.question)
        return _begin_sale(state, turn, position, sale)
    if answer.choice is Choice.MANAGE:
        _manage(state, turn, position, has_price=asked.seen is not None)
    elif answer.choice is Choice.EXCLUDE:
        portfolio.exclude(turn, position, by_user=True)
    elif asked.kind is not QuestionKind.COST_CHANGED and asked.gain_pct is not None:
        position.asked = Asked(asked.kind, asked.gain_pct, state.today(turn.now))
    questions.close_question(state, turn, answer.question, answer.choice)
    reconcile.settle_question(turn, asked, answer.choice)
    return None


def _manage(state: State, turn: Turn, position: Position, *, has_price: bool) -> None:
    tick = state.reading(position.symbol).balance
    if has_price and tick is not None and position.avg_cost.amount > 0:
        position.approved_pct = gain_pct(tick.price, position.avg_cost)
    if state.may_arm(turn.now):
        portfolio.manage(state, turn, position)
    else:
        position.standing = Standing.HELD
        turn.changed()
