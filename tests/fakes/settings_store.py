"""state.db in memory."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from engine.errors import JournalFailed
from engine.model.ids import DeskName, DeskState, Mode
from engine.ports.settings import Guard, Latches, Override


class FakeSettingsStore:
    """Implements the SettingsStore port; can be told to fail."""

    def __init__(self) -> None:
        self.rows: dict[str, Override] = {}
        self.latched = Latches()
        self.modes: dict[DeskName, Mode] = {}
        self.is_broken = False

    async def overrides(self) -> Mapping[str, Override]:
        return dict(self.rows)

    async def set_override(self, override: Override) -> None:
        self.rows[override.key] = override

    async def clear_override(self, key: str, user_id: int, at: datetime) -> None:
        del self.rows[key]

    async def latches(self, desk: DeskName) -> Latches:
        if self.is_broken:
            raise JournalFailed("state.db unreadable")
        return self.latched

    async def set_user_latch(
        self, desk: DeskName, state: DeskState, user_id: int, at: datetime
    ) -> None:
        if self.is_broken:
            raise JournalFailed("state.db unwritable")
        self.latched = replace(self.latched, user=state)

    async def set_guard_latch(self, desk: DeskName, guard: Guard, at: datetime) -> None:
        if self.is_broken:
            raise JournalFailed("state.db unwritable")
        self.latched = replace(self.latched, guard=guard)

    async def mode(self, desk: DeskName) -> Mode | None:
        return self.modes.get(desk)

    async def set_mode(self, desk: DeskName, mode: Mode, user_id: int | None, at: datetime) -> None:
        self.modes[desk] = mode
