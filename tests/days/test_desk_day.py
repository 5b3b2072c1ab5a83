"""A whole simulated day with five positions: what it costs, twice the same."""

import random
from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from engine.model.order_facts import OrderFilled
from engine.model.position_facts import BuySeen
from tests.desk.world import World, et

pytestmark = pytest.mark.timeout(60)
SYMBOLS = ("MU", "SPY", "AMD", "F", "BB")


def play(seed: int) -> World:
    """Five lots bought at 04:05; prices walk every other second until one o'clock."""
    world = World(now=et("00:30:00"))
    rng = random.Random(seed)
    level = dict.fromkeys(SYMBOLS, 100.0)

    def trade(symbol: str) -> None:
        level[symbol] *= 1 + rng.gauss(0.00001, 0.0007)
        world.price(symbol, f"{level[symbol]:.2f}")

    def buy(symbol: str) -> None:
        world.buy(symbol, 10, f"{level[symbol]:.2f}")

    moment = et("04:00:00")
    while moment < et("13:00:00"):
        for symbol in SYMBOLS:
            world.at(moment, partial(trade, symbol))
            moment += timedelta(milliseconds=1300)
    for symbol in SYMBOLS:
        world.at(et("04:05:00"), partial(buy, symbol))
    world.start()
    world.run_until(et("23:00:00"))
    return world


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3))]
)
def test_a_day_stays_within_its_calls_and_its_books(seed: int) -> None:
    world = play(seed)
    assert play(seed).intents == world.intents
    hour = timedelta(hours=1)
    for start, _ in world.calls:
        if start < et("09:30:00"):
            assert world.calls_between(start, min(start + hour, et("09:30:00"))) <= 500
    assert world.calls_between(et("04:00:00"), et("09:30:00")) <= 2750
    window = [name for at, name in world.calls if et("09:30:00") <= at < et("12:00:00")]
    names = Counter(window)
    assert names["price"] + names["book"] + names["cash"] <= 40
    assert world.calls_between(et("16:00:00"), et("23:00:00")) == 0
    assert sum(fact.qty for fact in world.told(BuySeen)) == 50
    held = {symbol: share.qty for symbol, share in world.shares.items() if share.qty}
    positions = {p.symbol: p.qty for p in world.desk.view(world.now).positions}
    assert positions == held
    filled = sum(fact.fill.qty for fact in world.told(OrderFilled))
    assert filled + sum(held.values()) == 50
    assert all(fact.gain_pct >= 3 for fact in world.told(OrderFilled))
