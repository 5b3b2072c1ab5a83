"""``run.py replay``: what was recorded through a desk."""

from __future__ import annotations

import argparse
import sys

from engine.config import Config
from engine.wiring.relive import DIFFERENCE, relive_lines
from engine.wiring.replay import VIOLATION, replay_lines

OK, FAILED = 0, 1


def replay(options: argparse.Namespace, config: Config) -> int:
    """0 when all is sound. Neither keys nor a data directory are touched. Raises ConfigError."""
    if options.recording is not None:
        lines = relive_lines(options.recording, config)
    else:
        lines = replay_lines(options.minutes, config, day=options.date, symbol=options.symbol)
    is_sound = True
    for line in lines:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        is_sound = is_sound and not line.lstrip().startswith((VIOLATION, DIFFERENCE))
    return OK if is_sound else FAILED
