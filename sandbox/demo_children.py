"""The demo's two children on loopback: the sandbox, and the assistant beside it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

DEMO_DATE = date(2026, 11, 20)
READY_S = 20.0
FAREWELL_S = 25.0
_PR_SET_PDEATHSIG = 1  # sys/prctl.h
_C = ctypes.CDLL(None) if sys.platform == "linux" else None  # loaded before any fork

CONFIG = """\
# Written by the demo. This directory talks to loopback only.
language: ko
mode: live
api:
  base_url: {url}/real
  websocket_url: {ws}/real/ws
  paper_base_url: {url}/paper
  paper_websocket_url: {ws}/paper/ws
  master_url: {url}/master
telegram:
  base_url: {url}/telegram/bot
  base_file_url: {url}/telegram/file/bot
health:
  host: 127.0.0.1
  port: 0
live: {{min_days: 0, min_trades: 0}}    # play money needs no practice
costs:
  krx_fee_pct: 0.0140527        # the sandbox's tariff
domestic:
  enabled: true
"""
# At sixty market seconds a second the way to KIS and back alone takes some of them.
HURRIED = """\
  scan: {rankings_every_s: 60}
  entry: {timeout_s: 60, max_quote_age_s: 60}
  exit: {reprice_after_s: 30}
"""


class DemoFailed(Exception):
    """The demo did not do what it promises; the text says what."""


@dataclass(frozen=True, slots=True)
class Opening:
    """How the sandbox begins. ``start``: New York time, or Korean as in ``08:58KST``."""

    start: str
    seed: int
    port: int


@contextlib.asynccontextmanager
async def sandbox(opening: Opening, directory: Path) -> AsyncIterator[str]:
    """The sandbox as a child; yields its address once it serves."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--port", str(opening.port)),
        *("--seed", str(opening.seed), "--date", DEMO_DATE.isoformat()),
        *("--start", opening.start, "--speed", "1"),
        *("--clock-file", str(directory / "data" / "demo.json")),
        *("--credentials-file", str(directory / ".env")),
        stdout=asyncio.subprocess.PIPE,
        preexec_fn=partial(_end_with, os.getpid()),
        start_new_session=True,  # Ctrl-C is for the demo: the assistant still has to say goodbye
    )
    try:
        async with asyncio.timeout(READY_S):
            line = (await process.stdout.readline()).decode() if process.stdout else ""
        if not line.startswith("READY "):
            raise DemoFailed("the sandbox did not start")
        yield line.removeprefix("READY ").strip()
    finally:
        await end(process)


@contextlib.asynccontextmanager
async def assistant(directory: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The assistant as a child, its output in the demo's directory."""
    command = [sys.executable, "-m", "bot", "bot"]
    command += ["--config", str(directory / "config.yaml"), "--env-file", str(directory / ".env")]
    command += ["--data-dir", str(directory / "data")]
    with (directory / "bot.log").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdout=output,
            stderr=output,
            env=_clean_environment(),
            preexec_fn=partial(_end_with, os.getpid()),
            start_new_session=True,
        )
        try:
            yield process
        finally:
            await end(process)


def configure(directory: Path, url: str, *, is_hurried: bool) -> None:
    """Write the assistant's config.yaml; hurried, a market second is no time at all."""
    text = CONFIG.format(url=url, ws=url.replace("http", "ws", 1))
    text += HURRIED if is_hurried else ""
    (directory / "config.yaml").write_text(text, encoding="utf-8")


async def end(process: asyncio.subprocess.Process) -> None:
    """Ask a child to end, and wait; one that does not is killed."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(FAREWELL_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _end_with(demo: int) -> None:
    """In the child: a demo that was killed outright takes its children along."""
    if _C is None:
        return
    _C.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != demo:  # it was killed in between
        os._exit(1)


def _clean_environment() -> dict[str, str]:
    """Real keys of this machine's user must not reach a demo."""
    foreign = ("KIS_", "TELEGRAM_", "KAKAO_", "AUTOTRADE_")
    return {name: text for name, text in os.environ.items() if not name.startswith(foreign)}
