from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from sandbox.krx.hours import KrxPhase
from sandbox.krx.model import EventKind, Expected, ViKind
from sandbox.krx.prices import is_on_tick
from sandbox.market import Drift
from sandbox.model import Side
from tests.sandbox.krx_stage import (
    BASE,
    DAY,
    LISTING,
    NAME,
    NEXT_DAY,
    KrxStage,
    auction,
    expected,
    kst,
    shape,
    trade,
    won,
)

OPENED = auction(kst(9), 10_000)


def test_an_auction_print_is_nobody_s_initiative() -> None:
    opening, after = KrxStage(OPENED, trade(kst(9, 1), 10_010)).play()
    assert (opening.is_auction, opening.side, opening.bought_volume) == (True, None, 0)
    assert (after.is_auction, after.side, after.bought_volume) == (False, Side.BUY, 10)


def test_a_trade_carries_the_day_so_far() -> None:
    *_, last = KrxStage(
        OPENED,
        trade(kst(9, 1), 10_050, 30),
        trade(kst(9, 2), 9_950, 20, Side.SELL),
        trade(kst(9, 3), 10_000, 5),
    ).play()
    assert won(last.open, last.high, last.low) == [10_000, 10_050, 9_950]
    assert last.cum_volume == 155
    assert last.cum_value == 100 * 10_000 + 30 * 10_050 + 20 * 9_950 + 5 * 10_000
    assert (last.open_at, last.high_at, last.low_at) == (kst(9), kst(9, 1), kst(9, 2))
    assert (last.bought_volume, last.sold_volume) == (35, 20)
    assert (last.bought_count, last.sold_count) == (2, 1)
    assert last.strength == 175


def test_without_a_recorded_book_the_ask_is_a_step_above() -> None:
    dear, half = KrxStage(auction(kst(9), 12_000), trade(kst(9, 1), 12_005)).play()
    assert won(dear.bid, dear.ask) == [12_000, 12_010]
    # A mid-price trade lies between the two.
    assert won(half.bid, half.price, half.ask) == [12_000, 12_005, 12_010]


# -- interruptions -----------------------------------------------------------------------------


def ran_away() -> KrxStage:
    return KrxStage(
        OPENED,
        trade(kst(9, 4), 10_500),
        trade(kst(9, 5), 11_000, 7),
        trade(kst(9, 6), 11_200, 8),
        trade(kst(9, 6, 30), 11_150, 9),
        trade(kst(9, 8), 11_300),
    )


def test_a_price_ten_per_cent_away_waits_for_an_auction_of_two_minutes() -> None:
    stage = ran_away()
    assert shape(stage.play(kst(9, 5))) == [(10_000, 100), (10_500, 10)]
    state = stage.market.state(NAME)
    assert (state.vi_since, won(state.vi_price)) == (kst(9, 5), [11_000])
    assert state.vi_until is not None
    assert timedelta(minutes=2) <= state.vi_until - kst(9, 5) <= timedelta(minutes=2, seconds=30)
    print_after, ordinary = stage.play()
    assert (print_after.at, print_after.is_auction) == (state.vi_until, True)
    # All that waited, at the last price named.
    assert shape([print_after, ordinary]) == [(11_150, 24), (11_300, 10)]
    assert stage.moments(EventKind.VI_START) == [kst(9, 5)]
    assert stage.moments(EventKind.VI_END) == [state.vi_until]


def test_the_next_interruption_is_measured_from_the_auction_of_the_last() -> None:
    stage = KrxStage(
        OPENED,
        trade(kst(9, 5), 11_000),
        # 11 % above the opening price, but not above the auction's.
        trade(kst(9, 10), 11_100),
        *(trade(kst(9, 11, second), 11_100 + 200 * second) for second in range(1, 6)),
    )
    stage.play()
    first, second = stage.market.vis(DAY)
    assert (won(first.reference, first.price), first.count) == ([10_000, 11_000], 1)
    assert (won(second.reference, second.price), second.count) == ([11_000, 12_100], 2)


def test_a_jump_from_the_last_trade_interrupts_large_names_at_half_the_distance() -> None:
    jump = (OPENED, trade(kst(9, 5), 10_400))
    small = KrxStage(*jump)
    large = KrxStage(*jump, listing=replace(LISTING, large=True))
    assert len(small.play()) == 2
    small.play(kst(15))
    assert small.market.vis(DAY) == ()
    large.play()
    (vi,) = large.market.vis(DAY)
    assert (vi.kind, won(vi.reference)) == (ViKind.DYNAMIC, [10_000])


def test_what_waits_when_the_closing_auction_begins_trades_there() -> None:
    stage = KrxStage(OPENED, trade(kst(15, 19), 11_000, 7), auction(kst(15, 30), 10_900, 50))
    assert shape(stage.play()) == [(10_000, 100), (10_900, 57)]
    assert len(stage.moments(EventKind.VI_END)) == 1


