"""Who asks the broker what finished days brought, and in which hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.flow.broker_days import DayAsker
from engine.flow.doors import KrxDoor, UsDoor
from engine.flow.supervisor import Service
from engine.model.ids import DeskName
from engine.ports.clock import Clock
from engine.rules.krx.sessions import kst_date
from engine.rules.sessions import exchange_date
from engine.wiring.desks import Calendars


def day_askers(
    us: UsDoor | None,
    krx: KrxDoor | None,
    calendars: Calendars,
    clock: Clock,
    on_answer: Callable[[], None],
) -> tuple[Service, ...]:
    """A service for each desk that runs."""

    def us_is_awake(now: datetime) -> bool:
        session = calendars.us.session_on(exchange_date(now))
        return session is not None and session.premarket <= now < session.window_end

    def krx_is_awake(now: datetime) -> bool:
        session = calendars.krx.session_on(kst_date(now))
        return session is not None and session.prepare_at <= now < session.close

    found = []
    if us is not None:
        asker = DayAsker(us.engine, clock, exchange_date, us_is_awake, on_answer)
        found.append(Service(_name(DeskName.US), asker.run))
    if krx is not None:
        of_krx = DayAsker(krx.engine, clock, kst_date, krx_is_awake, on_answer)
        found.append(Service(_name(DeskName.KRX), of_krx.run))
    return tuple(found)


def _name(desk: DeskName) -> str:
    return f"{desk} finished days"
