"""What the doctor asks Telegram, and a running assistant."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from telegram.constants import ChatAction
from telegram.error import BadRequest, TelegramError

from bot.terminal.setup_telegram import Addresses, Troubled, open_bot, trouble_of
from bot.terminal.troubles import Trouble
from engine.model.checkup import Probe, Told, Unwell
from engine.rules.live import MOST_SKEW_S

_HEALTH_S = 5.0
_CONNECT_S = 5.0
WAIT_MIN = 10
_WAITING = (
    "SELECT COUNT(*), MIN(at) FROM outbox WHERE done = 0 AND times_told = 0 AND remind_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class ChatCheck:
    """``token`` and ``user_ids`` as they are in force."""

    token: str
    user_ids: tuple[int, ...]
    addresses: Addresses
    data: Path
    now: Callable[[], datetime]

    def probes(self) -> list[tuple[str, Probe]]:
        """In the order they are told."""
        return [("telegram", self._telegram), ("alerts", self._alerts), ("clock", self._clock)]

    async def _telegram(self) -> Told:
        """The token is good, and the bot may write to everybody it obeys; nothing is sent."""
        try:
            async with open_bot(self.token, self.addresses) as bot:
                for user_id in self.user_ids:
                    await _knock(bot, user_id)
                return Told("telegram", (bot.username, str(len(self.user_ids))))
        except Troubled as error:
            raise Unwell(error.trouble) from None

    async def _alerts(self) -> Told:
        waiting = await asyncio.to_thread(waiting_alerts, self.data, self.now())
        if waiting:
            raise Unwell("alerts_wait", str(waiting), str(WAIT_MIN))
        return Told("alerts")

    async def _clock(self) -> Told:
        """This machine's clock beside the Date of Telegram's server (whole seconds)."""
        parts = urlsplit(self.addresses.base_url)
        try:
            async with httpx.AsyncClient(timeout=_CONNECT_S) as client:
                reply = await client.head(f"{parts.scheme}://{parts.netloc}/")
            told = parsedate_to_datetime(reply.headers["Date"])
        except (httpx.HTTPError, KeyError, ValueError) as error:
            raise Unwell("no_time", type(error).__name__) from None
        skew = (self.now() - told).total_seconds()
        if abs(skew) > MOST_SKEW_S:
            raise Unwell("clock", f"{skew:+.0f}", str(MOST_SKEW_S))
        return Told("clock", (f"{abs(skew):.0f}",))


async def _knock(bot: Any, user_id: int) -> None:
    """Shows "typing" for a moment. Raises Troubled."""
    try:
        await bot.send_chat_action(user_id, ChatAction.TYPING)
    except BadRequest:
        raise Troubled(Trouble.BLOCKED) from None  # they never pressed Start
    except TelegramError as error:
        raise Troubled(trouble_of(error)) from None


def waiting_alerts(data: Path, now: datetime) -> int:
    """How many alerts nobody was told yet, where the oldest has waited for long."""
    path = data / "state.db"
    if not path.exists():
        return 0
    try:
        address = f"{path.resolve().as_uri()}?mode=ro"
        with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
            count, oldest = connection.execute(_WAITING).fetchone()
    except sqlite3.Error:
        return 0  # the database's own line says so
    is_late = bool(count) and now - datetime.fromisoformat(oldest) > timedelta(minutes=WAIT_MIN)
    return int(count) if is_late else 0


def assistant_probes(health: str) -> list[tuple[str, Probe]]:
    """What the running assistant says of itself at ``health``."""

    async def assistant() -> Told:
        told = await _asked(health)
        shown = (str(told["status"]), _state(told, "krx"), _state(told, "us"))
        if shown[0] != "ok":
            raise Unwell("not_ok", *shown)
        return Told("assistant", shown)

    async def stream() -> Told:
        told = await _asked(health)
        is_connected = bool(told.get("stream", {}).get("connected"))
        return Told("stream" if is_connected else "stream_asleep", is_note=not is_connected)

    return [("assistant", assistant), ("socket", stream)]


def _state(told: dict[str, Any], desk: str) -> str:
    """Of a desk; ``off`` where the config switched it off."""
    return str(told["desks"].get(desk, {}).get("state") or "off")


async def _asked(health: str) -> dict[str, Any]:
    try:
        async with httpx.AsyncClient(timeout=_HEALTH_S) as client:
            told = (await client.get(health)).json()
        _ = told["status"], [_state(told, desk) for desk in ("krx", "us")]
    except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unwell("no_health", health, type(error).__name__) from None
    return dict(told)