def test_neither_a_recording_nor_liquidation_trading_is_interrupted() -> None:
    runs = (OPENED, trade(kst(9, 5), 11_000), trade(kst(9, 5, 1), 12_500))
    assert len(KrxStage(*runs, recorded=True).play()) == 3
    assert len(KrxStage(*runs, listing=replace(LISTING, liquidation=True)).play()) == 3


def test_a_hand_can_start_an_interruption_and_end_it() -> None:
    stage = KrxStage(OPENED, trade(kst(9, 10), 10_010), trade(kst(9, 11), 10_020))
    stage.play(kst(9, 9))
    stage.market.start_vi(NAME, kst(9, 9))
    assert stage.play(kst(9, 10)) == []
    stage.market.end_vi(NAME, kst(9, 10, 30))
    ended, free = stage.play()
    assert (ended.at, ended.is_auction, free.is_auction) == (kst(9, 10, 30), True, False)
    assert len(stage.market.vis(DAY)) == 1


def test_a_halted_symbol_neither_trades_nor_shows_a_book() -> None:
    stage = KrxStage(OPENED, trade(kst(9, 10), 10_010), trade(kst(9, 20), 10_020))
    stage.play(kst(9, 5))
    stage.market.halt(NAME, kst(9, 5))
    assert stage.play(kst(9, 15)) == []
    book = stage.market.book(NAME)
    assert (book.asks, book.bids, stage.market.state(NAME).halted) == ((), (), True)
    stage.market.resume(NAME, kst(9, 15))
    assert shape(stage.play()) == [(10_020, 10)]
    assert stage.moments(EventKind.HALT) == [kst(9, 5)]


# -- limits, steps, moves ----------------------------------------------------------------------


def test_prices_stop_at_the_limit_where_nobody_sells() -> None:
    stage = KrxStage(OPENED, trade(kst(9, 5), 10_500))
    stage.market.schedule(Drift(NAME, kst(9, 4), Decimal(45), 10))
    stopped = stage.play(kst(15))[-1]
    (vi,) = stage.market.vis(DAY)
    assert vi.price == stage.market.band(NAME)[1] == 13_000
    assert (won(stopped.price, stopped.ask), stopped.ask_size) == ([13_000, 0], 0)
    book = stage.market.book(NAME)
    assert book.asks == ()
    assert book.bids[0].price == 13_000


def test_a_nudge_moves_every_later_price_onto_a_step() -> None:
    stage = KrxStage(OPENED, trade(kst(9, 5), 10_010), trade(kst(9, 6), 10_030))
    stage.play(kst(9, 4))
    stage.market.nudge(NAME, Decimal("3.3"))
    assert shape(stage.play()) == [(10_340, 10), (10_360, 10)]


def test_a_drift_reaches_its_goal_against_a_falling_tape() -> None:
    falls = [trade(kst(9, minute), 10_000 - 20 * minute) for minute in range(1, 20)]
    stage = KrxStage(OPENED, *falls)
    stage.market.schedule(Drift(NAME, kst(9, 5), Decimal(4), 300))
    prices = {entry.at: entry.price for entry in stage.play()}
    goal = prices[kst(9, 4)] * Decimal("1.04")
    assert abs(prices[kst(9, 10)] / goal - 1) < Decimal("0.003")


def test_a_book_has_ten_levels_on_their_steps_and_looks_the_same_twice() -> None:
    stage = KrxStage(auction(kst(9), 9_960), trade(kst(9, 1), 9_970, 40))
    stage.play(kst(9, 2))
    book = stage.market.book(NAME)
    assert book == stage.market.book(NAME)
    assert (won(book.bids[0].price), book.bids[0].size) == ([9_970], 40)
    assert [len(book.asks), len(book.bids)] == [10, 10]
    assert all(low.price < high.price for low, high in pairwise(book.asks))
    assert all(high.price > low.price for high, low in pairwise(book.bids))
    assert all(is_on_tick(level.price) and level.size > 0 for level in (*book.asks, *book.bids))


# -- phases and days ---------------------------------------------------------------------------


def test_an_auction_says_what_to_expect_and_then_nothing_more() -> None:
    stage = KrxStage(expected(kst(8, 55), 10_100), OPENED, trade(kst(9, 1), 10_010))
    told: list[Expected] = []
    stage.market.on_expected(told.append)
    assert stage.play(kst(8, 59)) == []
    assert [(won(word.price), word.size, word.phase) for word in told] == [
        ([10_100], 50, KrxPhase.OPENING_AUCTION)
    ]
    assert stage.market.expected(NAME) == told[0]
    assert stage.market.book(NAME).asks[0].price == 10_100
    stage.play(kst(9))
    assert stage.market.expected(NAME) is None


