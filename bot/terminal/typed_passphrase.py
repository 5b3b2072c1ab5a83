"""The passphrase of the encrypted store, typed by a person: a slip of the finger is forgiven."""

from __future__ import annotations

import contextlib
import getpass
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

from bot.format.lang import Lang
from bot.terminal import passphrase_words as words
from engine.adapters.secrets import Secret, SecretStore, WrongPassphrase

TRIES = 3  # what is typed after the last one lands in the shell, in clear


def store_opener(lang: Lang) -> Callable[[Path], SecretStore] | None:
    """What opens the store with a person's help; None where nobody sits at a terminal."""
    if sys.stdin is None or not sys.stdin.isatty():
        return None
    return lambda store: opened_by_hand(store, _typed, _say, lang)


def opened_by_hand(
    store: Path, ask: Callable[[], str], say: Callable[[str], None], lang: Lang
) -> SecretStore:
    """The opened store. Raises WrongPassphrase after the last try, ConfigError at a damaged one."""
    with _unseen():
        for left in range(TRIES - 1, 0, -1):
            typed = _asked(ask)
            if not typed.strip():
                say(words.nothing_typed(left, lang))
                continue
            try:
                return SecretStore.open(store, Secret(typed))
            except WrongPassphrase:
                say(words.does_not_open(left, lang))
        return SecretStore.open(store, Secret(_asked(ask)))


def _asked(ask: Callable[[], str]) -> str:
    """Bytes of another encoding are a slip like any other: no passphrase has this character."""
    try:
        return ask()
    except UnicodeError:
        return "\ufffd"


@contextlib.contextmanager
def _unseen() -> Iterator[None]:
    """No echo from the first question to the end: a try takes a second, and people type on."""
    try:
        terminal = -1 if sys.stdin is None else sys.stdin.fileno()
        before = termios.tcgetattr(terminal)
    except (OSError, ValueError, termios.error):  # no terminal
        yield
        return
    hidden = [*before]
    hidden[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSADRAIN, hidden)
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):  # it was closed
            # With what was typed ahead: the shell would run it.
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def _typed() -> str:
    try:
        return getpass.getpass("마스터 암호 (master passphrase): ")
    except EOFError:  # Ctrl-D breaks off as Ctrl-C does
        raise KeyboardInterrupt from None


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
