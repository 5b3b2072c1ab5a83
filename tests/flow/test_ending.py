"""How a process ends: not while an exit is on its way, and a desk nobody services is noticed."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import pytest

from engine.desk.agreement import Agreement
from engine.desk.base import Outcome
from engine.desk.latches import Cause
from engine.errors import InvariantBroken
from engine.flow.session import Parts, Session
from engine.flow.supervisor import Service, Supervisor
from engine.model.commands import Pause
from engine.model.events import Event, PlaceAnswered, Started
from engine.model.ids import BrokerOrderNo, DeskName, DeskState, Mode
from engine.model.intents import Cancel, Place
from engine.model.money import Usd
from engine.model.orders import CancelIntent, OrderIntent, PlaceAnswer
from engine.model.state_facts import Trouble
from engine.rules.sessions import exchange_date
from tests.fakes.broker import FakeBroker
from tests.fakes.calls import QuietCalls
from tests.fakes.journal import FakeJournal
from tests.flow.test_desk_engine import play
from tests.flow.test_desk_runner import sell
from tests.flow.test_jump import TEN, NoQuotes, Ticker, tell
from tests.harness.machine import Machine
from tests.harness.stage import Stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped


class BreakingDesk:
    """Sells once, and cannot go on when the next event comes."""

    user_latch = DeskState.RUNNING
    guard_causes: Mapping[Trouble, Cause] = {}
    stays_for = ""
    agreement = Agreement((), 0)

    def handle(self, event: Event, now: datetime) -> Outcome:
        if isinstance(event, Started):
            return Outcome((Place(sell()),), (), None, is_durable=True)
        raise InvariantBroken("the books say what cannot be")

    def snapshot(self) -> Mapping[str, object]:
        return {}

    def resting(self, today: date) -> Agreement:
        return self.agreement


class CancellingDesk(BreakingDesk):
    """Takes its order back as soon as it was accepted."""

    def handle(self, event: Event, now: datetime) -> Outcome:
        orders: tuple[Place | Cancel, ...] = ()
        if isinstance(event, Started):
            orders = (Place(sell()),)
        elif isinstance(event, PlaceAnswered):
            order = sell()
            number = BrokerOrderNo("1")
            taken_back = CancelIntent(
                order.client_order_id, number, order.symbol, order.exchange, order.qty
            )
            orders = (Cancel(taken_back),)
        return Outcome(orders, (), None, is_durable=bool(orders))


class SlowBroker(FakeBroker):
    """Takes two seconds to answer an order."""

    has_answered = False

    async def place(self, order: OrderIntent) -> PlaceAnswer:
        await asyncio.sleep(2)
        self.has_answered = True
        return await super().place(order)


class LateTicker(Ticker):
    """Its first word comes when the sale has left."""

    async def run(self, listener: object) -> None:
        await asyncio.sleep(0.5)
        await super().run(listener)  # type: ignore[arg-type]


def test_a_broken_invariant_waits_for_the_exit_that_is_out() -> None:
    broker, journal = SlowBroker(), FakeJournal()

    async def main(loop: SteppedLoop) -> None:
        machine = Machine(loop, TEN)
        parts = Parts(
            Mode.LIVE, broker, NoQuotes(), LateTicker(machine.clock), journal, QuietCalls()
        )
        session: Session[Usd, BreakingDesk] = Session(
            *(DeskName.US, parts, BreakingDesk()),
            clock=machine.clock,
            tell=tell,
            date_of=exchange_date,
        )
        session.inbox.put(Started())
        await session.run()

    with pytest.raises(InvariantBroken):
        run_stepped(main)
    assert broker.has_answered
    assert len(broker.placed) == 1


def test_leaving_waits_for_the_cancel_that_follows_from_an_answer() -> None:
    broker = SlowBroker()

    async def main(loop: SteppedLoop) -> None:
        machine = Machine(loop, TEN)
        parts = Parts(
            Mode.LIVE, broker, NoQuotes(), LateTicker(machine.clock), FakeJournal(), QuietCalls()
        )
        session: Session[Usd, BreakingDesk] = Session(
            *(DeskName.US, parts, CancellingDesk()),
            clock=machine.clock,
            tell=tell,
            date_of=exchange_date,
        )
        session.inbox.put(Started())
        running = loop.create_task(session.run())
        await asyncio.sleep(0.1)
        await session.leave()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run_stepped(main)
    assert len(broker.cancelled) == 1


def test_the_end_of_everything_waits_for_what_must_be_finished_first() -> None:
    done: list[str] = []

    async def broken() -> None:
        raise InvariantBroken("over-fill")

    async def other() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            done.append("other ended")

    async def finish() -> None:
        await asyncio.sleep(3)
        done.append("exits are out")

    async def main(loop: SteppedLoop) -> None:
        services = (Service("one", broken), Service("other", other))
        await Supervisor(services, on_give_up=done.append, before_end=finish).run()

    with pytest.raises(InvariantBroken):
        run_stepped(main)
    assert done == ["exits are out", "other ended"]


def test_a_desk_that_takes_nothing_any_more_is_not_serviced(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        engine = one.assembly.us.engine
        assert engine.is_serviced()
        assert engine.is_serviced(), "an empty inbox needs nobody"
        assert engine.session is not None
        engine.session.runner.hold()
        for _ in range(3):
            engine.give(Pause())
        await one.wait(0.1)
        engine.is_serviced()
        await one.wait(5)
        assert not engine.is_serviced()
        engine.session.runner.go_on()
        await one.wait(0.1)
        assert engine.is_serviced()

    play(tmp_path, story)


def test_a_desk_between_two_tries_of_its_service_is_not_serviced(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        engine = one.assembly.us.engine
        engine._running.clear()
        assert not one.assembly.is_serviced()
        engine._running.set()
        assert one.assembly.is_serviced()

    play(tmp_path, story)


def test_leaving_ends_once_everything_is_settled(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        before = asyncio.get_running_loop().time()
        await one.assembly.drain()
        assert asyncio.get_running_loop().time() - before < 1
        us = one.assembly.control.status().us
        assert us is not None
        assert us.user_latch is DeskState.RUNNING, "the next start goes on"

    play(tmp_path, story)
