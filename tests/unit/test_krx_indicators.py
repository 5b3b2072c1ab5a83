import tracemalloc
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.model.candles import DayCandle, MinuteCandle
from engine.model.ids import Symbol
from engine.model.krx_settings import StageSettings
from engine.model.market_events import MarketRow
from engine.model.money import Krw
from engine.model.quotes import DayFigures, QuoteSource, Tick
from engine.rules.krx.indicators import DayStats, OpeningRange, RunningDay, day_stats

TODAY = date(2026, 1, 7)
OPEN = datetime(2026, 1, 7, 0, 0, tzinfo=UTC)
SYMBOL = Symbol("000001")
SETTINGS = StageSettings(short_average_days=2, long_average_days=3, n_days=3)


def won(amount: int) -> Krw:
    return Krw(Decimal(amount))


def candle(
    days_ago: int,
    close: int,
    volume: int = 100,
    *,
    high: int | None = None,
    value: int | None = None,
) -> DayCandle:
    return DayCandle(
        day=TODAY - timedelta(days=days_ago),
        open=won(close),
        high=won(close if high is None else high),
        low=won(close - 10),
        close=won(close),
        volume=volume,
        value=None if value is None else won(value),
    )


def stats_of(*candles: DayCandle) -> DayStats:
    stats = day_stats(candles, TODAY, SETTINGS)
    assert stats is not None
    return stats


def test_yesterday_is_the_last_traded_day_whatever_the_order_of_the_candles() -> None:
    stats = stats_of(candle(1, 1030, high=1050), candle(3, 1000), candle(2, 1010))
    assert (stats.prev_close, stats.prev_high, stats.prev_low) == (1030, 1050, 1020)
    assert stats.prev_range == 30
    assert stats.days == 3


def test_averages_are_over_the_last_days_only() -> None:
    stats = stats_of(candle(4, 5000), candle(3, 1000), candle(2, 1010), candle(1, 1030))
    assert stats.short_average == 1020
    assert stats.long_average == pytest.approx((1000 + 1010 + 1030) / 3)


def test_the_n_day_high_forgets_older_days() -> None:
    old = candle(9, 1000, high=9000)
    recent = (candle(3, 1000, high=1100), candle(2, 1000, high=1300), candle(1, 1000, high=1200))
    assert stats_of(old, *recent).n_day_high == 1300


def test_too_few_days_leave_a_figure_unknown_instead_of_guessed() -> None:
    stats = stats_of(candle(2, 1000), candle(1, 1010))
    assert stats.short_average == 1005
    assert stats.long_average is None
    assert stats.n_day_high is None
    assert stats.mean_volume is None
    assert stats.mean_value is None


def test_means_run_over_twenty_days_and_take_the_value_from_price_where_it_is_missing() -> None:
    known = [candle(n, 1000, volume=200, value=180_000) for n in range(2, 21)]
    stats = stats_of(candle(30, 1000, volume=1_000_000), *known, candle(1, 1000, volume=400))
    assert stats.mean_volume == (19 * 200 + 400) / 20
    assert stats.mean_value == (19 * 180_000 + 400 * 1000) / 20


def test_the_provisional_row_of_today_and_days_without_trades_do_not_count() -> None:
    stats = stats_of(candle(0, 7777), candle(1, 0, volume=0), candle(2, 1000), candle(3, 990))
    assert stats.prev_close == 1000
    assert stats.days == 2


def test_no_traded_day_gives_no_stats() -> None:
    assert day_stats([candle(0, 1000), candle(1, 0, volume=0)], TODAY, SETTINGS) is None


def tick(
    seconds: float,
    price: int,
    *,
    cum_volume: int | None = None,
    day: DayFigures[Krw] | None = None,
) -> Tick[Krw]:
    at = OPEN + timedelta(seconds=seconds)
    return Tick(SYMBOL, at, won(price), QuoteSource.STREAM, cum_volume=cum_volume, day=day)


def figures(
    opened: int | None = None,
    high: int | None = None,
    low: int | None = None,
    value: int | None = None,
    strength: Decimal | None = None,
) -> DayFigures[Krw]:
    opt = [None if x is None else won(x) for x in (opened, high, low, value)]
    return DayFigures(opt[0], opt[1], opt[2], opt[3], strength)


@pytest.fixture
def opening() -> OpeningRange:
    return OpeningRange(OPEN, OPEN + timedelta(minutes=5))


def test_the_opening_range_is_a_level_only_once_it_is_over(opening: OpeningRange) -> None:
    for seconds, price in ((0, 1000), (120, 1020), (299, 1010)):
        opening.add_tick(tick(seconds, price))
    assert opening.high_at(OPEN + timedelta(seconds=299)) is None
    assert opening.high_at(OPEN + timedelta(minutes=5)) == 1020


def test_the_opening_range_ends_before_its_last_minute_does(opening: OpeningRange) -> None:
    opening.add_tick(tick(-1, 3000))
    opening.add_tick(tick(100, 1000))
    opening.add_tick(tick(300, 2000))
    assert opening.high_at(OPEN + timedelta(minutes=9)) == 1000


