"""The runner journals first, then sends, then tells, and keeps the order of outcomes."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.adapters.clocks import LoopClock
from engine.desk.base import Outcome
from engine.errors import JournalFailed
from engine.flow.desk_runner import DeskRunner
from engine.flow.inbox import Inbox
from engine.model.account import Cash
from engine.model.calls import CallTally
from engine.model.events import (
    CallsSeen,
    CashSeen,
    ClockJumped,
    Event,
    FetchFailed,
    FetchKind,
    HoldingsSeen,
    PlaceAnswered,
    ReportsSeen,
    Started,
    TickSeen,
    WakeUp,
)
from engine.model.facts import Fact
from engine.model.ids import BrokerOrderNo, ClientOrderId, DeskName, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.intents import Intent, Place
from engine.model.money import Usd
from engine.model.orders import Accepted, OrderIntent, OrderReason, Side
from engine.model.quota import Quota
from engine.model.quotes import QuoteSource, Tick
from engine.model.state_facts import QuotaWarning
from engine.ports.clock import Clock
from engine.ports.journal import NumberedFact
from tests.fakes.journal import FakeJournal
from tests.harness.machine import Machine
from tests.harness.stepped_loop import SteppedLoop, run_stepped

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
FACT = QuotaWarning(4050, 4500)
HOURS_ASLEEP, SET_BACK = timedelta(hours=3), timedelta(minutes=-7)


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
        reason=OrderReason.TARGET,
        decision_price=usd("103"),
        decided_at=START,
    )


NO_CALLS = Quota(0, 0, 4500, 500, 5000)
SIGHTINGS: tuple[Event, ...] = (
    HoldingsSeen((), START, NO_CALLS),
    ReportsSeen((), START, NO_CALLS),
    CashSeen(Cash(START, usd("1"), usd("1"), None)),
    FetchFailed(FetchKind.HOLDINGS, "reset", is_quota=False, quota=NO_CALLS),
    TickSeen(Tick(Symbol("AAPL"), START, usd("103"), QuoteSource.STREAM)),
    TickSeen(Tick(Symbol("AAPL"), START, usd("103"), QuoteSource.PRICE)),
    CallsSeen(CallTally(errors=1, unanswered_since=START)),
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


class Recorder:
    """Implements ports.recorder.Recorder."""

    def __init__(self, desk: ScriptedDesk) -> None:
        self.desk = desk
        self.lines: list[tuple[Event | tuple[Intent, ...], int]] = []

    def given(self, event: Event, at: datetime) -> None:
        self.lines.append((event, len(self.desk.events)))

    def wanted(self, intents: tuple[Intent, ...]) -> None:
        self.lines.append((intents, len(self.desk.events)))

    def close(self) -> None:
        """Never here: the session closes it."""


Story = Callable[[SteppedLoop, "Stage"], None]


class Stage:
    def __init__(
        self,
        loop: SteppedLoop,
        desk: ScriptedDesk,
        clock: Clock | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self.log: list[str] = []
        self.journal = FakeJournal(self.log)
        self.inbox = Inbox()
        self.clock = clock or LoopClock(START, loop.time)
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
            recorder=recorder,
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


def test_a_recorder_hears_what_the_desk_hears_before_it_decides_and_what_it_wants_after() -> None:
    desk = ScriptedDesk(outcome(), outcome(Place(sell())))
    recorder = Recorder(desk)
    old, new = SIGHTINGS[4], TickSeen(Tick(Symbol("AAPL"), START, usd("104"), QuoteSource.STREAM))

    async def main(loop: SteppedLoop) -> None:
        stage = Stage(loop, desk, recorder=recorder)
        for event in (Started(), old, new):
            stage.inbox.put(event)
        await stage.run_for(1)

    run_stepped(main)
    assert recorder.lines == [(Started(), 0), ((), 1), (new, 1), ((Place(sell()),), 2)]


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


def play_jump(by: timedelta, *outcomes: Outcome, story: Story) -> list[tuple[Event, datetime]]:
    """Run a desk on a machine whose clock moves by ``by`` after 1.2 s, before it is looked at."""

    async def main(loop: SteppedLoop) -> ScriptedDesk:
        desk = ScriptedDesk(*outcomes)
        machine = Machine(loop, START)
        stage = Stage(loop, desk, machine.clock)
        story(loop, stage)
        loop.call_later(1.2, machine.step, by)
        await stage.run_for(5)
        return desk

    return run_stepped(main).events


@pytest.mark.parametrize("by", [HOURS_ASLEEP, SET_BACK])
def test_a_jump_of_the_clock_is_told_before_anything_else(by: timedelta) -> None:
    def story(loop: SteppedLoop, stage: Stage) -> None:
        loop.call_later(1.3, stage.inbox.put, Started())

    events = play_jump(by, story=story)
    (jump, at), second, *_ = events
    assert isinstance(jump, ClockJumped)
    assert (jump.after, jump.after - jump.before) == (at, by)
    assert second == (Started(), at)


@pytest.mark.parametrize("by", [HOURS_ASLEEP, SET_BACK])
def test_a_jump_is_told_within_a_second_although_nothing_happens(by: timedelta) -> None:
    events = play_jump(by, story=lambda *_: None)
    assert [type(event) for event, _ in events] == [ClockJumped, WakeUp]
    assert START + by < events[0][1] <= START + by + timedelta(seconds=2.1)


@pytest.mark.parametrize("late_s", [0.5, 1.5])
def test_what_was_seen_or_asked_for_before_a_jump_reaches_no_desk_after_it(late_s: float) -> None:
    order = PlaceAnswered(ClientOrderId("o1"), Accepted(BrokerOrderNo("1")))

    def story(loop: SteppedLoop, stage: Stage) -> None:
        stage.runner.hold()
        before = stage.clock.generation
        for event in (*SIGHTINGS, order):
            loop.call_later(late_s, stage.inbox.put, event, before)
        loop.call_later(3, stage.runner.go_on)

    events = [event for event, _ in play_jump(SET_BACK, story=story)]
    assert isinstance(events[0], ClockJumped)
    assert [event for event in events[1:] if event != WakeUp()] == [order]


def test_what_was_asked_for_after_a_jump_is_heard_although_the_jump_was_not_told_yet() -> None:
    def story(loop: SteppedLoop, stage: Stage) -> None:
        def answered() -> None:
            for event in SIGHTINGS:
                stage.inbox.put(event, 1)

        loop.call_later(1.3, answered)

    events = [event for event, _ in play_jump(SET_BACK, story=story)]
    assert events[1 : 1 + len(SIGHTINGS)] == list(SIGHTINGS)


def test_the_desk_is_woken_by_the_wish_it_has_after_the_clock_was_set_back() -> None:
    far, soon = START + timedelta(seconds=4), START + SET_BACK + timedelta(seconds=3)

    def story(_: SteppedLoop, stage: Stage) -> None:
        stage.inbox.put(Started())

    rest = [outcome(wake_at=soon)] * 2
    events = play_jump(SET_BACK, outcome(wake_at=far), *rest, story=story)
    assert [type(event) for event, _ in events] == [Started, ClockJumped, WakeUp, WakeUp]
    assert events[-1][1] == soon


async def test_waiting_ticks_are_conflated_in_place_and_nothing_else_is() -> None:
    def tick(symbol: str, price: str) -> TickSeen:
        return TickSeen(Tick(Symbol(symbol), START, usd(price), QuoteSource.STREAM))

    inbox = Inbox()
    for event in (tick("AAPL", "1"), Started(), tick("MU", "5"), tick("AAPL", "2"), Started()):
        inbox.put(event)
    got = [(await inbox.get()).event for _ in range(len(inbox))]
    assert got == [tick("AAPL", "2"), Started(), tick("MU", "5"), Started()]
