"""What a desk tells of itself: its troubles, its calls, and the state they leave it in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.ids import DeskState


class Trouble(StrEnum):
    """Kinds of trouble, told once at the first failure and once at recovery."""

    ACCOUNT = "account"  # reads of the account fail
    STREAM = "stream"
    QUOTA = "quota"
    API = "api"  # calls of any kind fail in a row
    SILENCE = "silence"  # calls are made and none is answered
    SERVICE = "service"  # a part of the program keeps failing
    CONFLICT = "conflict"  # a second program listens to the chat
    REFUSALS = "refusals"  # KIS refuses calls for their rate, again and again
    CLOCK = "clock"  # this machine and KIS disagree about the time
    REJECTS = "rejects"  # orders of several stocks are refused
    DRIFT = "drift"  # executions are worse than what was decided
    MISMATCH = "mismatch"  # books and broker disagree for long
    TRADES = "trades"  # entries of the day are used up
    DAILY_LOSS = "daily_loss"
    LOSS_STREAK = "loss_streak"
    INDEX = "index"  # the market falls

    @property
    def is_limit(self) -> bool:
        """Whether it is no failure, but a limit of entries that was reached."""
        return self in {Trouble.TRADES, Trouble.DAILY_LOSS, Trouble.LOSS_STREAK, Trouble.INDEX}

    @property
    def is_vendor(self) -> bool:
        """Whether it is KIS or the way there: such troubles come together and end together."""
        return self in {
            *(Trouble.ACCOUNT, Trouble.STREAM, Trouble.API),
            *(Trouble.SILENCE, Trouble.REFUSALS, Trouble.CLOCK),
        }


@dataclass(frozen=True, slots=True)
class TroubleBegan:
    """First failure of its kind; ``measured`` and ``limit`` where there are such figures."""

    trouble: Trouble
    reason: str
    measured: str = ""
    limit: str = ""


@dataclass(frozen=True, slots=True)
class TroubleEnded:
    """The same kind of trouble is over."""

    trouble: Trouble
    lasted_s: int


@dataclass(frozen=True, slots=True)
class QuotaWarning:
    """90 % of the safe daily cap are spent."""

    used: int
    cap: int


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The desk's state after a latch was set or released.

    ``until``: when a guard's latch ends by itself; None where it waits for the trader or for its
    cause. ``trouble``: the guard that set it just now.
    """

    state: DeskState
    user_latch: DeskState
    guard_latch: DeskState
    reason: str
    measured: str = ""
    limit: str = ""
    until: datetime | None = None
    trouble: Trouble | None = None