def test_the_market_tells_its_openings_and_closings_once_a_day() -> None:
    stage = KrxStage(OPENED)
    stage.play()
    assert [(kind.value, at) for kind, at in stage.events] == [
        ("opening_auction", kst(8, 30)),
        ("market_open", kst(9)),
        ("closing_auction", kst(15, 20)),
        ("market_close", kst(15, 30)),
        ("after_open", kst(16)),
        ("after_close", kst(20)),
    ]


def test_the_evening_has_a_count_and_limits_of_its_own_and_leaves_the_close_alone() -> None:
    stage = KrxStage(OPENED, auction(kst(15, 30), 11_000), trade(kst(17), 11_300, 3))
    *_, evening = stage.play(kst(18))
    assert (evening.phase, evening.cum_volume, won(evening.open)) == (KrxPhase.AFTER, 3, [11_300])
    assert won(*stage.market.band(NAME)) == [7_700, 14_300]
    (bar,) = stage.market.day_bars(NAME, DAY, 1)
    assert (won(bar.close), bar.volume) == ([11_000], 200)
    stage.play()
    assert stage.market.base(NAME) == 11_000


def test_the_next_day_starts_from_the_close_with_new_limits_and_no_nudge() -> None:
    stage = KrxStage(OPENED, trade(kst(9, 5), 10_000), auction(kst(9, day=NEXT_DAY), 10_500))
    stage.play(kst(9, 1))
    stage.market.nudge(NAME, Decimal(5))
    stage.play()
    listing = stage.market.listing(NAME)
    assert listing is not None
    assert (stage.market.day, stage.market.last(NAME)) == (NEXT_DAY, None)
    assert (won(listing.base_price, listing.prev_high), listing.prev_volume) == (
        [10_500, 10_500],
        110,
    )
    assert won(*stage.market.band(NAME)) == [7_350, 13_650]
    assert shape(stage.play()) == [(10_500, 100)]


def test_a_market_that_begins_after_the_close_has_had_its_day() -> None:
    stage = KrxStage(OPENED, start=kst(15, 30))
    assert stage.market.day == NEXT_DAY
    assert [bar.day for bar in stage.market.day_bars(NAME, NEXT_DAY, 5)] == [DAY]


def test_minutes_carry_what_was_traded_in_them_and_the_value_so_far() -> None:
    stage = KrxStage(
        OPENED,
        trade(kst(9, 0, 30), 10_050, 5),
        trade(kst(9, 2), 9_990, 7),
        auction(kst(15, 30), 10_020),
    )
    stage.play(kst(15, 31))
    opening, middle, closing = stage.market.minute_bars(NAME, kst(15, 31))
    assert (won(opening.open, opening.close), opening.volume) == ([10_000, 10_050], 105)
    assert (middle.start, middle.volume) == (kst(9, 2), 7)
    assert middle.cum_value == 100 * 10_000 + 5 * 10_050 + 7 * 9_990
    assert (closing.start, closing.volume) == (kst(15, 30), 100)


def test_the_minutes_of_a_day_before_add_up_to_its_bar() -> None:
    stage = KrxStage()
    (bar,) = stage.market.day_bars(NAME, DAY, 1)
    minutes = stage.market.minute_bars(NAME, kst(20, day=bar.day))
    assert (minutes[0].open, minutes[-1].close) == (bar.open, bar.close)
    assert max(minute.high for minute in minutes) == bar.high
    assert min(minute.low for minute in minutes) == bar.low
    assert sum(minute.volume for minute in minutes) == bar.volume
    by_noon = stage.market.minute_bars(NAME, kst(12, day=bar.day))
    assert by_noon == minutes[: len(by_noon)]
    assert len(by_noon) < len(minutes)


@pytest.mark.parametrize("until", [kst(9), kst(9, 1, 59)])
def test_only_minutes_that_have_begun_are_told(until: datetime) -> None:
    stage = KrxStage(OPENED, trade(kst(9, 2), 10_010))
    stage.play(kst(9, 3))
    assert [bar.start for bar in stage.market.minute_bars(NAME, until)] == [kst(9)]


def test_an_index_follows_its_shares_at_half_their_pace() -> None:
    stage = KrxStage(OPENED, trade(kst(9, 1), 10_200))
    before = stage.market.index("KOSPI").prev_close
    stage.play(kst(9, 2))
    kospi, kosdaq = stage.market.index("KOSPI"), stage.market.index("KOSDAQ")
    assert kospi.price == (before * Decimal("1.01")).quantize(Decimal("0.01"))
    assert kospi.change_pct == 1
    assert kosdaq.change_pct == 0
    assert stage.market.price(NAME) > BASE
