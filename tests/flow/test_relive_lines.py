"""A kept recording, played from the command line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from engine.adapters.recording import RecordingFile
from engine.config import Config
from engine.errors import ConfigError
from engine.model.events import Event, Started, WakeUp
from engine.model.ids import DeskName, Mode
from engine.model.intents import Intent
from engine.model.krx_settings import KrxSettings
from engine.model.market_events import Facilities
from engine.model.settings import UsSettings
from engine.ports.recorder import Heading
from engine.wiring.desks import recorded_desk
from engine.wiring.relive import relive_lines

AT = datetime(2026, 11, 20, 0, 1, tzinfo=UTC)
OFFERED = Facilities(frozenset(), rows_per_call=30, has_open_days=False)
HEADINGS = (
    Heading(DeskName.US, Mode.LIVE, AT, UsSettings(), None),
    Heading(DeskName.KRX, Mode.DRY_RUN, AT, KrxSettings(), {}, OFFERED),
)


def record(folder: Path, heading: Heading, *, starts: int = 1, forgetful: bool = False) -> Path:
    """A real desk is started; ``forgetful``: the intents that follow are not written."""
    path = folder / f"{heading.desk}.jsonl.gz"
    desk, recording = recorded_desk(Config(), heading), RecordingFile(path, heading)
    events: tuple[Event, ...] = (WakeUp(), *[Started()] * starts)
    for place, event in enumerate(events):
        at = AT + timedelta(seconds=place)
        recording.given(event, at)
        intents: tuple[Intent, ...] = desk.handle(event, at).intents  # type: ignore[arg-type,assignment]  # either desk
        assert bool(intents) == isinstance(event, Started)
        recording.wanted(() if forgetful else intents)
    recording.close()
    return path


@pytest.mark.parametrize("heading", HEADINGS, ids=lambda heading: heading.desk)
def test_a_recording_of_either_desk_is_lived_again(
    heading: Heading, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record(tmp_path, heading)
    assert main(["replay", "--recording", str(path)]) == 0
    said = capsys.readouterr().out
    assert f"{heading.desk} {heading.mode}, recorded from 2026-11-20T00:01:00+00:00" in said
    assert said.endswith(f"RELIVE {path.name} differences=0\n")


def test_a_difference_is_shown_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = record(tmp_path, HEADINGS[0], forgetful=True)
    assert main(["replay", "--recording", str(path)]) == 1
    said = capsys.readouterr().out
    assert "difference at step 1, 2026-11-20T00:01:01+00:00, after Started:" in said
    assert "recorded ()" in said
    assert "differences=1" in said


def test_the_first_differences_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    path = record(tmp_path, HEADINGS[0], starts=12, forgetful=True)
    lines = list(relive_lines(path, Config()))
    assert sum(line.startswith("difference") for line in lines) == 10
    assert lines[-1].endswith("differences=12")


def test_what_is_no_recording_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.gz"
    path.write_bytes(b"other")
    with pytest.raises(ConfigError, match=r"other\.gz"):
        list(relive_lines(path, Config()))


def test_a_scanning_desk_cannot_be_made_without_what_its_server_offered(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="what its server offered"):
        recorded_desk(Config(), Heading(DeskName.KRX, Mode.LIVE, AT, KrxSettings(), None))
