"""``run.py demo``: the sandbox and the assistant as two children, on loopback."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
import tempfile
from pathlib import Path

from sandbox.demo_children import DemoFailed, Opening, assistant, configure, end, sandbox
from sandbox.demo_control import DemoControl
from sandbox.demo_excerpts import Excerpts
from sandbox.demo_story import KRX, US, Story
from sandbox.demo_verdict import judge, print_transcript

OPENINGS = {KRX: "08:58KST", US: "09:40"}
ONCE_OPENING = "08:55KST"
FASTEST = 60.0
GREETED_S = 20.0
_TOO_SLOW = "it took too long: too much else runs here"
ONCE_LIMIT_S = 240.0  # it takes two minutes; a machine with other work takes longer


def main(arguments: list[str] | None = None) -> int:
    """Play the demo; 0 when all went well, 1 after ``DEMO FAILED``."""
    options = _parser().parse_args(arguments)
    directory = options.data_dir or Path(tempfile.mkdtemp(prefix="dolpa-demo-"))
    (directory / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return asyncio.run(_play(options, directory))
    except (DemoFailed, TimeoutError) as error:
        sys.stdout.write(f"DEMO FAILED {str(error) or _TOO_SLOW}\n")
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0


async def _play(options: argparse.Namespace, directory: Path) -> int:
    _end_on_signals()
    start = ONCE_OPENING if options.once else OPENINGS[options.desk]
    async with sandbox(Opening(start, options.seed, options.port), directory) as url:
        configure(directory, url, is_hurried=options.once)
        async with assistant(directory) as bot, DemoControl(url) as control:
            await control.until_greeted(GREETED_S)
            if options.once:
                return await _once(options, control, bot, directory)
            _say(f"The chat is open in your browser at {url}/ (Ctrl-C ends the demo)")
            await Story(control).first_minutes(options.desk, options.speed)
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
    excerpts = Excerpts(control, speed=min(FASTEST, options.speed or FASTEST))
    try:
        async with asyncio.timeout(ONCE_LIMIT_S) as limit:
            await excerpts.play(_say)
    except TimeoutError as error:
        late = f"the excerpts were not over in {ONCE_LIMIT_S:.0f} s"
        raise DemoFailed(late if limit.expired() else str(error)) from None
    await end(bot)
    transcript = await control.transcript()
    print_transcript(transcript, sys.stdout)
    if bot.returncode != 0:
        raise DemoFailed(f"the assistant ended with {bot.returncode}")
    photos = await control.photos(transcript)
    verdict = judge(await control.books(), transcript, photos, directory / "data")
    if verdict.complaint:
        raise DemoFailed(verdict.complaint)
    _say(verdict.line())
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="play excerpts of both days and end")
    parser.add_argument(
        "--desk", choices=(KRX, US), default=KRX, help="whose morning it is; --once plays both"
    )
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--speed", type=float, default=0.0, help="market seconds per second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data-dir", type=Path, help="default: a fresh temporary directory")
    return parser


if __name__ == "__main__":
    sys.exit(main())
