"""Where the wizard's answers come from: flags, environment and stdin first, then a person."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TypeVar

from bot.format.lang import Lang
from bot.terminal import here
from bot.terminal import setup_words as words
from bot.terminal.console import Console
from bot.terminal.setup_telegram import Troubled
from bot.terminal.troubles import explain
from engine.adapters.secrets import PASSPHRASE
from engine.errors import ConfigError

T = TypeVar("T")
_YES = frozenset({"y", "yes", "예", "네", "응", "ㅇ"})
_NO = frozenset({"n", "no", "아니오", "아니요", "아니", "ㄴ"})


class Answers:
    """Asks until an answer is right. What was given beforehand is not asked for."""

    def __init__(self, console: Console, given: Mapping[str, str], *, is_attended: bool) -> None:
        self.console = console
        self.given = given
        self.is_attended = is_attended
        self.lang = Lang.KO

    def yes(self, question: str, *, default: bool) -> bool:
        """The default where nobody can be asked, and for an empty answer."""
        while self.is_attended:
            answer = self.console.ask(question).casefold()
            if answer in _YES or answer in _NO or not answer:
                return answer in _YES if answer else default
            self.console.say(words.yes_or_no(self.lang))
        return default

    def until_right(self, ask: Callable[[], str], check: Callable[[str], T]) -> T:
        """The first answer that passes. Raises ConfigError where nobody can be asked again."""
        while True:
            answer = ask()
            try:
                return check(answer)
            except Troubled as error:
                self.tell(error)
            except ConfigError as error:  # a text of ours already
                if not self.is_attended:
                    raise
                self.console.say(f"⚠️ {error}")

    def tell(self, error: Troubled) -> None:
        """What went wrong and what to do. Raises ConfigError with it where nobody is there."""
        if not self.is_attended:
            raise ConfigError(explain(error.trouble, self.lang, error.detail))
        self.console.say(self.shown(error))

    def shown(self, error: Troubled) -> str:
        """A trouble as a line."""
        return here.adapted(f"⚠️ {explain(error.trouble, self.lang, error.detail)}")

    def hidden(self, name: str, question: str, given: str | None = None) -> Callable[[], str]:
        """What asks for a secret: given once, then typed."""
        first = self.given.get(name, "") if given is None else given
        strip = str if name == PASSPHRASE else str.strip  # blanks may be part of a passphrase
        return self._asker(first, lambda: strip(self.console.ask_hidden(question)), name)

    def shown_or(self, given: str | None, default: str, question: str) -> Callable[[], str]:
        """What asks for a figure: given once, then typed; Enter and nobody are the default."""
        first = (given or "") if self.is_attended else (given or default)
        return self._asker(first, lambda: self.console.ask(question) or default, question)

    def _asker(self, first: str, ask: Callable[[], str], name: str) -> Callable[[], str]:
        def answer() -> str:
            nonlocal first
            if first:
                found, first = first, ""
                return found
            if not self.is_attended:
                raise ConfigError(words.missing(name, f"{name}=…", self.lang))
            return ask()

        return answer


def add_setup_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags; secrets never stand among them: environment or stdin."""
    parser.add_argument("--language", choices=[lang.value for lang in Lang])
    parser.add_argument("--desks")
    parser.add_argument("--max-order-krw")
    parser.add_argument("--max-daily-loss-krw")
    parser.add_argument("--max-positions")
    for flag in ("--unattended", "--stdin", "--passphrase-in-env-file"):
        parser.add_argument(flag, action="store_true")


def lines_of(console: Console) -> dict[str, str]:
    """``NAME=value`` up to the end of stdin."""
    found: dict[str, str] = {}
    while True:
        try:
            line = console.ask_hidden("")
        except EOFError:
            return found
        name, mark, text = line.strip().partition("=")
        if mark and not name.startswith("#"):
            found[name.strip()] = text.strip()
