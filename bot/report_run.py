"""``run.py report``: the chat's report and its files, without a chat."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from bot.chat import ChatSettings
from bot.format import report as text
from bot.format import together as both_text
from bot.format import words
from bot.format.lang import Lang
from bot.format.markup import plain
from bot.picture_look import look
from bot.terminal import command_words
from engine.model.ids import DeskName, Mode
from engine.model.money import Money
from reports.files import write
from reports.periods import SPANS, Span, between
from reports.pictures.painter import Painter, PicturesFailed
from reports.pictures.subjects import Request, view
from reports.queries import OldBook
from reports.report import Report, day_of_all, read
from reports.together import together


@dataclass(frozen=True, slots=True)
class Asked:
    """``period``: span, last (or any) day, first day of a range. ``modes``: whose books are meant.

    ``now``: until when minutes with a running desk count; None: not at all. ``out``: a folder for
    the files; None: none are wanted.
    """

    data: Path
    period: tuple[Span, date | None, date | None]
    modes: Mapping[DeskName, Mode]
    now: datetime | None
    out: Path | None


def period_of(typed: Sequence[str], until: date | None) -> tuple[Span, date | None, date | None]:
    """The period of the typed words. Raises ValueError with what is allowed."""
    if len(typed) == 1 and typed[0] in set(SPANS):
        return Span(typed[0]), until, None
    allowed = f"a period is one of {', '.join(SPANS)}, or two days: 2026-03-01 2026-03-31"
    try:
        first, last = (date.fromisoformat(word) for word in typed)
    except ValueError:
        raise ValueError(f"{' '.join(typed)}: {allowed}") from None
    if until is not None:
        raise ValueError("two days say themselves until when: without --until")
    asked = between(first, last)
    return asked.span, asked.last, asked.first


def run_report(asked: Asked, settings: ChatSettings) -> bool:
    """Print the report of each desk that ever ran; whether all that was wanted could be made."""
    lang = Lang(settings.language)
    try:
        told = list(_told(asked, lang))
    except (sqlite3.Error, OldBook, OSError) as error:
        sys.stderr.write(f"{text.unreadable(lang)} {error}\n")
        return False
    found = [one for one in told if one is not None]
    both = together(found)
    if both is not None:
        print(plain(both_text.together(both, lang)))
    return asked.out is None or _draw(found, asked.out, settings)


def _read(asked: Asked) -> Mapping[DeskName, Report[Money] | None]:
    """Of each desk the same period."""
    span, until, since = asked.period
    found = {
        desk: read(asked.data, desk, mode, span, until, since, now=asked.now)
        for desk, mode in asked.modes.items()
    }
    there = [one for one in found.values() if one is not None]
    day = day_of_all(there, until)
    if day is None:
        return found
    again = {
        one.desk: read(asked.data, one.desk, one.mode, span, day, since, now=asked.now)
        for one in there
    }
    return {**found, **again}


def _told(asked: Asked, lang: Lang) -> Iterator[Report[Money] | None]:
    for desk, found in _read(asked).items():
        mode = asked.modes[desk]
        said = plain(text.nothing(desk, lang) if found is None else text.report(found, lang))
        print(f"[{words.mode(mode, lang)}] {said}\n", flush=True)
        if asked.out is not None and found is not None:
            for path in write(asked.data, found, said, asked.out):
                print(path)
        yield found


def _draw(reports: Sequence[Report[Money]], out: Path, settings: ChatSettings) -> bool:
    views = tuple(view(one) for one in reports if one.quality.trades)
    request = Request(look(settings, Lang(settings.language)), views)
    if not views:
        return True
    try:
        pictures = asyncio.run(Painter().draw(request))
    except PicturesFailed as error:
        told = command_words.no_pictures(str(error), Lang(settings.language))
        sys.stderr.write(f"{told}\n")
        return False
    for name, one in zip(request.files, pictures, strict=True):
        path = out / name
        path.write_bytes(one.png)
        print(path)
    return True
