"""Makes the desks, as they run and again from what was recorded of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from engine.config import Config
from engine.desk.krx.desk import KrxDesk
from engine.desk.us.desk import UsDesk
from engine.flow.presence import Hours
from engine.model.ids import DeskName, Mode
from engine.model.krx_settings import KrxSettings
from engine.model.market_events import Facilities
from engine.model.settings import UsSettings
from engine.ports.recorder import Heading
from engine.rules.krx.sessions import KrxSessionTable, kst_date
from engine.rules.sessions import SessionTable, exchange_date


class Calendars:
    """The session tables that the desks of a process look at, corrected by the configuration."""

    def __init__(self, config: Config, settings: KrxSettings) -> None:
        self.us = SessionTable()
        self.krx = KrxSessionTable(settings)
        self.correct(config)

    def correct(self, config: Config) -> None:
        """At the start, and when the file was edited."""
        us, krx = config.calendar.us, config.calendar.krx
        self.us.correct(us.closed, us.early_close)
        self.krx.correct(krx.closed, krx.open, krx.special_hours())

    def hours(self, desk: DeskName) -> Hours:
        """A desk's regular session that is on, else the next one."""
        return self._krx_hours if desk is DeskName.KRX else self._us_hours

    def _krx_hours(self, now: datetime) -> tuple[datetime, datetime]:
        session = self.krx.session_on(kst_date(now))
        if session is None or now >= session.close:
            session = self.krx.next_session(kst_date(now))
        return session.open, session.close

    def _us_hours(self, now: datetime) -> tuple[datetime, datetime]:
        session = self.us.session_on(exchange_date(now))
        if session is None or now >= session.close:
            session = self.us.next_session(exchange_date(now))
        return session.regular, session.close


def us_desk(
    table: SessionTable, mode: Mode, settings: UsSettings, snapshot: Mapping[str, object] | None
) -> UsDesk:
    """Of a mode; no id of one book means anything in another."""
    return UsDesk(
        settings,
        table,
        restored=snapshot,
        ids=f"us-{mode}-",
        is_shadow=mode is Mode.DRY_RUN,
    )


def krx_desk(
    table: KrxSessionTable,
    mode: Mode,
    settings: KrxSettings,
    facilities: Facilities,
    snapshot: Mapping[str, object] | None,
) -> KrxDesk:
    """As ``us_desk``."""
    return KrxDesk(
        settings,
        table,
        facilities,
        restored=snapshot,
        ids=f"krx-{mode}-",
        is_shadow=mode is Mode.DRY_RUN,
    )


def recorded_desk(config: Config, heading: Heading) -> UsDesk | KrxDesk:
    """The desk of a recording as it began; only the calendar's exceptions are the config's.

    Raises:
        ValueError: the heading does not tell what such a desk needs.
    """
    settings, facilities = heading.settings, heading.facilities
    if isinstance(settings, UsSettings):
        table = Calendars(config, KrxSettings()).us
        return us_desk(table, heading.mode, settings, heading.snapshot)
    if facilities is None:
        raise ValueError("a recording of a desk that scans tells what its server offered")
    calendars = Calendars(config, settings)
    return krx_desk(calendars.krx, heading.mode, settings, facilities, heading.snapshot)
