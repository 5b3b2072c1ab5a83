"""A person at a terminal, or what a script writes to our stdin."""

from __future__ import annotations

import getpass
import sys
from typing import Protocol


class Console(Protocol):
    """Where questions are put and answers come from."""

    @property
    def is_person(self) -> bool:
        """Whether somebody can answer; otherwise questions end the command."""
        ...

    def say(self, text: str = "") -> None:
        """Print a line."""
        ...

    def ask(self, question: str) -> str:
        """One line, without blanks around it. Raises EOFError when nothing more comes."""
        ...

    def ask_hidden(self, question: str) -> str:
        """The same without echo; whatever stands on the line. Raises EOFError."""
        ...


class Terminal:
    """The real one. Without a terminal every answer is the next line of stdin."""

    @property
    def is_person(self) -> bool:
        """Whether stdin is a terminal."""
        return sys.stdin is not None and sys.stdin.isatty()

    def say(self, text: str = "") -> None:
        """Print a line."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def ask(self, question: str) -> str:
        """One line."""
        if not self.is_person:
            return _next_line().strip()
        return input(question).strip()

    def ask_hidden(self, question: str) -> str:
        """One line without echo."""
        return getpass.getpass(question) if self.is_person else _next_line()


def _next_line() -> str:
    line = "" if sys.stdin is None else sys.stdin.readline()
    if not line:
        raise EOFError
    return line.rstrip("\r\n")
