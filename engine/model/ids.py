"""Names of things: what identifies what."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

Symbol = NewType("Symbol", str)
Qty = NewType("Qty", int)
ClientOrderId = NewType("ClientOrderId", str)
BrokerOrderNo = NewType("BrokerOrderNo", str)  # zeros stripped: KIS pads it or not
QuestionId = NewType("QuestionId", str)
CommandId = NewType("CommandId", str)

BRANCH_MARK = "-"  # ends the branch before a number that is not unique without it


class DeskName(StrEnum):
    """One desk per market."""

    US = "us"
    KRX = "krx"


class Mode(StrEnum):
    """Whose money moves. Ordered: a restart may keep or lower it, never raise it."""

    DRY_RUN = "dry_run"
    PAPER = "paper"
    LIVE = "live"

    @property
    def rank(self) -> int:
        """0 for the harmless end."""
        return list(Mode).index(self)


class DeskState(StrEnum):
    """What a desk may do. Guards lead to exits_only, only the user to halted."""

    RUNNING = "running"
    EXITS_ONLY = "exits_only"
    HALTED = "halted"

    @property
    def rank(self) -> int:
        """Higher is stricter."""
        return list(DeskState).index(self)
