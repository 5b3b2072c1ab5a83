"""What two desks in one process must not mix up."""

from datetime import date, time
from pathlib import Path

from engine.config import Config
from engine.model.commands import Pause, Refusal
from engine.model.ids import DeskName, DeskState
from engine.model.krx_settings import KrxSettings
from engine.rules.krx.sessions import kst
from engine.wiring.desks import Calendars
from sandbox.scenario import Scenario
from tests.harness.stage import TRADER, et, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

DAY = date(2026, 3, 10)
SCENARIO = Scenario(start=et(DAY, 9, 25))


def test_a_command_of_one_desk_is_never_taken_for_the_others(tmp_path: Path) -> None:
    async def story(loop: SteppedLoop) -> None:
        config = "domestic: {enabled: true}\n"
        async with stage(loop, tmp_path, SCENARIO, config=config) as at:
            krx = at.assembly.krx
            assert krx is not None
            ids = [door.engine.next_command_id() for door in (at.assembly.us, krx)]
            assert len(set(ids)) == 2
            assert at.assembly.control.desks() == (DeskName.KRX, DeskName.US)

    run_stepped(story)


def test_a_command_for_a_desk_that_does_not_run_reaches_no_other(tmp_path: Path) -> None:
    async def story(loop: SteppedLoop) -> None:
        async with stage(loop, tmp_path, SCENARIO) as at:
            control = at.assembly.control
            answered = await control.command(Pause(), TRADER, DeskName.KRX)
            assert answered.refusal is Refusal.DESK_DISABLED
            status = control.status()
            assert status.us is not None
            assert status.us.user_latch is DeskState.RUNNING
            assert DeskName.KRX not in status.modes
            assert status.krx_quota is None
            latches = await at.assembly.stores.settings.latches(DeskName.KRX)
            assert latches.user is DeskState.RUNNING

    run_stepped(story)


def test_an_edited_calendar_holds_at_once(tmp_path: Path) -> None:
    config = "domestic: {enabled: true}\n"

    async def story(loop: SteppedLoop) -> None:
        async with stage(loop, tmp_path, SCENARIO, config=config) as at:
            table = at.assembly.calendars.krx
            tomorrow = date(2026, 3, 11)
            assert table.session_on(tomorrow) is not None
            path = tmp_path / "config.yaml"
            more = 'calendar: {krx: {hours: {2026-03-11: "10:00-15:30"}, closed: [2026-03-12]}}\n'
            path.write_text(path.read_text() + more)

            def has_changed() -> bool:
                session = table.session_on(tomorrow)
                return session is not None and session.open == kst(tomorrow, time(10, 0))

            assert await at.until(has_changed, 120)
            assert table.session_on(date(2026, 3, 12)) is None

    run_stepped(story)


def test_the_tables_of_a_process_begin_as_the_configuration_says() -> None:
    calendars = Calendars(Config(), KrxSettings())
    assert calendars.us.session_on(DAY) is not None
    assert calendars.krx.session_on(date(2026, 11, 19)) is not None
