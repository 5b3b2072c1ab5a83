"""What somebody who is asked for help needs to see, and nothing that is a secret or an amount."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import platform
import sqlite3
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path

from engine.adapters.logs.recent import RecentLines
from engine.adapters.secrets import Redactor, Secrets
from engine.adapters.sqlite.order_ends import BookState, book_states
from engine.config import Loaded, as_lines
from engine.model.log_lines import LogEntry
from engine.wiring.logs import LOGS

MOST_LOG_BYTES = 8 * 2**20
_MOST_ORDERS = 300
_SALT_BYTES = 16
_ABOUT = """\
A bundle to ask for help with, made by /bundle.

In it: the log (one JSON line each), the effective configuration, versions, the state of the
databases, /health, and what became of the newest orders: stock, side, reason, never price or
shares. Not in it: keys, tokens, passphrases, account numbers (a hash that differs in every bundle
stands for one), Telegram user ids, amounts of the account, databases.
A decision's line has no figure of the account; a traceback may quote one.
Look through it before you hand it on.
"""


class SelfReports:
    """Implements ports.logs.SelfReport. ``loaded``: the configuration in force."""

    def __init__(
        self,
        data: Path,
        secrets: Secrets,
        recent: RecentLines,
        loaded: Callable[[], Loaded],
        version: str,
    ) -> None:
        self._data = data
        self._recent = recent
        self._loaded = loaded
        self._version = version
        self._hide = Redactor(secrets).hide
        users = [str(user_id) for user_id in secrets.telegram_user_ids]
        self._hide_users = Redactor(secrets, users).hide

    def newest(self, limit: int, word: str = "") -> tuple[LogEntry, ...]:
        """The newest lines, oldest first."""
        return self._recent.newest(limit, word)

    async def bundle(self, health: str) -> bytes:
        """Put together in a thread: files are read and packed."""
        return await asyncio.to_thread(self._make, health, as_lines(self._loaded()))

    def _make(self, health: str, config: Iterable[str]) -> bytes:
        salt = os.urandom(_SALT_BYTES)

        def hashed(account: str) -> str:
            return hashlib.sha256(salt + account.encode()).hexdigest()[:8] if account else ""

        states = book_states(self._data, hashed)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr("ABOUT.txt", _ABOUT)
            bundle.writestr("config.txt", self._hide_users("\n".join(config) + "\n"))
            bundle.writestr("versions.json", self._hide(_json(_versions(self._version))))
            bundle.writestr("databases.json", self._hide(_json(_databases(states))))
            bundle.writestr("orders.json", self._hide(_json(_orders(states))))
            bundle.writestr("health.json", self._hide(health))
            for name, text in _logs(self._data / LOGS):
                bundle.writestr(f"{LOGS}/{name}", self._hide_users(text))
        return packed.getvalue()


def _json(value: object) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False)


def _versions(version: str) -> dict[str, object]:
    return {
        "dolpa": version,
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": {found.name: found.version for found in metadata.distributions()},
    }


def _databases(states: Iterable[BookState]) -> dict[str, object]:
    return {
        state.name: {"version": state.version, "bytes": state.size, "trouble": state.trouble}
        for state in states
    }


def _orders(states: Iterable[BookState]) -> dict[str, object]:
    """Per book: how many ended how, and the newest one by one."""
    told: dict[str, object] = {}
    for state in states:
        if state.orders:
            ends = Counter(f"{one.desk} {one.side} {one.last or 'none'}" for one in state.orders)
            newest = [
                {name: getattr(one, name) for name in type(one).__slots__}
                for one in state.orders[:_MOST_ORDERS]
            ]
            told[state.name] = {"counts": dict(ends), "newest": newest}
    return told


def _logs(folder: Path) -> list[tuple[str, str]]:
    """The newest files, as much of them as is allowed."""
    found, left = [], MOST_LOG_BYTES
    files = sorted(folder.glob("dolpa.log*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in files:
        content = path.read_bytes()[-left:] if left > 0 else b""
        left -= len(content)
        if content:
            found.append((path.name, content.decode("utf-8", "replace")))
    return found
