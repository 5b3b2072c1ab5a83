"""What is known of each desk before its window, and when that is told."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from engine.adapters.kis.meter import CallMeter
from engine.adapters.server_time import fetch_time
from engine.errors import TradingError
from engine.flow.doors import KrxDoor, UsDoor
from engine.flow.readiness import ReadinessTeller
from engine.flow.supervisor import Service
from engine.model.ids import DeskName
from engine.model.readiness import Preparation, Prepared
from engine.ports.chat_store import Outbox
from engine.ports.clock import Clock
from engine.rules.krx.sessions import kst_date
from engine.rules.live import skew_s
from engine.rules.sessions import exchange_date
from engine.wiring.desks import Calendars
from engine.wiring.kis import KisSide
from engine.wiring.modes import ROWS, Sides

KRX_BEFORE = timedelta(minutes=15)  # half-way through the desk's preparing
US_AFTER = timedelta(minutes=1)  # behind the three reads of the desk's own
_TOKEN_S = 10.0


class ReadinessRoom:
    """Looks at the desks. ``chat_url``: whose server tells the time where KIS has not yet."""

    def __init__(self, data: Path, sides: Sides, clock: Clock, chat_url: str) -> None:
        self._data = data
        self._sides = sides
        self._clock = clock
        self._chat_url = chat_url
        self.pending = 0

    async def see(self, door: UsDoor | KrxDoor) -> Prepared | None:
        """One desk now; None while it does not run."""
        session = door.engine.session
        if session is None:
            return None
        mode, desk = session.parts.mode, session.desk
        side = self._sides.of(ROWS[mode].account)
        view, agreement = desk.view(self._clock.now()), desk.agreement
        return Prepared(
            mode=mode,
            token=await _token_trouble(side),
            read_at=view.holdings_at,
            unsettled=agreement.unsettled,
            doubtful=agreement.doubtful,
            skew_s=await self._skew(side, door.name),
            quota=door.quota(),
            free_bytes=await self._free(),
            has_notices=side is not None and side.has_notices,
            troubles=view.troubles,
            guard_latch=view.guard_latch,
            guard_reason=view.guard_reason,
            user_latch=view.user_latch,
        )

    async def _skew(self, side: KisSide | None, desk: DeskName) -> float | None:
        """As the desk's latest calls told it; else by the clock of the chat's server."""
        known = None if side is None else _meter(side, desk).tally().skew_s
        if known is not None:
            return known
        asked_at = self._clock.now()
        told = await fetch_time(self._chat_url)
        return None if told is None else skew_s(told, asked_at, self._clock.now())

    async def _free(self) -> int:
        self.pending += 1
        try:
            return (await asyncio.to_thread(shutil.disk_usage, self._data)).free
        finally:
            self.pending -= 1


def readiness_services(
    room: ReadinessRoom,
    doors: tuple[UsDoor | KrxDoor, ...],
    calendars: Calendars,
    outbox: Outbox,
    clock: Clock,
    on_news: Callable[[], None],
) -> tuple[Service, ...]:
    """A service for each desk that runs."""

    def of(door: UsDoor | KrxDoor) -> Service:
        teller = ReadinessTeller(
            door.name,
            krx_preparation(calendars) if door.name is DeskName.KRX else us_preparation(calendars),
            lambda: room.see(door),
            outbox,
            clock,
            on_news,
        )
        return Service(f"{door.name} readiness", teller.run)

    return tuple(of(door) for door in doors)


def us_preparation(calendars: Calendars) -> Callable[[datetime], Preparation]:
    """Before the desk's window; asleep it calls nobody, so not before its own three reads."""

    def due(now: datetime) -> Preparation:
        session = calendars.us.session_on(exchange_date(now))
        if session is None or now >= session.premarket:
            session = calendars.us.next_session(exchange_date(now))
        after = calendars.us.next_session(session.day)
        check_at = session.readiness + US_AFTER
        return Preparation(
            *(session.day, session.readiness, check_at, session.premarket),
            after.readiness + US_AFTER,
        )

    return due


def krx_preparation(calendars: Calendars) -> Callable[[datetime], Preparation]:
    """Before the open, in the half hour in which the desk reads listings and account."""

    def due(now: datetime) -> Preparation:
        session = calendars.krx.session_on(kst_date(now))
        if session is None or now >= session.open:
            session = calendars.krx.next_session(kst_date(now))
        after = calendars.krx.next_session(session.day)
        return Preparation(
            *(session.day, session.prepare_at, session.open - KRX_BEFORE, session.open),
            after.open - KRX_BEFORE,
        )

    return due


def _meter(side: KisSide, desk: DeskName) -> CallMeter:
    budgets = side.budgets
    return budgets.krx.meter if desk is DeskName.KRX else budgets.us.meter


async def _token_trouble(side: KisSide | None) -> str:
    """Why there is no token; a living one costs no call."""
    if side is None:
        return "no keys"
    try:
        async with asyncio.timeout(_TOKEN_S):
            await side.tokens.token(may_renew=False)
    except TimeoutError:
        return "no answer"
    except TradingError as error:
        return str(error)
    return ""
