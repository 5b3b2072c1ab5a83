"""Tells once of each finished day that brought something else by the broker's own figures."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from bot.aside import aside
from engine.errors import TradingError
from engine.model.ids import Mode
from engine.model.money import Money
from engine.model.realised import BrokerDiffers, Difference
from engine.ports.chat_store import Alert, Outbox
from engine.ports.control import EngineControl
from engine.ports.journal import NumberedFact
from reports.broker import DayCheck, Verdict
from reports.periods import Span
from reports.queries import OldBook
from reports.report import ZERO, Report, read
from reports.trades import total

_LOG = logging.getLogger(__name__)
_DIGEST = 2  # told after everything that is urgent
_TELLS_BACK = timedelta(days=31)


class BrokerNews:
    """``books``: the directory they are in; ``wake``: the outbox got something."""

    def __init__(
        self, books: Path, control: EngineControl, outbox: Outbox, wake: Callable[[], None]
    ) -> None:
        self._books = books
        self._control = control
        self._outbox = outbox
        self._wake = wake
        self._answered = asyncio.Event()

    def heard(self) -> None:
        """The broker told of finished days; they are in the book."""
        self._answered.set()

    async def run(self) -> None:
        """Look at the start, for what a crash kept back, and after each answer, for ever."""
        while True:
            await self.look()
            await self._answered.wait()
            self._answered.clear()

    async def look(self) -> None:
        """Put what differs into the outbox, where each day has its place and is told once."""
        for desk in self._control.desks():
            mode = self._control.status().modes[desk]
            if mode is not Mode.LIVE:
                continue
            try:
                found = await aside(read, self._books, desk, mode, Span.ALL)
                if found is not None:
                    await self._tell(found)
            except (sqlite3.Error, OldBook, TradingError):
                _LOG.exception("%s: the broker's figures cannot be compared", desk)

    async def _tell(self, found: Report[Money]) -> None:
        now = self._control.now()
        book = f"{found.mode}.{found.desk}.broker"
        for check in _worth_telling(found):
            fact = fact_of(check, found)
            if check.day >= now.date() - _TELLS_BACK:
                is_gain = bool(check.of(Verdict.DIFFERS))
                # Costs alone are off every day until the settings are right: told once a month.
                day = check.day if is_gain else check.day.replace(day=1)
                numbered = NumberedFact(day.toordinal(), now, found.desk, fact)
                place = book if is_gain else f"{book}.costs"
                await self._outbox.put(place, numbered, Alert(_DIGEST))
        self._wake()


def _worth_telling(found: Report[Money]) -> Iterator[DayCheck[Money]]:
    """Every day whose gain differs; of costs alone, which have one cause, the last day."""
    checks = () if found.broker is None else found.broker.checks
    for check in checks:
        if check.of(Verdict.DIFFERS) or (check is checks[-1] and not check.agrees):
            yield check


def fact_of(check: DayCheck[Money], found: Report[Money]) -> BrokerDiffers[Money]:
    """What is told of a day."""
    zero = ZERO[found.desk]
    compared = [line for line in check.lines if line.is_compared]
    return BrokerDiffers(
        day=check.day,
        symbols=tuple(
            Difference(
                symbol=line.symbol,
                name=found.names.get(line.symbol, ""),
                qty=line.qty,
                broker_qty=line.broker_qty,
                realised=line.realised,
                broker_realised=line.broker_realised,
                costs=line.costs,
                broker_costs=line.broker_costs,
                costs_only=line.verdict is Verdict.COSTS,
            )
            for line in check.of(Verdict.DIFFERS, Verdict.COSTS)
        ),
        realised=total((line.realised for line in compared), zero),
        broker_realised=total((line.broker_realised for line in compared), zero),
        by_hand=len(check.of(Verdict.BY_HAND)),
    )
