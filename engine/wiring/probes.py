"""What the doctor looks at on the engine's side."""

from __future__ import annotations

from collections.abc import Sequence

from engine.adapters.kis.endpoint import Server
from engine.model.checkup import Probe, Told, Unwell
from engine.model.quota import Priority
from engine.ports.clock import Clock
from engine.rules.krx.sessions import KrxSessionTable, is_projected, kst_date
from engine.rules.live import LEAST_CALENDAR_DAYS
from engine.rules.sessions import SessionTable, exchange_date
from engine.wiring.kis import KisSide
from engine.wiring.modes import Sides


def engine_probes(
    sides: Sides, clock: Clock, us: SessionTable | None, krx: KrxSessionTable | None
) -> Sequence[tuple[str, Probe]]:
    """Token, account and socket of each side, the calendars; None: that desk is off."""
    probes: list[tuple[str, Probe]] = []
    for name, side in (("real", sides.real), ("paper", sides.paper)):
        if side is not None:
            probes += [
                (f"{name} token", _token(side)),
                (f"{name} account", _account(side, has_us=us is not None, has_krx=krx is not None)),
                (f"{name} socket", _socket(side)),
            ]

    if us is not None:
        probes.append(("calendar", _us_calendar(us, clock)))
    if krx is not None:
        probes.append(("KRX calendar", _krx_calendar(krx, clock)))
    return probes


def _us_calendar(table: SessionTable, clock: Clock) -> Probe:
    async def probe() -> Told:
        left = (table.last_date - exchange_date(clock.now())).days
        if left < LEAST_CALENDAR_DAYS:
            raise Unwell("calendar_ends", str(left), "calendar.us")
        return Told("calendar", (str(left),))

    return probe


def _krx_calendar(table: KrxSessionTable, clock: Clock) -> Probe:
    async def probe() -> Told:
        today = kst_date(clock.now())
        left = (table.last_date - today).days
        if left < LEAST_CALENDAR_DAYS:
            raise Unwell("calendar_ends", str(left), "calendar.krx")
        if is_projected(today):
            return Told("calendar_projected", (str(left),), is_note=True)
        return Told("calendar", (str(left),))

    return probe


def _token(side: KisSide) -> Probe:
    async def probe() -> Told:
        await side.tokens.token()
        return Told("token")

    return probe


def _account(side: KisSide, *, has_us: bool, has_krx: bool) -> Probe:
    """Each market that a desk trades: an account need not be entitled to the other."""

    async def probe() -> Told:
        counts = ["-", "-"]
        if has_krx:
            counts[0] = str(len(await side.krx.broker.fetch_holdings(Priority.RECONCILE)))
        if has_us:
            counts[1] = str(len(await side.broker.fetch_holdings(Priority.RECONCILE)))
        return Told("account", tuple(counts))

    return probe


def _socket(side: KisSide) -> Probe:
    async def probe() -> Told:
        code = await side.socket.try_out()
        if side.server is Server.PAPER:
            return Told("socket_of_paper", (code,))
        return Told("socket" if side.has_notices else "socket_without_notices", (code,))

    return probe
