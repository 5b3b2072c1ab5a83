"""Makes the desks, as they run and again from what was recorded of them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.config import Config
from engine.desk.krx.desk import KrxDesk
from engine.desk.us.desk import UsDesk
from engine.model.ids import Mode
from engine.model.krx_settings import KrxSettings
from engine.model.market_events import Facilities
from engine.model.settings import UsSettings
from engine.ports.recorder import Heading
from engine.rules.krx.sessions import KrxSessionTable
from engine.rules.sessions import SessionTable


def session_table(config: Config) -> SessionTable:
    """The built-in table with the configured closures."""
    calendar = config.calendar.us
    return SessionTable(closed=calendar.closed, early_closes=calendar.early_close)


def krx_session_table(config: Config, settings: KrxSettings) -> KrxSessionTable:
    """As ``session_table``, with the minutes before the close that the settings name."""
    calendar = config.calendar.krx
    return KrxSessionTable(
        settings,
        closed=calendar.closed,
        open_days=calendar.open,
        special_hours=calendar.special_hours(),
    )


def us_desk(
    config: Config, mode: Mode, settings: UsSettings, snapshot: Mapping[str, object] | None
) -> UsDesk:
    """Of a mode; no id of one book means anything in another."""
    return UsDesk(
        settings,
        session_table(config),
        restored=snapshot,
        ids=f"us-{mode}-",
        is_shadow=mode is Mode.DRY_RUN,
    )


def krx_desk(
    config: Config,
    mode: Mode,
    settings: KrxSettings,
    facilities: Facilities,
    snapshot: Mapping[str, object] | None,
) -> KrxDesk:
    """As ``us_desk``."""
    return KrxDesk(
        settings,
        krx_session_table(config, settings),
        facilities,
        restored=snapshot,
        ids=f"krx-{mode}-",
    )


def recorded_desk(config: Config, heading: Heading) -> UsDesk | KrxDesk:
    """The desk of a recording as it began; only the calendar's exceptions are the config's.

    Raises:
        ValueError: the heading does not tell what such a desk needs.
    """
    settings, facilities = heading.settings, heading.facilities
    if isinstance(settings, UsSettings):
        return us_desk(config, heading.mode, settings, heading.snapshot)
    if facilities is None:
        raise ValueError("a recording of a desk that scans tells what its server offered")
    return krx_desk(config, heading.mode, settings, facilities, heading.snapshot)
