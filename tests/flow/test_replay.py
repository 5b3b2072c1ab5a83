"""Recorded days through the desk: nothing is known too early, nothing breaks a rule unseen."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from engine.adapters.sim.recorded_krx import RecordedKrx
from engine.config import load_config
from engine.errors import ConfigError
from engine.flow.replay_check import Inspector
from engine.flow.replay_market import RecordedMarket
from engine.flow.replay_text import digest
from engine.model.entry_facts import EntryFilled
from engine.model.fills import Fill, FillSource
from engine.model.ids import BrokerOrderNo, ClientOrderId, DeskName, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.intents import (
    FetchDayCandles,
    FetchIndex,
    FetchListings,
    FetchMinuteCandles,
    FetchRanking,
    FetchRows,
    FetchState,
)
from engine.model.krx_settings import KrxSettings, RiskSettings
from engine.model.listing import SecurityKind, Segment
from engine.model.market_events import (
    DayCandlesSeen,
    ListingsSeen,
    MinuteCandlesSeen,
    Ranking,
    RowsSeen,
    StateSeen,
)
from engine.model.money import ZERO_KRW, Krw
from engine.model.order_facts import OrderEnded, OrderFilled
from engine.model.orders import OrderIntent, OrderReason, Side
from engine.model.quota import Priority
from engine.model.recorded import RecordedDay
from engine.rules.krx.sessions import KrxSessionTable
from engine.wiring.replay import play, replay_lines
from tests.desk.krx_world import krw, kst

DAY = date(2026, 1, 7)
SCAN = Priority.SCAN
UP, SIDE = Symbol("000010"), Symbol("000020")
HEAD = "date,code,name,market,prev_close\n"
MINUTES_HEAD = "code,time,open,high,low,close,volume,cum_value\n"
DAILY_HEAD = "code,date,open,high,low,close,volume,value\n"


def minute(index: int) -> str:
    hour, rest = divmod(9 * 60 + index, 60)
    return f"{hour:02}{rest:02}00"


def folder(tmp_path: Path, day: date = DAY) -> Path:
    """One stock that breaks out, runs and gives back; one that stands still."""
    minutes, daily = tmp_path / "minute", tmp_path / "daily"
    minutes.mkdir()
    daily.mkdir()
    (minutes / "index.csv").write_text(
        HEAD + f"{day},{UP},오르다,KOSPI,10000\n{day},{SIDE},서다,KOSDAQ GLOBAL,10000\n",
        encoding="utf-8",
    )
    rows, value = [MINUTES_HEAD], 0
    for index in range(380):
        price = 10_000 + 10 * index if index < 30 else 10_000
        value += price * 60_000
        rows.append(f"{UP},{minute(index)},{price},{price},{price},{price},60000,{value}\n")
        rows.append(f"{SIDE},{minute(index)},10000,10000,10000,10000,{index % 2},0\n")
    rows.append(f"{UP},153000,10000,10000,10000,10000,5000,{value}\n")
    _write(minutes / f"{day}.csv.gz", "".join(rows))
    days = [DAILY_HEAD]
    for back in range(40, 0, -1):
        at = day - timedelta(days=back)
        days += [
            f"{code},{at},9900,10050,9800,{10_001 - back},500000,5000000000\n"
            for code in (UP, SIDE)
        ]
    _write(daily / "lookback-kis.csv.gz", "".join(days))
    _write(
        daily / "market-x.csv.gz",
        f"date,code,volume,open,high,low,close,value,shares\n{day},{UP},1,1,1,1,1,1,10000000\n"
        f"{day},{SIDE},1,1,1,1,1,1,10000000\n",
    )
    return minutes


def _write(path: Path, text: str) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(text)


@pytest.fixture
def recorded(tmp_path: Path) -> RecordedDay:
    return RecordedKrx(folder(tmp_path)).load(DAY)


def market_of(day: RecordedDay) -> RecordedMarket:
    session = KrxSessionTable(KrxSettings()).session_on(day.day)
    assert session is not None
    return RecordedMarket(day, session)


# -- files


def test_files_become_listings_of_the_morning(recorded: RecordedDay) -> None:
    up, side = recorded.stocks
    assert (up.symbol, up.listing.name, up.listing.segment) == (UP, "오르다", Segment.KOSPI)
    assert side.listing.segment is Segment.KOSDAQ
    assert up.listing.market_cap == krw(100_000_000_000)
    assert up.days[-1].day == DAY - timedelta(days=1)  # nothing of the day itself
    assert len(up.days) == 40
    assert recorded.last_minute == 15 * 60 + 30
    assert all(bar.volume for bar in side.minutes)


def test_a_preferred_share_is_told_by_its_code(tmp_path: Path) -> None:
    minutes = folder(tmp_path)
    index = minutes / "index.csv"
    index.write_text(index.read_text().replace(SIDE, "000025"), encoding="utf-8")
    kinds = [stock.listing.kind for stock in RecordedKrx(minutes).load(DAY).stocks]
    assert kinds == [SecurityKind.COMMON, SecurityKind.PREFERRED]


def test_days_that_do_not_end_at_the_previous_close_are_rescaled(tmp_path: Path) -> None:
    minutes = folder(tmp_path)
    index = minutes / "index.csv"
    index.write_text(index.read_text().replace("KOSPI,10000", "KOSPI,5000"), encoding="utf-8")
    (up,) = (s for s in RecordedKrx(minutes).load(DAY).stocks if s.symbol == UP)
    assert up.days[-1].close == krw(5_000)
    assert up.days[-1].high == krw(5_025)


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("minute/index.csv", "minute: no recorded days are here"),
        ("minute/2026-01-07.csv.gz", "2026-01-07.csv.gz"),
    ],
)
def test_what_is_absent_is_named(tmp_path: Path, what: str, told: str) -> None:
    minutes = folder(tmp_path)
    (tmp_path / what).unlink()
    with pytest.raises(ConfigError, match=told):
        list(replay_lines(minutes, load_config(None).config))


def test_without_recorded_days_it_says_how_to_record_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["replay", "--minutes", str(tmp_path / "none")]) == 2
    said = capsys.readouterr().err
    assert "none: 기록한 날이 없습니다" in said
    for way in ("run.py bot --record DIR", "run.py replay --recording FILE"):
        assert way in said


def test_what_was_never_recorded_is_said(tmp_path: Path) -> None:
    minutes, config = folder(tmp_path), load_config(None).config
    with pytest.raises(ConfigError, match="nothing recorded"):
        list(replay_lines(minutes, config, day=date(2026, 1, 8)))
    with pytest.raises(ConfigError, match="nothing recorded for 999999"):
        list(replay_lines(minutes, config, symbol="999999"))


# -- the market


def test_a_market_tells_of_no_trade_that_has_not_happened(recorded: RecordedDay) -> None:
    market = market_of(recorded)
    ticks = market.ticks()
    first = next(ticks)
    assert market.last(first.symbol) is None
    market.on_tick(first)
    seen = {first.symbol: first}
    for tick in ticks:
        known = market.last(tick.symbol)
        assert known is seen.get(tick.symbol)
        rows = market.answer(FetchRows((tick.symbol,), SCAN), tick.at)
        assert isinstance(rows, RowsSeen)
        if known is not None:
            assert [row.price for row in rows.rows] == [known.price]
        market.on_tick(tick)
        seen[tick.symbol] = tick


def test_trades_come_in_order_and_add_up(recorded: RecordedDay) -> None:
    market = market_of(recorded)
    ticks = list(market.ticks())
    assert [tick.at for tick in ticks] == sorted(tick.at for tick in ticks)
    last = [tick for tick in ticks if tick.symbol == UP][-1]
    assert last.at == kst("15:30:00", DAY)
    assert (last.bid, last.ask) == (None, None)  # an auction shows no book
    assert last.cum_volume == 380 * 60_000 + 5_000
    assert last.day is not None
    assert last.day.cum_value == krw(recorded.stocks[0].minutes[-1].cum_value)
    assert (last.day.open, last.day.high) == (krw(10_000), krw(10_290))


def test_reads_are_answered_from_what_was_played(recorded: RecordedDay) -> None:
    market = market_of(recorded)
    ticks = market.ticks()
    for tick in ticks:
        if tick.at >= kst("09:10:00", DAY):
            break
        market.on_tick(tick)
    now = kst("09:10:00", DAY)
    listings = market.answer(FetchListings(SCAN), now)
    assert isinstance(listings, ListingsSeen)
    assert len(listings.listings) == 2
    for ranking in (Ranking.TRADED_VALUE, Ranking.RISERS):
        ranked = market.answer(FetchRanking(ranking, SCAN), now)
        assert isinstance(ranked, RowsSeen)
        assert [row.symbol for row in ranked.rows] == [UP, SIDE]
        assert ranked.rows[0].change_pct == Decimal("0.9")
    days = market.answer(FetchDayCandles(UP, DAY, SCAN), now)
    assert isinstance(days, DayCandlesSeen)
    minutes = market.answer(FetchMinuteCandles(UP, kst("09:05:00", DAY), SCAN), now)
    assert isinstance(minutes, MinuteCandlesSeen)
    assert [candle.at for candle in minutes.candles][-1] == kst("09:04:00", DAY)
    state = market.answer(FetchState(UP, SCAN), now)
    assert isinstance(state, StateSeen)
    assert (state.lower_limit, state.upper_limit) == (krw(7_000), krw(13_000))
    assert market.answer(FetchIndex(Segment.KOSPI, SCAN), now) is None


# -- a whole day


def test_a_day_is_bought_sold_and_told_and_comes_out_the_same_again(recorded: RecordedDay) -> None:
    result = play(KrxSettings(), recorded)
    trip = result.trips[0]
    assert (trip.symbol, trip.name) == (UP, "오르다")
    assert trip.reasons
    assert result.violations == ()
    assert result.absent == Counter({"strength": 2, "market": 2})
    assert sum(result.buckets.values()) == result.stocks == 2
    assert result.left == ()
    assert abs(result.net.amount - sum(t.net.amount for t in result.trips)) <= len(result.deals)
    again = play(KrxSettings(), recorded)
    assert again == result
    assert digest([again]) == digest([result])
    assert digest([replace(result, deals=result.deals[1:])]) != digest([result])


def test_a_recording_that_ends_early_is_sold_before_its_end(recorded: RecordedDay) -> None:
    cut = tuple(
        replace(stock, minutes=tuple(bar for bar in stock.minutes if bar.minute < 10 * 60))
        for stock in recorded.stocks
    )
    result = play(KrxSettings(), replace(recorded, stocks=cut, last_minute=10 * 60 - 1))
    assert result.left == ()
    assert result.trips[-1].closed_at < kst("10:00:00", DAY)


def test_the_command_prints_days_years_and_one_line_for_scripts(tmp_path: Path) -> None:
    lines = list(replay_lines(folder(tmp_path), load_config(None).config))
    assert lines[0].startswith("== 2026-01-07: 2 stocks")
    assert any(line.startswith("-- 2026: 1 days") for line in lines)
    assert lines[-1].startswith("REPLAY days=1 stock_days=2 violations=0 digest=")
    one = RecordedKrx(tmp_path / "minute", {"오르다"})
    assert [stock.symbol for stock in one.load(DAY).stocks] == [UP]


# -- the inspector is no ornament


def order(side: Side = Side.BUY, **changes: Any) -> OrderIntent[Krw]:
    made = OrderIntent(
        ClientOrderId("o1"), DeskName.KRX, UP, Exchange.KRX, side, Qty(100), krw(10_010),
        OrderReason.BREAKOUT, krw(10_000), kst("10:00:00", DAY),
    )  # fmt: skip
    return replace(made, **changes)


def inspector(**risk: Any) -> Inspector:
    settings = KrxSettings(risk=replace(RiskSettings(), **risk))
    return Inspector(
        DAY, krw(10_000_000), settings, lambda _: Decimal(10_000), lambda _: Decimal(10_000)
    )


def bought(of: OrderIntent[Krw], price: int = 10_010) -> EntryFilled:
    fill = Fill(
        BrokerOrderNo("1"), of.client_order_id, of.symbol, Side.BUY, of.qty, krw(price), of.qty,
        kst("10:00:01", DAY), FillSource.EXECUTIONS,
    )  # fmt: skip
    return EntryFilled(
        fill, of, "이름", ZERO_KRW, krw(price), of.qty, krw(1), None, is_complete=True
    )


def sold(of: OrderIntent[Krw], price: int) -> OrderFilled[Krw]:
    fill = replace(bought(of, price).fill, side=Side.SELL)
    return OrderFilled(
        fill, of, krw(10_010), ZERO_KRW, Decimal(0), ZERO_KRW, None, True, Qty(0), ZERO_KRW
    )


def violations(*placed: OrderIntent[Krw], at: str = "10:00:00", **risk: Any) -> list[str]:
    seen = inspector(**risk)
    for one in placed:
        seen.on_order(one, kst(at, DAY))
    return [violation.split(": ", 1)[1] for violation in seen.violations]


def many(count: int, **changes: Any) -> Iterator[OrderIntent[Krw]]:
    for index in range(count):
        code, order_id = Symbol(f"{index:06}"), ClientOrderId(f"o{index}")
        yield order(symbol=code, client_order_id=order_id, qty=Qty(10), **changes)


def test_a_sound_order_passes() -> None:
    assert violations(order()) == []


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"limit": krw(10_005)}, "off the price step"),
        ({"limit": krw(13_010), "qty": Qty(10)}, "outside the band"),
        ({"limit": krw(6_990)}, "outside the band"),
        ({"qty": Qty(200)}, "is worth"),
        ({"side": Side.SELL}, "sells 100 of 0"),
    ],
)
def test_each_wrong_order_is_found(changes: dict[str, Any], what: str) -> None:
    (found,) = violations(order(**changes))
    assert what in found


@pytest.mark.parametrize("at", ["08:59:59", "15:30:00"])
def test_an_order_outside_the_session_is_found(at: str) -> None:
    assert violations(order(), at=at) == ["outside the session"]


def test_the_late_opening_of_the_year_is_known() -> None:
    seen = Inspector(
        date(2026, 1, 2),
        krw(10_000_000),
        KrxSettings(),
        lambda _: Decimal(1),
        lambda _: Decimal(10_000),
    )
    seen.on_order(order(), kst("09:30:00", date(2026, 1, 2)))
    assert len(seen.violations) == 1


def test_too_many_positions_trades_and_orders_are_found() -> None:
    assert any("opens 3" in v for v in violations(*many(3), max_positions=2))
    assert any("is trade 3" in v for v in violations(*many(3), max_trades=2))
    assert any("3 a minute" in v for v in violations(*many(3), max_orders_per_minute=2))


def test_more_than_there_is_money_for_is_found() -> None:
    (found,) = violations(order(qty=Qty(1_000)), max_order_krw=10**9)
    assert "needs" in found


def test_an_entry_after_the_days_loss_is_found() -> None:
    seen = inspector(max_daily_loss_krw=40_000)
    first = order()
    seen.on_order(first, kst("10:00:00", DAY))
    seen.on_fact(bought(first))
    sale = order(Side.SELL, client_order_id=ClientOrderId("o2"), limit=krw(9_500))
    seen.on_order(sale, kst("10:01:00", DAY))
    seen.on_fact(sold(sale, 9_500))
    seen.on_order(order(client_order_id=ClientOrderId("o3")), kst("10:02:00", DAY))
    assert [v.split(": ")[1] for v in seen.violations] == ["after a loss of 53192"]
    assert seen.cash == 10_000_000 - 53_192


def test_an_order_that_ended_holds_nothing() -> None:
    seen = inspector(max_positions=1)
    first = order()
    seen.on_order(first, kst("10:00:00", DAY))
    seen.on_fact(OrderEnded(first, Qty(0), will_reprice=False))
    other = order(symbol=SIDE, client_order_id=ClientOrderId("o2"))
    seen.on_order(other, kst("10:05:00", DAY))
    assert seen.violations == []


def test_an_account_that_disagrees_is_found() -> None:
    seen = inspector()
    seen.on_end(krw(9_999_000))
    assert len(seen.violations) == 1


# -- the real recordings


@pytest.mark.market_data
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "day", [pytest.param(date(2025, 11, 13), marks=pytest.mark.long), date(2026, 1, 2)]
)
def test_recorded_days_with_late_hours_break_no_rule(market_data: Path, day: date) -> None:
    recorded = RecordedKrx(market_data / "krx" / "minute").load(day)
    some = replace(recorded, stocks=recorded.stocks[::6])
    result = play(KrxSettings(), some)
    assert result.violations == ()
    assert result.deals
    assert all(deal.at >= kst("10:05:00", day) for deal in result.deals)
