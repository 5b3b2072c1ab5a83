"""The machine's side of stopping: signals and ``python -m bot stop``."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from bot.__main__ import main

_CHILD = """
import asyncio, sys, time
from pathlib import Path
from bot.lock import held_lock
from bot.signals import Signals

signals = Signals()
signals.install()

async def run():
    ended = asyncio.Event()
    print("loop", flush=True)
    if "early" in sys.argv:
        sys.stdin.readline()
    signals.obey(lambda: (print("end", flush=True), ended.set()),
                 lambda: (print("stop all", flush=True), ended.set()))
    await ended.wait()

try:
    with held_lock(Path(sys.argv[1])):
        print("locked", flush=True)
        asyncio.run(run())
finally:
    signals.ignore()
print("over", flush=True)
sys.stdin.readline()
"""


@contextmanager
def child(data: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(  # noqa: S603 - our own child
        [sys.executable, "-c", _CHILD, str(data), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert heard(process) == "locked"
            assert heard(process) == "loop"
            yield process
        finally:
            process.kill()


def heard(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go_on(process: subprocess.Popen[str]) -> None:
    pipe: IO[str] | None = process.stdin
    assert pipe is not None
    pipe.write("\n")
    pipe.flush()


def test_a_second_sigterm_after_the_loop_has_ended_does_not_spoil_the_exit_code(
    tmp_path: Path,
) -> None:
    with child(tmp_path) as process:
        process.send_signal(signal.SIGTERM)
        assert heard(process) == "end"
        assert heard(process) == "over"
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGUSR1)
        go_on(process)
        assert process.wait(timeout=10) == 0


def test_the_machine_side_stop_needs_neither_configuration_nor_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = ["--config", str(tmp_path / "no.yaml"), "--env-file", str(tmp_path / "no.env")]
    with child(tmp_path) as process:
        assert main(["stop", "--data-dir", str(tmp_path), *missing]) == 0
        assert heard(process) == "stop all"
        assert str(process.pid) in capsys.readouterr().out


def test_a_stop_between_the_lock_and_the_first_handler_is_obeyed_later(tmp_path: Path) -> None:
    with child(tmp_path, "early") as process:
        assert main(["stop", "--data-dir", str(tmp_path)]) == 0
        go_on(process)
        assert heard(process) == "stop all"


def test_a_stop_where_nothing_runs_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["stop", "--data-dir", str(tmp_path)]) == 1
    assert "실행 중인 비서가 없습니다" in capsys.readouterr().out
