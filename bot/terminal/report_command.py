"""``run.py report``: whose books are meant, and until when."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import datetime

from bot.format.lang import Lang
from bot.report_run import Asked, run_report
from bot.terminal import command_words, here
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
    if not ran:
        given = here.elsewhere(data, options.config, options.env_file)
        said = command_words.no_report_yet(str(data), given, Lang(config.language))
        sys.stderr.write(f"{said}\n")
        return FAILED
    until = None if (data / DEMO_FILE).exists() else now()
    asked = Asked(data, options.period, ran, until, options.out)
    return OK if run_report(asked, chat_settings(config, ())) else FAILED
