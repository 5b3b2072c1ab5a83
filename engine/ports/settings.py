"""Durable answers of people: overrides, latches, modes, nonces (state.db)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.model.ids import DeskName, DeskState, Mode


@dataclass(frozen=True, slots=True)
class Override:
    """A value set from chat, with who, when, and what it replaced."""

    key: str
    value: str
    old: str
    user_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard's latch and what tripped it."""

    state: DeskState = DeskState.RUNNING
    reason: str = ""
    measured: str = ""
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Latches:
    """Two persisted latches of one desk, each with an owner of its own."""

    user: DeskState = DeskState.RUNNING
    guard: Guard = Guard()


class SettingsStore(Protocol):
    """Raises JournalFailed when state.db cannot be read or written."""

    async def overrides(self) -> Mapping[str, Override]:
        """Values set from chat, by key."""
        ...

    async def set_override(self, override: Override) -> None:
        """Store it with an audit row."""
        ...

    async def clear_override(self, key: str, user_id: int, at: datetime) -> None:
        """Fall back to the file's value, with an audit row."""
        ...

    async def latches(self, desk: DeskName) -> Latches:
        """The desk's latches; unreadable state raises, and the caller assumes exits only."""
        ...

    async def set_user_latch(
        self, desk: DeskName, state: DeskState, user_id: int, at: datetime
    ) -> None:
        """Persist the user's latch alone, with an audit row."""
        ...

    async def set_guard_latch(self, desk: DeskName, guard: Guard, at: datetime) -> None:
        """Persist the guard's latch alone, with an audit row."""
        ...

    async def mode(self, desk: DeskName) -> Mode | None:
        """The mode last in force, None before the first start."""
        ...

    async def set_mode(self, desk: DeskName, mode: Mode, user_id: int | None, at: datetime) -> None:
        """Persist the mode in force, with an audit row."""
        ...
