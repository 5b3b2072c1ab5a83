"""/stats: today, this week and this month in short, from the same counting as /report."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from bot.chat import Reply, Run, Verb
from bot.commands_view import usage
from bot.format import replies, report, stats
from bot.format.arguments import meant
from bot.preferences import Preferences
from bot.report_reader import UNREADABLE, ReportReader
from bot.report_request import Request
from engine.model.ids import DeskName
from reports.periods import Span, period

_LOG = logging.getLogger(__name__)
_COUNTED = (Span.DAY, Span.WEEK, Span.MONTH, Span.YEAR)  # the year for its tax
_REASONS = "reasons"


class StatsCommands:
    """Every desk that runs, each by the date of its exchange."""

    def __init__(self, reader: ReportReader, preferences: Preferences) -> None:
        self._reader = reader
        self._preferences = preferences

    def commands(self) -> Mapping[str, Run]:
        """By name."""
        return {"stats": self.stats}

    def presses(self) -> Mapping[Verb, Run]:
        """None."""
        return {}

    async def stats(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """/stats; /stats reasons for the table of exits."""
        if not arguments:
            reply = await self._of_each(self._short)
            return Reply(f"{reply.text}\n\n{stats.further(self._preferences.lang)}")
        if len(arguments) == 1 and meant(arguments[0]) == _REASONS:
            return await self._of_each(self._reasons)
        return usage("stats", self._preferences)

    async def _of_each(self, tell: Callable[[DeskName], Awaitable[str]]) -> Reply:
        lang = self._preferences.lang
        try:
            blocks = [await tell(desk) for desk in self._reader.desks()]
        except UNREADABLE:
            _LOG.exception("the book cannot be read for the stats")
            return Reply(report.unreadable(lang))
        return Reply("\n\n".join(blocks) or replies.no_desk(lang))

    async def _short(self, desk: DeskName) -> str:
        today, lang = self._reader.today(desk), self._preferences.lang
        found = await self._reader.several(desk, [period(span, today) for span in _COUNTED])
        return stats.stats(desk, found, lang)

    async def _reasons(self, desk: DeskName) -> str:
        found, lang = await self._reader.read(desk, Request(Span.ALL)), self._preferences.lang
        return stats.none(desk, lang) if found is None else stats.reasons(found, lang)
