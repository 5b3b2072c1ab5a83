"""Plays recorded minutes and ticks as a tape.

Files as in the recorded data beside the repository: ``minute/SYMBOL-DAY-trade.csv.gz``,
``minute/ib-DAY.csv.gz`` (many symbols), ``tick/SYMBOL-DAY-trade.csv.gz``. How a minute becomes
ticks is written in docs/sandbox.md.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from sandbox.market import Print
from sandbox.model import Listing
from sandbox.session import at as et_moment

OFFSETS_S = (0, 15, 30, 45)
PARTS = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One minute. ``start`` is the exchange's wall clock."""

    start: time
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: int


@dataclass(frozen=True, slots=True)
class Tick:
    """One recorded trade, New York wall clock."""

    at: time
    price: Decimal
    size: int


def minute_path(bar: Bar) -> list[tuple[timedelta, Decimal, int]]:
    """Four steps: open, low-high if the minute rose or stood (else high-low), close.

    Each is the time since the start, a price and a size. A quarter of the volume each, the
    remainder with the close; a part without volume is left out.
    """
    path = (bar.low, bar.high) if bar.close >= bar.open else (bar.high, bar.low)
    quarter = bar.volume // PARTS
    sizes = (quarter, quarter, quarter, bar.volume - quarter * (PARTS - 1))
    prices = (bar.open, *path, bar.close)
    return [
        (timedelta(seconds=offset), price, size)
        for offset, price, size in zip(OFFSETS_S, prices, sizes, strict=True)
        if size > 0
    ]


def minute_prints(bar: Bar, day: date) -> list[Print]:
    """The steps of a minute as prints of a New York day."""
    start = et_moment(day, bar.start)
    return [Print(start + offset, price, size) for offset, price, size in minute_path(bar)]


class RecordedTape:
    """One recorded day of some symbols, played on ``play_on``; every other day is empty."""

    def __init__(
        self,
        play_on: date,
        bars: dict[str, list[Bar]],
        ticks: dict[str, list[Tick]] | None = None,
    ) -> None:
        self.play_on = play_on
        self._bars = bars
        self._ticks = ticks or {}

    @property
    def symbols(self) -> tuple[str, ...]:
        """What it knows."""
        return tuple(dict.fromkeys([*self._bars, *self._ticks]))

    def first_price(self, symbol: str) -> Decimal:
        """The day's first price, a stand-in for the unknown previous close."""
        if symbol in self._ticks:
            return self._ticks[symbol][0].price
        return self._bars[symbol][0].open

    def prints(self, listing: Listing, day: date) -> Iterator[Print]:
        """Ticks where there are any, else minutes."""
        if day != self.play_on:
            return
        if listing.symbol in self._ticks:
            for tick in self._ticks[listing.symbol]:
                yield Print(et_moment(day, tick.at), tick.price, tick.size)
            return
        for bar in self._bars.get(listing.symbol, ()):
            yield from minute_prints(bar, day)

    def halted(self, symbol: str, moment: datetime) -> bool:  # noqa: ARG002 - a Tape's signature
        """Recordings know no halts."""
        return False


def load(
    files: Sequence[Path],
    shift_to: date | None = None,
    symbols: Sequence[str] = (),
    *,
    keep_suspicious: bool = False,
) -> RecordedTape:
    """Read recorded files of one day.

    Args:
        files: All of the same day, which is part of their names.
        shift_to: Play on this date instead, at the same New York time of day.
        symbols: Only these; all if none named.
        keep_suspicious: Also play ticks that the origin would drop.

    Raises:
        ValueError: No file, or files of different days.
    """
    days = {_day_of(path) for path in files}
    if len(days) != 1:
        raise ValueError(f"want the files of one day, got days {sorted(map(str, days))}")
    bars: dict[str, list[Bar]] = {}
    ticks: dict[str, list[Tick]] = {}
    for path in files:
        for row in _rows(path):
            symbol = row.get("symbol") or path.name.split("-")[0].upper()
            if symbols and symbol not in symbols:
                continue
            if "close" in row:
                bars.setdefault(symbol, []).append(_bar(row))
            elif keep_suspicious or row["suspicious"] != "1":
                ticks.setdefault(symbol, []).append(_tick(row))
    return RecordedTape(shift_to or days.pop(), bars, ticks)


def find(folder: Path, day: date, *, ticks: bool = False) -> list[Path]:
    """The trade files of a day below ``folder`` (which holds ``minute`` and ``tick``)."""
    kind = "tick" if ticks else "minute"
    found = [*folder.glob(f"{kind}/*-{day}-trade.csv.gz"), *folder.glob(f"{kind}/ib-{day}.csv.gz")]
    return sorted(found)


def _day_of(path: Path) -> date:
    return date.fromisoformat("-".join(path.name.split(".")[0].split("-")[1:4]))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _bar(row: dict[str, str]) -> Bar:
    return Bar(
        time.fromisoformat(row["time_et"]),
        Decimal(row["open"]),
        Decimal(row["high"]),
        Decimal(row["low"]),
        Decimal(row["close"]),
        int(Decimal(row["volume"])),
    )


def _tick(row: dict[str, str]) -> Tick:
    return Tick(time.fromisoformat(row["time_et"]), Decimal(row["price"]), int(row["size"]))
