"""Fit the volume curve on the recorded days of 2025.

``python -m tests.market_data.fit_volume_curve DIRECTORY`` (krx/minute of the recorded data)
prints the figures of engine/rules/krx/volume_curve.py. The exam day opened at 10:00 and its
recording ends an hour early, so it says nothing past minute 330.
"""

import csv
import gzip
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import accumulate
from pathlib import Path

from engine.model.listing import Segment
from engine.rules.krx.volume_curve import FITTED_DAYS, KNOTS, SESSION_MINUTES

EXAM_DAY = date(2025, 11, 13)
EXAM_DAY_KNOWN = 330
OPENS_AT = 9 * 60


def _index(root: Path) -> dict[tuple[str, str], dict[str, str]]:
    with (root / "index.csv").open(encoding="utf-8") as file:
        return {(row["date"], row["code"]): row for row in csv.DictReader(file)}


def _minutes(path: Path, opens_at: int) -> dict[str, Counter[int]]:
    """Volume by minute since the open, by code; the closing auction belongs to the last minute."""
    volumes: dict[str, Counter[int]] = defaultdict(Counter)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            minute = int(row["time"][:2]) * 60 + int(row["time"][2:4]) - opens_at
            volumes[row["code"]][min(minute, SESSION_MINUTES - 1)] += int(row["volume"])
    return volumes


def stock_days(root: Path) -> Iterator[tuple[Segment, dict[int, float]]]:
    """Board, and share of the day's official volume by knot, of each recorded stock-day."""
    index = _index(root)
    for day in FITTED_DAYS:
        late = day == EXAM_DAY
        by_code = _minutes(root / f"{day}.csv.gz", OPENS_AT + 60 * late)
        for code, volumes in by_code.items():
            row = index[day.isoformat(), code]
            official = volumes.total() / float(row["volume_vs_daily"])
            known = EXAM_DAY_KNOWN if late else SESSION_MINUTES
            done = [0, *accumulate(volumes[minute] for minute in range(SESSION_MINUTES))]
            shares = {knot: done[knot] / official for knot in KNOTS if knot <= known}
            yield Segment(row["market"].split()[0]), shares  # "KOSDAQ GLOBAL" is within KOSDAQ


def fitted(root: Path) -> Mapping[Segment, tuple[float, ...]]:
    """Medians at the knots, four decimals, never falling, at most 1."""
    samples: dict[Segment, dict[int, list[float]]] = {s: defaultdict(list) for s in Segment}
    for segment, shares in stock_days(root):
        for knot, share in shares.items():
            samples[segment][knot].append(share)
    curves = {}
    for segment, by_knot in samples.items():
        rising, highest = [], 0.0
        for knot in KNOTS:
            highest = min(max(highest, round(statistics.median(by_knot[knot]), 4)), 1.0)
            rising.append(highest)
        curves[segment] = tuple(rising)
    return curves


if __name__ == "__main__":
    for board, figures in fitted(Path(sys.argv[1])).items():
        sys.stdout.write(f"{board}: {figures}\n")
