import csv
import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.krx.hours import KrxPhase, krx_day
from sandbox.krx.market import KrxMarket
from sandbox.krx.model import KrxTrade
from sandbox.krx.recorded import KrxRecordedTape, load
from sandbox.model import Side
from tests.sandbox.krx_stage import shape

RECORDED = date(2026, 1, 8)
PLAYED = date(2026, 11, 20)
INDEX = """date,code,name,market,volume,prev_close
2026-01-08,810010,한울전자부품,KOSPI,460,10000
2026-01-08,820010,파란바이오랩,KOSDAQ GLOBAL,10,5000
2026-01-07,810010,한울전자부품,KOSPI,1,9000
"""
MINUTES = """code,time,open,high,low,close,volume,cum_value
810010,090000,10000,10100,9950,10050,200,0
810010,090100,10050,10060,9990,10000,103,0
810010,090400,10000,10000,10000,10000,0,0
810010,153000,10020,10020,10020,10020,157,0
820010,090200,5000,5000,5000,5000,10,0
"""
DAILY = """code,date,open,high,low,close,volume,value
810010,2026-01-06,19800,20400,19600,20000,1000,1
810010,2026-01-07,20000,20200,19900,20100,3000,1
810010,2026-01-08,10000,10100,9950,10020,460,1
820010,2026-01-07,5000,5000,5000,5000,50,1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"minute/2026-01-08.csv.gz": MINUTES, "daily/some.csv.gz": DAILY}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        with gzip.open(path, "wt", encoding="utf-8") as stream:
            stream.write(text)
    (tmp_path / "minute" / "index.csv").write_text(INDEX, encoding="utf-8")
    return tmp_path


def play(tape: KrxRecordedTape, symbol: str) -> list[KrxTrade]:
    market = KrxMarket(tape.listings, tape, krx_day(tape.play_on).auction_open)
    trades = []
    while market.day == tape.play_on:
        entry = market.pop()
        if entry is not None and entry.symbol == symbol:
            trades.append(entry)
    return trades


def test_minutes_become_four_prints_between_two_auctions(folder: Path) -> None:
    trades = play(load(folder, RECORDED), "810010")
    assert shape(trades) == [
        (10_000, 50), (9_950, 50), (10_100, 50), (10_050, 50),
        (10_050, 25), (10_060, 25), (9_990, 25), (10_000, 28),
        (10_020, 157),
    ]  # fmt: skip
    assert [entry.is_auction for entry in trades] == [True, *[False] * 7, True]
    assert trades[-1].at == krx_day(RECORDED).close
    assert trades[-1].phase is KrxPhase.CLOSED


def test_a_rising_price_was_bought_and_a_falling_one_sold(folder: Path) -> None:
    first, *between, _last = play(load(folder, RECORDED), "810010")
    assert first.side is None
    sides = "".join("B" if entry.side is Side.BUY else "S" for entry in between)
    assert sides == "SBSSBSB"


def test_a_minute_that_is_not_the_open_begins_no_auction(folder: Path) -> None:
    trades = play(load(folder, RECORDED), "820010")
    assert [entry.is_auction for entry in trades] == [False] * len(trades)
    assert sum(entry.size for entry in trades) == 10


def test_the_days_before_are_told_in_today_s_prices(folder: Path) -> None:
    tape = load(folder, RECORDED, symbols=["810010"])
    (listing,) = tape.listings
    # Rights lie between the two: the base price is half of the last close.
    days = tape.history(listing, RECORDED)
    assert [(int(bar.close), bar.volume) for bar in days] == [(9_950, 1000), (10_000, 3000)]
    assert listing.base_price == Decimal(10_000)
    assert listing.usual_volume == 2000


def test_a_shifted_day_takes_its_past_along(folder: Path) -> None:
    tape = load(folder, RECORDED, shift_to=PLAYED)
    listing = tape.listings[0]
    assert [bar.day for bar in tape.history(listing, PLAYED)] == [
        date(2026, 11, 18),
        date(2026, 11, 19),
    ]
    assert next(tape.prints(listing, PLAYED)).at == krx_day(PLAYED).open
    assert list(tape.prints(listing, RECORDED)) == []


@pytest.mark.parametrize(
    ("day", "shift_to", "reason"),
    [
        (date(2026, 1, 9), None, "nothing recorded"),
        (RECORDED, date(2026, 11, 19), "different hours"),
        (RECORDED, date(2026, 11, 21), "not a KRX trading day"),
    ],
)
def test_what_cannot_be_played_is_refused(
    folder: Path, day: date, shift_to: date | None, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        load(folder, day, shift_to)


@pytest.mark.market_data
@pytest.mark.parametrize("day", [RECORDED, date(2025, 11, 13), date(2026, 1, 2)])
def test_a_real_day_plays_to_its_official_bar(market_data: Path, day: date) -> None:
    folder = market_data / "krx"
    with (folder / "minute" / "index.csv").open(encoding="utf-8") as stream:
        rows = {r["code"]: r for r in csv.DictReader(stream) if r["date"] == str(day)}
    some = sorted(rows)[:4]
    tape = load(folder, day, symbols=some)
    market = KrxMarket(tape.listings, tape, krx_day(day).auction_open)
    while market.day == day:
        market.pop()
    for code in some:
        before, bar = market.day_bars(code, day, 2)
        row = rows[code]
        assert [int(bar.open), int(bar.high), int(bar.low), int(bar.close), bar.volume] == [
            int(row[name]) for name in ("open", "high", "low", "close", "volume")
        ]
        assert before.close == Decimal(row["prev_close"])
