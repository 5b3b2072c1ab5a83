"""How often a held stock is asked for its price while nothing trades in it."""

from itertools import pairwise

from engine.model.intents import FetchPrice
from engine.model.orders import Side
from tests.desk.krx_world import A, KrxWorld, entered
from tests.desk.test_krx_exits import quiet

STREAMED_S, UNHEARD_S = 30, 11


def gaps(world: KrxWorld, begin: int = 0) -> list[float]:
    asked = world.fetched(FetchPrice)[begin:]
    return [(later - earlier).total_seconds() for earlier, later in pairwise(asked)]


def test_where_the_stream_is_there_silence_means_that_nothing_trades() -> None:
    world = entered(settings=quiet())
    world.price(A, 10_200)
    world.run_for(300)
    assert 8 <= len(world.fetched(FetchPrice)) <= 10
    assert min(gaps(world)) >= STREAMED_S


def test_without_the_stream_its_price_is_asked_for_until_a_trade_comes_by_it_again() -> None:
    world = entered(settings=quiet())
    world.price(A, 10_200)
    world.drop_stream()
    world.run_for(60)
    dropped = len(world.fetched(FetchPrice))
    assert dropped >= 5
    world.raise_stream()
    world.run_for(60)
    assert max(gaps(world)) <= UNHEARD_S
    back = len(world.fetched(FetchPrice))
    assert back - dropped >= 5
    world.price(A, 10_200)
    world.run_for(150)
    assert min(gaps(world, back)) >= STREAMED_S


def test_while_an_exit_waits_in_the_book_its_price_is_followed() -> None:
    world = entered(settings=quiet())
    world.fills_orders = False
    world.price(A, 9_900)
    assert len(world.placed(Side.SELL)) == 1
    begin = len(world.fetched(FetchPrice))
    world.run_for(60)
    assert max(gaps(world, begin)) <= UNHEARD_S
