"""``run.py doctor``: connects once to everything and prints a table."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import httpx
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.chat import ChatSettings
from engine.errors import TradingError
from engine.rules.live import LEAST_DISK_MB, MOST_SKEW_S

_HEALTH_S = 5.0
Probe = Callable[[], Awaitable[str]]


class Patient(Protocol):
    """What the doctor asks of the engine: its own probes by name."""

    def probes(self) -> Sequence[tuple[str, Probe]]:
        """Each returns a word of health or raises TradingError."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table."""

    name: str
    is_well: bool
    text: str


class Unwell(Exception):
    """A probe of this module found something wrong."""


async def examine(
    patient: Patient,
    chat: ChatSettings,
    token: str,
    data: Path,
    now: Callable[[], datetime],
    say: Callable[[str], None],
) -> int:
    """Run every probe, each told as it ends (KIS may let a token wait); 0 when all is well."""
    return await _tell(
        [*_own_probes(chat, token, data, now), *patient.probes()],
        say,
    )


async def examine_beside(
    health: str,
    chat: ChatSettings,
    token: str,
    data: Path,
    now: Callable[[], datetime],
    say: Callable[[str], None],
) -> int:
    """The same while the assistant runs: it is asked at ``health``, its books are only read."""
    return await _tell(
        [*_own_probes(chat, token, data, now), ("assistant", lambda: _assistant(health))], say
    )


def _own_probes(
    chat: ChatSettings, token: str, data: Path, now: Callable[[], datetime]
) -> list[tuple[str, Probe]]:
    return [
        ("disk", lambda: _disk(data)),
        ("database", lambda: asyncio.to_thread(_databases, data)),
        ("telegram", lambda: _telegram(chat, token)),
        ("clock", lambda: _clock(chat, now)),
    ]


async def _tell(probes: Sequence[tuple[str, Probe]], say: Callable[[str], None]) -> int:
    width = max(len(name) for name, _ in probes)
    is_well = True
    for name, probe in probes:
        finding = await _probe(name, probe)
        is_well = is_well and finding.is_well
        say(f"{finding.name:<{width}}  {'ok  ' if finding.is_well else 'FAIL'}  {finding.text}")
    return 0 if is_well else 1


async def _probe(name: str, probe: Probe) -> Finding:
    try:
        return Finding(name, is_well=True, text=await probe())
    except (TradingError, Unwell) as error:
        return Finding(name, is_well=False, text=str(error))


async def _telegram(chat: ChatSettings, token: str) -> str:
    bot = Bot(
        token,
        base_url=chat.base_url,
        base_file_url=chat.base_file_url,
        request=HTTPXRequest(connect_timeout=chat.connect_timeout_s),
    )
    try:
        async with bot:
            me = await bot.get_me()
            for user_id in chat.user_ids:
                await bot.get_chat(user_id)
    except TelegramError as error:
        # The text of InvalidToken holds the token.
        raise Unwell(
            f"{type(error).__name__}: check TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_ID"
        ) from None
    if not chat.user_ids:
        raise Unwell("TELEGRAM_CHAT_ID is empty: the bot would obey nobody")
    return f"@{me.username}, {len(chat.user_ids)} user(s)"


async def _clock(chat: ChatSettings, now: Callable[[], datetime]) -> str:
    """This machine's clock beside the Date of Telegram's server (whole seconds)."""
    parts = urlsplit(chat.base_url)
    try:
        async with httpx.AsyncClient(timeout=chat.connect_timeout_s) as client:
            reply = await client.head(f"{parts.scheme}://{parts.netloc}/")
        told = parsedate_to_datetime(reply.headers["Date"])
    except (httpx.HTTPError, KeyError, ValueError) as error:
        raise Unwell(f"no time to compare with: {type(error).__name__}") from None
    skew = (now() - told).total_seconds()
    if abs(skew) > MOST_SKEW_S:
        raise Unwell(f"{skew:+.0f} s off; at most {MOST_SKEW_S} s. Set up NTP")
    return f"{abs(skew):.0f} s off at most"


def _databases(data: Path) -> str:
    """Every database opens read-only and is sound."""
    paths = sorted(data.glob("*.db"))
    for path in paths:
        try:
            address = f"{path.resolve().as_uri()}?mode=ro"
            with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
                told = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.Error as error:
            raise Unwell(f"{path.name}: {error}") from None
        if told != "ok":
            raise Unwell(f"{path.name}: {told}. Stop the assistant and restore a backup")
    return ", ".join(path.name for path in paths) or "none yet"


async def _assistant(health: str) -> str:
    try:
        async with httpx.AsyncClient(timeout=_HEALTH_S) as client:
            told = (await client.get(health)).json()
        status, state = str(told["status"]), str(told["desks"]["us"]["state"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise Unwell(f"runs, but {health} gives no answer: {type(error).__name__}") from None
    shown = f"runs, {status}, US desk {state}"
    if status != "ok":
        raise Unwell(f"{shown}; see {health}")
    return f"{shown}; token and account are its own to use"


async def _disk(data: Path) -> str:
    free = shutil.disk_usage(data).free
    if free // 2**20 < LEAST_DISK_MB:
        raise Unwell(f"{free // 2**20} MB free; at least {LEAST_DISK_MB} MB are needed")
    return f"{free // 2**20} MB free"
