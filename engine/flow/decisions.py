"""Puts each decision of a desk into the log: the one place where that happens."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from engine.desk.base import Outcome
from engine.flow.decision_lines import level_of, line_of, told_of
from engine.model.ids import DeskName, Mode
from engine.model.log_lines import LogLine
from engine.model.money import Money

log = logging.getLogger(__name__)


class Decisions:
    """Of one desk in one mode. Nothing in here waits or raises."""

    def __init__(self, desk: DeskName, mode: Mode) -> None:
        self._whose = (("desk", desk.value), ("mode", mode.value))

    def note(self, at: datetime, outcome: Outcome[Money]) -> None:
        """What was decided at this market time. Made text later, by whoever writes it."""
        for told in told_of(outcome):
            level = level_of(told)
            if log.isEnabledFor(level):
                log.log(level, LogLine(partial(line_of, told, self._whose, at)))

    def begun(self) -> None:
        """The desk runs in this mode from here on."""
        fields = (("event", "mode"), *self._whose)
        log.info(LogLine(lambda: fields))