def test_the_high_a_trade_carries_covers_the_minutes_before_it(opening: OpeningRange) -> None:
    opening.add_tick(tick(200, 1000, day=figures(high=1100)))
    assert opening.high_at(OPEN + timedelta(minutes=5)) == 1100


def test_candles_make_up_for_minutes_that_were_not_watched(opening: OpeningRange) -> None:
    for minute, high in ((0, 1040), (4, 1060), (5, 1500)):
        at = OPEN + timedelta(minutes=minute)
        opening.add_candle(MinuteCandle(at, won(1000), won(high), won(990), won(1000), 10))
    assert opening.high_at(OPEN + timedelta(minutes=30)) == 1060


def test_an_opening_range_that_nobody_saw_is_unknown(opening: OpeningRange) -> None:
    opening.add_tick(tick(900, 1000))
    assert opening.high_at(OPEN + timedelta(hours=1)) is None


@pytest.fixture
def running() -> RunningDay:
    return RunningDay(OPEN, 390)


def test_the_day_so_far_follows_the_trades(running: RunningDay) -> None:
    running.add_tick(tick(1, 1000, cum_volume=10, day=figures(1000, 1000, 1000, 10_000)))
    running.add_tick(
        tick(2, 1010, cum_volume=30, day=figures(1000, 1025, 980, 30_200, Decimal("120.5")))
    )
    assert (running.price, running.open, running.high, running.low) == (1010, 1000, 1025, 980)
    assert (running.cum_volume, running.cum_value, running.strength) == (30, 30_200, 120.5)


def test_high_and_low_come_from_prices_where_nothing_else_tells_them(running: RunningDay) -> None:
    for price in (1000, 1020, 990):
        running.add_tick(tick(1, price))
    assert (running.high, running.low, running.open) == (1020, 990, None)
    assert (running.cum_volume, running.cum_value, running.strength) == (None, None, None)


def test_a_late_tick_takes_nothing_back(running: RunningDay) -> None:
    running.add_tick(tick(90, 1000, cum_volume=500, day=figures(1000, 1100, 900, 500_000)))
    running.add_tick(tick(10, 1000, cum_volume=100, day=figures(1000, 1050, 950, 100_000)))
    assert (running.cum_volume, running.cum_value) == (500, 500_000)
    assert (running.high, running.low) == (1100, 900)
    assert running.volume_by(2) == 500


def test_a_blank_figure_keeps_the_one_before(running: RunningDay) -> None:
    running.add_tick(tick(1, 1000, cum_volume=10, day=figures(990, value=9, strength=Decimal(99))))
    running.add_tick(tick(2, 1000, day=figures()))
    assert (running.open, running.cum_value, running.strength) == (990, 9, 99.0)


def test_a_row_of_a_scan_tells_as_much_as_a_tick(running: RunningDay) -> None:
    row = MarketRow(
        SYMBOL,
        won(1010),
        open=won(1000),
        high=won(1020),
        low=won(990),
        cum_volume=70,
        cum_value=won(70_700),
        strength=Decimal(110),
    )
    running.add_row(row, OPEN + timedelta(minutes=3))
    assert (running.price, running.open, running.high, running.low) == (1010, 1000, 1020, 990)
    assert (running.cum_volume, running.cum_value, running.strength) == (70, 70_700, 110.0)
    running.add_row(MarketRow(SYMBOL, won(1011)), OPEN + timedelta(minutes=4))
    assert (running.price, running.cum_volume, running.strength) == (1011, 70, 110.0)


def test_volume_by_minute_bridges_quiet_minutes(running: RunningDay) -> None:
    for seconds, volume in ((5, 10), (50, 25), (200, 40)):
        running.add_tick(tick(seconds, 1000, cum_volume=volume))
    assert [running.volume_by(minute) for minute in (1, 2, 3, 4)] == [25, 25, 25, 40]


def test_a_day_of_minutes_takes_a_machine_word_each(running: RunningDay) -> None:
    tracemalloc.start()
    try:
        for minute in range(390):
            row = MarketRow(SYMBOL, won(1000), cum_volume=10**6 + minute)
            running.add_row(row, OPEN + timedelta(minutes=minute))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 390 * 12 + 2000


def test_volume_of_minutes_before_watching_began_is_unknown(running: RunningDay) -> None:
    assert running.volume_by(5) is None
    running.add_tick(tick(150, 1000, cum_volume=300))
    assert [running.volume_by(minute) for minute in (1, 2, 3)] == [None, None, 300]


def test_the_closing_auction_belongs_to_the_last_minute(running: RunningDay) -> None:
    running.add_tick(tick(-30, 1000, cum_volume=0))
    running.add_tick(tick(389 * 60, 1000, cum_volume=70))
    running.add_tick(tick(390 * 60 + 2, 1000, cum_volume=100))
    assert running.volume_by(390) == 100
