"""What LIVE is judged by: the evidence, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model.money import Money


class CheckItem(StrEnum):
    """A line of the checklist, in its order."""

    TOKEN = "token"  # noqa: S105 - the name of a line
    ACCOUNT = "account"
    CLOCK = "clock"
    CALENDAR = "calendar"
    DATABASE = "database"
    DISK = "disk"
    LIMITS = "limits"
    RECONCILED = "reconciled"
    NO_DOUBT = "no_doubt"
    DAYS = "days"
    TRADES = "trades"


class Verdict(StrEnum):
    """``LACKING`` costs a second confirmation and a small beginning, ``FAILED`` the button."""

    WELL = "well"
    LACKING = "lacking"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line as judged. ``measured`` and ``limit`` are figures or the engine's reasons."""

    item: CheckItem
    verdict: Verdict
    measured: str = ""
    limit: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was measured for one desk just now.

    ``token``, ``account``, ``database``: why not; empty when all is well. ``skew_s``: this
    machine's clock ahead of the broker's, None where nobody told the time. ``calendar_days``: how
    long the session table lasts. ``unlimited``: limits that nobody set. ``unsettled``: what the
    books and the broker do not agree about; ``doubtful``: orders without a known outcome. ``days``
    and ``trades`` are those of dry run and paper.
    """

    token: str
    account: str
    skew_s: float | None
    calendar_days: int
    database: str
    free_bytes: int
    unlimited: tuple[str, ...]
    unsettled: tuple[str, ...]
    doubtful: int
    days: int
    trades: int


@dataclass(frozen=True, slots=True)
class LiveCheck:
    """The checklist of a desk. ``is_small``: it begins small, after one more confirmation.

    ``small_order`` None: the desk has no entries to keep small.
    """

    findings: tuple[Finding, ...]
    is_blocked: bool
    is_small: bool
    small_order: Money | None
    small_round_trips: int


@dataclass(frozen=True, slots=True)
class Practice:
    """How much dry run or paper is asked for before LIVE at full size."""

    min_days: int
    min_trades: int
