"""Moments as HTML (KST with New York beside it), and ages as plain text."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytz

from bot.format.lang import Lang

KST = pytz.timezone("Asia/Seoul")
EASTERN = pytz.timezone("America/New_York")
_SHORT = "dt"  # short date, short time (Bot API, date-time entity formatting)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def kst(at: datetime) -> str:
    """11-21 23:30 KST; clients that know the tag show the reader's own date and time instead."""
    korean = f"{at.astimezone(KST):%m-%d %H:%M} KST"
    return f'<tg-time unix="{int(at.timestamp())}" format="{_SHORT}">{korean}</tg-time>'


def both(at: datetime, lang: Lang) -> str:
    """11-21 23:30 KST (09:30 ET), with summer time marked; New York stands outside the tag."""
    eastern = at.astimezone(EASTERN)
    summer = lang.pick(" 서머타임", " DST") if eastern.dst() else ""
    return f"{kst(at)} ({eastern:%H:%M} ET{summer})"


def day(value: date) -> str:
    """2026-11-21."""
    return value.isoformat()


def age(at: datetime | None, now: datetime, lang: Lang) -> str:
    """How long ago; a time that never was is said as such."""
    if at is None:
        return lang.pick("아직 없음", "never")
    return lang.pick(f"{span(now - at, lang)} 전", f"{span(now - at, lang)} ago")


def span(length: timedelta, lang: Lang) -> str:
    """Two units at most: 2시간 5분."""
    total = max(0, int(length.total_seconds()))
    days, rest = divmod(total, _DAY)
    hours, rest = divmod(rest, _HOUR)
    minutes, seconds = divmod(rest, _MINUTE)
    units = (
        (days, lang.pick("일", " d")),
        (hours, lang.pick("시간", " h")),
        (minutes, lang.pick("분", " min")),
        (seconds, lang.pick("초", " s")),
    )
    named = [f"{count}{unit}" for count, unit in units if count][:2]
    return " ".join(named) or lang.pick("0초", "0 s")
