"""What the commands without a dialogue take; those with one are in ``terminal/dispatch``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from bot.format.lang import Lang
from bot.report_run import period_of
from bot.terminal import command_words as words
from bot.terminal.parser import Parser
from engine.model.ids import Mode
from reports.periods import SPANS

COMMANDS = ("bot", "stop", "check-config", "doctor", "report", "replay")
RECORDED = Path("..", "shared", "data", "krx", "minute")


def nearest_command(given: Sequence[str], others: Sequence[str]) -> tuple[str, str | None] | None:
    """A first word that is no command, and the one most like it; None where all is well."""
    known = (*COMMANDS, *others)
    if not given or given[0].startswith("-") or given[0] in known:
        return None
    near = get_close_matches(given[0].casefold(), known, n=1)
    return given[0], near[0] if near else None


def asked_for(given: Sequence[str], lang: Callable[[], Lang]) -> argparse.Namespace:
    """The options; ``period`` is read. Ends the program with 2 where the words do not fit.

    ``lang``: asked for only then.
    """
    command = next((word for word in given if word in COMMANDS), "")
    parser = _parser(command, lang)
    if command:
        parser.hide_foreign(command)
    options = parser.parse_intermixed_args(given)
    if options.command != "report":
        if options.period:
            parser.error(f"unrecognized arguments: {' '.join(options.period)}")
        return options
    if not options.period:
        parser.exit(2, words.report_usage(SPANS, lang()) + "\n")
    try:
        options.period = period_of(options.period, options.until)
    except ValueError as error:
        parser.error(str(error))
    return options


def _parser(command: str, lang: Callable[[], Lang]) -> Parser:
    """One for all of these commands: options may stand before the command."""
    parser = Parser(prog=f"run.py {command}".rstrip(), lang=lang)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--config", type=Path, default=Path("config.yaml"))
    parser.add_argument("--env-file", type=Path, default=Path(".env"))
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--record", type=Path, default=None)
    parser.add_argument("period", nargs="*")
    parser.add_argument("--mode", type=Mode, choices=list(Mode), default=None)
    parser.add_argument("--until", type=date.fromisoformat, default=None)
    parser.add_argument("--out", type=Path, default=None)
    parser.add_argument("--recording", type=Path, default=None)
    parser.add_argument("--minutes", type=Path, default=RECORDED)
    parser.add_argument("--date", type=date.fromisoformat, default=None)
    parser.add_argument("--symbol", default="")
    parser.add_argument(
        "--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO"
    )
    return parser
