"""Invented KIS customers, the keys they hold, and the approval keys issued to them."""

from __future__ import annotations

import random
import string
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.model import Credentials, Server

APP_KEY_LENGTH = 36
APP_SECRET_LENGTH = 180
APPROVAL_LIFE = timedelta(hours=24)


def invent(seed: int) -> dict[Server, Credentials]:
    """Two customers, real and paper, always the same ones for a seed."""
    dice = random.Random(f"credentials:{seed}")  # noqa: S311 - invented keys guard nothing
    return {server: _customer(server, dice) for server in Server}


def _customer(server: Server, dice: random.Random) -> Credentials:
    prefix = "PS" if server is Server.REAL else "PSVT"
    return Credentials(
        server=server,
        app_key=_letters(dice, APP_KEY_LENGTH, prefix),
        app_secret=_letters(dice, APP_SECRET_LENGTH),
        account=f"{dice.randrange(10_000_000, 99_999_999)}01",
        hts_id=f"sbx{dice.randrange(100_000, 999_999)}",
        holder="홍모래" if server is Server.REAL else "홍모의",
    )


def _letters(dice: random.Random, length: int, prefix: str = "") -> str:
    alphabet = string.ascii_letters + string.digits
    return prefix + "".join(dice.choice(alphabet) for _ in range(length - len(prefix)))


@dataclass(frozen=True, slots=True)
class Approval:
    """One WebSocket key. Only checked when a session is opened."""

    key: str
    server: Server
    app_key: str
    expires: datetime


class Approvals:
    """Approval keys that have been issued, by market time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._issued: dict[str, Approval] = {}

    def issue(self, server: Server, app_key: str) -> str:
        """A new 36-character key, good for 24 hours."""
        key = str(uuid.uuid4())
        self._issued[key] = Approval(key, server, app_key, self._now() + APPROVAL_LIFE)
        return key

    def valid(self, server: Server, key: str) -> bool:
        """Whether a session may be opened with it on this server now."""
        approval = self._issued.get(key)
        return approval is not None and approval.server is server and approval.expires > self._now()

    def owner(self, key: str) -> str | None:
        """The app key it was issued to."""
        approval = self._issued.get(key)
        return None if approval is None else approval.app_key
