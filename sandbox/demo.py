"""``run.py demo``: the sandbox and the assistant as two children, on loopback."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import date, time
from pathlib import Path

from sandbox.demo_control import DemoControl
from sandbox.demo_story import Story
from sandbox.demo_verdict import judge, print_transcript

DEMO_DATE = date(2026, 11, 20)
INTERACTIVE_START = time(9, 40)
ONCE_START = time(3, 58)
READY_S = 20.0
FAREWELL_S = 25.0
ONCE_LIMIT_S = 110.0

CONFIG = """\
# Written by the demo. This directory talks to loopback only.
language: ko
mode: live
api:
  base_url: {url}/real
  websocket_url: {ws}/real/ws
  paper_base_url: {url}/paper
  paper_websocket_url: {ws}/paper/ws
telegram:
  base_url: {url}/telegram/bot
  base_file_url: {url}/telegram/file/bot
health:
  host: 127.0.0.1
  port: 0
domestic:
  enabled: false
"""


class DemoFailed(Exception):
    """The demo did not do what it promises; the text says what."""


def main(arguments: list[str] | None = None) -> int:
    """Play the demo; 0 when all went well, 1 after ``DEMO FAILED``."""
    options = _parser().parse_args(arguments)
    if options.desk == "krx":
        sys.stdout.write("The KRX desk is not part of this version; the US desk is.\n")
        return 2
    directory = options.data_dir or Path(tempfile.mkdtemp(prefix="dolpa-demo-"))
    (directory / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return asyncio.run(_play(options, directory))
    except (DemoFailed, TimeoutError) as error:
        sys.stdout.write(f"DEMO FAILED {error}\n")
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0


async def _play(options: argparse.Namespace, directory: Path) -> int:
    _end_on_signals()
    start = ONCE_START if options.once else INTERACTIVE_START
    async with _sandbox(options, directory, start) as url:
        (directory / "config.yaml").write_text(
            CONFIG.format(url=url, ws=url.replace("http", "ws", 1)), encoding="utf-8"
        )
        async with _assistant(directory) as bot, DemoControl(url) as control:
            await control.until_greeted(READY_S)
            if options.once:
                return await _once(options, control, bot, directory)
            _say(f"The chat is open in your browser at {url}/ (Ctrl-C ends the demo)")
            await Story(control).first_minutes()
            await bot.wait()
            if bot.returncode:
                log = directory / "bot.log"
                raise DemoFailed(f"the assistant ended with {bot.returncode}; its log: {log}")
            return 0


def _end_on_signals() -> None:
    """A kill or a closed terminal ends the children in order, as Ctrl-C does."""
    demo = asyncio.current_task()
    assert demo is not None  # noqa: S101 - called from a coroutine
    for name in ("SIGTERM", "SIGHUP"):
        # Windows has neither handler; there Ctrl-C is the way.
        with contextlib.suppress(NotImplementedError, AttributeError):
            asyncio.get_running_loop().add_signal_handler(getattr(signal, name), demo.cancel)


async def _once(
    options: argparse.Namespace,
    control: DemoControl,
    bot: asyncio.subprocess.Process,
    directory: Path,
) -> int:
    story = Story(control, speed=min(60.0, options.speed or 60.0))
    async with asyncio.timeout(ONCE_LIMIT_S):
        await story.excerpts(_say)
    await _end(bot)
    print_transcript(await control.transcript(), sys.stdout)
    verdict = judge(await control.books(), await control.transcript(), directory / "data")
    if bot.returncode != 0:
        raise DemoFailed(f"the assistant ended with {bot.returncode}")
    if verdict.mismatches:
        raise DemoFailed("; ".join(verdict.mismatches))
    _say(
        "KRX excerpts (08:58-09:30, 15:12-15:32): absent, the KRX desk is not part of this version"
    )
    _say(verdict.line())
    return 0


@contextlib.asynccontextmanager
async def _sandbox(options: argparse.Namespace, directory: Path, start: time) -> AsyncIterator[str]:
    """The sandbox as a child; yields its address once it serves."""
    data = directory / "data"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox", "--port", str(options.port)),
        *("--seed", str(options.seed), "--date", DEMO_DATE.isoformat()),
        *("--start", start.isoformat(), "--speed", "1"),
        *("--clock-file", str(data / "demo.json")),
        *("--credentials-file", str(directory / ".env")),
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the demo: the assistant still has to say goodbye
    )
    try:
        async with asyncio.timeout(READY_S):
            line = (await process.stdout.readline()).decode() if process.stdout else ""
        if not line.startswith("READY "):
            raise DemoFailed("the sandbox did not start")
        yield line.removeprefix("READY ").strip()
    finally:
        await _end(process)


@contextlib.asynccontextmanager
async def _assistant(directory: Path) -> AsyncIterator[asyncio.subprocess.Process]:
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
            start_new_session=True,
        )
        try:
            yield process
        finally:
            await _end(process)


def _clean_environment() -> dict[str, str]:
    """Real keys of this machine's user must not reach a demo."""
    foreign = ("KIS_", "TELEGRAM_", "KAKAO_", "AUTOTRADE_")
    return {name: text for name, text in os.environ.items() if not name.startswith(foreign)}


async def _end(process: asyncio.subprocess.Process) -> None:
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


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="play excerpts of a day and end")
    parser.add_argument("--desk", choices=("us", "krx"), default="us")
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--speed", type=float, default=0.0, help="market seconds per second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data-dir", type=Path, help="default: a fresh temporary directory")
    return parser


if __name__ == "__main__":
    sys.exit(main())
