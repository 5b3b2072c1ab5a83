"""The first second of a command: ``run.py`` and ``python -m bot``, up to where the work begins."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import run as door
from bot import __version__, environment
from bot.command_line import COMMANDS
from bot.terminal.backup_options import BACKUP, RESTORE
from bot.terminal.dispatch import TERMINAL
from tests.conftest import ROOT

# Ctrl-C comes while the program is imported; ``held``: while the interpreter starts.
INTERRUPTED = """
import os, runpy, signal, sys
class Finger:
    def find_spec(self, name, *_):
        if name == "bot.program":
            os.kill(os.getpid(), signal.SIGINT)
            print("went on")
sys.meta_path.insert(0, Finger())
runpy.run_module("bot", run_name="__main__")
"""
HELD = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
os.kill(os.getpid(), signal.SIGINT)
os.execv(sys.executable, [sys.executable, "-m", *sys.argv[1:]])
"""
# A child that would show a traceback at Ctrl-C, as pip and venv do.
INSTALLING = """
import run, sys
from bot import environment
def install(_arguments):
    environment.child(sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)")
run.run = install
sys.exit(run.main(["setup"]))
"""


def ended(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


@pytest.mark.parametrize("code", [INTERRUPTED, HELD])
def test_ctrl_c_in_the_first_second_of_the_wizard_is_answered_as_later(
    code: str, tmp_path: Path
) -> None:
    for language, said in (("ko", "바뀐 것은 없습니다"), ("en", "nothing has changed")):
        config = tmp_path / "config.yaml"
        config.write_text(f"language: {language}\n")
        module = ["bot"] if code is HELD else []
        done = ended(
            code, *module, "setup", "--config", str(config), "--data-dir", str(tmp_path / "data")
        )
        assert (done.returncode, done.stderr) == (1, "")
        assert said in done.stdout
        assert "run.py setup" in done.stdout
        assert "went on" not in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_a_demo_ended_before_it_began_says_so(tmp_path: Path) -> None:
    done = ended(HELD, "sandbox.demo", "--port", "0", "--data-dir", str(tmp_path / "demo"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("데모를 끝냈습니다")


def test_an_assistant_stopped_before_it_began_has_ended_well() -> None:
    done = ended(INTERRUPTED, "bot")
    assert (done.returncode, done.stderr) == (0, "")
    assert "중단했습니다" in done.stdout
    assert ended(INTERRUPTED, "doctor").returncode == 1


@pytest.mark.parametrize(
    "words",
    [
        ("run.py",),
        *(("-m", "bot", *more) for more in (("doctor",), ("check-config",), ("bot", "--help"))),
        ("-m", "sandbox.demo", "--once", "--port", "0"),
    ],
)
@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_reader_that_has_gone_is_no_reason_for_a_traceback(
    words: tuple[str, ...], buffered: str, tmp_path: Path
) -> None:
    """``run.py doctor | head -1``."""
    where = () if len(words) == 1 else ("--data-dir", str(tmp_path / "data"))
    reads, writes = os.pipe()
    os.close(reads)
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, *words, *where],
            cwd=ROOT,
            stdout=writes,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
            env={**os.environ, "PYTHONUNBUFFERED": buffered},
        )
    finally:
        os.close(writes)
    assert done.stderr == ""
    assert done.returncode in {0, 1}


def test_a_background_job_that_ignores_ctrl_c_goes_on(tmp_path: Path) -> None:
    ignoring = INTERRUPTED.replace("class Finger", "signal.signal(2, signal.SIG_IGN)\nclass Finger")
    done = ended(ignoring, "stop", "--data-dir", str(tmp_path))
    assert "went on" in done.stdout
    assert "실행 중인 비서가 없습니다" in done.stdout


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, bool]]]:
    """What Python becomes, and whether Ctrl-C is held back meanwhile."""
    found: list[tuple[str, bool]] = []

    def become(_program: object, words: list[str]) -> None:
        is_held = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
        found.append((words[2], is_held))

    monkeypatch.setattr(os, "execv", become)
    monkeypatch.chdir(ROOT)
    yield found
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def test_ctrl_c_waits_while_the_next_interpreter_starts(handed: list[tuple[str, bool]]) -> None:
    door.hand_over("-m", "sandbox.demo")
    door.hand_over("-m", "bot", "setup")
    assert handed == [("sandbox.demo", True), ("bot", True)]


