"""A replay's results as lines of plain text."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from engine.flow.replay_result import DayResult, Trip
from engine.model.money import ZERO_KRW, Krw
from engine.rules.krx.risk import won_text
from engine.rules.krx.sessions import SEOUL

VIOLATION = "VIOLATION"
WARNING = (
    "Recorded minutes with a made-up path inside each minute, of stocks that somebody's program "
    "had picked: good for finding faults, worthless as a forecast."
)


def day_lines(result: DayResult) -> Iterator[str]:
    """One day: its trades, then its sums."""
    yield f"== {result.day}: {result.stocks} stocks, {result.ticks} ticks to the desk"
    for trip in result.trips:
        yield f"  {_trip(trip)}"
    if result.left:
        yield f"  not sold by the close: {', '.join(result.left)}"
    yield (
        f"  trades {len(result.trips)}  net {won_text(result.net)}"
        f"  (gross {won_text(result.gross)}, fees {won_text(result.fees)},"
        f" tax {won_text(result.tax)})"
    )
    yield f"  held back at the score: {_counts(result.refusals)}"
    yield f"  last gate of a charted name: {_counts(result.last_gates)}"
    yield f"  names: {_counts(result.buckets)}; unfit: {_counts(result.unfit)}"
    yield f"  stages n/a over {result.scored} scores: {_counts(result.absent)}"
    for violation in result.violations:
        yield f"  {VIOLATION} {violation}"
    yield f"  violations={len(result.violations)}"


def total_lines(results: Sequence[DayResult]) -> Iterator[str]:
    """The years apart, then all days; the last line is for scripts."""
    for year in sorted({result.day.year for result in results}):
        yield _sums(str(year), [result for result in results if result.day.year == year])
    yield _sums("all", results)
    refusals = _added(result.refusals for result in results)
    yield f"held back at the score: {_counts(refusals)}"
    yield f"stages n/a: {_counts(_added(result.absent for result in results))}"
    yield WARNING
    violations = sum(len(result.violations) for result in results)
    yield (
        f"REPLAY days={len(results)} stock_days={sum(result.stocks for result in results)}"
        f" violations={violations} digest={digest(results)}"
    )


def digest(results: Iterable[DayResult]) -> str:
    """The same for two replays exactly when they decided the same orders at the same moments."""
    seen = hashlib.sha256()
    for result in results:
        for deal in result.deals:
            order = deal.order
            said = (deal.at.isoformat(), order.symbol, order.side, order.qty, order.limit.amount)
            seen.update(repr(said).encode())
    return seen.hexdigest()[:16]


def _trip(trip: Trip) -> str:
    reasons = "+".join(reason.value for reason in trip.reasons)
    return (
        f"{_clock(trip.opened_at)}-{_clock(trip.closed_at)} {trip.symbol} {trip.name}"
        f"  {trip.qty} @ {trip.paid.amount:,} -> {trip.got.amount:,}"
        f"  score {trip.score}  {reasons}  net {won_text(trip.net)}"
    )


def _sums(title: str, results: Sequence[DayResult]) -> str:
    trips = [trip for result in results for trip in result.trips]
    wins = sum(trip.net > ZERO_KRW for trip in trips)
    return (
        f"-- {title}: {len(results)} days, {sum(r.stocks for r in results)} stock-days,"
        f" {len(trips)} trades, {wins} with a gain,"
        f" net {won_text(_sum(r.net for r in results))}"
        f" (gross {won_text(_sum(r.gross for r in results))},"
        f" fees {won_text(_sum(r.fees for r in results))},"
        f" tax {won_text(_sum(r.tax for r in results))})"
    )


def _sum(amounts: Iterable[Krw]) -> Krw:
    return sum(amounts, ZERO_KRW)


def _added(counts: Iterable[Counter[str]]) -> Counter[str]:
    return sum(counts, Counter[str]())


def _counts(counts: Counter[str]) -> str:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{name} {count}" for name, count in ordered) or "none"


def _clock(moment: datetime) -> str:
    return moment.astimezone(SEOUL).strftime("%H:%M:%S")
