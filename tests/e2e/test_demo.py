"""``run.py demo`` as a newcomer's terminal shows it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from tests.e2e.children import LOOK_S, end, environment

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(60)]

# Of New York's morning, since Korea's takes until a breakout.
COMMAND = (sys.executable, "-m", "sandbox.demo", "--desk", "us", "--port", "0")
SSH = "198.51.100.7 50022 203.0.113.5 22"


async def test_a_demo_says_what_it_does_and_leaves_nothing_behind(tmp_path: Path) -> None:
    env = environment({"TMPDIR": str(tmp_path), "SSH_CONNECTION": SSH})
    demo = await asyncio.create_subprocess_exec(*COMMAND, stdout=PIPE, env=env, umask=0o022)
    assert demo.stdout is not None
    try:
        said = [(await demo.stdout.readline()).decode().rstrip() for _ in range(11)]
        (config,) = tmp_path.glob("dolpa-demo-*/config.yaml")
        # Otherwise the first message is a warning that others may read what the demo made.
        assert config.stat().st_mode & 0o077 == 0
        demo.send_signal(signal.SIGTERM)
        assert await demo.wait() == 0
        assert "데모를 끝냈습니다" in (await demo.stdout.read()).decode()
    finally:
        await end(demo)
    begun, tunnel, opened, types, buys = said[1], said[4], said[6], said[8], said[10]
    assert all(re.search("[가-힣]", said[place]) for place in (0, 2, 5, 7, 9))
    assert begun.startswith("Starting the sandbox")
    assert tunnel.endswith("@203.0.113.5")
    assert opened.startswith("Open http://127.0.0.1:")
    assert "types /mode live for you" in types
    assert "buys 5 AAPL for you" in buys
    assert list(tmp_path.glob("dolpa-demo-*")) == []


async def test_a_demo_that_is_killed_outright_takes_its_children_along(tmp_path: Path) -> None:
    env = environment({"TMPDIR": str(tmp_path)})
    demo = await asyncio.create_subprocess_exec(*COMMAND, stdout=PIPE, env=env)
    assert demo.stdout is not None
    try:
        while b"Open http" not in await demo.stdout.readline():
            assert demo.returncode is None
        children = Path(f"/proc/{demo.pid}/task/{demo.pid}/children").read_text().split()
    finally:
        demo.kill()
        await demo.wait()
    assert len(children) == 2
    try:
        async with asyncio.timeout(30):
            while any(runs(child) for child in children):  # noqa: ASYNC110 - of other processes
                await asyncio.sleep(LOOK_S)
    finally:
        for child in filter(runs, children):
            os.kill(int(child), signal.SIGKILL)


def runs(process: str) -> bool:
    """Neither gone nor waiting for somebody to take note of its end."""
    try:
        stat = Path("/proc", process, "stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
