"""Recordings played again: to a desk that must do the same, and with their quotes alone."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.adapters.sim.krx_account import KrxSimAccount, SimBooks
from engine.desk.base import Outcome
from engine.flow.relive import relive
from engine.flow.what_if import WhatIf
from engine.model.account import Cash
from engine.model.commands import Pause
from engine.model.events import (
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
    StreamState,
    TickSeen,
    WakeUp,
)
from engine.model.ids import BrokerOrderNo, ClientOrderId, CommandId, DeskName, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.intents import (
    Cancel,
    FetchCash,
    FetchHoldings,
    FetchIndex,
    FetchReports,
    Intent,
    Place,
)
from engine.model.listing import Segment
from engine.model.market_events import IndexSeen
from engine.model.money import ZERO_KRW, Krw
from engine.model.orders import Accepted, CancelIntent, OrderIntent, OrderReason, Side
from engine.model.quota import NO_CAP, Priority, Quota
from engine.model.quotes import QuoteSource, Tick
from engine.ports.recorder import Step
from engine.rules.krx.sessions import kst_date

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
NAME = Symbol("810010")
QUOTA = Quota(0, 0, NO_CAP, NO_CAP, NO_CAP)
LATENCY = timedelta(milliseconds=50)
Answers = Callable[[Event[Krw], datetime], tuple[Intent[Krw], ...]]


def won(amount: int) -> Krw:
    return Krw(Decimal(amount))


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


class Desk:
    """Keeps what it was given; ``answers`` decides."""

    def __init__(self, answers: Answers = lambda _event, _now: (), wake_after: float = 0) -> None:
        self.given: list[tuple[Event[Krw], datetime]] = []
        self._answers = answers
        self._wake_after = wake_after

    def handle(self, event: Event[Krw], now: datetime) -> Outcome[Krw]:
        self.given.append((event, now))
        wake = now + timedelta(seconds=self._wake_after) if self._wake_after else None
        return Outcome(self._answers(event, now), (), wake, is_durable=False)

    def snapshot(self) -> Mapping[str, object]:
        return {}

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event, _ in self.given]


class Nobody:
    def on_outcome(self, outcome: Outcome[Krw], now: datetime) -> None:
        """Looks away."""


def tick(seconds: float = 0) -> TickSeen[Krw]:
    at = after(seconds)
    return TickSeen(
        Tick(
            *(NAME, at, won(10_000), QuoteSource.STREAM, won(9_990), won(10_000), 500),
            bid_size=100,
            ask_size=100,
        )
    )


def buy(qty: int = 7) -> OrderIntent[Krw]:
    return OrderIntent(
        *(ClientOrderId("o1"), DeskName.KRX, NAME, Exchange.KRX, Side.BUY, Qty(qty)),
        *(won(10_000), OrderReason.BREAKOUT, won(10_000), AT),
    )


def what_if(desk: Desk, *steps: Step[Krw], until: float = 60) -> KrxSimAccount:
    account = KrxSimAccount(
        SimBooks(won(1_000_000)), kst_date, lambda *_: ZERO_KRW, latency=LATENCY
    )
    run = WhatIf(desk, account, Nobody(), latency=LATENCY)
    run.play(steps)
    run.run_up_to(after(until))
    return account


def step(event: Event[Krw], seconds: float = 0) -> Step[Krw]:
    return Step(after(seconds), event, ())


# -- to a desk that must do the same ---------------------------------------------------------


def test_a_desk_that_wants_the_same_again_shows_no_difference() -> None:
    wish = FetchIndex(Segment.KOSPI, Priority.SCAN)
    desk = Desk(lambda event, _now: (wish,) if isinstance(event, Started) else ())
    steps: list[Step[Krw]] = [Step(AT, Started(), (wish,)), Step(after(1), WakeUp(), ())]
    assert list(relive(desk, steps)) == []
    assert desk.given == [(Started(), AT), (WakeUp(), after(1))]


def test_each_differing_step_is_shown_with_both_wishes() -> None:
    kospi, kosdaq = (FetchIndex(segment, Priority.SCAN) for segment in Segment)
    steps: list[Step[Krw]] = [
        Step(AT, Started(), (kospi, kosdaq)),
        Step(after(1), WakeUp(), ()),
        Step(after(2), WakeUp(), (kospi,)),
    ]
    found = list(relive(Desk(lambda _event, _now: (kosdaq, kospi)), steps))
    assert [(difference.place, difference.step.intents) for difference in found] == [
        (0, (kospi, kosdaq)),
        (1, ()),
        (2, (kospi,)),
    ]
    assert {difference.wanted for difference in found} == {(kosdaq, kospi)}


# -- with its quotes alone -------------------------------------------------------------------


def test_quotes_and_commands_are_given_and_what_the_broker_said_is_not() -> None:
    desk = Desk()
    number = Accepted(BrokerOrderNo("117"))
    failed = FetchFailed(FetchKind.ROWS, "busy", is_quota=False, quota=QUOTA)
    kept: list[Event[Krw]] = [
        Started(),
        StreamChanged(StreamState.CONNECTED, has_notices=True, has_quotes=True),
        tick(),
        IndexSeen(Segment.KOSPI, Decimal(2), Decimal(2), AT),
        failed,
        CommandGiven(CommandId("c1"), Pause()),
    ]
    left_out: list[Event[Krw]] = [
        WakeUp(),
        HoldingsSeen((), AT, QUOTA),
        ReportsSeen((), AT, QUOTA),
        CashSeen(Cash(AT, ZERO_KRW, ZERO_KRW, None)),
        PlaceAnswered(ClientOrderId("o1"), number),
        CancelAnswered(ClientOrderId("o1"), number),
        *(
            FetchFailed(kind, "busy", is_quota=False, quota=QUOTA)
            for kind in (FetchKind.HOLDINGS, FetchKind.REPORTS, FetchKind.CASH)
        ),
    ]
    what_if(desk, *(step(event, place) for place, event in enumerate([*kept, *left_out])))
    assert [event for event, _ in desk.given] == kept


def test_an_order_is_filled_when_it_arrives_and_the_desk_is_told_at_once() -> None:
    desk = Desk(lambda event, _now: (Place(buy()),) if isinstance(event, TickSeen) else ())
    account = what_if(desk, step(tick()))
    assert account.books.qty == {NAME: 7}
    assert desk.kinds() == ["TickSeen", "PlaceAnswered", "NoticeSeen"]
    told, at = desk.given[-1]
    assert isinstance(told, NoticeSeen)
    assert (told.notice.qty, told.notice.price, at) == (7, won(10_000), AT + LATENCY)
    assert told.notice.broker_order_no == BrokerOrderNo("SIM1")


def test_reads_of_the_account_are_answered_by_the_simulated_one() -> None:
    number = BrokerOrderNo("SIM1")

    def decide(event: Event[Krw], _now: datetime) -> tuple[Intent[Krw], ...]:
        match event:
            case Started():
                return (Place(buy(70)), FetchHoldings(Priority.SCAN), FetchCash(Priority.SCAN))
            case CashSeen():
                order = CancelIntent(ClientOrderId("o1"), number, NAME, Exchange.KRX, Qty(70))
                return (FetchReports(Priority.SCAN), Cancel(order))
            case _:
                return ()

    desk = Desk(decide)
    what_if(desk, step(Started()))
    assert desk.kinds() == [
        *("Started", "PlaceAnswered", "HoldingsSeen"),
        *("CashSeen", "ReportsSeen", "CancelAnswered"),
    ]


def test_wishes_of_the_market_are_left_to_the_recording() -> None:
    desk = Desk(lambda _event, _now: (FetchIndex(Segment.KOSPI, Priority.SCAN),))
    what_if(desk, step(Started()))
    assert desk.kinds() == ["Started"]


def test_the_desk_is_woken_by_its_own_wishes() -> None:
    desk = Desk(wake_after=10)
    what_if(desk, step(Started()), step(tick(25), 25), until=40)
    assert [(type(event).__name__, now) for event, now in desk.given] == [
        ("Started", AT),
        ("WakeUp", after(10)),
        ("WakeUp", after(20)),
        ("TickSeen", after(25)),
        ("WakeUp", after(35)),
    ]


def test_over_a_jump_nobody_is_woken_and_an_order_stays_on_its_way() -> None:
    jump = ClockJumped(after(0.02), after(3600.02))
    desk = Desk(
        lambda event, _now: (Place(buy()),) if isinstance(event, TickSeen) else (), wake_after=1
    )
    what_if(desk, step(tick()), Step(jump.after, jump, ()), until=3600.5)
    assert desk.kinds() == ["TickSeen", "PlaceAnswered", "ClockJumped", "NoticeSeen"]
    assert desk.given[-1][1] == after(3600) + LATENCY
