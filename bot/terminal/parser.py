"""argparse, refusing and explaining in the trader's language."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from bot.format.lang import Lang
from bot.terminal import option_words
from bot.terminal.refusals import in_words


class Parser(argparse.ArgumentParser):
    """Ends the program with 2, the usage and one line that says what is wrong.

    ``lang``: asked for only then, as it may stand in a file that cannot be read in time.
    """

    def __init__(self, *, lang: Callable[[], Lang], **rest: Any) -> None:
        super().__init__(**rest)
        self._lang = lang

    def hide_foreign(self, command: str) -> None:
        """Show only what the command has of all that is taken."""
        own = option_words.COMMON | option_words.OWN[command]
        for action in self._actions:
            if action.dest not in own:
                action.help = argparse.SUPPRESS

    def format_help(self) -> str:
        """All of it, each option with its words."""
        lang = self._lang()
        for action in self._actions:
            if action.help != argparse.SUPPRESS:
                is_number = action.type is int
                action.help = option_words.text(action.dest, lang, is_number=is_number)
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Never returns."""
        lang = self._lang()
        told = in_words(message, lang)
        self.exit(2, f"{self.format_usage()}{lang.pick('⚠️', 'error:')} {told}\n")
