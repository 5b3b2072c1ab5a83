"""The commands that talk with a person at a terminal: their arguments, language and exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bot.chat import HumanTime
from bot.format.lang import Lang
from bot.terminal.console import Terminal
from bot.terminal.secrets_command import (
    MISCONFIGURED,
    Place,
    add_secrets_arguments,
    run_secrets,
)
from bot.terminal.setup import World, run_setup
from bot.terminal.setup_answers import add_setup_arguments
from engine.config import load_config
from engine.errors import ConfigError

TERMINAL = ("secrets", "setup")

Run = Callable[[list[str], Mapping[str, str]], int]


def in_terminal(arguments: Sequence[str], time: HumanTime, run: Run) -> int:
    """Run one of them; ``arguments`` begin with its name. ``run``: any other command."""
    options = _parser().parse_args(arguments)

    def examine(environ: Mapping[str, str]) -> int:
        where = ["--config", str(options.config), "--env-file", str(options.env_file)]
        where += ["--data-dir", str(options.data_dir), "--log-level", "ERROR"]
        return run(["doctor", *where], environ)

    try:
        if options.command == "setup":
            place = Place(options.data_dir, options.env_file, os.environ)
            world = World(place, options.config, time, examine)
            return run_setup(world, Terminal(), options)
        lang = language_of(options.config)
        return run_secrets(options, os.environ, Terminal(), lang, time.now)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return MISCONFIGURED


def language_of(config: Path) -> Lang:
    """The config's, Korean where it says nothing or cannot be read."""
    try:
        return Lang(load_config(config if config.exists() else None).config.language)
    except ConfigError:
        return Lang.KO


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py")
    commands = parser.add_subparsers(dest="command", required=True)
    secrets = commands.add_parser("secrets", help="the encrypted store of keys and tokens")
    add_secrets_arguments(secrets)
    setup = commands.add_parser("setup", help="first contact: from nothing to a sound assistant")
    add_setup_arguments(setup)
    for command in (secrets, setup):
        command.add_argument("--config", type=Path, default=Path("config.yaml"))
        command.add_argument("--env-file", type=Path, default=Path(".env"))
        command.add_argument("--data-dir", type=Path, default=Path("data"))
    return parser
