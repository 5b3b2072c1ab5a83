"""What a desk was given comes back from its recording to the digit, and so do its intents."""

import gzip
import logging
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count
from pathlib import Path
from types import UnionType
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.adapters.recording import RecordingFile, read_heading, read_steps
from engine.model.candles import MinuteCandle
from engine.model.commands import ApplySettings, CancelOpenOrder, Command
from engine.model.events import CommandGiven, Event, Started, WakeUp
from engine.model.ids import BrokerOrderNo, CommandId, DeskName, Mode, Symbol
from engine.model.intents import Intent
from engine.model.krx_settings import KrxSettings, StageSettings
from engine.model.market_events import Facilities, Ranking
from engine.model.money import Krw, M_co, Money, Usd
from engine.model.orders import OrderIntent
from engine.model.score import Stage
from engine.model.settings import UsSettings
from engine.ports.recorder import Heading, Step

AT = datetime(2026, 11, 20, 0, 3, 5, 123456, tzinfo=UTC)
HEADING = Heading(DeskName.KRX, Mode.LIVE, AT, KrxSettings(), None)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-4))])
UNFOLDED = st.datetimes(min_value=datetime(2000, 1, 1), timezones=ZONES)  # noqa: DTZ001 - hypothesis adds the zone
MOMENTS = UNFOLDED.map(lambda moment: moment.replace(fold=0))
FIGURES = st.decimals(Decimal("-1e12"), Decimal("1e12"), allow_nan=False, places=4)
KNOWN: dict[object, st.SearchStrategy[Any]] = {
    datetime: MOMENTS,
    Decimal: FIGURES,
    M_co: st.builds(Krw, FIGURES) | st.builds(Usd, FIGURES),
    KrxSettings: st.builds(KrxSettings, locks=st.frozensets(st.text(max_size=6))),
    UsSettings: st.builds(UsSettings),
    MinuteCandle[Krw]: st.builds(
        MinuteCandle, MOMENTS, *[st.builds(Krw, FIGURES)] * 4, volume=st.integers()
    ),
}
POSITIVE = {
    "limit": st.builds(Krw, st.decimals(1, 10**9, places=4)),
    "qty": st.integers(1, 10**9),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Anything of a type, whatever its currency."""
    if hint in KNOWN:
        return KNOWN[hint]
    kind: Any = get_origin(hint) or hint
    if kind in (Union, UnionType):
        return st.one_of(*(values(one) for one in get_args(hint)))
    if kind is tuple:
        of, *rest = get_args(hint)
        if rest == [...]:
            return st.lists(values(of), max_size=3).map(tuple)
        return st.tuples(*(values(one) for one in (of, *rest)))
    if not is_dataclass(kind):
        return st.from_type(hint)
    hints = get_type_hints(kind)
    parts = {field.name: values(hints[field.name]) for field in fields(kind)}
    return st.builds(cast("type[Any]", kind), **parts | (POSITIVE if kind is OrderIntent else {}))


def kinds(several: object) -> list[Any]:
    return sorted(get_args(several), key=repr)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


def written(folder: Path, *steps: Step[Money], heading: Heading = HEADING) -> Path:
    path = folder / f"{next(NUMBERS)}.jsonl.gz"
    recording = RecordingFile[Money](path, heading)
    for step in steps:
        recording.given(step.event, step.at)
        recording.wanted(step.intents)
    recording.close()
    return path


NUMBERS = count()
often = settings(
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)


def assert_same(found: list[Step[Money]], steps: list[Step[Money]]) -> None:
    assert found == steps
    if "Settings" not in repr(steps):  # whose mappings come back as plain ones
        assert repr(found) == repr(steps)


@pytest.mark.parametrize("kind", kinds(Event), ids=lambda kind: (get_origin(kind) or kind).__name__)
@given(data=st.data())
@often
def test_every_event_comes_back_to_the_digit(kind: Any, folder: Path, data: st.DataObject) -> None:
    step: Step[Money] = Step(data.draw(MOMENTS), data.draw(values(kind)), ())
    assert_same(list(read_steps(written(folder, step))), [step])


@pytest.mark.parametrize(
    "kind", kinds(Intent), ids=lambda kind: (get_origin(kind) or kind).__name__
)
@given(data=st.data())
@often
def test_every_intent_comes_back_to_the_digit(kind: Any, folder: Path, data: st.DataObject) -> None:
    step: Step[Money] = Step(AT, WakeUp(), tuple(data.draw(st.lists(values(kind), max_size=3))))
    assert_same(list(read_steps(written(folder, step))), [step])


@pytest.mark.parametrize(
    "heading",
    [
        HEADING,
        Heading(DeskName.US, Mode.DRY_RUN, AT, UsSettings(), {"version": 1, "book": {"a": [1]}}),
        Heading(
            *(DeskName.KRX, Mode.PAPER, AT, KrxSettings(locks=frozenset({Symbol("005930")}))),
            *({}, Facilities(frozenset({Ranking.RISERS}), rows_per_call=30, has_open_days=True)),
        ),
    ],
)
def test_the_heading_tells_what_the_desk_was_made_of(heading: Heading, folder: Path) -> None:
    path = written(folder, Step(AT, Started(), ()), heading=heading)
    assert read_heading(path) == heading
    assert path.stat().st_mode & 0o777 == 0o600


def test_settings_of_either_desk_come_back_as_they_were(folder: Path) -> None:
    krx = KrxSettings(stages=StageSettings(weights={Stage.ZONES: 100}), fee_pct=Decimal("0.010"))
    us = UsSettings(target_overrides={Symbol("MU"): Decimal("4.50")})
    commands: list[Command] = [
        ApplySettings(krx),
        ApplySettings(us),
        CancelOpenOrder(BrokerOrderNo("117")),
    ]
    steps = [Step(AT, CommandGiven(CommandId("c1"), command), ()) for command in commands]
    assert list(read_steps(written(folder, *steps))) == steps


def test_nothing_is_written_for_a_run_that_was_given_nothing(folder: Path) -> None:
    assert not written(folder).exists()


def test_an_event_that_broke_the_desk_is_the_last_line(folder: Path) -> None:
    path = folder / "broken.jsonl.gz"
    recording = RecordingFile[Money](path, HEADING)
    recording.given(Started(), AT)
    recording.wanted(())
    recording.given(WakeUp(), AT)
    recording.close()
    recording.given(WakeUp(), AT)
    recording.close()
    assert [step.event for step in read_steps(path)] == [Started(), WakeUp()]


def test_a_recording_that_was_cut_off_is_read_up_to_there(folder: Path) -> None:
    rows = [Step(AT + timedelta(seconds=n), WakeUp(), ()) for n in range(4000)]
    path = written(folder, *rows)
    packed = path.read_bytes()
    path.write_bytes(packed[: len(packed) * 2 // 3])
    found = list(read_steps(path))
    assert 0 < len(found) < len(rows)
    assert found == rows[: len(found)]


@pytest.mark.parametrize(
    "line", ["nonsense", "[]", '{"at":"2026-11-20T09:00:00+09:00","given":{"type":"Nonsense"}}']
)
def test_an_unreadable_recording_fails_by_its_name(line: str, folder: Path) -> None:
    path = folder / f"{next(NUMBERS)}.jsonl.gz"
    with gzip.open(path, "wt") as lines:
        lines.write(f"{line}\n{line}\n")
    with pytest.raises(ValueError, match=path.name):
        read_heading(path)
    with pytest.raises(ValueError, match=path.name):
        list(read_steps(path))


def test_a_missing_or_empty_file_is_no_recording(folder: Path) -> None:
    path = folder / "empty.jsonl.gz"
    with pytest.raises(ValueError, match="no such file"):
        read_heading(path)
    path.write_bytes(gzip.compress(b""))
    with pytest.raises(ValueError, match="nothing was recorded"):
        read_heading(path)


def test_a_disk_that_refuses_ends_the_recording_and_nothing_else(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder / "taken.jsonl.gz"
    path.touch()
    recording = RecordingFile[Money](path, HEADING)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            recording.given(WakeUp(), AT)
            recording.wanted(())
    recording.close()
    assert [record.message for record in caplog.records] == [
        f"{path} cannot be written: nothing more is recorded"
    ]


def test_a_disk_that_refuses_the_last_bytes_is_told(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recording = RecordingFile[Money](Path("/dev/full"), HEADING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "touch", lambda *_, **__: None)
        recording.given(WakeUp(), AT)
        recording.close()
    assert "could not be finished" in caplog.text
