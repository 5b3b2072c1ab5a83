"""``run.py doctor``: connects once to everything and prints a table."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.chat import ChatSettings
from engine.errors import TradingError

LEAST_DISK = 200 * 1024 * 1024
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
    patient: Patient, chat: ChatSettings, token: str, data: Path, say: Callable[[str], None]
) -> int:
    """Run every probe; 0 only when all is well."""
    probes: list[tuple[str, Probe]] = [
        *patient.probes(),
        ("telegram", lambda: _telegram(chat, token)),
        ("disk", lambda: _disk(data)),
    ]
    findings = [await _probe(name, probe) for name, probe in probes]
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        mark = "ok  " if finding.is_well else "FAIL"
        say(f"{finding.name:<{width}}  {mark}  {finding.text}")
    return 0 if all(finding.is_well for finding in findings) else 1


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


async def _disk(data: Path) -> str:
    free = shutil.disk_usage(data).free
    if free < LEAST_DISK:
        raise Unwell(f"{free // 2**20} MB free; at least {LEAST_DISK // 2**20} MB are needed")
    return f"{free // 2**20} MB free"
