"""/report: what a day, week, month, quarter, year, range or all of the book brought."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.chat import Action, Attachment, Button, Reply, Rows, Run, Verb
from bot.commands_view import usage
from bot.format import replies, report_asked, report_symbols
from bot.format import report as text
from bot.format import together as both_text
from bot.format.open_gain import open_gain
from bot.preferences import Preferences
from bot.report_pictures import ReportPictures
from bot.report_reader import UNREADABLE, ReportReader
from bot.report_request import Request, Wrong, desk_named, parse
from engine.model.ids import DeskName
from engine.model.money import Money
from reports.periods import SPANS, Period
from reports.report import Report, day_of_all
from reports.together import together

_LOG = logging.getLogger(__name__)
_VALID_S = 24 * 3600

_Found = Sequence[tuple[DeskName, Report[Money] | None]]


class ReportCommands:
    """Texts with buttons for their neighbours, their stocks and their files."""

    def __init__(
        self, reader: ReportReader, pictures: ReportPictures, preferences: Preferences
    ) -> None:
        self._reader = reader
        self._pictures = pictures
        self._preferences = preferences

    def commands(self) -> Mapping[str, Run]:
        """By name."""
        return {"report": self.report}

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {
            Verb.REPORT: self.turned,
            Verb.REPORT_FILES: self.files,
            Verb.REPORT_PICTURES: self.pictures,
            Verb.REPORT_SYMBOLS: self.symbols,
        }

    async def report(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """/report PERIOD [krx|us] [YYYY-MM-DD], or two days; without a period: which there are."""
        if not arguments:
            return self._menu()
        lang = self._preferences.lang
        named = desk_named(arguments)
        today = max(self._reader.today(desk) for desk in ([named] if named else DeskName))
        match parse(arguments, today):
            case Request() as asked:
                return await self._shown(asked, with_pictures=True)
            case Wrong.NO_SUCH_DAY:
                return Reply(report_asked.no_such_day(lang))
            case Wrong.BACKWARDS:
                return Reply(report_asked.backwards(lang))
            case Wrong.FUTURE:
                return Reply(report_asked.future(today, lang))
            case Wrong.USAGE:
                return usage("report", self._preferences)

    async def turned(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """A period of one desk or of all."""
        return await self._shown(Request.decode(arguments))

    async def pictures(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """The same report again, and its pictures."""
        return await self._shown(Request.decode(arguments), with_pictures=True)

    async def files(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """The same report again, and its tables as files."""
        asked = Request.decode(arguments)
        try:
            found = await self._read(asked)
            attachments = [
                Attachment(name, content)
                for _, one in found
                if one is not None
                for name, content in (await self._reader.tables(one)).items()
            ]
        except UNREADABLE:
            return self._unreadable()
        return replace(self._reply(asked, found), attachments=tuple(attachments))

    async def symbols(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """What each stock of the period contributed."""
        page, asked = int(arguments[0]), Request.decode(arguments[1:])
        lang = self._preferences.lang
        try:
            found = await self._read(asked)
        except UNREADABLE:
            return self._unreadable()
        there = [one for _, one in found if one is not None]
        if not there:
            return self._reply(asked, found)
        pages = max(report_symbols.pages(one) for one in there)
        page = min(page, pages - 1)
        blocks = [
            report_symbols.symbols(one, page, lang)
            for one in there
            if page < report_symbols.pages(one)
        ]
        back = Button(lang.pick("◀ 보고서", "◀ Report"), Action(Verb.REPORT, asked.encode()))
        rows = (*_page_row(asked, page, pages), (back, _files_button(asked)))
        return Reply("\n\n".join(blocks), rows, _VALID_S)

    async def _shown(self, asked: Request, *, with_pictures: bool = False) -> Reply:
        """Its text; pictures follow it."""
        wanted = asked.desk
        if wanted is not None and wanted not in self._reader.desks():
            return Reply(report_asked.switched_off(wanted, self._preferences.lang))
        try:
            found = await self._read(asked)
        except UNREADABLE:
            return self._unreadable()
        reply = self._reply(asked, found)
        if not with_pictures:
            return reply
        there = [one for _, one in found if one is not None]
        return replace(reply, drawing=lambda: self._pictures.draw(there))

    async def _read(self, asked: Request) -> _Found:
        """Of the same period, where no day of it was named: the one with the last trade of all."""
        found: dict[DeskName, Report[Money] | None] = {}
        for desk in self._reader.desks(asked.desk):
            found[desk] = await self._reader.read(desk, asked)
        there = [one for one in found.values() if one is not None]
        day = day_of_all(there, asked.until)
        if day is not None:
            for one in there:
                found[one.desk] = await self._reader.read(one.desk, replace(asked, until=day))
        return list(found.items())

    def _unreadable(self) -> Reply:
        _LOG.exception("the book cannot be read for a report")
        return Reply(text.unreadable(self._preferences.lang))

    def _reply(self, asked: Request, found: _Found) -> Reply:
        lang = self._preferences.lang
        blocks = [
            text.nothing(desk, lang) if one is None else text.report(one, lang)
            for desk, one in found
        ]
        there = [one for _, one in found if one is not None]
        blocks += self._beside(there)
        rows = self._rows(asked, there) if there else ()
        return Reply("\n\n".join(blocks) or replies.no_desk(lang), rows, _VALID_S)

    def _beside(self, found: Sequence[Report[Money]]) -> list[str]:
        """Both desks in won, and what is held now, where the period goes up to now."""
        lang, now, view = self._preferences.lang, self._reader.now(), self._reader.view()
        both = together(found)
        blocks = [] if both is None else [both_text.together(both, lang)]
        held = [open_gain(view, one.desk, lang) for one in found if one.is_of(now)]
        return [*blocks, *(one for one in held if one is not None)]

    def _rows(self, asked: Request, shown: Sequence[Report[Money]]) -> Rows:
        """The periods before and after as far as the books go, what is in this one, the others."""
        period, desk, lang = shown[0].period, asked.desk, self._preferences.lang
        first, last = min(one.first for one in shown), max(one.last for one in shown)
        beside = []
        if period.previous is not None and period.previous.last >= first:
            beside.append(_to(f"◀ {period.previous.label}", period.previous, desk))
        if period.following is not None and period.following.first <= last:
            beside.append(_to(f"{period.following.label} ▶", period.following, desk))
        inside = [_page_button(lang.pick("종목별", "By stock"), asked, 0), _files_button(asked)]
        if any(one.quality.trades for one in shown):
            action = Action(Verb.REPORT_PICTURES, asked.encode())
            inside.insert(1, Button(lang.pick("그림", "Pictures"), action))
        until = max(period.first, min(period.last, last))
        others = tuple(
            _button(text.span_name(span, lang), Request(span, desk, until))
            for span in SPANS
            if span is not period.span
        )
        return (*((tuple(beside),) if beside else ()), tuple(inside), others)

    def _menu(self) -> Reply:
        lang = self._preferences.lang
        rows = tuple((_button(text.span_name(span, lang), Request(span)),) for span in SPANS)
        return Reply(text.which(lang), rows, _VALID_S)


def _to(label: str, period: Period, desk: DeskName | None) -> Button:
    return _button(label, Request(period.span, desk, period.last))


def _button(label: str, asked: Request) -> Button:
    return Button(label, Action(Verb.REPORT, asked.encode()))


def _page_row(asked: Request, page: int, pages: int) -> Rows:
    row = []
    if page:
        row.append(_page_button(f"◀ {page}/{pages}", asked, page - 1))
    if page + 1 < pages:
        row.append(_page_button(f"{page + 2}/{pages} ▶", asked, page + 1))
    return (tuple(row),) if row else ()


def _page_button(label: str, asked: Request, page: int) -> Button:
    return Button(label, Action(Verb.REPORT_SYMBOLS, (str(page), *asked.encode())))


def _files_button(asked: Request) -> Button:
    return Button("CSV", Action(Verb.REPORT_FILES, asked.encode()))
