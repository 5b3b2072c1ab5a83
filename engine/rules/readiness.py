"""Judges what was seen of a desk before its window. Pure; see docs/adr/0027."""

from __future__ import annotations

from engine.model.ids import DeskState
from engine.model.quota import Quota
from engine.model.readiness import (
    Preparation,
    Prepared,
    ReadinessChecked,
    ReadyItem,
    ReadyLine,
)
from engine.rules.live import LEAST_DISK_MB, MOST_SKEW_S

NO_NOTICES = "polling"
STREAM = "stream"
_MB = 1024 * 1024
_MOST_SPENT_PCT = 90


def is_read(seen: Prepared, due: Preparation) -> bool:
    """Whether the account was read in this preparation."""
    return seen.read_at is not None and seen.read_at >= due.begins_at


def judge(seen: Prepared, due: Preparation) -> ReadinessChecked:
    """Every line, the gravest kinds first."""
    skew = "no time told" if seen.skew_s is None else f"{seen.skew_s:+.0f} s"
    is_exact = seen.skew_s is not None and abs(seen.skew_s) <= MOST_SKEW_S
    free = seen.free_bytes // _MB
    others = tuple(name for name in seen.troubles if name != STREAM)
    guard_held, user_held = (
        latch is not DeskState.RUNNING for latch in (seen.guard_latch, seen.user_latch)
    )
    lines = (
        ReadyLine(ReadyItem.TOKEN, not seen.token, seen.token),
        ReadyLine(ReadyItem.ACCOUNT, is_read(seen, due)),
        _books(seen),
        ReadyLine(ReadyItem.CLOCK, is_exact, skew, f"{MOST_SKEW_S} s"),
        _calls(seen.quota),
        ReadyLine(ReadyItem.DISK, free >= LEAST_DISK_MB, f"{free} MB", f"{LEAST_DISK_MB} MB"),
        ReadyLine(
            ReadyItem.STREAM, STREAM not in seen.troubles, "" if seen.has_notices else NO_NOTICES
        ),
        ReadyLine(ReadyItem.TROUBLE, not others, ", ".join(others)),
        ReadyLine(ReadyItem.GUARD, not guard_held, seen.guard_reason if guard_held else ""),
        ReadyLine(ReadyItem.USER_STOP, not user_held, seen.user_latch.value if user_held else ""),
    )
    return ReadinessChecked(due.day, due.opens_at, due.next_at, seen.mode, lines)


def _books(seen: Prepared) -> ReadyLine:
    doubts = (f"{seen.doubtful} in doubt",) if seen.doubtful else ()
    against = (*seen.unsettled, *doubts)
    return ReadyLine(ReadyItem.BOOKS, not against, ", ".join(against))


def _calls(quota: Quota) -> ReadyLine:
    """Of the day; a desk without a cap has no such limit."""
    if not quota.has_daily_cap:
        return ReadyLine(ReadyItem.CALLS, is_well=True, measured=str(quota.used_today))
    cap = quota.safe_per_day
    is_well = quota.used_today * 100 < cap * _MOST_SPENT_PCT
    return ReadyLine(ReadyItem.CALLS, is_well, str(quota.used_today), str(cap))
