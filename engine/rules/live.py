"""Whether a desk may trade real money, and how it begins. Pure; see docs/adr/0017."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.model.krx_settings import KrxSettings
from engine.model.live import CheckItem, Evidence, Finding, Practice, Verdict
from engine.model.settings import UsSettings

MOST_SKEW_S = 5
LEAST_CALENDAR_DAYS = 30
LEAST_DISK_MB = 200
NOT_READ = "account not read"
_MB = 1024 * 1024
_TOLD_IN = timedelta(seconds=1)


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


def krx_unlimited(settings: KrxSettings) -> tuple[str, ...]:
    """Limits of the KRX desk that nobody set; order size and positions always have one."""
    risk = settings.risk
    has_limit = risk.max_daily_loss_krw is not None or risk.max_daily_loss_pct is not None
    return () if has_limit else ("no daily loss limit",)


def us_unlimited(settings: UsSettings) -> tuple[str, ...]:
    """The same of the US desk, whose limit is its calls: some are kept for exits."""
    return () if settings.safe_per_day < settings.daily_limit else ("no calls kept for exits",)


def is_blocked(findings: Sequence[Finding]) -> bool:
    """Whether a hard item fails."""
    return any(finding.verdict is Verdict.FAILED for finding in findings)


def begins_small(findings: Sequence[Finding]) -> bool:
    """Whether the practice falls short: a second confirmation, and small orders at first."""
    return any(finding.verdict is Verdict.LACKING for finding in findings)


def skew_s(told: datetime, asked_at: datetime, heard_at: datetime) -> float:
    """How far this clock is ahead of a server's, as far as the time on the way does not explain it.

    ``told`` is in whole seconds, cut off.
    """
    if told > heard_at:
        return (heard_at - told).total_seconds()
    return max(0.0, (asked_at - told - _TOLD_IN).total_seconds())


def _hard(item: CheckItem, is_well: bool, measured: str = "", limit: str = "") -> Finding:  # noqa: FBT001 - private
    return Finding(item, Verdict.WELL if is_well else Verdict.FAILED, measured, limit)


def _practised(item: CheckItem, measured: int, limit: int) -> Finding:
    verdict = Verdict.WELL if measured >= limit else Verdict.LACKING
    return Finding(item, verdict, str(measured), str(limit))
