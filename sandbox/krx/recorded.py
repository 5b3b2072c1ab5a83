"""Plays a recorded Korean day: minutes become prints as docs/sandbox.md says.

Files as in the recorded data beside the repository: ``minute/index.csv``, ``minute/DAY.csv.gz``
and ``daily/*.csv.gz``. Interruptions of the day are holes in its minutes; prices call for no
others.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from pathlib import Path

from sandbox.krx.hours import SPECIAL_HOURS, at, is_trading_day, krx_day, previous_trading_day
from sandbox.krx.listings import KOSDAQ, KOSPI, KrxListing
from sandbox.krx.model import DayBar
from sandbox.krx.prices import floor_tick
from sandbox.krx.tape import KrxPrint, PrintKind
from sandbox.model import Side
from sandbox.recorded import Bar, minute_path

USUAL_DAYS = 20
Row = dict[str, str]


class KrxRecordedTape:
    """One recorded day of some symbols, played on ``play_on``; every other day is empty."""

    is_recorded = True

    def __init__(
        self,
        play_on: date,
        listings: Sequence[KrxListing],
        minutes: Mapping[str, Sequence[Bar]],
        days: Mapping[str, Sequence[DayBar]],
    ) -> None:
        self.play_on = play_on
        self.listings = tuple(listings)
        self._minutes = minutes
        self._days = days

    def prints(self, listing: KrxListing, day: date) -> Iterator[KrxPrint]:
        """Both auctions as one print each, the minutes between as up to four.

        A price above the last one was a buyer's, below it a seller's, at it whose the last was.
        """
        if day != self.play_on:
            return
        hours = krx_day(day)
        side, last = Side.BUY, listing.base_price
        for bar in self._minutes.get(listing.symbol, ()):
            start = at(day, bar.start)
            if start == hours.close and bar.volume:
                yield KrxPrint(start, bar.close, bar.volume, kind=PrintKind.AUCTION)
                continue
            kind = PrintKind.AUCTION if start == hours.open else PrintKind.TRADE
            for offset, price, size in minute_path(bar):
                if price != last:
                    side, last = Side.BUY if price > last else Side.SELL, price
                yield KrxPrint(start + offset, price, size, side, kind)
                kind = PrintKind.TRADE

    def history(self, listing: KrxListing, before: date) -> tuple[DayBar, ...]:
        """The recorded days before; on another date they move along with it."""
        known = [bar for bar in self._days.get(listing.symbol, ()) if bar.day < before]
        if not known or known[-1].day == previous_trading_day(before):
            return tuple(known)
        moved = []
        for bar in reversed(known):
            before = previous_trading_day(before)
            moved.append(replace(bar, day=before))
        return tuple(reversed(moved))


def load(
    folder: Path, day: date, shift_to: date | None = None, symbols: Sequence[str] = ()
) -> KrxRecordedTape:
    """Read a recorded day.

    Args:
        folder: Holds ``minute`` and ``daily``.
        day: The recorded day.
        shift_to: Play on this date instead, at the same Korean time of day.
        symbols: Only these; all if none named.

    Raises:
        ValueError: Nothing was recorded, the exchange is closed on the date, or the two dates have
            different hours.
    """
    play_on = shift_to or day
    if not is_trading_day(play_on):
        raise ValueError(f"{play_on} is not a KRX trading day")
    if SPECIAL_HOURS.get(play_on) != SPECIAL_HOURS.get(day):
        raise ValueError(f"{day} and {play_on} have different hours")
    index = [
        row
        for row in _rows(folder / "minute" / "index.csv")
        if row["date"] == str(day) and (not symbols or row["code"] in symbols)
    ]
    if not index:
        raise ValueError(f"nothing recorded for {day} in {folder}")
    codes = {row["code"] for row in index}
    minutes: dict[str, list[Bar]] = {}
    for row in _rows(folder / "minute" / f"{day}.csv.gz"):
        if row["code"] in codes:
            minutes.setdefault(row["code"], []).append(_minute(row))
    days, shares = _daily(folder / "daily", codes, day)
    listings = []
    for row in index:
        code, base = row["code"], Decimal(row["prev_close"])
        days[code] = _rescaled(days.get(code, []), base)
        listings.append(_listing(row, base, days[code], shares.get(code, 0)))
    return KrxRecordedTape(play_on, listings, minutes, days)


def _daily(
    folder: Path, codes: set[str], before: date
) -> tuple[dict[str, list[DayBar]], dict[str, int]]:
    """Bars by code, oldest first, and the last known number of shares."""
    found: dict[str, dict[date, DayBar]] = {}
    shares: dict[str, int] = {}
    for path in sorted(folder.glob("*.csv.gz")):
        for row in _rows(path):
            code = row["code"]
            if code not in codes:
                continue
            day = date.fromisoformat(row["date"])
            if row.get("shares"):
                shares[code] = int(row["shares"])
            if day < before and row.get("value") and int(row["open"]):
                found.setdefault(code, {})[day] = _day(row, day)
    bars = {code: [days[day] for day in sorted(days)] for code, days in found.items()}
    return bars, shares


def _rescaled(bars: list[DayBar], base: Decimal) -> list[DayBar]:
    """Bars that end at the base price: rights may lie between them and the day."""
    if not bars or bars[-1].close == base:
        return bars
    factor = base / bars[-1].close
    return [
        replace(
            bar,
            open=floor_tick(bar.open * factor),
            high=floor_tick(bar.high * factor),
            low=floor_tick(bar.low * factor),
            close=base if bar is bars[-1] else floor_tick(bar.close * factor),
        )
        for bar in bars
    ]


def _listing(row: Row, base: Decimal, bars: Sequence[DayBar], shares: int) -> KrxListing:
    latest = [bar.volume for bar in bars[-USUAL_DAYS:]]
    usual = sum(latest) // len(latest) if latest else int(row["volume"])
    segment = KOSDAQ if row["market"].startswith(KOSDAQ) else KOSPI  # there is a KOSDAQ GLOBAL
    return KrxListing(row["code"], row["name"], segment, base, usual, shares)


def _rows(path: Path) -> Iterator[Row]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)
    elif path.exists():
        with path.open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)


def _minute(row: Row) -> Bar:
    clock = row["time"]
    start = time(int(clock[:2]), int(clock[2:4]))
    opened, high, low, close = _prices(row)
    return Bar(start, opened, high, low, close, int(row["volume"]))


def _day(row: Row, day: date) -> DayBar:
    opened, high, low, close = _prices(row)
    return DayBar(day, opened, high, low, close, int(row["volume"]), Decimal(row["value"]))


def _prices(row: Row) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    return Decimal(row["open"]), Decimal(row["high"]), Decimal(row["low"]), Decimal(row["close"])
