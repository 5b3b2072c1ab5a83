"""Whether a desk is ready for its window: told once a day, some minutes before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from engine.model.ids import DeskState, Mode
from engine.model.quota import Quota


class ReadyItem(StrEnum):
    """A line of the check, in its order."""

    TOKEN = "token"  # noqa: S105 - the name of a line
    ACCOUNT = "account"
    BOOKS = "books"
    CLOCK = "clock"
    CALLS = "calls"
    DISK = "disk"
    STREAM = "stream"
    TROUBLE = "trouble"
    GUARD = "guard"
    USER_STOP = "user_stop"


@dataclass(frozen=True, slots=True)
class ReadyLine:
    """One line as judged. ``measured`` and ``limit``: figures, or the engine's reasons."""

    item: ReadyItem
    is_well: bool
    measured: str = ""
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Preparation:
    """A trading day's beginning. The account is read from ``begins_at`` on, ``opens_at``: orders.

    ``next_at``: when the check after this one comes.
    """

    day: date
    begins_at: datetime
    check_at: datetime
    opens_at: datetime
    next_at: datetime


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is known of a desk without asking the broker for it.

    ``token``: trouble with it, empty when there is none. ``read_at``: when the account was read
    last. ``unsettled`` and ``doubtful`` as in Evidence. ``skew_s`` None: nobody told the time.
    ``has_notices``: executions are told by the socket.
    """

    mode: Mode
    token: str
    read_at: datetime | None
    unsettled: tuple[str, ...]
    doubtful: int
    skew_s: float | None
    quota: Quota
    free_bytes: int
    has_notices: bool
    troubles: tuple[str, ...]
    guard_latch: DeskState
    guard_reason: str
    user_latch: DeskState


@dataclass(frozen=True, slots=True)
class ReadinessChecked:
    """The check of one desk's day; no journal holds it, the outbox does."""

    day: date
    opens_at: datetime
    next_at: datetime
    mode: Mode
    lines: tuple[ReadyLine, ...]

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands against it."""
        return all(line.is_well for line in self.lines)
