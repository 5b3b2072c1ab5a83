"""``run.py report``: whose books are meant, and until when."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime

from bot.report_run import Asked, run_report
from bot.terminal.chat_settings import chat_settings
from engine.adapters.sqlite.looks import mode_of
from engine.config import Config
from engine.model.ids import DeskName
from engine.wiring.places import DEMO_FILE

OK, FAILED = 0, 1


def report(options: argparse.Namespace, config: Config, now: Callable[[], datetime]) -> int:
    """0 when all that was wanted could be made. Reads only; no secret is needed."""
    data = options.data_dir
    modes = {desk: options.mode or mode_of(data, desk) for desk in DeskName}
    ran = {desk: mode for desk, mode in modes.items() if mode is not None}
    until = None if (data / DEMO_FILE).exists() else now()
    asked = Asked(data, options.period, ran, until, options.out)
    return OK if run_report(asked, chat_settings(config, ())) else FAILED