def test_other_programs_hear_ctrl_c_at_once(handed: list[tuple[str, bool]]) -> None:
    door.hand_over("-m", "pytest")
    assert handed == [("pytest", False)]


def test_ctrl_c_while_packages_are_installed_shows_no_traceback() -> None:
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", INSTALLING],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        os.killpg(process.pid, signal.SIGINT)  # as a terminal sends it
        told, troubles = process.communicate(timeout=15)
    assert (process.returncode, troubles) == (1, "")
    assert "중단했습니다" in told
    assert "run.py setup" in told


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP])
def test_a_kill_or_a_closed_terminal_ends_what_installs(ending: signal.Signals) -> None:
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", INSTALLING],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(ending, signal.SIG_DFL),  # noqa: PLW1509 - as nohup has it
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(ending)
        process.communicate(timeout=10)  # the end of its output: the child has gone, too
    assert process.returncode == 128 + ending


def test_a_closed_terminal_that_was_to_be_ignored_still_is() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with environment.endings_raised():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize(
    ("words", "command", "code"),
    [
        (["bot", "--log-level", "INFO"], " bot", 0),
        (["--data-dir", "stop", "--env-file=x", "bot"], " bot", 0),
        (["--data-dir", "bot", "stop"], " stop", 1),
        (["--data-dir"], "", 1),
    ],
)
def test_only_an_assistant_that_was_broken_off_has_ended_well(
    words: list[str],
    command: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken_off(_words: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(door, "run", broken_off)
    assert door.main(words) == code
    assert capsys.readouterr().out.endswith(f"Again: python3 run.py{command}\n")
    assert ended(INTERRUPTED, *words).returncode == code


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fresh clone. Nothing may be installed by what is asked there."""

    def refuse(**_wanted: bool) -> bool:
        raise AssertionError("packages would have been installed")

    monkeypatch.setattr(environment, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(door, "ensure_environment", refuse)


@pytest.mark.usefixtures("bare")
def test_without_a_command_every_one_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    for words, code in (([], 2), (["--help"], 0), (["help"], 0)):
        assert door.main(words) == code
        lines = capsys.readouterr().out.splitlines()
        for name, (_, ko, en) in door.COMMANDS.items():
            (line,) = [one for one in lines if one.startswith(f"  {name} ")]
            assert ko in line
            assert en in line


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("typed", "meant"), [("setpu", "setup"), ("check_config", "check-config"), ("Report", "report")]
)
def test_a_mistyped_command_names_the_nearest(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert door.main([typed]) == 2
    told = capsys.readouterr().out
    assert f"Did you mean: python3 run.py {meant}\n" in told
    assert "모르는 명령" in told
    assert door.main(["xyzzy"]) == 2
    assert "Did you mean" not in capsys.readouterr().out


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("word", ["--version", "version"])
def test_the_version_needs_no_packages(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main([word]) == 0
    assert capsys.readouterr().out == f"Dolpa {__version__}\n"


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("command", door.COMMANDS)
def test_help_needs_no_packages(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main([command, "--help"]) == 0
    told = capsys.readouterr().out
    assert all(part in told for part in (f"run.py {command}", *door.COMMANDS[command]))


def test_the_door_knows_what_the_program_knows() -> None:
    assert set(door.COMMANDS) == {*COMMANDS, *TERMINAL, BACKUP, RESTORE, "demo", "test"}
