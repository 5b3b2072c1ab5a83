"""The commands that talk with a person at a terminal: their arguments, language and exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from bot.format.lang import Lang
from bot.terminal.console import Terminal
from bot.terminal.secrets_command import MISCONFIGURED, add_secrets_arguments, run_secrets
from engine.config import load_config
from engine.errors import ConfigError

TERMINAL = ("secrets",)


def in_terminal(arguments: Sequence[str], now: Callable[[], datetime]) -> int:
    """Run one of them; ``arguments`` begin with its name."""
    options = _parser().parse_args(arguments)
    lang = language_of(options.config)
    try:
        return run_secrets(options, os.environ, Terminal(), lang, now)
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
    for command in (secrets,):
        command.add_argument("--config", type=Path, default=Path("config.yaml"))
        command.add_argument("--env-file", type=Path, default=Path(".env"))
        command.add_argument("--data-dir", type=Path, default=Path("data"))
    return parser
