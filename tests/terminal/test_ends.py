"""How a command ends where its words cannot be written, where it is killed, where it has none."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.lock import held_lock
from bot.signals import STOP_ALL
from tests.conftest import ROOT
from tests.e2e.children import LOOK_S, end, environment, paths
from tests.terminal.test_door import INTERRUPTED, ended
from tests.terminal.test_voice import CONFIG, KEYS, NOWHERE

PLACES = ("--config", "/srv/two/config.yaml", "--env-file", "/srv/two/.env", "--data-dir=/srv/two")


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """What ``stop`` signals to this process, which holds the directory."""
    signals: list[int] = []
    before = signal.signal(STOP_ALL, lambda number, _: signals.append(number))
    yield signals
    signal.signal(STOP_ALL, before)


@pytest.mark.parametrize("sink", ["nothing", "a full disk", "a closed pipe"])
def test_a_stop_that_was_given_has_succeeded_whoever_reads_of_it(
    sink: str, tmp_path: Path, heard: list[int]
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        with held_lock(tmp_path):
            done = subprocess.run(  # noqa: S603 - our own interpreter
                [sys.executable, "-m", "bot", "stop", "--data-dir", str(tmp_path)],
                cwd=ROOT,
                stdout=full if sink == "a full disk" else writer,
                stderr=subprocess.PIPE,
                check=False,
                timeout=30,
                preexec_fn=(lambda: os.close(1)) if sink == "nothing" else None,
            )
    finally:
        os.close(writer)
        os.close(full)
    assert heard == [STOP_ALL]
    assert (done.returncode, done.stderr) == (0, b"")


def test_without_a_word_the_usage_is_shown() -> None:
    done = ended("import runpy; runpy.run_module('bot', run_name='__main__')")
    assert done.returncode == 2
    assert done.stderr.startswith("usage:")


@pytest.mark.parametrize("command", ["bot", "report"])
def test_what_was_broken_off_is_begun_again_with_the_same_directories(command: str) -> None:
    said = ended(INTERRUPTED, command, *PLACES).stdout
    given = " ".join(PLACES).replace("=", " ")
    assert said.strip() == f"중단했습니다. 다시: python3 run.py {command} {given}"


@pytest.mark.e2e
@pytest.mark.timeout(60)
async def test_a_look_that_is_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes every call and says nothing
        port = silent.getsockname()[1]
        text = CONFIG.replace(NOWHERE, f"http://127.0.0.1:{port}")
        (tmp_path / "config.yaml").write_text(text)
        (tmp_path / ".env").write_text(KEYS)
        (tmp_path / ".env").chmod(0o600)
        look = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "doctor", *paths(tmp_path)),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=environment({"TMPDIR": str(tmp_path)}),
        )
        try:
            async with asyncio.timeout(20):
                while not list(tmp_path.glob("dolpa-doctor-*/state.db")):  # noqa: ASYNC110 - of other processes
                    await asyncio.sleep(LOOK_S)
            look.send_signal(signal.SIGTERM)
            _, trouble = await asyncio.wait_for(look.communicate(), 20)
        finally:
            await end(look)
    assert list(tmp_path.glob("dolpa-doctor-*")) == []
    assert look.returncode == 1
    assert b"Traceback" not in trouble
