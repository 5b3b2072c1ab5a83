from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from sandbox.generator import GeneratedTape
from sandbox.market import Drift, Market, Print
from sandbox.model import Listing, Trade
from sandbox.names import DEFAULT_UNIVERSE
from sandbox.session import session_day
from tests.sandbox.kis_desk import AAPL, DAY, ScriptedTape, et, prints


def play(market: Market, until_day_over: bool = True) -> list[Trade]:
    trades = []
    day = market.day
    while market.day == day:
        trade = market.pop()
        if trade is not None:
            trades.append(trade)
    return trades


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    tape, same, other = GeneratedTape(7), GeneratedTape(7), GeneratedTape(8)
    day = list(tape.prints(AAPL, DAY))
    assert day == list(same.prints(AAPL, DAY))
    assert day != list(other.prints(AAPL, DAY))


def test_trades_of_all_symbols_come_in_time_order() -> None:
    trades = play(Market(DEFAULT_UNIVERSE[:4], GeneratedTape(1), DAY))
    assert len({trade.symbol for trade in trades}) == 4
    assert all(before.at <= after.at for before, after in pairwise(trades))


def test_the_opening_and_the_close_are_busier_than_noon_and_premarket_is_thin() -> None:
    hours = session_day(DAY)
    volume = {"pre": 0, "opening": 0, "noon": 0, "closing": 0}
    for listing in DEFAULT_UNIVERSE:
        for entry in GeneratedTape(3).prints(listing, DAY):
            if entry.at < hours.open:
                volume["pre"] += 1
            elif entry.at < hours.open + timedelta(minutes=15):
                volume["opening"] += 1
            elif et(12, 30) <= entry.at < et(12, 45):
                volume["noon"] += 1
            elif entry.at >= hours.close - timedelta(minutes=15):
                volume["closing"] += 1
    assert volume["opening"] > 2 * volume["noon"]
    assert volume["closing"] > volume["noon"]
    # Twenty-two quarters of an hour together stay below two of the opening.
    assert volume["pre"] < 22 * volume["noon"]


def test_a_trade_carries_the_day_so_far_and_a_book_around_it() -> None:
    trades = play(Market(DEFAULT_UNIVERSE[:1], GeneratedTape(1), DAY))
    volume, value = 0, Decimal(0)
    for trade in trades:
        volume += trade.size
        value += trade.price * trade.size
        assert (trade.cum_volume, trade.cum_value) == (volume, value)
        assert trade.low <= trade.price <= trade.high
        assert trade.bid <= trade.price <= trade.ask
        assert trade.bid < trade.ask
    assert trades[-1].open == trades[0].price


def test_without_a_recorded_book_bid_is_last_and_ask_one_tick_above() -> None:
    tape = ScriptedTape({"AAPL": prints((et(10), "100.50", 10), (et(11), "0.5051", 10))})
    dear, cheap = play(Market([AAPL], tape, DAY))
    assert (dear.bid, dear.ask) == (Decimal("100.50"), Decimal("100.51"))
    assert (cheap.bid, cheap.ask) == (Decimal("0.5051"), Decimal("0.5052"))


@pytest.mark.parametrize("seed", range(8))
def test_a_drift_surely_reaches_its_goal(seed: int) -> None:
    market = Market([AAPL], GeneratedTape(seed), DAY)
    market.schedule(Drift("AAPL", et(9, 45), Decimal(4), 300))
    trades = play(market)
    before = [trade.price for trade in trades if trade.at < et(9, 45)][-1]
    reached = max(t.price for t in trades if et(9, 50) <= t.at < et(10, 0))
    assert reached >= before * Decimal("1.033")


def test_a_drift_prevails_over_a_market_that_falls() -> None:
    script = prints((et(10), "100.00", 10), (et(10, 1), "97.00", 10), (et(10, 5), "95.00", 10))
    market = Market([AAPL], ScriptedTape({"AAPL": script}), DAY)
    market.schedule(Drift("AAPL", et(10), Decimal(4), 60))
    prices = [trade.price for trade in play(market)]
    assert prices[0] == Decimal("100.00")
    assert min(prices[1:]) >= Decimal("103.40")


def test_a_nudge_moves_every_later_price() -> None:
    tape = ScriptedTape({"AAPL": prints((et(10), "100.00", 10), (et(11), "100.00", 10))})
    market = Market([AAPL], tape, DAY)
    first = market.pop()
    market.nudge("AAPL", Decimal(5))
    second = market.pop()
    assert first is not None
    assert second is not None
    assert (first.price, second.price) == (Decimal("100.00"), Decimal("105.00"))


def test_a_day_is_made_while_it_is_asked_for() -> None:
    asked: list[Print] = []

    class Watched(GeneratedTape):
        def prints(self, listing: Listing, day: date):  # type: ignore[no-untyped-def]
            for entry in super().prints(listing, day):
                asked.append(entry)
                yield entry

    market = Market(DEFAULT_UNIVERSE, Watched(1), DAY)
    market.pop()
    assert len(asked) <= len(DEFAULT_UNIVERSE) + 1


def test_the_next_day_starts_from_yesterdays_close_with_empty_counters() -> None:
    market = Market([AAPL], GeneratedTape(1), DAY)
    last = play(market)[-1]
    listing = market.listing("AAPL")
    assert listing is not None
    assert listing.prev_close == last.price
    assert listing.prev_volume == last.cum_volume
    assert market.last("AAPL") is None
    assert market.day == date(2026, 11, 23)


def test_a_halted_symbol_does_not_print() -> None:
    minutes = [et(9, 40) + timedelta(minutes=5 * step) for step in range(66)]
    tape, listing, halted_at = next(
        (tape, listing, minute)
        for tape in map(GeneratedTape, range(50))
        for listing in DEFAULT_UNIVERSE
        for minute in minutes
        if tape.halted(listing.symbol, minute)
    )
    printed = [entry.at for entry in tape.prints(listing, DAY)]
    assert not any(tape.halted(listing.symbol, moment) for moment in printed)
    assert printed[0] < halted_at < printed[-1]
