"""A whole session of the desk on a machine whose clock jumps: reads first, then decisions."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.desk.us.desk import UsDesk
from engine.flow.session import Parts, Session
from engine.model.account import Holding
from engine.model.events import Started, StreamChanged, StreamState, TickSeen
from engine.model.ids import DeskName, Mode, Qty, Symbol
from engine.model.instrument import Exchange, Instrument
from engine.model.money import Usd
from engine.model.orders import OrderIntent, OrderReport, PlaceAnswer
from engine.model.quota import Priority
from engine.model.quotes import QuoteSource, Tick
from engine.model.settings import ExistingHoldings, UsSettings
from engine.ports.clock import Clock
from engine.ports.feed import FeedHealth, FeedListener
from engine.ports.journal import NumberedFact
from engine.rules.sessions import SessionTable, exchange_date
from tests.fakes.broker import FakeBroker
from tests.fakes.calls import QuietCalls
from tests.fakes.journal import FakeJournal
from tests.harness.machine import Machine
from tests.harness.stepped_loop import SteppedLoop, run_stepped

TEN = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # Friday 10:00 ET
MU = Symbol("MU")
HELD = Holding(MU, Exchange.NASD, "Micron", Qty(5), Qty(5), Usd(Decimal(100)), Usd(Decimal(104)))
READ_S = 2.0
both_ways = pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(minutes=-7)])


class SlowBroker(FakeBroker):
    """Reads take two seconds; ``read_in`` holds, by kind, in which life of the clock they began."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(HELD)
        self._clock = clock
        self.read_in: dict[str, int] = {}
        self.known_at_sale: dict[str, int] | None = None

    async def fetch_holdings(self, priority: Priority) -> tuple[Holding, ...]:
        await self._read("holdings")
        return self.holdings

    async def fetch_reports(
        self, first: date, last: date, priority: Priority
    ) -> tuple[OrderReport, ...]:
        await self._read("reports")
        return self.reports

    async def place(self, order: OrderIntent) -> PlaceAnswer:
        self.known_at_sale = dict(self.read_in)
        return await super().place(order)

    async def _read(self, kind: str) -> None:
        began_in = self._clock.generation
        await asyncio.sleep(READ_S)
        self.read_in[kind] = began_in


class Ticker:
    """A stream that is up, and shows a price above the target all the time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def want(
        self, instruments: tuple[Instrument, ...], *, notices: bool, candidates: int = 0
    ) -> None:
        """Nothing to register."""

    async def run(self, listener: FeedListener) -> None:
        listener(StreamChanged(StreamState.CONNECTED, has_notices=True, has_quotes=True))
        while True:
            price = Usd(Decimal("103.50"))
            listener(TickSeen(Tick(MU, self._clock.now(), price, QuoteSource.STREAM, price)))
            await asyncio.sleep(0.1)

    def health(self) -> FeedHealth:
        return FeedHealth(connected=True, last_frame_at=None, registrations=1)


class NoQuotes:
    async def fetch_price(
        self, instrument: Instrument, priority: Priority, *, with_book: bool
    ) -> Tick | None:
        return None


async def tell(facts: tuple[NumberedFact, ...]) -> None:
    """Nobody listens."""


def session_on(machine: Machine, broker: SlowBroker) -> Session[Usd, UsDesk]:
    parts = Parts(Mode.LIVE, broker, NoQuotes(), Ticker(machine.clock), FakeJournal(), QuietCalls())
    desk = UsDesk(UsSettings(existing=ExistingHoldings.ALWAYS), SessionTable())
    return Session(DeskName.US, parts, desk, clock=machine.clock, tell=tell, date_of=exchange_date)


async def play(loop: SteppedLoop, by: timedelta, after_s: float) -> SlowBroker:
    machine = Machine(loop, TEN)
    broker = SlowBroker(machine.clock)
    session = session_on(machine, broker)
    session.inbox.put(Started())
    loop.call_later(after_s, machine.step, by)
    running = loop.create_task(session.run())
    await asyncio.sleep(after_s + 10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return broker


@both_ways
@pytest.mark.parametrize("after_s", [0.05, 1.0, 1.99])
def test_nothing_is_sold_on_a_read_that_a_jump_fell_into(by: timedelta, after_s: float) -> None:
    broker = run_stepped(lambda loop: play(loop, by, after_s))
    assert len(broker.placed) == 1
    assert broker.known_at_sale == {"holdings": 1, "reports": 1}


def test_what_comes_by_itself_is_of_the_moment_it_came() -> None:
    async def main(loop: SteppedLoop) -> list[int | None]:
        machine = Machine(loop, TEN)
        session = session_on(machine, SlowBroker(machine.clock))
        tick = TickSeen(Tick(MU, TEN, HELD.avg_cost, QuoteSource.PRICE))
        session.receive(tick)
        machine.step(timedelta(hours=1))
        session.receive(tick)
        session.receive(tick, 0)
        return [(await session.inbox.get()).asked_in for _ in range(3)]

    assert run_stepped(main) == [0, 1, 0]
