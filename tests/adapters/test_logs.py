"""The log on its way out: private, bounded, without secrets, and never in anybody's way."""

from __future__ import annotations

import errno
import json
import logging
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import pytest

from engine.adapters.logs import background
from engine.adapters.logs.background import QueuedLines, in_background
from engine.adapters.logs.files import LOG_FILE, LogFile, tail
from engine.adapters.logs.lines import LONGEST, JsonLines, entry_of
from engine.adapters.logs.recent import RecentLines
from engine.adapters.secrets import Redactor, Secret, Secrets
from engine.model.log_lines import REMARK, LogLine, quoted
from engine.wiring.logs import open_logs

SECRETS = Secrets(kis_app_key=Secret("PSabc/+=planted"), kis_account=Secret("5012345601"))
log = logging.getLogger("engine.test_logs")


def decision(**fields: str) -> LogLine:
    return LogLine(lambda: (("event", "order"), *fields.items()))


def record(msg: object, *args: object, level: int = logging.INFO) -> logging.LogRecord:
    return logging.LogRecord("engine.x", level, __file__, 1, msg, args, None)


def written(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / LOG_FILE).read_text("utf-8").splitlines()]


@contextmanager
def root_restored() -> Iterator[None]:
    root, level = logging.getLogger(), log.level
    former = root.handlers[:]
    root.handlers[:] = []
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.handlers[:] = former
        log.setLevel(level)


@pytest.fixture(autouse=True)
def _root() -> Iterator[None]:
    with root_restored():
        yield


def test_a_decision_and_a_remark_are_one_line_of_json_each(tmp_path: Path) -> None:
    with open_logs(tmp_path, SECRETS):
        log.info(decision(desk="us", client_order_id="us-live-1"))
        log.warning("two\nlines %d", 7)
    first, second = written(tmp_path / "logs")
    assert {**first, "ts": ""} == {
        "ts": "",
        "level": "INFO",
        "event": "order",
        "desk": "us",
        "client_order_id": "us-live-1",
    }
    assert (second["event"], second["msg"]) == (REMARK, "two\nlines 7")
    assert second["logger"] == "engine.test_logs"


def test_files_and_folder_are_private(tmp_path: Path) -> None:
    with open_logs(tmp_path, SECRETS):
        log.info("x")
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "logs" / LOG_FILE).stat().st_mode) == 0o600


def test_secrets_are_hidden_in_the_finished_line_also_in_exceptions_and_decisions(
    tmp_path: Path,
) -> None:
    with open_logs(tmp_path, SECRETS) as recent:
        log.info(decision(reason="key PSabc/+=planted of 50123456-01"))
        try:
            Path("headers: {'appkey': 'PSabc/+=planted'}").read_text("utf-8")
        except OSError:
            log.exception("%s", "CANO=50123456")
    text = (tmp_path / "logs" / LOG_FILE).read_text("utf-8")
    assert "Traceback" in text
    assert "planted" not in text
    assert "50123456" not in text
    kept = repr(recent.newest(9))
    assert "planted" not in kept
    assert "50123456" not in kept


def test_an_argument_that_cannot_be_shown_does_not_show_the_others(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with open_logs(tmp_path, SECRETS):
        log.info("%d", "PSabc/+=planted")
    (line,) = written(tmp_path / "logs")
    assert "TypeError in the line of" in line["msg"]
    assert "planted" not in "".join(capfd.readouterr())


def test_all_files_together_stay_below_their_bound(tmp_path: Path) -> None:
    file = LogFile(tmp_path, max_bytes=2_000, files=3)
    file.setFormatter(JsonLines(str))
    for number in range(200):
        file.emit(record("line %d", number))
    file.close()
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 3
    assert sum(sizes) <= 6_000
    assert "line 199" in (tmp_path / LOG_FILE).read_text("utf-8")
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in tmp_path.iterdir())


def test_a_long_remark_is_cut_in_the_middle() -> None:
    line = json.loads(JsonLines(str).format(record("a" * 9_000 + "the end")))
    assert len(line["msg"]) < LONGEST + 10
    assert line["msg"].endswith("the end")


