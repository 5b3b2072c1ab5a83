"""What the commands without a dialogue take; those with one are in ``terminal/dispatch``."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from engine.model.ids import Mode
from reports.periods import SPANS

COMMANDS = ("bot", "stop", "check-config", "doctor", "report", "replay")
RECORDED = Path("..", "shared", "data", "krx", "minute")


def make_parser() -> argparse.ArgumentParser:
    """The parser; ``report`` and its period are checked by who calls it."""
    parser = argparse.ArgumentParser(prog="run.py")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("--config", type=Path, default=Path("config.yaml"))
    parser.add_argument("--env-file", type=Path, default=Path(".env"))
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument(
        "--record", type=Path, default=None, help="bot: keep all that the desks see in this folder"
    )
    asked = parser.add_argument_group("report")
    asked.add_argument(
        "period", nargs="*", help=f"{', '.join(SPANS)}, or the first and the last day"
    )
    asked.add_argument("--mode", type=Mode, choices=list(Mode), default=None)
    asked.add_argument("--until", type=date.fromisoformat, default=None, help="YYYY-MM-DD")
    asked.add_argument("--out", type=Path, default=None, help="a folder for the files")
    only = parser.add_argument_group("replay")
    only.add_argument("--recording", type=Path, default=None, help="a file kept by --record")
    only.add_argument("--minutes", type=Path, default=RECORDED, help="folder of recorded minutes")
    only.add_argument("--date", type=date.fromisoformat, default=None, help="one day: YYYY-MM-DD")
    only.add_argument("--symbol", default="", help="one stock: code or name")
    parser.add_argument(
        "--log-level", choices=("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO"
    )
    return parser
