"""/report: what a day, week, month, quarter, year or all of the book brought."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from bot.chat import Action, Button, Reply, Rows, Run, Verb
from bot.commands_view import usage
from bot.format import report as text
from bot.format import together as both_text
from bot.format.open_gain import open_gain
from bot.preferences import Preferences
from engine.model.ids import DeskName
from engine.model.money import Money
from engine.ports.control import EngineControl
from reports.periods import SPANS, Period, Span
from reports.queries import OldBook
from reports.report import Report, read
from reports.together import together

_LOG = logging.getLogger(__name__)
_VALID_S = 24 * 3600
_NO_DAY = ""


class ReportCommands:
    """``books``: the directory they are in."""

    def __init__(self, books: Path, control: EngineControl, preferences: Preferences) -> None:
        self._books = books
        self._control = control
        self._preferences = preferences

    def commands(self) -> Mapping[str, Run]:
        """By name."""
        return {"report": self.report}

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {Verb.REPORT: self.turned}

    async def report(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """/report PERIOD [krx|us] [YYYY-MM-DD]; without a period: which there are."""
        if not arguments:
            return self._menu()
        typed = [word.casefold() for word in arguments]
        spans = [word for word in typed if word in set(SPANS)]
        desks = [word for word in typed if word in set(DeskName)]
        days = [word for word in typed if _is_day(word)]
        known = len(spans) + len(desks) + len(days)
        if len(spans) != 1 or len(desks) > 1 or len(days) > 1 or known != len(typed):
            return usage("report", self._preferences)
        (span,), desk, day = spans, *(desks or [""]), *(days or [_NO_DAY])
        return await self.turned((span, desk, day), user_id)

    async def turned(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """A period of one desk or of all."""
        span, wanted, day = Span(arguments[0]), arguments[1], arguments[2]
        lang = self._preferences.lang
        until = None if day == _NO_DAY else date.fromisoformat(day)
        desks = (DeskName(wanted),) if wanted else self._control.desks()
        try:
            found = [await self._read(desk, span, until) for desk in desks]
        except (sqlite3.Error, OldBook):
            _LOG.exception("the book cannot be read for a report")
            return Reply(text.unreadable(lang))
        blocks = [
            text.nothing(desk, lang) if one is None else text.report(one, lang)
            for desk, one in zip(desks, found, strict=True)
        ]
        blocks += self._beside([one for one in found if one is not None], desks)
        some = next((one for one in found if one is not None), None)
        rows = () if some is None else self._turn(some, wanted)
        return Reply("\n\n".join(blocks), rows, _VALID_S)

    async def _read(self, desk: DeskName, span: Span, until: date | None) -> Report[Money] | None:
        mode, now = self._control.status().modes[desk], self._control.now()
        return await asyncio.to_thread(read, self._books, desk, mode, span, until, now=now)

    def _beside(self, found: Sequence[Report[Money]], desks: Sequence[DeskName]) -> list[str]:
        """Both desks in won, and what is held now, where the period goes up to now."""
        lang, now, view = self._preferences.lang, self._control.now(), self._control.status()
        both = together(found)
        blocks = [] if both is None else [both_text.together(both, lang)]
        present = {one.desk for one in found if one.is_of(now)}
        held = [open_gain(view, desk, lang) for desk in desks if desk in present]
        return [*blocks, *(one for one in held if one is not None)]

    def _turn(self, shown: Report[Money], desk: str) -> Rows:
        """The periods before and after, as far as the book goes."""
        period, lang = shown.period, self._preferences.lang
        row = []
        if period.previous is not None and period.previous.last >= shown.first:
            row.append(self._to(f"◀ {period.previous.label}", period.previous, desk))
        if period.following is not None and period.following.first <= shown.last:
            row.append(self._to(f"{period.following.label} ▶", period.following, desk))
        others = tuple(
            self._button(text.span_name(span, lang), span, desk, period.last.isoformat())
            for span in (Span.DAY, Span.WEEK, Span.MONTH, Span.YEAR, Span.ALL)
            if span is not period.span
        )
        return (tuple(row), others) if row else (others,)

    def _menu(self) -> Reply:
        lang = self._preferences.lang
        rows = tuple(
            (self._button(text.span_name(span, lang), span, "", _NO_DAY),) for span in SPANS
        )
        return Reply(text.which(lang), rows, _VALID_S)

    def _to(self, label: str, period: Period, desk: str) -> Button:
        return self._button(label, period.span, desk, period.last.isoformat())

    def _button(self, label: str, span: Span, desk: str, day: str) -> Button:
        return Button(label, Action(Verb.REPORT, (span, desk, day)))


def _is_day(word: str) -> bool:
    try:
        date.fromisoformat(word)
    except ValueError:
        return False
    return True
