"""What makes a desk when its mode begins, and a file for what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.adapters.recording import SUFFIX, RecordingFile
from engine.desk.krx.desk import KrxDesk
from engine.desk.us.desk import UsDesk
from engine.flow.desk_engine import MakeDesk, Record
from engine.flow.settings import EffectiveSettings
from engine.model.ids import Mode
from engine.ports.recorder import Heading
from engine.rules.krx.sessions import KrxSessionTable
from engine.rules.sessions import SessionTable
from engine.wiring.desks import krx_desk, us_desk
from engine.wiring.modes import Sides
from engine.wiring.places import Paths


def us_maker(effective: EffectiveSettings, table: SessionTable) -> MakeDesk[UsDesk]:
    """The US desk of a mode, by the settings in force then."""

    def make(mode: Mode, snapshot: Mapping[str, object] | None) -> UsDesk:
        return us_desk(table, mode, effective.us(), snapshot)

    return make


def krx_maker(
    effective: EffectiveSettings, table: KrxSessionTable, sides: Sides
) -> MakeDesk[KrxDesk]:
    """As ``us_maker``."""

    def make(mode: Mode, snapshot: Mapping[str, object] | None) -> KrxDesk:
        seen = sides.real or sides.paper
        if seen is None:
            raise ValueError(f"no keys for {mode}")
        facilities = seen.krx.market.facilities
        return krx_desk(table, mode, effective.krx(mode), facilities, snapshot)

    return make


def recordings(paths: Paths) -> Record[Any] | None:
    """A file for each run of a desk; nothing unless asked for."""
    folder = paths.recordings
    if folder is None:
        return None

    def record(heading: Heading) -> RecordingFile[Any]:
        began = heading.started_at.strftime("%Y%m%dT%H%M%S")
        return RecordingFile(folder / f"{heading.desk}-{heading.mode}-{began}{SUFFIX}", heading)

    return record
