"""What speaks for LIVE on one desk, measured when it is asked for (docs/adr/0017)."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from engine.adapters.server_time import fetch_time
from engine.adapters.sqlite.looks import account_of, practised, snapshot_of, unsound
from engine.desk.agreement import Agreement
from engine.desk.base import SwitchableDesk
from engine.errors import BrokerError, JournalFailed, TradingError
from engine.model.ids import DeskName, Mode
from engine.model.live import Evidence
from engine.model.quota import Priority
from engine.ports.broker import Broker
from engine.ports.clock import Clock
from engine.rules.live import NOT_READ, skew_s
from engine.wiring.kis import KisSide

PATIENCE_S = 10.0

AnyDesk = SwitchableDesk[Any]
_AT_REST = Agreement((), 0)


@dataclass(frozen=True, slots=True)
class RealSide:
    """What is asked of the real KIS. ``server_time``: as its last reply told it."""

    account_hash: str
    token: Callable[[], Awaitable[object]]
    account: Callable[[], Awaitable[object]]
    server_time: Callable[[], Awaitable[datetime | None]]


def real_side(side: KisSide, broker: Broker[Any], chat_url: str) -> RealSide:
    """The real KIS as one desk uses it; where it tells no time, the chat's server is asked."""

    async def server_time() -> datetime | None:
        return side.http.server_time or await fetch_time(chat_url)

    return RealSide(
        account_hash=side.account_hash,
        token=side.tokens.token,
        account=lambda: broker.fetch_holdings(Priority.RECONCILE),
        server_time=server_time,
    )


@dataclass(frozen=True, slots=True)
class Subject:
    """The desk that is judged. ``again``: the desk of a snapshot from its live book."""

    name: DeskName
    real: RealSide | None
    date_of: Callable[[datetime], date]
    last_date: Callable[[], date]
    unlimited: Callable[[], tuple[str, ...]]
    in_force: Callable[[], AnyDesk | None]
    again: Callable[[Mapping[str, object]], AnyDesk]


@dataclass(frozen=True, slots=True)
class _OnDisk:
    database: str
    free_bytes: int
    days: int = 0
    trades: int = 0
    rest: Agreement = _AT_REST


class EvidenceRoom:
    """Gathers; ``pending`` is the number of looks at the disk that are under way."""

    def __init__(self, data: Path, clock: Clock) -> None:
        self._data = data
        self._clock = clock
        self.pending = 0

    async def gather(self, subject: Subject) -> Evidence:
        """Everything, one after the other: each call waits its turn at KIS anyway."""
        token, account, skew = await self._ask(subject.real)
        today = subject.date_of(self._clock.now())
        disk, desk = await self._look(subject, today), subject.in_force()
        here = desk.agreement if desk is not None else Agreement((NOT_READ,), 0)
        return Evidence(
            token=token,
            account=account,
            skew_s=skew,
            calendar_days=(subject.last_date() - today).days,
            database=disk.database,
            free_bytes=disk.free_bytes,
            unlimited=subject.unlimited(),
            unsettled=tuple(dict.fromkeys((*here.unsettled, *disk.rest.unsettled))),
            doubtful=disk.rest.doubtful + here.doubtful,
            days=disk.days,
            trades=disk.trades,
        )

    async def _ask(self, real: RealSide | None) -> tuple[str, str, float | None]:
        """Trouble with the token, trouble with the account, the clock's skew."""
        if real is None:
            return "no keys", "no keys", None
        token = await _trouble(real.token)
        asked_at = self._clock.now()
        account = token or await _trouble(real.account)
        told = await real.server_time() if not account else None
        skew = None if told is None else skew_s(told, asked_at, self._clock.now())
        return token, account, skew

    async def _look(self, subject: Subject, today: date) -> _OnDisk:
        self.pending += 1
        try:
            return await asyncio.to_thread(_look_at, self._data, subject, today)
        finally:
            self.pending -= 1


async def _trouble(probe: Callable[[], Awaitable[object]]) -> str:
    """Why it did not work; empty when it did. Texts of the broker, never its headers."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await probe()
    except TimeoutError:
        return "no answer"
    except BrokerError as error:
        return error.text or error.code or "no text"
    except TradingError as error:
        return str(error)
    return ""


def _look_at(data: Path, subject: Subject, today: date) -> _OnDisk:
    free = shutil.disk_usage(data).free
    trouble = unsound(data)
    if trouble:
        return _OnDisk(trouble, free)
    desk = subject.name
    try:
        owner = account_of(data, desk, Mode.LIVE)
        snapshot = snapshot_of(data, desk, Mode.LIVE)
        practice = practised(data, desk, Mode.DRY_RUN) + practised(data, desk, Mode.PAPER)
        live = subject.again(snapshot) if snapshot is not None else None
    except (sqlite3.Error, ValueError, JournalFailed) as error:
        return _OnDisk(str(error) or type(error).__name__, free)
    whose = subject.real.account_hash if subject.real is not None else ""
    is_foreign = owner not in ("", whose)
    return _OnDisk(
        database="live.db is of another account" if is_foreign else "",
        free_bytes=free,
        days=len(practice.days),
        trades=practice.trades,
        rest=live.resting(today) if live is not None else _AT_REST,
    )
