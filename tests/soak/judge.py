"""Whether a soak was well: memory, files, log, and alerts against what they must tell. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

from tests.e2e.children import Json
from tests.soak.plan import MINUTE, Deed, Trouble
from tests.soak.samples import Sample
from tests.soak.told import SAME, UNCOUNTED, Told

MOST_GROWTH_PCT = 5.0
LATE_S = 30.0  # of market time: half of what a price, an entry and a sale may take
LATE_PART = 0.05
BY_API = "OpenAPI"
Latched = list[tuple[datetime, bool]]
_UNHANDLED = re.compile(
    r"^Traceback|unhandled|never retrieved|was never awaited|Task was destroyed", re.IGNORECASE
)
_LOUD = re.compile(r"^\S+ \S+ (WARNING|ERROR|CRITICAL) (.*)")
_FIGURES = re.compile(r"\d+")
_WON = Decimal(1)  # an average is rounded to this much a share, or to a hundredth of a cent
_FINE, _CENT = Decimal("0.0001"), Decimal("0.01")
# Counted against the sandbox's own books; what the journal has of them is compared beside that.
_OF_BOOKS = frozenset({"fill", "OrderAccepted", "OrderResolved"})


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of alert: how many were due, how many came, and what is wrong with them."""

    kind: str
    source: str
    expected: int
    told: int
    wrong: tuple[str, ...] = ()
    counts: bool = True  # stands for alerts no other row stands for


def of_hours(samples: Sequence[Sample], begin: float, end: float) -> list[Sample]:
    """Those from ``begin`` up to ``end`` in hours of market time."""
    return [one for one in samples if begin <= one.hours < end]


