"""Reads reports of the modes in force, in a thread: the loop has ticks to handle."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from bot.aside import aside
from bot.report_request import Request
from engine.model.ids import DeskName
from engine.model.money import Money
from engine.model.status import StatusView
from engine.ports.control import EngineControl
from reports import files
from reports.periods import Period, exchange_date
from reports.queries import OldBook
from reports.report import Report, read, read_each

UNREADABLE = (sqlite3.Error, OldBook)


class ReportReader:
    """``books``: the directory they are in. Every reading may raise one of UNREADABLE."""

    def __init__(self, books: Path, control: EngineControl) -> None:
        self._books = books
        self._control = control

    def desks(self, wanted: DeskName | None = None) -> tuple[DeskName, ...]:
        """The one, or all that run."""
        return self._control.desks() if wanted is None else (wanted,)

    def today(self, desk: DeskName) -> date:
        """The date at the desk's exchange."""
        return exchange_date(desk, self.now())

    def now(self) -> datetime:
        """Market time."""
        return self._control.now()

    def view(self) -> StatusView:
        """What is held at present."""
        return self._control.status()

    async def read(self, desk: DeskName, asked: Request) -> Report[Money] | None:
        """None for a book without an execution."""
        mode = self._control.status().modes.get(desk)
        if mode is None:  # switched off since the button was shown
            return None
        period, now = (asked.span, asked.until, asked.since), self.now()
        return await aside(read, self._books, desk, mode, *period, now=now)

    async def several(self, desk: DeskName, periods: Sequence[Period]) -> tuple[Report[Money], ...]:
        """Of each period; none for a book without an execution."""
        mode = self._control.status().modes[desk]
        return await aside(read_each, self._books, desk, mode, periods)

    async def tables(self, report: Report[Money]) -> dict[str, bytes]:
        """Its CSV files by name."""
        return await aside(files.tables, self._books, report)
