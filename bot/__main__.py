"""``python -m bot COMMAND``: what ``run.py`` hands over to.

The program takes a second to import; until then Ctrl-C ends it with a line and without a trace.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType

from bot.terminal import command_words, setup_words
from bot.terminal.language import language_for

CLEAN, FAILED = 0, 1


def main(arguments: list[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run one command; the exit codes are the operator's contract."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        with _quick_end(given):
            from bot.program import run_command  # noqa: PLC0415 - the second that this is about
        return run_command(given, environ)
    except KeyboardInterrupt:
        sys.stdout.write(_last_words(given) + "\n")
        return _code(given)


@contextlib.contextmanager
def _quick_end(given: Sequence[str]) -> Iterator[None]:
    """Ctrl-C ends the process there and then: raised amid an import it could be swallowed."""

    def end(_number: int, _frame: FrameType | None) -> None:
        os.write(1, f"{said}\n".encode())
        os._exit(_code(given))

    said = _last_words(given)
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
    command, lang = given[0] if given else "", language_for(given)
    if command == "setup":
        return setup_words.interrupted(lang, is_kept=False)
    return command_words.broken_off("" if command.startswith("-") else command, lang)


def _code(given: Sequence[str]) -> int:
    """An assistant that was stopped has ended well; any other command was not done."""
    return CLEAN if given[:1] == ["bot"] else FAILED


if __name__ == "__main__":
    os.umask(0o077)  # whatever is written is its owner's alone
    sys.exit(main())
