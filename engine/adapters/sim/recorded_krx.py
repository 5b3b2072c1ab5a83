"""Reads recorded Korean days from files.

``index.csv`` names the stocks of each day, ``DAY.csv.gz`` holds their minutes, and the folder
``daily`` beside them the days before; ``lookback-kis`` is preferred to market-wide files. Of a day
itself nothing is taken but what the morning knew: name, board and the previous close.
"""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from engine.model.candles import DayCandle
from engine.model.ids import Symbol
from engine.model.listing import Listing, SecurityKind, Segment
from engine.model.money import Krw
from engine.model.recorded import RecordedDay, RecordedMinute, RecordedStock

_LOOKBACK = "lookback-kis.csv.gz"
_LONG_AGO = date(2000, 1, 1)  # the files hold no listing dates
_COMMON = "0"  # the last character of an ordinary share's code
_HOUR = 60
_Row = Mapping[str, str]


class RecordedKrx:
    """The days recorded in ``minutes``, all stocks or those of the codes or names in ``only``.

    Raises:
        ValueError: A file is absent or not as described; from ``load`` too.
    """

    def __init__(self, minutes: Path, only: Collection[str] = ()) -> None:
        self._minutes = minutes
        self._index: dict[date, list[_Row]] = defaultdict(list)
        for row in _rows(minutes / "index.csv"):
            if not only or row["code"] in only or row["name"] in only:
                self._index[date.fromisoformat(row["date"])].append(row)
        codes = {row["code"] for rows in self._index.values() for row in rows}
        self._daily, self._shares = _daily(minutes.parent / "daily", codes)

    @property
    def days(self) -> tuple[date, ...]:
        """Recorded dates, oldest first."""
        return tuple(sorted(self._index))

    def load(self, day: date) -> RecordedDay:
        """One date with all its stocks."""
        rows = sorted(self._index[day], key=lambda row: row["code"])
        codes = {row["code"] for row in rows}
        minutes: dict[str, list[RecordedMinute]] = {code: [] for code in codes}
        last = 0
        for row in _rows(self._minutes / f"{day}.csv.gz"):
            if not int(row["volume"]):
                continue
            bar = _minute(row)
            last = max(last, bar.minute)
            if row["code"] in codes:
                minutes[row["code"]].append(bar)
        stocks = tuple(self._stock(row, minutes[row["code"]]) for row in rows)
        return RecordedDay(day, stocks, last)

    def _stock(self, row: _Row, minutes: list[RecordedMinute]) -> RecordedStock:
        day, code, base = date.fromisoformat(row["date"]), row["code"], int(row["prev_close"])
        known = self._daily.get(code, {})
        past = _rescaled([known[at] for at in sorted(known) if at < day], base)
        shares = _latest_before(self._shares.get(code, {}), day)
        # there is a KOSDAQ GLOBAL
        segment = Segment.KOSDAQ if row["market"].startswith("KOSDAQ") else Segment.KOSPI
        listing = Listing(
            symbol=Symbol(code),
            name=row["name"],
            segment=segment,
            kind=SecurityKind.COMMON if code.endswith(_COMMON) else SecurityKind.PREFERRED,
            base_price=_krw(base),
            prev_volume=past[-1].volume if past else 0,
            shares=shares,
            market_cap=_krw(base * shares),
            listed_on=_LONG_AGO,
            is_halted=False,
            is_managed=False,
            is_liquidation=False,
            warning="00",
            is_overheated=False,
        )
        return RecordedStock(listing, tuple(past), tuple(minutes))


def _daily(
    folder: Path, codes: Collection[str]
) -> tuple[dict[str, dict[date, DayCandle]], dict[str, dict[date, int]]]:
    """Traded days and listed shares by code and date."""
    found: dict[str, dict[date, DayCandle]] = defaultdict(dict)
    shares: dict[str, dict[date, int]] = defaultdict(dict)
    # in this order the lookback, adjusted in itself, has the last word
    for path in sorted(folder.glob("*.csv.gz"), key=lambda path: path.name == _LOOKBACK):
        for row in _rows(path):
            code = row["code"]
            if code not in codes or "value" not in row:
                continue
            day = date.fromisoformat(row["date"])
            if "shares" in row:
                shares[code][day] = int(row["shares"])
            if int(row["open"]) and int(row["volume"]):
                found[code][day] = _candle(row, day)
    return found, shares


def _latest_before(shares: Mapping[date, int], day: date) -> int:
    """Listed shares as last known before the day, else as first known after it, else none."""
    before = [at for at in shares if at < day]
    if before:
        return shares[max(before)]
    return shares[min(shares)] if shares else 0


def _rescaled(past: list[DayCandle], base: int) -> list[DayCandle]:
    """Bars that end at the day's previous close: rights may lie between them and the day."""
    if not past or past[-1].close.amount == base:
        return past
    factor = Decimal(base) / past[-1].close.amount
    return [
        replace(
            bar,
            open=_times(bar.open, factor),
            high=_times(bar.high, factor),
            low=_times(bar.low, factor),
            close=_times(bar.close, factor),
        )
        for bar in past
    ]


def _times(price: Krw, factor: Decimal) -> Krw:
    return Krw(price.amount * factor).rounded(ROUND_HALF_UP)


def _minute(row: _Row) -> RecordedMinute:
    clock = row["time"]
    return RecordedMinute(
        int(clock[:2]) * _HOUR + int(clock[2:4]),
        int(row["open"]),
        int(row["high"]),
        int(row["low"]),
        int(row["close"]),
        int(row["volume"]),
        int(row["cum_value"]),
    )


def _candle(row: _Row, day: date) -> DayCandle:
    return DayCandle(
        day,
        _krw(int(row["open"])),
        _krw(int(row["high"])),
        _krw(int(row["low"])),
        _krw(int(row["close"])),
        int(row["volume"]),
        _krw(int(row["value"])),
    )


def _krw(won: int) -> Krw:
    return Krw(Decimal(won))


def _rows(path: Path) -> Iterator[_Row]:
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
                yield from csv.DictReader(lines)
        else:
            with path.open(encoding="utf-8", newline="") as lines:
                yield from csv.DictReader(lines)
    except (OSError, EOFError) as error:
        raise ValueError(f"{path}: {error}") from error
