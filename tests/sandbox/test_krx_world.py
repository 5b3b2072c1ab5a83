"""Both markets in one world."""

from datetime import datetime
from decimal import Decimal

import pytest

from sandbox.krx.books import KrxBooks
from sandbox.krx.model import KrxTrade
from sandbox.krx.orders import KrxOrder, KrxOrderRequest
from sandbox.krx.side import KrxScenario
from sandbox.krx.tape import KrxPrint
from sandbox.market import Drift
from sandbox.model import Server, Side, Trade
from sandbox.orders import OrderStatus
from sandbox.scenario import Scenario, StartingHolding, build
from sandbox.world import World
from tests.sandbox.kis_desk import AAPL, ScriptedTape, prints
from tests.sandbox.krx_stage import LISTING, NAME, Script, auction, kst, trade, won


def world(
    *korean: KrxPrint,
    start: datetime,
    drifts: tuple[Drift, ...] = (),
    holdings: tuple[StartingHolding, ...] = (),
) -> World:
    """A Korean name, one of New York with a single print, and a clock that only jumps."""
    return build(
        Scenario(
            start=start,
            listings=(AAPL,),
            tape=ScriptedTape({"AAPL": prints((kst(18, 30), "231.00", 10))}),
            krx=KrxScenario((LISTING,), Script(*korean)),
            drifts=drifts,
            holdings=holdings,
            time_source=lambda: 0.0,
        )
    )


def sell(books: KrxBooks, qty: int, limit: int) -> KrxOrder:
    order = books.place(KrxOrderRequest(Server.REAL, Side.SELL, NAME, qty, Decimal(limit)))
    assert isinstance(order, KrxOrder)
    return order


HELD = StartingHolding(Server.REAL, NAME, 50, Decimal(9_000))


async def test_the_closing_print_fills_an_order_before_the_day_ends_it() -> None:
    played = world(
        auction(kst(9), 10_000), auction(kst(15, 30), 10_100), start=kst(15, 25), holdings=(HELD,)
    )
    filled, missed = sell(played.krx.books, 30, 10_050), sell(played.krx.books, 20, 10_200)
    await played.jump(kst(15, 31))
    assert (filled.filled, won(filled.average), filled.status) == (30, [10_100], OrderStatus.FILLED)
    assert (missed.filled, missed.status) == (0, OrderStatus.EXPIRED)


async def test_both_markets_are_told_in_one_order_of_time() -> None:
    played = world(
        auction(kst(9), 10_000), trade(kst(17), 10_020), trade(kst(19), 10_030), start=kst(8, 30)
    )
    told: list[datetime] = []

    def note(entry: Trade | KrxTrade) -> None:
        told.append(entry.at)

    played.market.on_trade(note)
    played.krx.market.on_trade(note)
    # New York's premarket opens at 18:00 in Korea.
    await played.jump(kst(19, 1))
    assert told == [kst(9), kst(17), kst(18, 30), kst(19)]


def test_a_world_that_starts_at_noon_has_had_its_korean_morning() -> None:
    played = world(auction(kst(9), 10_000), trade(kst(11), 10_020), start=kst(12))
    last = played.krx.market.last(NAME)
    assert last is not None
    assert last.price == 10_020


async def test_drifts_and_holdings_find_the_market_that_lists_them() -> None:
    flat = [auction(kst(9), 10_000), trade(kst(9, 5), 10_000), trade(kst(9, 6), 10_000)]
    drift = Drift(NAME, kst(9, 1), Decimal(3), 60)
    played = world(*flat, start=kst(8, 50), drifts=(drift,), holdings=(HELD,))
    await played.jump(kst(9, 7))
    assert played.krx.market.price(NAME) == 10_300
    assert played.krx.books.accounts[Server.REAL].held(NAME) == 50
    with pytest.raises(ValueError, match="no listing"):
        world(start=kst(9), holdings=(StartingHolding(Server.REAL, "999999", 1, Decimal(1)),))


def test_without_korean_listings_the_korean_side_is_silent() -> None:
    played = build(Scenario(start=kst(23), time_source=lambda: 0.0))
    assert played.krx.market.listings() == ()
    assert played.krx.books.next_at() is None
