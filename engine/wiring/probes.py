"""What the doctor looks at on the engine's side."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from engine.errors import ConfigError
from engine.model.quota import Priority
from engine.ports.clock import Clock
from engine.rules.krx.sessions import KrxSessionTable, is_projected, kst_date
from engine.rules.live import LEAST_CALENDAR_DAYS
from engine.rules.sessions import SessionTable, exchange_date
from engine.wiring.kis import KisSide
from engine.wiring.modes import Sides

Probe = Callable[[], Awaitable[str]]


def engine_probes(
    sides: Sides, clock: Clock, table: SessionTable, krx: KrxSessionTable | None
) -> Sequence[tuple[str, Probe]]:
    """Token and account of each side, the calendars."""
    probes: list[tuple[str, Probe]] = []
    for name, side in (("real", sides.real), ("paper", sides.paper)):
        if side is not None:
            probes += [(f"{name} token", _token(side)), (f"{name} account", _account(side))]

    async def calendar() -> str:
        left = (table.last_date - exchange_date(clock.now())).days
        if left < LEAST_CALENDAR_DAYS:
            raise ConfigError(f"the US session table ends in {left} days; add dates to calendar.us")
        return f"US sessions known for {left} days"

    probes.append(("calendar", calendar))
    if krx is not None:
        probes.append(("KRX calendar", _krx_calendar(krx, clock)))
    return probes


def _krx_calendar(table: KrxSessionTable, clock: Clock) -> Probe:
    async def probe() -> str:
        today = kst_date(clock.now())
        left = (table.last_date - today).days
        if left < LEAST_CALENDAR_DAYS:
            raise ConfigError(f"the KRX session table ends in {left} days; see calendar.krx")
        note = ", this year's days are projected" if is_projected(today) else ""
        return f"KRX sessions known for {left} days{note}"

    return probe


def _token(side: KisSide) -> Callable[[], Awaitable[str]]:
    async def probe() -> str:
        await side.tokens.token()
        return "issued or cached"

    return probe


def _account(side: KisSide) -> Callable[[], Awaitable[str]]:
    async def probe() -> str:
        holdings = await side.broker.fetch_holdings(Priority.RECONCILE)
        return f"{len(holdings)} US holding(s)"

    return probe
