"""``run.py demo``: the sandbox and the assistant as two children, on loopback."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import os
import signal
import sys
from pathlib import Path

from sandbox import demo_words as words
from sandbox.demo_children import DemoFailed, Opening, assistant, configure, end, sandbox
from sandbox.demo_control import DemoControl
from sandbox.demo_excerpts import Excerpts
from sandbox.demo_place import HIGHEST_PORT, demo_directory, other_port, way_in, why_not
from sandbox.demo_story import KRX, US, Story
from sandbox.demo_transcript import print_transcript
from sandbox.demo_verdict import judge

OPENINGS = {KRX: "08:58KST", US: "09:40"}
ONCE_OPENING = "08:55KST"
FASTEST = 60.0
GREETED_S = 20.0
_TOO_SLOW = "it took too long: too much else runs here"
ONCE_LIMIT_S = 240.0  # it takes two minutes; a machine with other work takes longer


def main(arguments: list[str] | None = None) -> int:
    """Play the demo; 0 when all went well, 1 after ``DEMO FAILED``, 2 where it cannot begin."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        _hear_ctrl_c()
        return _run(_parser().parse_args(given))
    except KeyboardInterrupt:
        return _ended(is_once="--once" in given)
    except BrokenPipeError:  # | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter's end would complain
        return 1


def _ended(*, is_once: bool) -> int:
    """Somebody ended it: the way an open demo ends, but not what ``--once`` is for."""
    try:
        _say(words.BROKEN_OFF if is_once else words.ENDED)
    except OSError:  # the terminal may be gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter's end would complain
    return 1 if is_once else 0


def _hear_ctrl_c() -> None:
    """run.py holds it back while this interpreter starts."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _run(options: argparse.Namespace) -> int:
    if refusal := why_not(options.port):
        _say(words.failed(refusal, words.port_taken(options.port, other_port(options.port))))
        return 2
    _say(words.ONCE_BEGINS if options.once else words.BEGINS)
    try:
        with demo_directory(options.data_dir, _say) as directory:
            return _played(options, directory)
    except (DemoFailed, TimeoutError) as error:
        _say(words.failed(str(error) or _TOO_SLOW))
        return 1


def _played(options: argparse.Namespace, directory: Path) -> int:
    """To its end, or until somebody ends it."""
    (directory / "data").mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        code = asyncio.run(_play(options, directory))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _ended(is_once=options.once)
    if not options.once:
        _say(words.ENDED)  # its assistant was stopped from the chat
    return code


async def _play(options: argparse.Namespace, directory: Path) -> int:
    _end_on_signals()
    start = ONCE_OPENING if options.once else OPENINGS[options.desk]
    async with sandbox(Opening(start, options.seed, options.port), directory) as url:
        configure(directory, url, is_hurried=options.once)
        async with assistant(directory) as bot, DemoControl(url) as control:
            await control.until_greeted(GREETED_S)
            if options.once:
                return await _once(options, control, bot, directory)
            _say("\n".join(way_in(url, os.environ)))
            await Story(control).first_minutes(options.desk, options.speed, _say)
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
    print_transcript(transcript, excerpts.chapters, sys.stdout)
    if bot.returncode != 0:
        raise DemoFailed(f"the assistant ended with {bot.returncode}")
    photos = await control.photos(transcript)
    verdict = judge(await control.books(), transcript, photos, directory / "data")
    if verdict.complaint:
        raise DemoFailed(verdict.complaint)
    _say(verdict.line())
    return 0


def _show_what_can_be_shown() -> None:
    """A terminal of another encoding gets ``?`` for what it lacks, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="play excerpts of both days and end")
    parser.add_argument(
        "--desk", choices=(KRX, US), default=KRX, help="whose morning it is; --once plays both"
    )
    parser.add_argument("--port", type=_port, default=8090, help="of the chat page; 0: a free one")
    parser.add_argument("--speed", type=float, default=0.0, help="market seconds per second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data-dir", type=Path, help="default: a fresh temporary directory")
    return parser


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= HIGHEST_PORT:
        raise ValueError(text)
    return port


if __name__ == "__main__":
    os.umask(0o077)  # whatever it writes is its owner's alone
    _show_what_can_be_shown()
    sys.exit(main())
