"""What a simulated Korean order gets of the market, by rules that flatter nobody."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from engine.model.ids import Qty, Symbol
from engine.model.money import Krw
from engine.model.orders import OrderKind, Side
from engine.model.quotes import DayFigures, QuoteSource, Tick
from engine.rules.krx.matching import Match, Resting, best_price, match, meet

AT = datetime(2026, 11, 20, 1, 0, 0, 300_000, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def won(amount: int) -> Krw:
    return Krw(Decimal(amount))


def tick(
    price: int = 10_000,
    *,
    bid: int | None = 9_990,
    ask: int | None = 10_000,
    volume: int | None = 1_000,
    at: datetime = AT + SECOND,
    sizes: tuple[int, int] | None = None,
    day: DayFigures[Krw] | None = None,
) -> Tick[Krw]:
    bid_size, ask_size = sizes or (None, None)
    return Tick(
        Symbol("810010"),
        at,
        won(price),
        QuoteSource.STREAM,
        None if bid is None else won(bid),
        None if ask is None else won(ask),
        volume,
        day=day,
        bid_size=bid_size,
        ask_size=ask_size,
    )


def order(
    side: Side = Side.BUY,
    limit: int = 10_000,
    qty: int = 30,
    *,
    kind: OrderKind = OrderKind.LIMIT,
    volume: int | None = 0,
    taken: int = 0,
    best: int | None = None,
) -> Resting:
    return Resting(
        *(side, kind, won(limit), Qty(qty), AT, volume, taken),
        None if best is None else won(best),
    )


def got(qty: int, price: int) -> Match:
    return Match(Qty(qty), won(price))


# -- meeting the standing book ---------------------------------------------------------------


def test_an_arriving_order_takes_what_is_shown_at_its_price() -> None:
    book = tick(sizes=(20, 25))
    assert meet(order(), book, size=7) == got(25, 10_000)
    assert meet(order(Side.SELL, 9_900), book, size=7) == got(20, 9_990)
    assert meet(order(qty=3), book, size=7) == got(3, 10_000)


def test_where_no_size_is_shown_it_takes_a_tenth_of_the_last_trade() -> None:
    assert meet(order(), tick(), size=79) == got(7, 10_000)
    assert meet(order(), tick(), size=9) is None


def test_nothing_stands_beyond_the_limit_or_on_an_empty_side() -> None:
    assert meet(order(limit=9_990), tick(sizes=(50, 50)), size=500) is None
    assert meet(order(Side.SELL, 10_000), tick(sizes=(50, 50)), size=500) is None
    assert meet(order(), tick(ask=None), size=500) is None
    assert meet(order(), tick(sizes=(50, 0)), size=500) is None


def test_a_market_order_takes_the_other_side_at_any_price() -> None:
    buy = order(limit=1, kind=OrderKind.MARKET)
    assert meet(buy, tick(sizes=(50, 50)), size=0) == got(30, 10_000)


@pytest.mark.parametrize("flags", [(False, False, False), (True, True, False), (True, False, True)])
def test_nothing_is_had_while_the_stock_does_not_trade(flags: tuple[bool, bool, bool]) -> None:
    is_regular, is_halted, has_vi = flags
    day: DayFigures[Krw] = DayFigures(
        *(None, None, None, None, None),
        is_regular=is_regular,
        is_halted=is_halted,
        has_vi=has_vi,
    )
    assert meet(order(), tick(day=day, sizes=(50, 50)), size=500) is None
    assert match(order(), tick(day=day)) is None


# -- waiting for later trades ----------------------------------------------------------------


def test_a_waiting_order_has_a_tenth_of_what_was_traded_since_less_what_it_took() -> None:
    assert match(order(volume=900), tick(volume=1_000)) == got(10, 10_000)
    assert match(order(volume=900, taken=4), tick(volume=1_000)) == got(6, 10_000)
    assert match(order(volume=900, taken=10), tick(volume=1_000)) is None
    assert match(order(volume=900), tick(volume=800)) is None
    assert match(order(volume=None), tick(volume=1_000)) == got(30, 10_000)
    assert match(order(), tick(volume=None)) == got(30, 10_000)


def test_a_trade_of_the_same_second_counts_and_an_older_one_does_not() -> None:
    same, older = AT.replace(microsecond=0), AT.replace(microsecond=0) - SECOND
    assert match(order(), tick(at=same)) == got(30, 10_000)
    assert match(order(), tick(at=older)) is None


def test_it_never_gets_better_than_what_stood_there_when_it_came() -> None:
    cheap = tick(9_950, bid=9_940, ask=9_950)
    assert match(order(best=9_980), cheap) == got(30, 9_980)
    assert match(order(), cheap) == got(30, 10_000)
    dear = tick(10_050, bid=10_050, ask=10_060)
    assert match(order(Side.SELL, 9_900, best=9_990), dear) == got(30, 9_990)


def test_a_book_beyond_the_limit_gives_nothing_whatever_was_traded() -> None:
    assert match(order(), tick(9_900, ask=10_010)) is None
    assert match(order(Side.SELL, 10_000), tick(10_100, bid=9_990)) is None


def test_without_a_book_a_trade_must_go_beyond_the_limit() -> None:
    assert match(order(), tick(9_999, bid=None, ask=None)) == got(30, 10_000)
    assert match(order(), tick(10_000, bid=None, ask=None)) is None
    assert match(order(Side.SELL), tick(10_001, bid=None, ask=None)) == got(30, 10_000)
    assert match(order(Side.SELL), tick(10_000, bid=None, ask=None)) is None


def test_a_market_order_has_the_auctions_price_and_nobody_on_an_empty_side() -> None:
    sale = order(Side.SELL, 7_000, kind=OrderKind.MARKET)
    assert match(sale, tick(9_500, bid=None, ask=None)) == got(30, 9_500)
    assert match(sale, tick(9_500, bid=None)) is None
    assert match(sale, tick(bid=9_990)) == got(30, 9_990)


def test_the_best_price_is_that_of_a_book_it_crosses_else_its_limit() -> None:
    assert best_price(order(limit=10_050), tick()) == won(10_000)
    assert best_price(order(limit=9_900), tick()) == won(9_900)
    assert best_price(order(), None) == won(10_000)
