"""What a soak showed: a table, and one closing line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from tests.soak import judge
from tests.soak.judge import Row
from tests.soak.plan import Trouble
from tests.soak.play import Soak
from tests.soak.told import alerts

_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Findings:
    """The figures of the closing line."""

    rss_early: float
    rss_late: float
    growth_pct: float
    files_early: float
    files_most_early: int
    files_late: float
    lag_p99_ms: float
    journal_mib: float
    rows: tuple[Row, ...]
    unhandled: tuple[str, ...]
    mismatches: tuple[str, ...]
    late: str

    @property
    def expected(self) -> int:
        """Alerts that were due."""
        return sum(row.expected for row in self.rows if row.counts)

    @property
    def told(self) -> int:
        """Alerts that came."""
        return sum(row.told for row in self.rows if row.counts)

    @property
    def wrong_alerts(self) -> list[str]:
        """Kinds of which not exactly what was due came, and single ones."""
        odd = [f"{row.kind}: {row.expected} due, {row.told} told" for row in self.rows
               if row.expected != row.told]  # fmt: skip
        return [*odd, *(f"{row.kind}: {what}" for row in self.rows for what in row.wrong)]

    @property
    def is_well(self) -> bool:
        """Whether the soak passed."""
        return not (
            self.late
            or self.growth_pct >= judge.MOST_GROWTH_PCT
            or self.files_late > self.files_most_early
            or self.unhandled
            or self.mismatches
            or self.wrong_alerts
        )

    def line(self, soak: Soak) -> str:
        """The last one."""
        return (
            f"soak: hours={soak.hours:g} speed={soak.speed:g} "
            f"rss_hours_2_3={self.rss_early:.1f}MiB rss_last_hour={self.rss_late:.1f}MiB "
            f"growth={self.growth_pct:+.1f}% files={self.files_early:.0f}->{self.files_late:.0f} "
            f"loop_lag_p99_ms={self.lag_p99_ms:.1f} journal_mb={self.journal_mib:.1f} "
            f"alerts={self.told} expected={self.expected} unhandled={len(self.unhandled)} "
            f"mismatches={len(self.mismatches)}"
        )


def find(soak: Soak) -> Findings:
    """Judge a run that came to its end."""
    early, late = judge.early_and_late(soak.samples)
    rss_early, rss_late = [s.rss_mib for s in early], [s.rss_mib for s in late]
    told = list(alerts(soak.messages))
    mismatches = list(soak.mismatches)
    if soak.exit_code != 0:
        mismatches.append(f"the assistant ended with {soak.exit_code}")
    return Findings(
        rss_early=median(rss_early),
        rss_late=median(rss_late),
        growth_pct=judge.growth_pct(rss_early, rss_late),
        files_early=median(s.files for s in early),
        files_most_early=max(s.files for s in early),
        files_late=median(s.files for s in late),
        lag_p99_ms=judge.percentile((s.loop_lag_ms for s in soak.samples), 0.99),
        journal_mib=soak.samples[-1].db_mib + soak.samples[-1].wal_mib,
        rows=(
            *judge.judge_alerts(soak.books, soak.facts, told),
            *judge.judge_stops(told, soak.latched),
            judge.judge_script(soak.deeds, soak.latched),
        ),
        unhandled=tuple(judge.unhandled(soak.log)),
        mismatches=tuple(mismatches),
        late=judge.lateness(soak.samples, soak.speed),
    )


def report(soak: Soak) -> tuple[list[str], bool]:
    """Lines to print, and whether all is well."""
    found = find(soak)
    lines = [*_process(soak, found), *_chat(soak, found), *_complaints(soak, found)]
    if found.late:
        lines.append(f"soak: too slow for {soak.speed:g} x, no figure above counts: {found.late}")
    else:
        lines.append(found.line(soak))
    return lines, found.is_well


def _process(soak: Soak, found: Findings) -> Iterator[str]:
    samples, last = soak.samples, soak.samples[-1]
    real_s = last.hours * 3600 / soak.speed
    yield f"samples {len(samples)}, {last.hours:.2f} market hours in {real_s:.0f} s"
    yield f"{'':24}{'early':>10}{'late':>10}{'most':>10}"
    early, late = judge.early_and_late(samples)
    for name in ("rss_mib", "pss_mib", "files", "threads", "children", "sandbox_rss_mib"):
        shown = (median([getattr(s, name) for s in group]) for group in (early, late))
        most = max(getattr(s, name) for s in samples)
        yield f"{name:24}" + "".join(f"{value:>10.1f}" for value in (*shown, most))
    yield "(early: hours 2 and 3, late: the last one; of under 4 h: the second and last quarter)"
    yield f"{'real ms':24}{'median':>10}{'p99':>10}{'most':>10}"
    for name in ("loop_lag_ms", "health_ms", "sandbox_ms", "late_ms"):
        values = [getattr(s, name) for s in samples]
        shown = (judge.percentile(values, part) for part in (0.5, 0.99, 1.0))
        yield f"{name:24}" + "".join(f"{value:>10.1f}" for value in shown)
    for name, spent in (("assistant", last.cpu_s), ("sandbox", last.sandbox_cpu_s)):
        yield f"cpu of {name}: {spent:.0f} s, {spent / max(real_s, 1):.0%} of a core"
    yield f"databases {last.db_mib:.2f} MiB, write-ahead logs {last.wal_mib:.2f} MiB"
    yield "calls of the US desk by day: " + _by_day(soak.us_calls) + " (cap 4500)"
    yield "calls of the KRX desk by day: " + _by_day(soak.krx_calls)
    refused = sum(code != 200 for code in soak.answered)
    yield f"/health asked {len(soak.answered)} times, {refused} times not 200"


def _by_day(calls: dict[str, int]) -> str:
    return ", ".join(f"{day} {count}" for day, count in sorted(calls.items()))


def _chat(soak: Soak, found: Findings) -> Iterator[str]:
    troubles = [deed.what for deed in soak.deeds if isinstance(deed.what, Trouble)]
    stops = sum(trouble.stops for trouble in troubles)
    yield f"trader: {soak.trader}; {len(soak.unanswered)} unanswered: {soak.unanswered}"
    yield f"troubles: {len(troubles)}, {stops} of them long enough to stop a desk"
    yield f"{'alerts':24}{'expected':>10}{'told':>10}  by"
    for row in found.rows:
        yield f"{row.kind:24}{row.expected:>10}{row.told:>10}  {row.source}"


def _complaints(soak: Soak, found: Findings) -> Iterator[str]:
    for what, each in (
        ("alert", found.wrong_alerts),
        ("mismatch", found.mismatches),
        ("unhandled", found.unhandled),
    ):
        yield from (f"{what}: {one}" for one in each[:_SHOWN])
        if len(each) > _SHOWN:
            yield f"{what}: and {len(each) - _SHOWN} more"
    for line, count in judge.loud(soak.log).most_common(_SHOWN * 2):
        yield f"log: {count} x {line}"
