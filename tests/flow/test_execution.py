"""Intents become calls once each; whatever comes back is an event."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.adapters.clocks import LoopClock
from engine.errors import BrokerUnavailable, JournalFailed, QuotaExhausted
from engine.flow.execution import Execution
from engine.flow.feeds import NoFeed
from engine.model.events import (
    Event,
    FetchFailed,
    FetchKind,
    HoldingsSeen,
    PlaceAnswered,
    ReportsSeen,
)
from engine.model.ids import BrokerOrderNo, ClientOrderId, DeskName, Qty, Symbol
from engine.model.instrument import Exchange, Instrument
from engine.model.intents import (
    FetchHoldings,
    FetchPrice,
    FetchRanking,
    FetchReports,
    Intent,
    Place,
)
from engine.model.market_events import Ranking
from engine.model.money import Usd
from engine.model.orders import Accepted, OrderIntent, OrderReason, OutcomeUnknown, Side
from engine.model.quota import Priority
from engine.model.quotes import Tick
from engine.ports.clock import Clock
from tests.fakes.broker import NO_CALLS, FakeBroker
from tests.fakes.journal import FakeJournal
from tests.harness.machine import Machine
from tests.harness.stepped_loop import SteppedLoop, run_stepped

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
AAPL = Symbol("AAPL")


def sell() -> OrderIntent:
    return OrderIntent(
        client_order_id=ClientOrderId("o1"),
        desk=DeskName.US,
        symbol=AAPL,
        exchange=Exchange.NASD,
        side=Side.SELL,
        qty=Qty(1),
        limit=Usd(Decimal(103)),
        reason=OrderReason.TARGET,
        decision_price=Usd(Decimal(103)),
        decided_at=START,
    )


class NoQuotes:
    async def fetch_price(
        self, instrument: Instrument, priority: Priority, *, with_book: bool
    ) -> Tick | None:
        return None


class SlowRankings:
    def __init__(self) -> None:
        self.asked: list[Ranking] = []
        self.answer = asyncio.Event()

    async def fetch_ranking(self, ranking: Ranking, priority: Priority) -> tuple[()]:
        self.asked.append(ranking)
        await self.answer.wait()
        return ()


class Stage:
    def __init__(self, loop: SteppedLoop, clock: Clock | None = None) -> None:
        self.broker, self.journal = FakeBroker(), FakeJournal()
        self.events: list[Event] = []
        self.asked_in: list[int | None] = []
        self.execution = Execution(
            self.broker,
            NoQuotes(),
            NoFeed(),
            self.journal,
            clock or LoopClock(START, loop.time),
            report=self.receive,
            date_of=datetime.date,
        )

    def receive(self, event: Event, asked_in: int | None = None) -> None:
        self.events.append(event)
        self.asked_in.append(asked_in)

    async def carry_out(self, *intents: Intent) -> list[Event]:
        for intent in intents:
            await self.execution.send(intent)
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                await self.execution.run()
        return self.events


def carry_out(*intents: Intent) -> tuple[Stage, list[Event]]:
    async def main(loop: SteppedLoop) -> tuple[Stage, list[Event]]:
        stage = Stage(loop)
        return stage, await stage.carry_out(*intents)

    return run_stepped(main)


def test_an_order_is_placed_once_and_its_answer_is_written_before_the_desk_hears_it() -> None:
    stage, events = carry_out(Place(sell()))
    assert stage.broker.placed == [sell()]
    assert stage.journal.answers == {ClientOrderId("o1"): Accepted(BrokerOrderNo("1"))}
    assert events == [PlaceAnswered(ClientOrderId("o1"), Accepted(BrokerOrderNo("1")))]
    assert stage.execution.in_flight == 0


def test_no_answer_is_an_answer_too_and_nothing_is_sent_again() -> None:
    async def main(loop: SteppedLoop) -> Stage:
        stage = Stage(loop)
        stage.broker.answer = OutcomeUnknown("reset")
        await stage.carry_out(Place(sell()))
        return stage

    stage = run_stepped(main)
    assert len(stage.broker.placed) == 1
    assert stage.events == [PlaceAnswered(ClientOrderId("o1"), OutcomeUnknown("reset"))]


def test_an_answer_that_cannot_be_written_still_reaches_the_desk_and_ends_the_process() -> None:
    async def main(loop: SteppedLoop) -> Stage:
        stage = Stage(loop)
        stage.journal.is_broken = True
        with pytest.raises(JournalFailed):
            await stage.carry_out(Place(sell()))
        return stage

    stage = run_stepped(main)
    assert [type(event) for event in stage.events] == [PlaceAnswered]


def test_reads_carry_the_time_they_were_asked_at() -> None:
    _, events = carry_out(FetchHoldings(Priority.QUOTE), FetchReports(Priority.RECONCILE))
    assert events == [HoldingsSeen((), START, NO_CALLS), ReportsSeen((), START, NO_CALLS)]


def test_an_answer_tells_in_which_life_of_the_clock_it_was_asked_for() -> None:
    async def main(loop: SteppedLoop) -> Stage:
        machine = Machine(loop, START)
        stage = Stage(loop, machine.clock)

        async def slow(priority: Priority) -> tuple[()]:
            machine.step(timedelta(minutes=-7))
            raise BrokerUnavailable("reset")

        stage.broker.fetch_holdings = slow  # type: ignore[method-assign]
        await stage.carry_out(FetchHoldings(Priority.QUOTE))
        await stage.carry_out(FetchReports(Priority.QUOTE), Place(sell()))
        return stage

    stage = run_stepped(main)
    assert stage.asked_in == [0, 1, None]
    asked = stage.events[1]
    assert isinstance(asked, ReportsSeen)
    assert asked.asked_at < START


def test_a_scan_that_is_on_its_way_is_not_asked_for_again_before_its_answer_came() -> None:
    async def main(loop: SteppedLoop) -> tuple[list[Ranking], list[Event]]:
        machine = Machine(loop, START)
        market = SlowRankings()
        events: list[Event] = []
        execution: Execution[Usd] = Execution(
            *(FakeBroker(), NoQuotes(), NoFeed(), FakeJournal(), machine.clock),
            report=lambda event, asked_in=None: events.append(event),
            date_of=datetime.date,
            market=market,  # type: ignore[arg-type]  # nothing else is asked for
        )
        running = asyncio.ensure_future(execution.run())
        risers = FetchRanking(Ranking.RISERS, Priority.SCAN)
        await execution.send(risers)
        await execution.send(risers)
        await execution.send(FetchRanking(Ranking.STRENGTH, Priority.SCAN))
        await asyncio.sleep(0.1)
        machine.step(timedelta(minutes=7))  # what was asked before a jump will not be believed
        await execution.send(risers)
        await asyncio.sleep(0.1)
        market.answer.set()
        await asyncio.sleep(0.1)
        await execution.send(risers)
        await asyncio.sleep(0.1)
        running.cancel()
        return market.asked, events

    asked, events = run_stepped(main)
    assert asked == [Ranking.RISERS, Ranking.STRENGTH, Ranking.RISERS, Ranking.RISERS]
    assert len(events) == len(asked)


def test_a_price_that_is_not_shown_is_a_failed_fetch() -> None:
    price = FetchPrice(Instrument(AAPL, Exchange.NASD), Priority.QUOTE)
    _, [event] = carry_out(price)
    assert isinstance(event, FetchFailed)
    assert (event.kind, event.is_quota) == (FetchKind.PRICE, False)


@pytest.mark.parametrize(
    ("error", "is_quota"),
    [(BrokerUnavailable("reset"), False), (QuotaExhausted("hour"), True)],
)
def test_a_failed_read_is_an_event_and_says_whether_it_was_sent(
    error: Exception, is_quota: bool
) -> None:
    async def fail(priority: Priority) -> tuple[()]:
        raise error

    async def main(loop: SteppedLoop) -> list[Event]:
        stage = Stage(loop)
        stage.broker.fetch_holdings = fail  # type: ignore[method-assign]
        return await stage.carry_out(FetchHoldings(Priority.QUOTE))

    [event] = run_stepped(main)
    assert isinstance(event, FetchFailed)
    assert event.is_quota is is_quota
