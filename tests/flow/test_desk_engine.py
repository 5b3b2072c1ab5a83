"""One mode at a time, changed whole or not at all; stops survive everything."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, time
from pathlib import Path

import pytest

from engine.errors import JournalFailed
from engine.model.commands import Halt, Pause, Resume, TripGuard
from engine.model.ids import DeskName, DeskState, Mode
from engine.ports.control import StopKind
from sandbox.scenario import Scenario
from sandbox.session import at
from tests.harness.stage import TRADER, Stage, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

DAY = date(2026, 11, 19)
NIGHT = Scenario(start=at(DAY, time(2, 0)))
US = DeskName.US


def play(data: Path, story: Callable[[Stage], Awaitable[None]]) -> None:
    async def main(loop: SteppedLoop) -> None:
        async with stage(loop, data, NIGHT, mode=Mode.DRY_RUN) as one:
            await story(one)

    run_stepped(main)


def state(one: Stage) -> tuple[DeskState, DeskState]:
    us = one.assembly.control.status().us
    assert us is not None
    return us.user_latch, us.guard_latch


def test_two_switches_at_once_end_in_one_mode_that_status_tells(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        control, engine = one.assembly.control, one.assembly.us.engine
        await asyncio.gather(
            control.switch_mode(US, Mode.PAPER, TRADER), control.switch_mode(US, Mode.LIVE, TRADER)
        )
        assert engine.session is not None
        assert engine.mode is engine.session.parts.mode
        assert await one.assembly.stores.settings.mode(US) is engine.mode
        assert control.status().modes[US] is engine.mode

    play(tmp_path, story)


def test_a_book_that_cannot_be_opened_leaves_mode_and_desk_as_they_are(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        (one.data / "paper.db").write_bytes(b"not a database at all, but long enough" * 10)
        offer = await one.assembly.control.switch_mode(US, Mode.PAPER, TRADER)
        assert offer.refusal == "book_unreadable"
        assert one.assembly.us.engine.mode is Mode.DRY_RUN
        assert await one.assembly.stores.settings.mode(US) is None
        answered = await one.assembly.control.command(Pause(), TRADER)
        assert answered.refusal is None

    play(tmp_path, story)


def test_a_switch_that_breaks_off_leaves_the_desk_deciding(tmp_path: Path) -> None:
    async def broken_off() -> None:
        raise asyncio.CancelledError

    async def story(one: Stage) -> None:
        with pytest.raises(asyncio.CancelledError):
            await one.assembly.us.engine.switch(Mode.PAPER, broken_off)
        answered = await one.assembly.control.command(Pause(), TRADER)
        assert answered.refusal is None
        assert one.assembly.us.engine.mode is Mode.DRY_RUN

    play(tmp_path, story)


def test_a_stop_survives_a_change_of_mode_and_so_does_its_release(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        control = one.assembly.control
        await control.command(Pause(), TRADER)
        await control.switch_mode(US, Mode.PAPER, TRADER)
        await one.wait(1)
        assert state(one) == (DeskState.EXITS_ONLY, DeskState.RUNNING)
        await control.command(Resume(), TRADER)
        await control.switch_mode(US, Mode.DRY_RUN, TRADER)
        await one.wait(1)
        assert state(one) == (DeskState.RUNNING, DeskState.RUNNING)

    play(tmp_path, story)


def test_a_guard_s_late_word_cannot_lower_the_user_s_stop(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        engine, control = one.assembly.us.engine, one.assembly.control
        engine.give(TripGuard("test"))
        await control.stop(StopKind.ENGINES, TRADER)
        await one.wait(1)
        latches = await one.assembly.stores.settings.latches(US)
        assert latches.user is DeskState.HALTED
        assert latches.guard.state is DeskState.EXITS_ONLY

    play(tmp_path, story)


def test_a_stop_that_cannot_be_written_holds_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unwritable(*_: object) -> None:
        raise JournalFailed("state.db: disk full")

    async def story(one: Stage) -> None:
        monkeypatch.setattr(one.assembly.stores.settings, "set_user_latch", unwritable)
        await one.assembly.control.stop(StopKind.ENGINES, TRADER)
        await one.wait(1)
        assert state(one)[0] is DeskState.HALTED
        assert not one.assembly.control.status().journal_ok

    play(tmp_path, story)


def test_a_command_between_two_sessions_is_heard_by_the_next(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        engine = one.assembly.us.engine
        engine._running.clear()
        engine.give(TripGuard("the desk's service keeps failing"))
        engine._running.set()
        await one.assembly.control.switch_mode(US, Mode.PAPER, TRADER)
        await one.wait(1)
        assert state(one) == (DeskState.RUNNING, DeskState.EXITS_ONLY)

    play(tmp_path, story)


def test_a_halt_is_remembered_by_the_next_start(tmp_path: Path) -> None:
    async def stop(one: Stage) -> None:
        await one.assembly.control.command(Halt(), TRADER)

    async def look(one: Stage) -> None:
        await one.wait(1)
        assert state(one) == (DeskState.HALTED, DeskState.RUNNING)

    play(tmp_path, stop)
    play(tmp_path, look)
