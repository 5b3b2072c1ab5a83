"""The commands that talk with a person at a terminal: their arguments, language and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bot.chat import HumanTime
from bot.format.lang import Lang
from bot.terminal.console import Terminal
from bot.terminal.language import language_for
from bot.terminal.parser import Parser
from bot.terminal.refusals import in_words
from bot.terminal.secrets_command import (
    MISCONFIGURED,
    Place,
    add_secrets_arguments,
    run_secrets,
)
from bot.terminal.setup import World, run_setup
from bot.terminal.setup_answers import add_setup_arguments
from engine.errors import ConfigError

TERMINAL = ("secrets", "setup")

Run = Callable[[list[str], Mapping[str, str]], int]


def in_terminal(arguments: Sequence[str], time: HumanTime, run: Run) -> int:
    """Run one of them; ``arguments`` begin with its name. ``run``: any other command."""
    lang = language_for(arguments)
    options = _parser(lang).parse_args(arguments)

    def examine(environ: Mapping[str, str]) -> int:
        where = ["--config", str(options.config), "--env-file", str(options.env_file)]
        where += ["--data-dir", str(options.data_dir), "--log-level", "ERROR"]
        return run(["doctor", *where], environ)

    try:
        if options.command == "setup":
            place = Place(options.data_dir, options.env_file, os.environ)
            world = World(place, options.config, time, examine)
            return run_setup(world, Terminal(), options)
        return run_secrets(options, os.environ, Terminal(), lang, time.now)
    except ConfigError as error:
        sys.stderr.write(f"{in_words(str(error), lang)}\n")
        return MISCONFIGURED


def _parser(language: Lang) -> Parser:
    def lang() -> Lang:
        return language

    parser = Parser(prog="run.py", lang=lang)
    commands = parser.add_subparsers(dest="command", required=True)
    secrets = commands.add_parser(
        "secrets", lang=lang, help="the encrypted store of keys and tokens"
    )
    add_secrets_arguments(secrets)
    setup = commands.add_parser(
        "setup", lang=lang, help="first contact: from nothing to a sound assistant"
    )
    add_setup_arguments(setup)
    for command in (secrets, setup):
        command.add_argument("--config", type=Path, default=Path("config.yaml"))
        command.add_argument("--env-file", type=Path, default=Path(".env"))
        command.add_argument("--data-dir", type=Path, default=Path("data"))
    return parser
