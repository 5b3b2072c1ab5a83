"""How each event changes the desk, before time is looked at."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from engine.desk import blotter, doubt, vanished
from engine.desk.turn import Turn
from engine.desk.us import (
    account,
    commands,
    detection,
    exits,
    fills,
    jump,
    pace,
    poller,
    resolver,
    safety,
    windows,
)
from engine.desk.us.state import Run, State
from engine.model.day_facts import Window
from engine.model.events import (
    CallsSeen,
    CancelAnswered,
    CashSeen,
    ClockJumped,
    CommandGiven,
    Event,
    FetchFailed,
    FetchKind,
    HoldingsSeen,
    NoticeSeen,
    PlaceAnswered,
    ReportsSeen,
    Started,
    StreamChanged,
    TickSeen,
    WakeUp,
)
from engine.model.market_events import MarketEvent
from engine.model.money import ZERO_USD
from engine.model.order_facts import OrderAccepted
from engine.model.orders import Accepted, OrderIntent, OrderState, OutcomeUnknown, Rejected
from engine.model.quota import Priority

Reply = HoldingsSeen | ReportsSeen | CashSeen | FetchFailed | PlaceAnswered | CancelAnswered
Told = NoticeSeen | StreamChanged | CallsSeen | ClockJumped
Other = Told | Started | CommandGiven | WakeUp | TickSeen


def take_in(state: State, turn: Turn, event: Event) -> None:
    """Replies to what the desk asked for, and what comes by itself."""
    if isinstance(event, MarketEvent):
        return  # only a desk that scans asks for it
    match event:
        case (
            HoldingsSeen()
            | ReportsSeen()
            | CashSeen()
            | FetchFailed()
            | PlaceAnswered()
            | CancelAnswered()
        ):
            _take_reply(state, turn, event)
        case _:
            _take_other(state, turn, event)


def _take_reply(state: State, turn: Turn, event: Reply) -> None:
    match event:
        case HoldingsSeen():
            _on_holdings(state, turn, event)
        case ReportsSeen():
            _on_reports(state, turn, event)
        case CashSeen(cash):
            state.run.cash.is_flying = False
            state.book.fx = cash.fx or state.book.fx
        case FetchFailed():
            _on_failed(state, turn, event)
        case PlaceAnswered():
            _on_placed(state, turn, event)
        case CancelAnswered():
            _on_cancelled(state, turn, event)
        case _:
            assert_never(event)


def _take_other(state: State, turn: Turn, event: Other) -> None:
    match event:
        case NoticeSeen(notice):
            detection.on_notice(state, turn, notice)
        case StreamChanged():
            _on_stream(state, turn, event)
        case CallsSeen(tally):
            safety.on_calls(state, turn, tally)
        case ClockJumped():
            jump.rebase(state, turn, event)
        case Started(orders):
            _start(state, turn, orders)
        case CommandGiven(command_id, command):
            commands.on_command(state, turn, command_id, command)
        case WakeUp() | TickSeen():
            pass
        case _:
            assert_never(event)


def _start(state: State, turn: Turn, unanswered: tuple[OrderIntent, ...]) -> None:
    """Begin a run: what may be lost is forgotten, what may be open is in doubt."""
    state.run = Run(is_started=True, started_at=turn.now)
    for intent in doubt.unheard(state.book.orders, unanswered):
        held = state.book.positions.get(intent.symbol)
        cost, day = ZERO_USD if held is None else held.avg_cost, state.today(intent.decided_at)
        blotter.add_order(state.book.orders, intent, cost, turn.now, day)
        state.skip_id(intent.client_order_id)
    for order in list(state.live()):
        if order.state is OrderState.INTENDED:
            doubt.doubt(turn, order, "no answer before the restart")
        elif order.state is OrderState.UNRESOLVED:
            doubt.look_up_again(order, turn.now)
    windows.advance(state, turn)
    commands.apply_targets(state)
    if state.book.window is Window.ASLEEP:
        return
    state.run.holdings.ask(turn.now)
    state.run.reports.ask(turn.now)
    state.run.cash.ask(turn.now)


def _on_holdings(state: State, turn: Turn, event: HoldingsSeen) -> None:
    run = state.run
    run.holdings.is_flying = False
    safety.on_read_ok(state, turn, FetchKind.HOLDINGS)
    safety.on_quota(state, turn, event.quota)
    pace.cap_bucket(state, turn.now)
    account.on_holdings(state, turn, event.holdings, event.asked_at)
    resolver.on_holdings(state, turn, event.holdings, event.asked_at)
    run.holdings_at = event.asked_at
    poller.on_holdings(state, turn, event.holdings, event.asked_at)


def _on_reports(state: State, turn: Turn, event: ReportsSeen) -> None:
    run = state.run
    run.reports.is_flying = False
    safety.on_read_ok(state, turn, FetchKind.REPORTS)
    safety.on_quota(state, turn, event.quota)
    pace.cap_bucket(state, turn.now)
    first = run.reports.since or state.today(event.asked_at) - timedelta(days=1)
    resolver.on_reports(state, turn, event.reports, event.asked_at, first)
    listed = detection.on_reports(state, turn, event.reports)
    resolver.decide(state, turn, event.asked_at)
    if vanished.note(turn, state.live(), listed, event.asked_at):
        run.holdings.ask(turn.now)
    fills.expire_old(state, turn, event.asked_at, first)
    run.reports_at = event.asked_at


def _on_failed(state: State, turn: Turn, event: FetchFailed) -> None:
    run = state.run
    if event.kind is FetchKind.PRICE:
        if event.symbol is not None:
            call = run.prices.pop(event.symbol, None)
            if call is not None and call.is_urgent:
                exits.wish_price(state, event.symbol, Priority.EXIT, with_book=True)
            commands.on_no_price(state, turn, event.symbol)
    elif event.kind is FetchKind.HOLDINGS:
        run.holdings.is_flying = False
    elif event.kind is FetchKind.REPORTS:
        run.reports.is_flying = False
    else:
        run.cash.is_flying = False
    safety.on_read_failed(state, turn, event)


def _on_placed(state: State, turn: Turn, event: PlaceAnswered) -> None:
    order = state.book.orders.get(event.client_order_id)
    if order is None or not order.is_doubtful:
        return
    match event.answer:
        case Accepted(number):
            blotter.accept(order, number, turn.now)
            turn.tell(OrderAccepted(order.intent, number))
        case Rejected(code, text):
            fills.reject(state, turn, order, code, text)
        case OutcomeUnknown(reason):
            if order.state is OrderState.INTENDED:
                doubt.doubt(turn, order, reason)
        case _:
            assert_never(event.answer)


def _on_cancelled(state: State, turn: Turn, event: CancelAnswered) -> None:
    """Neither a yes nor a no ends an order: the executions are read."""
    order = state.book.orders.get(event.client_order_id)
    if order is not None and not order.state.is_final:
        blotter.note_cancel_answer(turn, order, event.answer)
        state.run.reports.ask(turn.now)
        if order.absent_at is not None:
            state.run.holdings.ask(turn.now)


def _on_stream(state: State, turn: Turn, event: StreamChanged) -> None:
    was_connected = state.run.is_connected
    safety.on_stream(state, turn, event)
    if state.run.is_connected and not was_connected and state.book.window is Window.REGULAR:
        state.run.reconciled_at = turn.now
        state.run.holdings.ask(turn.now)
        state.run.reports.ask(turn.now)
