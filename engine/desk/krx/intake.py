"""How each event changes the KRX desk, before time is looked at."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from engine.desk import blotter, doubt, vanished
from engine.desk.krx import (
    account,
    branches,
    commands,
    counting,
    fills,
    jump,
    lists,
    notices,
    phases,
    reconcile,
    resolver,
    safety,
    scanner,
)
from engine.desk.krx.state import Run, State
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.commands import CommandAnswered, Refusal
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
from engine.model.ids import ClientOrderId
from engine.model.market_events import (
    DayCandlesSeen,
    IndexSeen,
    ListingsSeen,
    MarketEvent,
    MinuteCandlesSeen,
    OpenDaysSeen,
    OperationSeen,
    RowsSeen,
    StateSeen,
)
from engine.model.money import ZERO_KRW, Krw
from engine.model.order_facts import OrderAccepted
from engine.model.orders import (
    Accepted,
    OrderIntent,
    OrderReport,
    OrderState,
    OutcomeUnknown,
    Rejected,
)
from engine.rules.krx.sessions import kst_date

_SOON = timedelta(seconds=1)


def take_in(state: State, turn: Turn[Krw], event: Event[Krw]) -> None:
    """Replies to what the desk asked for, and what comes by itself."""
    if isinstance(event, MarketEvent):
        _take_market(state, turn, event)
        return
    match event:
        case HoldingsSeen():
            _on_holdings(state, turn, event)
        case ReportsSeen():
            _on_reports(state, turn, event)
        case CashSeen(cash):
            state.run.cash_call.is_flying = False
            state.run.cash = cash
            safety.on_read_ok(state, turn, FetchKind.CASH)
        case FetchFailed():
            _on_failed(state, turn, event)
        case PlaceAnswered():
            _on_placed(state, turn, event)
        case CancelAnswered():
            _on_cancelled(state, turn, event)
        case _:
            _take_other(state, turn, event)


Told = NoticeSeen[Krw] | StreamChanged | CallsSeen | ClockJumped
Other = Told | Started[Krw] | CommandGiven | WakeUp
OtherOrTick = Other | TickSeen[Krw]


def _take_other(state: State, turn: Turn[Krw], event: OtherOrTick) -> None:
    match event:
        case NoticeSeen(notice):
            notices.on_notice(state, turn, notice)
        case StreamChanged():
            _on_stream(state, turn, event)
        case CallsSeen(tally):
            safety.on_calls(state, turn, tally)
        case ClockJumped():
            jump.rebase(state, turn)
        case Started(orders):
            _start(state, turn, orders)
        case CommandGiven(command_id, command):
            commands.on_command(state, turn, command_id, command)
        case WakeUp() | TickSeen():
            pass
        case _:
            assert_never(event)


def _take_market(state: State, turn: Turn[Krw], event: MarketEvent) -> None:
    match event:
        case ListingsSeen():
            lists.on_listings(state, turn, event)
        case OpenDaysSeen():
            lists.on_open_days(state, turn, event)
        case RowsSeen():
            scanner.on_rows(state, event)
        case DayCandlesSeen():
            scanner.on_day_candles(state, turn, event)
        case MinuteCandlesSeen():
            scanner.on_minute_candles(state, event)
        case IndexSeen():
            scanner.on_index(state, event)
        case StateSeen():
            scanner.on_state(state, event)
        case OperationSeen():
            scanner.on_operation(state, turn, event)
        case _:
            assert_never(event)


def _start(state: State, turn: Turn[Krw], unanswered: tuple[OrderIntent[Krw], ...]) -> None:
    """Begin a run: what may be lost is forgotten, what may be open is in doubt."""
    state.run = Run(is_started=True, started_at=turn.now)
    for intent in doubt.unheard(state.book.orders, unanswered):
        held = state.book.positions.get(intent.symbol)
        cost = ZERO_KRW if held is None else held.avg_cost
        day = state.today(intent.decided_at)
        blotter.add_order(state.book.orders, intent, cost, turn.now, day)
        state.revive()
        state.skip_id(intent.client_order_id)
    for order in list(state.live()):
        if order.state is OrderState.INTENDED:
            doubt.doubt(turn, order, "no answer before the restart")
        elif order.state is OrderState.UNRESOLVED:
            doubt.look_up_again(order, turn.now)
    lists.apply_open_days(state)
    lists.name_ours(state, turn.now)
    phases.advance(state, turn)
    for call in (state.run.holdings, state.run.reports, state.run.cash_call):
        call.ask(turn.now, is_exempt=True)
    state.run.reconciled_at = turn.now


def _on_stream(state: State, turn: Turn[Krw], event: StreamChanged) -> None:
    """What happened while nothing was told is in the account."""
    was_connected, run = state.run.is_connected, state.run
    safety.on_stream(state, turn, event)
    if run.is_connected and not was_connected:
        run.reconciled_at = turn.now
        for call in (run.holdings, run.reports, run.cash_call):
            call.ask(turn.now)
    elif not run.has_notices and any(True for _ in state.live()):
        run.reports.ask(turn.now)


def _on_holdings(state: State, turn: Turn[Krw], event: HoldingsSeen[Krw]) -> None:
    state.run.holdings.is_flying = False
    state.run.holdings_at = event.asked_at
    safety.on_read_ok(state, turn, FetchKind.HOLDINGS)
    safety.on_quota(state, turn, event.quota)
    account.on_holdings(state, turn, event.holdings, event.asked_at)


def _on_reports(state: State, turn: Turn[Krw], event: ReportsSeen[Krw]) -> None:
    run = state.run
    first = run.reports.since or state.first_report_day(turn.now)
    run.reports.is_flying = False
    run.reports_at, run.reports_from = event.asked_at, first
    safety.on_read_ok(state, turn, FetchKind.REPORTS)
    safety.on_quota(state, turn, event.quota)
    reports = branches.told_apart(state.book.orders, event.reports)
    resolver.on_reports(state, turn, reports, event.asked_at, first)
    strangers: list[OrderReport[Krw]] = []
    listed: set[ClientOrderId] = set()
    for report in reports:
        own = None if report.is_cancel else _own_of_report(state, report)
        if own is not None:
            listed.add(own.intent.client_order_id)
            fills.apply_report(state, turn, own, report)
        elif not report.is_cancel:
            strangers.append(report)
    run.strangers = tuple(strangers)
    counting.on_reports(state, turn, event.asked_at)
    resolver.judge(state, turn, event.asked_at)
    reconcile.note_strangers(state, turn)
    if vanished.note(turn, state.live(), listed, event.asked_at):
        run.holdings.ask(turn.now)
    fills.expire_old(state, turn, event.asked_at, first)


def _own_of_report(state: State, report: OrderReport[Krw]) -> OwnOrder[Krw] | None:
    day = None if report.ordered_at is None else kst_date(report.ordered_at)
    return blotter.by_number(state.book.orders, report, day)


def _on_failed(state: State, turn: Turn[Krw], event: FetchFailed) -> None:
    run = state.run
    call = {
        FetchKind.HOLDINGS: run.holdings,
        FetchKind.REPORTS: run.reports,
        FetchKind.CASH: run.cash_call,
    }.get(event.kind)
    if call is not None:
        call.is_flying = False
    safety.on_read_failed(state, turn, event)
    if event.kind is FetchKind.PRICE and event.symbol is not None:
        run.prices.pop(event.symbol, None)
        for sale in [s for s in run.sales if s.wish.symbol == event.symbol]:
            if not sale.is_taking_back:
                run.sales.remove(sale)
                turn.tell(CommandAnswered(sale.command_id, Refusal.NO_PRICE))


def _on_placed(state: State, turn: Turn[Krw], event: PlaceAnswered) -> None:
    order = state.book.orders.get(event.client_order_id)
    if order is None or not order.is_doubtful:
        return
    match event.answer:
        case Accepted(number, branch):
            blotter.accept(order, number, turn.now, branch)
            turn.tell(OrderAccepted(order.intent, number))
            notices.unpark(state, turn)
        case Rejected(code, text):
            fills.reject(state, turn, order, code, text)
        case OutcomeUnknown(reason):
            if order.state is OrderState.INTENDED:
                doubt.doubt(turn, order, reason)
        case _:
            assert_never(event.answer)


def _on_cancelled(state: State, turn: Turn[Krw], event: CancelAnswered) -> None:
    """Whatever the answer, the executions decide; after a no at once: it may be filled."""
    order = state.book.orders.get(event.client_order_id)
    if order is None or order.state.is_final:
        return
    blotter.note_cancel_answer(turn, order, event.answer)
    wait = _SOON if isinstance(event.answer, Accepted) else timedelta(0)
    state.run.reports.ask(turn.now + wait)
    if order.absent_at is not None:
        state.run.holdings.ask(turn.now + wait)
