"""The user's stop is written at once, and a release never undoes a stop that came after it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.adapters.clocks import LoopClock
from engine.flow.answers import Answers
from engine.flow.user_latches import TRY_AGAIN_S, WRITTEN_WITHIN_S, UserLatches
from engine.model.commands import CommandAnswered, Halt, Pause, Refusal
from engine.model.ids import CommandId, DeskName, DeskState
from engine.ports.journal import NumberedFact
from tests.fakes.settings_store import FakeSettingsStore
from tests.harness.stepped_loop import SteppedLoop, run_stepped

US, ID, TRADER = DeskName.US, CommandId("us-c1"), 10_001
AT = datetime(2026, 11, 20, 15, tzinfo=UTC)


class House:
    def __init__(self, loop: SteppedLoop) -> None:
        self.loop = loop
        self.store = FakeSettingsStore()
        self.answers = Answers()
        self.latches = UserLatches(self.store, LoopClock(AT, loop.time), self.answers)

    def begin_release(self) -> asyncio.Task[CommandAnswered]:
        self.answers.expect(ID)
        return self.loop.create_task(self.latches.release(US, ID, TRADER))

    def answer(self, refusal: Refusal | None = None) -> None:
        fact = CommandAnswered(ID, refusal)
        self.answers.on_fact(NumberedFact(1, AT, US, fact))

    def is_ok(self) -> bool:
        return self.latches.is_ok

    async def written(self) -> DeskState:
        return (await self.store.latches(US)).user


@pytest.mark.parametrize(
    ("before", "meanwhile", "left"),
    [
        (Pause(), None, DeskState.RUNNING),
        (Pause(), Pause(), DeskState.EXITS_ONLY),
        (Pause(), Halt(), DeskState.HALTED),
        (Halt(), None, DeskState.RUNNING),
        (Halt(), Pause(), DeskState.EXITS_ONLY),
        (Halt(), Halt(), DeskState.HALTED),
    ],
)
def test_what_is_left_is_the_strictest_stop_given_after_the_release(
    before: Pause | Halt, meanwhile: Pause | Halt | None, left: DeskState
) -> None:
    async def story(loop: SteppedLoop) -> None:
        house = House(loop)
        await house.latches.keep(US, before, TRADER)
        release = house.begin_release()
        await asyncio.sleep(1)
        if meanwhile is not None:
            await house.latches.keep(US, meanwhile, TRADER)
        house.answer()
        await release
        assert await house.written() is left

    run_stepped(story)


def test_a_stop_does_not_wait_for_a_desk_that_owes_a_release_its_answer() -> None:
    async def story(loop: SteppedLoop) -> None:
        house = House(loop)
        release = house.begin_release()
        await asyncio.sleep(1)
        before = loop.time()
        await house.latches.keep(US, Pause(), TRADER)
        assert loop.time() == before
        assert await house.written() is DeskState.EXITS_ONLY
        with pytest.raises(TimeoutError):
            await release
        assert await house.written() is DeskState.EXITS_ONLY

    run_stepped(story)


def test_a_refused_release_leaves_the_stop() -> None:
    async def story(loop: SteppedLoop) -> None:
        house = House(loop)
        await house.latches.keep(US, Halt(), TRADER)
        release = house.begin_release()
        await asyncio.sleep(0)
        house.answer(Refusal.NOT_LATCHED)
        await release
        assert await house.written() is DeskState.HALTED

    run_stepped(story)


def test_a_disk_that_hangs_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    async def story(loop: SteppedLoop) -> None:
        house = House(loop)
        monkeypatch.setattr(house.store, "set_user_latch", hang)
        before = loop.time()
        await house.latches.keep(US, Pause(), TRADER)
        assert loop.time() - before == pytest.approx(WRITTEN_WITHIN_S)
        assert not house.is_ok()

    run_stepped(story)


def test_a_stop_that_failed_is_written_as_soon_as_it_can_be_and_then_all_is_well() -> None:
    async def story(loop: SteppedLoop) -> None:
        house = House(loop)
        house.store.is_broken = True
        await house.latches.keep(US, Halt(), TRADER)
        await house.latches.keep(US, Pause(), TRADER)
        writing = loop.create_task(house.latches.run(asyncio.sleep))
        await asyncio.sleep(2 * TRY_AGAIN_S)
        assert not house.is_ok()
        house.store.is_broken = False
        await asyncio.sleep(2 * TRY_AGAIN_S)
        assert await house.written() is DeskState.HALTED
        assert house.is_ok()
        writing.cancel()

    run_stepped(story)


def test_a_later_stop_takes_an_unwritten_stricter_one_along() -> None:
    async def story(loop: SteppedLoop) -> None:
        house = House(loop)
        house.store.is_broken = True
        await house.latches.keep(US, Halt(), TRADER)
        house.store.is_broken = False
        await house.latches.keep(US, Pause(), TRADER)
        assert await house.written() is DeskState.HALTED
        assert house.is_ok()

    run_stepped(story)


def test_an_unwritten_stop_that_was_released_does_not_come_back() -> None:
    async def story(loop: SteppedLoop) -> None:
        house = House(loop)
        house.store.is_broken = True
        await house.latches.keep(US, Pause(), TRADER)
        house.store.is_broken = False
        writing = loop.create_task(house.latches.run(asyncio.sleep))
        release = house.begin_release()
        await asyncio.sleep(0)
        house.answer()
        await release
        assert house.is_ok()
        await asyncio.sleep(2 * TRY_AGAIN_S)
        assert await house.written() is DeskState.RUNNING
        writing.cancel()

    run_stepped(story)


def test_a_stop_that_fails_while_a_release_is_written_is_still_owed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def story(loop: SteppedLoop) -> None:
        house = House(loop)
        house.store.is_broken = True
        await house.latches.keep(US, Pause(), TRADER)
        house.store.is_broken = False
        write, may_write = house.store.set_user_latch, asyncio.Event()

        async def slowly(*given: Any) -> None:
            await may_write.wait()
            await write(*given)

        monkeypatch.setattr(house.store, "set_user_latch", slowly)
        release = house.begin_release()
        await asyncio.sleep(0)
        house.answer()
        await asyncio.sleep(1)
        await house.latches.keep(US, Pause(), TRADER)  # waits for its turn in vain
        may_write.set()
        await release
        assert not house.is_ok()
        writing = loop.create_task(house.latches.run(asyncio.sleep))
        await asyncio.sleep(2 * TRY_AGAIN_S)
        assert await house.written() is DeskState.EXITS_ONLY
        writing.cancel()

    run_stepped(story)
