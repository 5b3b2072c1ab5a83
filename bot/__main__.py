"""``python -m bot COMMAND``: what ``run.py`` hands over to.

The program takes a second to import; until then Ctrl-C ends it with a line and without a trace.
"""

from __future__ import annotations

import contextlib
import io
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType

from bot.terminal import command_words, here, setup_words
from bot.terminal.language import language_for

CLEAN, FAILED = 0, 1


def main(arguments: list[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run one command; the exit codes are the operator's contract."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        with _quick_end(given):
            from bot.program import run_command  # noqa: PLC0415 - the second that this is about
        return _read_to_its_end(lambda: run_command(given, environ))
    except KeyboardInterrupt:
        _say(_last_words(given))
        return _code(given)


@contextlib.contextmanager
def _quick_end(given: Sequence[str]) -> Iterator[None]:
    """Ctrl-C ends the process there and then: raised amid an import it could be swallowed."""

    def end(_number: int, _frame: FrameType | None) -> None:
        try:
            _say(_last_words(given))
        finally:
            os._exit(_code(given))

    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, end)
    _hear_again()
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _hear_again() -> None:
    """run.py holds Ctrl-C back while this interpreter starts."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _last_words(given: Sequence[str]) -> str:
    command, lang = _command(given), language_for(given)
    if command == "setup":
        return setup_words.interrupted(lang, is_kept=False)
    return command_words.broken_off(command, here.given_in(given), lang)


def _say(text: str) -> None:
    """Whoever would read it may be gone: ``run.py bot | tee log``."""
    try:
        print(text, flush=True)  # noqa: T201 - does without a stdout, too
    except OSError:
        _say_no_more()


def _read_to_its_end(run: Callable[[], int]) -> int:
    """``run.py doctor | head -4``: the command ends without a word, as others do."""
    try:
        try:
            return run()
        finally:  # also after argparse's own end: --help
            if sys.stdout is not None:  # as under pythonw
                sys.stdout.flush()
    except BrokenPipeError:
        if not _is_unread():  # some other pipe of the program
            raise
        _say_no_more()
        return FAILED


def _is_unread() -> bool:
    """Whether nobody is left at the other end of stdout."""
    if not hasattr(select, "poll"):
        return True
    stdout = select.poll()
    stdout.register(1, 0)
    return bool(stdout.poll(0))


def _say_no_more() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter's end would complain


def _code(given: Sequence[str]) -> int:
    """An assistant that was stopped has ended well; any other command was not done."""
    return CLEAN if _command(given) == "bot" else FAILED


def _command(given: Sequence[str]) -> str:
    """The first word that is neither an option nor its value; empty where there is none."""
    words = iter(given)
    for word in words:
        if not word.startswith("-"):
            return word
        if "=" not in word:
            next(words, None)
    return ""


def _show_what_can_be_shown() -> None:
    """A terminal of another encoding gets ``?`` for what it lacks, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    os.umask(0o077)  # whatever is written is its owner's alone
    _show_what_can_be_shown()
    sys.exit(main())
