"""Whether a desk may trade real money, and how it begins. Pure; see docs/adr/0017."""

from __future__ import annotations

from collections.abc import Sequence

from engine.model.live import CheckItem, Evidence, Finding, Practice, Verdict

MOST_SKEW_S = 5
LEAST_CALENDAR_DAYS = 30
LEAST_DISK_MB = 200
_MB = 1024 * 1024


def checklist(seen: Evidence, wanted: Practice) -> tuple[Finding, ...]:
    """Every line, hard ones first."""
    skew = "no time told" if seen.skew_s is None else f"{seen.skew_s:+.0f} s"
    is_exact = seen.skew_s is not None and abs(seen.skew_s) <= MOST_SKEW_S
    free = seen.free_bytes // _MB
    return (
        _hard(CheckItem.TOKEN, not seen.token, seen.token),
        _hard(CheckItem.ACCOUNT, not seen.account, seen.account),
        _hard(CheckItem.CLOCK, is_exact, skew, f"{MOST_SKEW_S} s"),
        _hard(
            CheckItem.CALENDAR,
            seen.calendar_days >= LEAST_CALENDAR_DAYS,
            *(str(seen.calendar_days), str(LEAST_CALENDAR_DAYS)),
        ),
        _hard(CheckItem.DATABASE, not seen.database, seen.database),
        _hard(CheckItem.DISK, free >= LEAST_DISK_MB, f"{free} MB", f"{LEAST_DISK_MB} MB"),
        _hard(CheckItem.LIMITS, not seen.unlimited, ", ".join(seen.unlimited)),
        _hard(CheckItem.RECONCILED, not seen.unsettled, ", ".join(seen.unsettled)),
        _hard(CheckItem.NO_DOUBT, not seen.doubtful, str(seen.doubtful), "0"),
        _practised(CheckItem.DAYS, seen.days, wanted.min_days),
        _practised(CheckItem.TRADES, seen.trades, wanted.min_trades),
    )


def is_blocked(findings: Sequence[Finding]) -> bool:
    """Whether a hard item fails."""
    return any(finding.verdict is Verdict.FAILED for finding in findings)


def begins_small(findings: Sequence[Finding]) -> bool:
    """Whether the practice falls short: a second confirmation, and small orders at first."""
    return any(finding.verdict is Verdict.LACKING for finding in findings)


def _hard(item: CheckItem, is_well: bool, measured: str = "", limit: str = "") -> Finding:  # noqa: FBT001 - private
    return Finding(item, Verdict.WELL if is_well else Verdict.FAILED, measured, limit)


def _practised(item: CheckItem, measured: int, limit: int) -> Finding:
    verdict = Verdict.WELL if measured >= limit else Verdict.LACKING
    return Finding(item, verdict, str(measured), str(limit))
