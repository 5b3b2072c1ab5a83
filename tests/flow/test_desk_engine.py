"""One mode at a time, changed whole or not at all; stops survive everything."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, time
from pathlib import Path

import pytest

from engine.adapters.recording import read_heading, read_steps
from engine.adapters.sqlite.journal import SqliteJournal
from engine.desk.latches import Cause, trip
from engine.desk.turn import Turn
from engine.desk.us import safety
from engine.desk.us.state import State
from engine.errors import JournalFailed
from engine.flow.inbox import Inbox
from engine.model.commands import Halt, Pause, ReleaseGuard, Resume, TripGuard
from engine.model.events import CommandGiven, Event, PlaceAnswered, Started
from engine.model.ids import ClientOrderId, DeskName, DeskState, Mode
from engine.model.money import Usd
from engine.model.orders import Rejected
from engine.model.state_facts import Trouble
from engine.ports.control import StopKind
from engine.ports.journal import Unsettled
from engine.ports.settings import Latches
from sandbox.scenario import Scenario
from sandbox.session import at
from tests.desk.test_blotter import order
from tests.harness.stage import TRADER, Stage, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

DAY = date(2026, 11, 19)
NIGHT = Scenario(start=at(DAY, time(2, 0)))
US = DeskName.US
REFUSED = Rejected("APBK0656", "refused")


def play(
    data: Path, story: Callable[[Stage], Awaitable[None]], recordings: Path | None = None
) -> None:
    async def main(loop: SteppedLoop) -> None:
        async with stage(loop, data, NIGHT, mode=Mode.DRY_RUN, recordings=recordings) as one:
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


def test_a_second_switch_to_the_same_mode_reopens_no_book(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        control, engine = one.assembly.control, one.assembly.us.engine
        first, second = await asyncio.gather(
            control.switch_mode(US, Mode.PAPER, TRADER),
            control.switch_mode(US, Mode.PAPER, TRADER),
        )
        assert (first.refusal, second.refusal) == ("", "already")
        session = engine.session
        assert not await engine.switch(Mode.PAPER, _nothing)
        assert engine.session is session

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


def test_a_halt_that_only_the_book_has_is_remembered_by_the_next_start(tmp_path: Path) -> None:
    async def unwritable(*_: object) -> None:
        raise JournalFailed("state.db: disk full")

    async def stop(one: Stage) -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(one.assembly.stores.settings, "set_user_latch", unwritable)
            await one.assembly.control.command(Halt(), TRADER)

    async def look(one: Stage) -> None:
        await one.wait(1)
        assert (await one.assembly.stores.settings.latches(US)).user is DeskState.RUNNING
        assert state(one) == (DeskState.HALTED, DeskState.RUNNING)
        await one.assembly.control.command(Resume(), TRADER)
        assert state(one) == (DeskState.RUNNING, DeskState.RUNNING)

    play(tmp_path, stop)
    play(tmp_path, look)


def test_a_stop_that_cannot_be_written_holds_all_the_same_and_is_written_later(
    tmp_path: Path,
) -> None:
    async def unwritable(*_: object) -> None:
        raise JournalFailed("state.db: disk full")

    async def story(one: Stage) -> None:
        control, store = one.assembly.control, one.assembly.stores.settings
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(store, "set_user_latch", unwritable)
            await control.stop(StopKind.ENGINES, TRADER)
            await one.wait(1)
            assert state(one)[0] is DeskState.HALTED
            assert not control.status().journal_ok
        await one.wait(10)
        assert (await store.latches(US)).user is DeskState.HALTED
        assert control.status().journal_ok

    play(tmp_path, story)


def test_a_stop_that_could_not_be_written_is_written_before_the_end(tmp_path: Path) -> None:
    async def unwritable(*_: object) -> None:
        raise JournalFailed("state.db: disk full")

    async def story(one: Stage) -> None:
        control, store = one.assembly.control, one.assembly.stores.settings
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(store, "set_user_latch", unwritable)
            await control.command(Halt(), TRADER)
        await one.assembly.drain()
        assert (await store.latches(US)).user is DeskState.HALTED

    play(tmp_path, story)


def test_a_desk_is_briefed_once_it_runs_and_heard_its_stop(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        engine = one.assembly.us.engine
        assert engine.session is not None
        engine._running.clear()
        engine.session.runner.hold()
        engine.session.inbox.put(CommandGiven(engine.next_command_id(), Halt()))
        briefed = asyncio.ensure_future(one.assembly.until_briefed())
        await one.wait(1)
        engine._running.set()
        await one.wait(1)
        assert not briefed.done()
        engine.session.runner.go_on()
        await briefed
        assert state(one) == (DeskState.HALTED, DeskState.RUNNING)

    play(tmp_path, story)


@pytest.mark.parametrize("seconds", [0.0, 0.2])
def test_a_stop_given_while_the_mode_changes_holds_in_the_new_one(
    seconds: float, tmp_path: Path
) -> None:
    async def story(one: Stage) -> None:
        engine = one.assembly.us.engine

        async def persist() -> None:
            engine.give(Halt())
            await one.wait(seconds)

        assert await engine.switch(Mode.PAPER, persist)
        await one.wait(1)
        assert engine.mode is Mode.PAPER
        assert state(one) == (DeskState.HALTED, DeskState.RUNNING)

    play(tmp_path, story)


def test_a_stop_that_waits_at_a_desk_which_decides_no_more_is_heard_by_the_next(
    tmp_path: Path,
) -> None:
    async def story(one: Stage) -> None:
        engine = one.assembly.us.engine
        assert engine.session is not None
        engine.session.runner.hold()
        for wish in (Pause(), Halt()):  # one is in the desk's hands already, one still waits
            engine.give(wish)
            await one.wait(0.1)
        await engine.switch(Mode.PAPER, _nothing)
        await one.wait(1)
        assert state(one) == (DeskState.HALTED, DeskState.RUNNING)

    play(tmp_path, story)


def test_a_stop_given_while_a_change_of_mode_fails_is_heard_where_the_desk_stayed(
    tmp_path: Path,
) -> None:
    async def story(one: Stage) -> None:
        engine = one.assembly.us.engine

        async def broken_off() -> None:
            engine.give(Halt())
            raise JournalFailed("state.db: disk full")

        with pytest.raises(JournalFailed):
            await engine.switch(Mode.PAPER, broken_off)
        await one.wait(1)
        assert state(one) == (DeskState.HALTED, DeskState.RUNNING)

    play(tmp_path, story)


def test_an_old_book_s_halt_does_not_come_back_once_it_was_released_in_another_mode(
    tmp_path: Path,
) -> None:
    async def story(one: Stage) -> None:
        control = one.assembly.control
        await control.command(Halt(), TRADER)
        await control.switch_mode(US, Mode.PAPER, TRADER)
        await control.command(Resume(), TRADER)
        await control.command(Pause(), TRADER)
        await control.switch_mode(US, Mode.DRY_RUN, TRADER)
        await one.wait(1)
        assert state(one) == (DeskState.EXITS_ONLY, DeskState.RUNNING)

    play(tmp_path, story)


def test_a_stop_given_before_a_release_is_answered_outlives_it_on_disk_too(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        control, store = one.assembly.control, one.assembly.stores.settings
        await control.command(Pause(), TRADER)
        await asyncio.gather(control.command(Resume(), TRADER), control.command(Pause(), TRADER))
        assert state(one) == (DeskState.EXITS_ONLY, DeskState.RUNNING)
        assert (await store.latches(US)).user is DeskState.EXITS_ONLY

    play(tmp_path, story)


def test_the_guard_s_latch_on_disk_is_that_of_the_mode_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(state: State, turn: Turn[Usd], command: TripGuard) -> None:
        trip(state.book, turn, Trouble.DAILY_LOSS, Cause(command.reason, "", "", DAY))

    async def story(one: Stage) -> None:
        monkeypatch.setattr(safety, "trip_from_outside", lose)
        control, store = one.assembly.control, one.assembly.stores.settings
        await control.command(TripGuard("test"), TRADER)
        held = (await store.latches(US)).guard
        assert (held.state, held.reason) == (DeskState.EXITS_ONLY, "test")
        await control.switch_mode(US, Mode.PAPER, TRADER)
        assert (await store.latches(US)).guard.state is DeskState.RUNNING
        await control.switch_mode(US, Mode.DRY_RUN, TRADER)
        assert (await store.latches(US)).guard == held

    play(tmp_path, story)


@pytest.mark.parametrize("is_conflict", [True, False])
def test_what_a_guard_outside_the_desk_wants_holds_in_another_mode_until_it_is_released(
    tmp_path: Path, *, is_conflict: bool
) -> None:
    async def story(one: Stage) -> None:
        control, store = one.assembly.control, one.assembly.stores.settings
        await control.command(TripGuard("test", is_conflict=is_conflict), TRADER)
        session = one.assembly.us.engine.session
        assert session is not None
        causes = session.desk.guard_causes
        for mode in (Mode.PAPER, Mode.LIVE):
            assert not (await control.switch_mode(US, mode, TRADER)).refusal
            await one.wait(1)
            session = one.assembly.us.engine.session
            assert session is not None
            assert session.desk.guard_causes == causes
            assert state(one) == (DeskState.RUNNING, DeskState.EXITS_ONLY)
            assert (await store.latches(US)).guard.state is DeskState.EXITS_ONLY
        assert (await control.command(ReleaseGuard(), TRADER)).refusal is None
        assert state(one) == (DeskState.RUNNING, DeskState.RUNNING)

    play(tmp_path, story)


def test_an_answer_that_comes_before_anybody_waits_for_it_is_kept(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        control = one.assembly.control
        store, read = one.assembly.stores.settings, one.assembly.stores.settings.latches

        async def slowly(desk: DeskName) -> Latches:
            await one.wait(3)
            return await read(desk)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(store, "latches", slowly)
            assert (await control.command(Pause(), TRADER)).refusal is None

    play(tmp_path, story)


async def _nothing() -> None:
    """Nothing to write down."""


def test_each_run_of_a_desk_is_a_recording_of_its_own_where_asked_for(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        await one.assembly.control.command(Pause(), TRADER)
        await one.assembly.control.switch_mode(US, Mode.PAPER, TRADER)
        await one.wait(1)

    folder = tmp_path / "kept"
    play(tmp_path / "data", story, folder)
    first, second = sorted(folder.iterdir())
    assert [path.name.split("-")[:2] for path in (first, second)] == [
        ["us", "dry_run"],
        ["us", "paper"],
    ]
    assert (read_heading(first).mode, read_heading(second).mode) == (Mode.DRY_RUN, Mode.PAPER)
    commands = [
        step.event.command
        for path in (first, second)
        for step in read_steps(path)
        if isinstance(step.event, CommandGiven)
    ]
    assert commands == [Pause(), Pause()]  # given once, and handed on to the next session


def test_nothing_is_recorded_unless_asked_for(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        await one.wait(1)

    play(tmp_path, story)
    assert not list(tmp_path.rglob("*.jsonl.gz"))


def test_what_the_journal_knows_reaches_the_desk_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = replace(order().intent, client_order_id=ClientOrderId("us-paper-o7"))
    refused = Unsettled(replace(lost, client_order_id=ClientOrderId("us-paper-o6")), REFUSED)

    async def unsettled(_: object, desk: DeskName) -> tuple[Unsettled, ...]:
        return (refused, Unsettled(lost, None)) if desk is US else ()

    async def story(one: Stage) -> None:
        monkeypatch.setattr(SqliteJournal, "unsettled", unsettled)
        heard: list[object] = []
        receive = Inbox.put

        def put(inbox: Inbox[Usd], event: Event[Usd], asked_in: int | None = None) -> None:
            heard.append(event)
            receive(inbox, event, asked_in)

        monkeypatch.setattr(Inbox, "put", put)
        await one.assembly.control.switch_mode(US, Mode.PAPER, TRADER)
        await one.wait(1)
        told = PlaceAnswered(refused.order.client_order_id, REFUSED)
        assert heard.index(told) < heard.index(Started((lost,)))
        us = one.assembly.control.status().us
        assert us is not None
        assert [view.client_order_id for view in us.orders] == [lost.client_order_id]
        assert one.assembly.control.status().unresolved_orders == 1

    play(tmp_path, story)
