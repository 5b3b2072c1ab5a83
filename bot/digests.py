"""Digests of weeks and months: put into the outbox once, by the exchange's clock.

The outbox remembers what was put under its key, so neither a restart nor a clock that jumps tells
one twice (docs/adr/0012).
"""

from __future__ import annotations

import logging
from pathlib import Path

from bot.aside import aside
from bot.chat import HumanTime
from bot.delivery import book_mode
from bot.format import digest as text
from bot.format import fact_day
from bot.format.lang import Lang
from bot.report_reader import UNREADABLE
from engine.errors import TradingError
from engine.model.day_facts import DaySummary
from engine.model.digests import PeriodEnded, Stretch
from engine.model.ids import DeskName, Mode
from engine.model.money import Money
from engine.ports.chat_store import Alert, Outbox, OutboxItem
from engine.ports.control import EngineControl
from engine.ports.journal import NumberedFact
from reports.digest import Digest, due, read
from reports.periods import Period, Span, period

_LOG = logging.getLogger(__name__)
_LOOK_S = 30.0  # a look is two comparisons of dates; the book is read where one is due
_AFTER_ALL = Alert(priority=2)
_SPANS = {Stretch.WEEK: Span.WEEK, Stretch.MONTH: Span.MONTH}


class Digests:
    """``books``: the directory they are in. The outbox is looked into every other second."""

    def __init__(
        self, books: Path, control: EngineControl, outbox: Outbox, time: HumanTime
    ) -> None:
        self._books = books
        self._control = control
        self._outbox = outbox
        self._time = time
        self._settled: set[tuple[str, int]] = set()

    async def run(self) -> None:
        """Put what falls due, for ever."""
        while True:
            await self.look()
            await self._time.pause(_LOOK_S)

    async def look(self) -> None:
        """Put what is due now."""
        modes = self._control.status().modes
        for desk in self._control.desks():
            for stretch, span in _SPANS.items():
                ended = due(span, desk, self._control.now())
                if ended is not None:
                    await self._put(desk, modes[desk], stretch, ended)

    async def text(self, item: OutboxItem, lang: Lang) -> str | None:
        """The digest of a fact that has one; None for others, and where the book tells nothing."""
        numbered, mode = item.fact, book_mode(item.key.book)
        if numbered is None or mode is None:
            return None
        desk = numbered.desk
        match numbered.fact:
            case DaySummary() as fact:
                found = await self._read(desk, mode, period(Span.DAY, fact.day))
                return None if found is None else fact_day.day_summary(fact, lang, found)
            case PeriodEnded() as fact:
                wanted = Period(_SPANS[fact.stretch], fact.first, fact.last)
                found = await self._read(desk, mode, wanted)
                return None if found is None else text.period(found, lang)
        return None

    async def _put(self, desk: DeskName, mode: Mode, stretch: Stretch, ended: Period) -> None:
        book, seq = f"{mode}.{desk}.{stretch}", ended.first.toordinal()
        if (book, seq) in self._settled:
            return
        try:
            found = await aside(read, self._books, desk, mode, ended)
            if found is not None and found.report.executions:
                fact = PeriodEnded(stretch, ended.first, ended.last)
                numbered = NumberedFact(seq, self._control.now(), desk, fact)
                await self._outbox.put(book, numbered, _AFTER_ALL)
        except (*UNREADABLE, TradingError):
            _LOG.exception("no digest of %s yet", ended.label)
            return
        self._settled.add((book, seq))

    async def _read(self, desk: DeskName, mode: Mode, wanted: Period) -> Digest[Money] | None:
        try:
            return await aside(read, self._books, desk, mode, wanted)
        except UNREADABLE:
            _LOG.exception("the book cannot be read for a digest")
            return None
