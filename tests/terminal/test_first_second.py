"""Whatever stands behind ``--config``, reads the output or shows it: a command begins and ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from bot import __main__ as entry
from bot.format.lang import Lang
from bot.terminal.language import MAX_BYTES, language_of
from engine.config import document
from tests.conftest import ROOT
from tests.terminal.test_door import HELD, INTERRUPTED, ended

# Ctrl-C while the command works, and while run.py does.
AT_WORK = """
import os, signal, sys, time
import bot.program
from bot.__main__ import main
def work(*_):
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(20)
    finally:
        sys.stderr.write("cleaned up")
bot.program.run_command = work
sys.exit(main(sys.argv[1:]))
"""
AT_THE_DOOR = """
import run, sys
def broken_off(_words):
    raise KeyboardInterrupt
run.run = broken_off
sys.exit(run.main(sys.argv[1:]))
"""
# The refusal names what no such terminal can show.
DEMO = """
import runpy
import sandbox.demo_place
sandbox.demo_place.why_not = lambda _port: "포트 8090"
runpy.run_module("sandbox.demo", run_name="__main__")
"""


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """Nobody will ever write into it."""
    path = tmp_path / "config.yaml"
    os.mkfifo(path)
    return path


def test_a_pipe_in_place_of_the_config_keeps_nobody_waiting(pipe: Path, tmp_path: Path) -> None:
    where = ("--config", str(pipe), "--data-dir", str(tmp_path))
    assert language_of(pipe) is Lang.KO
    stopped = ended("import runpy; runpy.run_module('bot', run_name='__main__')", "stop", *where)
    assert (stopped.returncode, stopped.stderr) == (1, "")
    assert "실행 중인 비서가 없습니다" in stopped.stdout
    for done in (ended(INTERRUPTED, "stop", *where), ended(HELD, "bot", "stop", *where)):
        assert (done.returncode, done.stderr) == (1, "")
        assert "중단했습니다" in done.stdout


def test_of_a_huge_config_only_the_beginning_is_read(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("language: en\n")
    os.truncate(path, 256 * 1024 * 1024)
    tracemalloc.start()
    try:
        assert language_of(path) is Lang.EN
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 16 * MAX_BYTES
    assert MAX_BYTES == document.MAX_BYTES


@pytest.mark.parametrize("name", ["", "missing", "a\0b", "\ud800"])
def test_what_is_no_file_speaks_korean(name: str, tmp_path: Path) -> None:
    assert language_of(tmp_path / name) is Lang.KO


def test_a_character_cut_at_the_end_of_what_is_read_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("language: en\n#" + "가" * MAX_BYTES, encoding="utf-8")
    assert language_of(path) is Lang.EN


def test_nothing_is_read_before_ctrl_c_is_heard(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def reads(_words: object) -> Lang:
        raise AssertionError("read before it was needed")

    monkeypatch.setattr(entry, "language_for", reads)
    assert entry.main(["stop", "--data-dir", str(tmp_path)]) == 1  # nothing ran


def test_a_command_at_work_cleans_up_after_ctrl_c() -> None:
    done = ended(AT_WORK, "doctor")
    assert (done.returncode, done.stderr) == (1, "cleaned up")
    assert "중단했습니다" in done.stdout


@pytest.mark.parametrize(
    ("code", "said"),
    [(INTERRUPTED, ""), (AT_WORK, "cleaned up"), (AT_THE_DOOR, "")],
    ids=["first second", "at work", "at the door"],
)
@pytest.mark.parametrize(("command", "expected"), [("bot", 0), ("doctor", 1)])
def test_ctrl_c_ends_a_command_whose_output_nobody_reads(
    code: str, said: str, command: str, expected: int
) -> None:
    done = unread(code, command)
    assert (done.returncode, done.stderr) == (expected, said)


def test_ctrl_c_ends_a_demo_whose_output_nobody_reads(tmp_path: Path) -> None:
    done = unread(HELD, "sandbox.demo", "--port", "0", "--data-dir", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")


def unread(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Ended with an output whose other end is closed."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", code, *words],
            cwd=ROOT,
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=30,
            env={name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
    finally:
        os.close(writer)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("run.py", "--help"), 0),
        (("run.py", "xyzzy"), 2),
        (("-m", "bot", "check-config"), 0),
        (("-m", "bot", "stop"), 1),
        (("-m", "bot", "xyzzy"), 2),
        (("-c", DEMO), 2),
    ],
    ids=lambda words: " ".join(words[:3]) if isinstance(words, tuple) and words[0] != "-c" else "",
)
def test_a_terminal_that_is_not_utf_8_shows_what_it_can(
    words: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    where = ("--data-dir", str(tmp_path), "--env-file", str(tmp_path / ".env"))
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, *words, *(where if words[0] == "-m" else ())],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=30,
        env={**os.environ, "PYTHONIOENCODING": "iso8859-1"},
    )
    told = (done.stdout + done.stderr).decode("latin-1")
    assert done.returncode == code
    assert "Traceback" not in told
    assert "\\u" not in told
    assert "??" in told