def early_and_late(samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    """Hours 2 and 3 and the last one; of a shorter run its second and its last quarter."""
    length = samples[-1].hours
    if length > 4:
        return of_hours(samples, 1, 3), [one for one in samples if one.hours > length - 1]
    quarter = length / 4
    return of_hours(samples, quarter, 2 * quarter), of_hours(samples, 3 * quarter, length + 1)


def growth_pct(early: Sequence[float], late: Sequence[float]) -> float:
    """Of the medians, in per cent."""
    before, after = median(early), median(late)
    return (after - before) / before * 100


def percentile(values: Iterable[float], part: float) -> float:
    """The value below which this part of all lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0


def lateness(samples: Sequence[Sample], speed: float) -> str:
    """Why the figures mean nothing, as the machine could not follow the clock; else blank."""
    if not samples:
        return "nothing was measured"
    limit_ms = LATE_S / speed * 1000
    for name in ("loop_lag_ms", "sandbox_ms", "late_ms"):
        values = [getattr(one, name) for one in samples]
        late = sum(value > limit_ms for value in values) / len(values)
        if late > LATE_PART:
            return (
                f"{name} was over {limit_ms:.0f} ms ({LATE_S:.0f} market seconds) "
                f"in {late:.0%} of the samples, {LATE_PART:.0%} are allowed"
            )
    return ""


def unhandled(log: str) -> list[str]:
    """Lines that tell of an exception nobody expected."""
    return [line for line in log.splitlines() if _UNHANDLED.search(line)]


def loud(log: str) -> Counter[str]:
    """Warnings and worse, alike but for their figures."""
    found = (match for line in log.splitlines() if (match := _LOUD.match(line)))
    return Counter(f"{match[1]} {_FIGURES.sub('#', match[2])[:110]}" for match in found)


def judge_alerts(books: Json, facts: dict[str, int], told: Sequence[Told]) -> list[Row]:
    """Each kind of alert.

    ``books``: of ``GET /sandbox/books``, the real accounts. ``facts``: how many of each the
    assistant's own book has, for what the sandbox cannot know.
    """
    due: Counter[str] = Counter()
    for fact, count in facts.items():
        if fact not in UNCOUNTED:
            due[SAME.get(fact, fact)] += count
    came = Counter(one.kind for one in told)
    journal = [
        Row(kind, "journal", due[kind], came[kind], counts=kind not in _OF_BOOKS)
        for kind in sorted(due | came)
    ]
    return [_fills(books, told), _orders(books, told), *journal]


def _fills(books: Json, told: Sequence[Told]) -> Row:
    """Shares and money of all executions of a stock: one alert may tell of several at once."""
    expected = came = 0
    wrong = []
    executed, spoken = _executed(books), _spoken(told)
    for key in sorted(executed.keys() | spoken.keys()):
        count, qty, value = executed.get(key, _NOTHING)
        alerts, told_qty, told_value = spoken.get(key, _NOTHING)
        noise = told_qty * (_WON if key[0].isdigit() else _FINE) + _CENT * alerts
        is_well = qty == told_qty and abs(value - told_value) <= noise and alerts <= count
        expected += alerts if is_well else count
        came += alerts
        if not is_well:
            dealt, said = (
                f"{count} x, {qty} for {value}",
                f"{alerts} x, {told_qty} for {told_value}",
            )
            wrong.append(f"{key}: executed {dealt}; told {said}")
    return Row("executions", "sandbox's books", expected, came, tuple(wrong))


Dealt = tuple[int, int, Decimal]
_NOTHING: Dealt = (0, 0, Decimal(0))


def _executed(books: Json) -> dict[tuple[str, str], Dealt]:
    """How many, shares and value by stock and side, of orders through the API."""
    found: dict[tuple[str, str], Dealt] = {}
    for account in (books, books["krx"]):
        own = {_key(order) for order in account["orders"] if order["media"] == BY_API}
        for fill in account["fills"]:
            if _key(fill) in own:
                _add(found, fill["symbol"], fill["side"], int(fill["qty"]), Decimal(fill["price"]))
    return found


def _spoken(told: Sequence[Told]) -> dict[tuple[str, str], Dealt]:
    found: dict[tuple[str, str], Dealt] = {}
    for one in told:
        if one.kind == "fill":
            _add(found, one.symbol, one.side, *one.dealt)
    return found


def _add(
    found: dict[tuple[str, str], Dealt], symbol: str, side: str, qty: int, price: Decimal
) -> None:
    count, shares, value = found.get((symbol, side), _NOTHING)
    found[symbol, side] = count + 1, shares + qty, value + qty * price


def _orders(books: Json, told: Sequence[Told]) -> Row:
    """Each order the broker took is told with its number, once: accepted, or found again."""
    numbers = Counter(
        one.order_no.lstrip("0")
        for one in told
        if one.kind in {"OrderAccepted", "OrderResolved"} and one.order_no
    )
    there = Counter(
        order["order_no"].lstrip("0")
        for account in (books, books["krx"])
        for order in account["orders"]
        if order["media"] == BY_API and order["action"] == "new"
    )
    wrong = tuple(
        f"order {no}: {there[no]} at the broker, told {numbers[no]} times"
        for no in sorted(there | numbers)
        if there[no] != numbers[no]
    )
    return Row("orders", "sandbox's books", there.total(), numbers.total(), wrong)


def _key(row: Json) -> tuple[object, ...]:
    """Korean numbers begin anew every day, in every branch."""
    return row.get("day"), row.get("branch"), row["order_no"]


def judge_stops(told: Sequence[Told], seen: dict[str, Latched]) -> list[Row]:
    """Each stop of a guard has one alert and one end. ``seen``: its latch in /health, by desk."""
    by_desk: dict[str, list[bool]] = defaultdict(list)
    for one in told:
        if one.kind == "StateChanged":
            desk = "krx" if "국내" in one.text.partition("\n")[0] else "us"
            latches = [line for line in one.text.splitlines() if line.startswith("잠금: ")]
            by_desk[desk].append(any("가드" in line for line in latches))
    rows = []
    for desk in ("krx", "us"):
        due = _edges([is_set for _, is_set in seen.get(desk, [])])
        came = _edges(by_desk[desk])
        rows += [
            Row(f"guard stops, {desk}", "seen in /health", due[0], came[0], counts=False),
            Row(f"guard ends, {desk}", "seen in /health", due[1], came[1], counts=False),
        ]
    return rows


def judge_script(deeds: Sequence[Deed], seen: dict[str, Latched]) -> Row:
    """Each trouble that must stop a desk did."""
    due = [deed for deed in deeds if isinstance(deed.what, Trouble) and deed.what.stops]
    missed = [deed for deed in due if not any(_is_set(seen[desk], deed) for desk in seen)]
    wrong = tuple(f"{deed.at:%d %H:%M} {deed.what}: nothing stopped" for deed in missed)
    return Row("guard, by script", "plan", len(due), len(due) - len(missed), wrong, counts=False)


def _is_set(seen: Latched, deed: Deed) -> bool:
    return any(is_set and deed.at < at < deed.until + MINUTE for at, is_set in seen)


def _edges(latched: Sequence[bool]) -> tuple[int, int]:
    """How often it was set, and released."""
    steps = list(zip((False, *latched), latched, strict=False))
    return steps.count((False, True)), steps.count((True, False))