def test_a_full_disk_costs_lines_and_says_how_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    is_full = True

    class Full(LogFile):
        def _open(self):  # type: ignore[no-untyped-def]
            if is_full:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super()._open()

    file = Full(tmp_path)
    file.setFormatter(JsonLines(str))
    for _ in range(3):
        file.emit(record("lost"))
    is_full = False
    file.emit(record("kept"))
    file.close()
    assert [line["msg"] for line in written(tmp_path)] == [
        "kept",
        "the disk refused 3 lines before this one",
    ]
    assert capfd.readouterr() == ("", "")


def test_a_line_torn_by_a_full_disk_does_not_spoil_the_next(tmp_path: Path) -> None:
    (tmp_path / LOG_FILE).write_text('{"ts": "2026-', "utf-8")
    file = LogFile(tmp_path)
    file.setFormatter(JsonLines(str))
    file.lost = 1
    file.emit(record("whole"))
    file.close()
    entries = [entry_of(line) for line in tail(tmp_path, 10_000)]
    assert entries[0] is None
    assert entries[1] is not None
    assert entries[1].has("whole")


def test_a_folder_that_cannot_be_made_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    with open_logs(tmp_path, SECRETS) as recent:
        log.warning("still told")
    (entry,) = recent.newest(5)
    assert entry.has("still told")


def test_nothing_waits_for_a_disk_that_does_not_answer() -> None:
    gate = threading.Event()

    class Stuck(logging.Handler):
        def emit(self, _record: logging.LogRecord) -> None:
            gate.wait(10)

    with in_background([Stuck()]):
        for number in range(100):
            log.info("line %d", number)  # returns, or the test's time is up
        assert not gate.is_set()
        gate.set()


def test_the_end_does_not_wait_for_a_reader_that_takes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(background, "END_S", 0.05)
    gate = threading.Event()

    class Stuck(logging.Handler):
        def emit(self, _record: logging.LogRecord) -> None:
            gate.wait(10)

    with in_background([Stuck()]):
        log.info("a line")
    assert not gate.is_set()  # it is still being written
    gate.set()


def test_too_many_waiting_lines_are_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "MOST_WAITING", 2)
    waiting: SimpleQueue[logging.LogRecord] = SimpleQueue()
    door = QueuedLines(waiting)
    for number in range(5):
        door.emit(record("line %d", number))
    assert waiting.qsize() == 2
    waiting.get()
    door.emit(record("line 5"))
    told = [waiting.get().getMessage() for _ in range(3)]
    assert told[1] == "3 lines before this one came too fast and were dropped"


def test_what_was_written_before_the_start_can_be_read_after_it(tmp_path: Path) -> None:
    with open_logs(tmp_path, SECRETS):
        log.info(decision(symbol="AAPL"))
    with open_logs(tmp_path, SECRETS) as recent:
        (entry,) = recent.newest(5)
    assert entry.has("aapl")


def test_the_newest_that_tell_something_or_hold_the_word() -> None:
    recent = RecentLines()
    recent.setFormatter(JsonLines(Redactor(SECRETS).hide))
    for number in range(4):
        recent.emit(record(decision(client_order_id=f"us-live-{number}")))
        recent.emit(record("chatter %d", number))
    recent.emit(record("trouble", level=logging.WARNING))
    told = recent.newest(3)
    assert [entry.event for entry in told] == ["order", "order", REMARK]
    assert told[-1].has("TROUBLE")
    assert len(recent.newest(9, "chatter")) == 4
    (one,) = recent.newest(9, "us-live-2")
    assert one.event == "order"


@pytest.mark.parametrize("line", ["", "{}", "[]", "x", '{"ts": 1, "level": "INFO"}', '{"ts": "1"}'])
def test_what_is_no_line_is_left_out(line: str) -> None:
    assert entry_of(line) is None


@pytest.mark.parametrize(
    ("value", "shown"), [("a", "a"), ("a b", '"a b"'), ("", '""'), ('a"\n', '"a\\"\\n"')]
)
def test_a_value_is_one_word_of_a_line(value: str, shown: str) -> None:
    assert quoted(value) == shown
