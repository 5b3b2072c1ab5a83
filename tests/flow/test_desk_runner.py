"""The runner journals first, then sends, then tells, and keeps the order of outcomes."""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.adapters.clocks import LoopClock
from engine.desk.base import Outcome
from engine.errors import JournalFailed
from engine.flow.desk_runner import DeskRunner
from engine.flow.inbox import Inbox
from engine.model.events import ClockJumped, Event, Started, TickSeen, WakeUp
from engine.model.facts import Fact, QuotaWarning
from engine.model.ids import ClientOrderId, DeskName, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.intents import Intent, Place
from engine.model.money import Usd
from engine.model.orders import ExitReason, OrderIntent, Side
from engine.model.quotes import QuoteSource, Tick
from engine.ports.journal import NumberedFact
from tests.fakes.journal import FakeJournal
from tests.harness.stepped_loop import SteppedLoop, run_stepped

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
FACT = QuotaWarning(4050, 4500)


def usd(text: str) -> Usd:
    return Usd(Decimal(text))


def sell() -> OrderIntent:
    return OrderIntent(
        client_order_id=ClientOrderId("o1"),
        desk=DeskName.US,
        symbol=Symbol("AAPL"),
        exchange=Exchange.NASD,
        side=Side.SELL,
        qty=Qty(1),
        limit=usd("103"),
        reason=ExitReason.TARGET,
        decision_price=usd("103"),
        decided_at=START,
    )


def outcome(
    *intents: Intent, facts: tuple[Fact, ...] = (), wake_at: datetime | None = None
) -> Outcome:
    return Outcome(intents, facts, wake_at, is_durable=False)


class ScriptedDesk:
    """Answers with prepared outcomes, then with nothing."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = deque(outcomes)
        self.events: list[tuple[Event, datetime]] = []

    def handle(self, event: Event, now: datetime) -> Outcome:
        self.events.append((event, now))
        return self.outcomes.popleft() if self.outcomes else outcome()

    def snapshot(self) -> Mapping[str, object]:
        return {"events": len(self.events)}


class Stage:
    def __init__(self, loop: SteppedLoop, desk: ScriptedDesk) -> None:
        self.log: list[str] = []
        self.journal = FakeJournal(self.log)
        self.inbox = Inbox()
        self.clock = LoopClock(START, loop.time)
        self.sent: list[Intent] = []
        self.runner = DeskRunner(
            DeskName.US,
            desk,
            self.inbox,
            clock=self.clock,
            journal=self.journal,
            send=self.send,
            tell=self.tell,
            date_of=datetime.date,
        )

    async def send(self, intent: Intent) -> None:
        self.log.append("send")
        self.sent.append(intent)

    async def tell(self, facts: tuple[NumberedFact, ...]) -> None:
        self.log.append("tell")

    async def run_for(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.runner.run()


def test_journal_comes_before_sending_and_sending_before_telling() -> None:
    async def main(loop: SteppedLoop) -> Stage:
        stage = Stage(loop, ScriptedDesk(outcome(Place(sell()), facts=(FACT,))))
        stage.inbox.put(Started())
        await stage.run_for(1)
        return stage

    stage = run_stepped(main)
    assert stage.log == ["journal", "send", "tell"]
    entry = stage.journal.entries[0]
    assert (entry.orders, entry.facts, entry.snapshot) == ((sell(),), (FACT,), {"events": 1})
    assert entry.exchange_date == date(2026, 11, 20)


def test_a_due_exit_goes_out_once_although_the_book_fails_and_then_all_ends() -> None:
    async def main(loop: SteppedLoop) -> Stage:
        stage = Stage(loop, ScriptedDesk(outcome(Place(sell()), facts=(FACT,))))
        stage.journal.is_broken = True
        stage.inbox.put(Started())
        with pytest.raises(JournalFailed):
            await stage.runner.run()
        return stage

    stage = run_stepped(main)
    assert stage.log == ["send"]
    assert stage.sent == [Place(sell())]


def test_the_desk_is_woken_when_it_asked_to_be() -> None:
    wake_at = START + timedelta(seconds=40)

    async def main(loop: SteppedLoop) -> ScriptedDesk:
        desk = ScriptedDesk(outcome(wake_at=wake_at))
        stage = Stage(loop, desk)
        stage.inbox.put(Started())
        await stage.run_for(100)
        return desk

    desk = run_stepped(main)
    assert desk.events == [(Started(), START), (WakeUp(), wake_at)]


def test_a_sooner_wish_replaces_a_later_one() -> None:
    soon = START + timedelta(seconds=5)

    async def main(loop: SteppedLoop) -> ScriptedDesk:
        desk = ScriptedDesk(outcome(wake_at=START + timedelta(hours=1)), outcome(wake_at=soon))
        stage = Stage(loop, desk)
        stage.inbox.put(Started())
        loop.call_later(1, stage.inbox.put, Started())
        await stage.run_for(100)
        return desk

    assert (WakeUp(), soon) in run_stepped(main).events


def test_a_jump_of_the_clock_is_told_before_anything_else() -> None:
    async def main(loop: SteppedLoop) -> ScriptedDesk:
        desk = ScriptedDesk()
        stage = Stage(loop, desk)
        loop.call_later(1, setattr, stage.clock, "generation", 1)
        loop.call_later(2, stage.inbox.put, WakeUp())
        await stage.run_for(5)
        return desk

    events = [event for event, _ in run_stepped(main).events]
    assert events == [ClockJumped(START, START + timedelta(seconds=2)), WakeUp()]


async def test_waiting_ticks_are_conflated_in_place_and_nothing_else_is() -> None:
    def tick(symbol: str, price: str) -> TickSeen:
        return TickSeen(Tick(Symbol(symbol), START, usd(price), QuoteSource.STREAM))

    inbox = Inbox()
    for event in (tick("AAPL", "1"), Started(), tick("MU", "5"), tick("AAPL", "2"), Started()):
        inbox.put(event)
    got = [await inbox.get() for _ in range(len(inbox))]
    assert got == [tick("AAPL", "2"), Started(), tick("MU", "5"), Started()]
