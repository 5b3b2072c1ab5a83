import gzip
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.market import Print
from sandbox.recorded import Bar, find, load, minute_prints
from sandbox.scenario import recorded_listings
from sandbox.session import ET
from tests.sandbox.kis_desk import AAPL, DAY, et


def bar(opened: str, high: str, low: str, closed: str, volume: int) -> Bar:
    return Bar(time(9, 30), Decimal(opened), Decimal(high), Decimal(low), Decimal(closed), volume)


def shape(entries: list[Print]) -> list[tuple[int, str, int]]:
    return [(int((e.at - et(9, 30)).total_seconds()), str(e.price), e.size) for e in entries]


def test_a_minute_that_rose_goes_open_low_high_close() -> None:
    entries = minute_prints(bar("10.00", "10.50", "9.90", "10.40", 403), DAY)
    assert shape(entries) == [
        (0, "10.00", 100),
        (15, "9.90", 100),
        (30, "10.50", 100),
        (45, "10.40", 103),
    ]


def test_a_minute_that_fell_goes_open_high_low_close() -> None:
    entries = minute_prints(bar("10.00", "10.50", "9.90", "9.95", 400), DAY)
    assert [str(entry.price) for entry in entries] == ["10.00", "10.50", "9.90", "9.95"]


def test_a_minute_that_stood_counts_as_risen() -> None:
    entries = minute_prints(bar("10.00", "10.50", "9.90", "10.00", 400), DAY)
    assert [str(entry.price) for entry in entries] == ["10.00", "9.90", "10.50", "10.00"]


def test_a_minute_of_three_shares_prints_once_at_its_close() -> None:
    entries = minute_prints(bar("10.00", "10.50", "9.90", "10.00", 3), DAY)
    assert shape(entries) == [(45, "10.00", 3)]


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.write(text)
    return path


TICKS = """time_et,price,size,exchange,condition,suspicious
09:30:00.500,10.00,100,Q,0,0
09:30:01.250,99.00,100,Q,0,1
09:30:02.000,10.01,200,Q,0,0
"""


def test_suspicious_ticks_are_dropped_unless_asked_for(tmp_path: Path) -> None:
    file = write(tmp_path / "tick" / "aapl-2013-10-10-trade.csv.gz", TICKS)
    day = date(2013, 10, 10)
    clean = load([file]).prints(AAPL, day)
    raw = load([file], keep_suspicious=True).prints(AAPL, day)
    assert [str(entry.price) for entry in clean] == ["10.00", "10.01"]
    assert [str(entry.price) for entry in raw] == ["10.00", "99.00", "10.01"]


def test_a_shifted_day_keeps_its_new_york_time_of_day(tmp_path: Path) -> None:
    # 2013-10-10 is summer time, the day it is played on is not.
    file = write(tmp_path / "tick" / "aapl-2013-10-10-trade.csv.gz", TICKS)
    tape = load([file], shift_to=DAY)
    first = next(iter(tape.prints(AAPL, DAY)))
    assert first.at == et(9, 30, 0.5)
    assert first.at.astimezone(ET).time() == time(9, 30, 0, 500_000)
    assert list(tape.prints(AAPL, date(2013, 10, 10))) == []


def test_files_of_two_days_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one day"):
        load([tmp_path / "a-2013-10-10-trade.csv.gz", tmp_path / "a-2013-10-11-trade.csv.gz"])


@pytest.mark.market_data
def test_a_recorded_day_of_many_symbols_plays_its_exact_volume(market_data: Path) -> None:
    files = find(market_data / "us", date(2025, 10, 1))
    tape = load(files, symbols=["MU", "TSLA"])
    (mu,) = (entry for entry in recorded_listings(tape) if entry.symbol == "MU")
    played = sum(entry.size for entry in tape.prints(mu, date(2025, 10, 1)))
    with gzip.open(files[0], "rt", encoding="utf-8") as stream:
        rows = [line.split(",") for line in stream if line.startswith("MU,")]
    assert played == sum(int(float(row[6])) for row in rows)
    assert tape.symbols == ("MU", "TSLA")
