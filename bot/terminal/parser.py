"""argparse, refusing in the trader's language."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from bot.format.lang import Lang
from bot.terminal.refusals import in_words


class Parser(argparse.ArgumentParser):
    """Ends the program with 2, the usage and one line that says what is wrong."""

    def __init__(self, *, lang: Lang, **rest: Any) -> None:
        super().__init__(**rest)
        self._lang = lang

    def error(self, message: str) -> NoReturn:
        """Never returns."""
        told = in_words(message, self._lang)
        self.exit(2, f"{self.format_usage()}{self._lang.pick('⚠️', 'error:')} {told}\n")
