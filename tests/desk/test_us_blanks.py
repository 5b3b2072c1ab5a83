"""Holdings the account says too little about: left alone, told, and in nobody's way."""

import pytest

from engine.model.commands import SellNow
from engine.model.ids import Symbol
from engine.model.instrument import Exchange
from engine.model.order_facts import OrderFilled
from engine.model.position_facts import BuySeen, HoldingExcluded, QuestionAsked, QuestionKind
from engine.model.views import LotState
from tests.desk.world import World, et, usd

MU, ODD = Symbol("MU"), Symbol("ODD")


def rise(world: World) -> None:
    for _ in range(4):
        world.price("MU", "103.10")
        world.run_for(1)


def blank(world: World, what: str) -> None:
    """The account states no cost, or an exchange that is none of ours."""
    share = world.shares[ODD]
    if what == "cost":
        share.cost = usd(0)
    else:
        share.exchange = None


@pytest.mark.parametrize("what", ["cost", "exchange"])
def test_a_holding_without_cost_or_exchange_is_left_alone_and_stops_no_exit(what: str) -> None:
    world = World(now=et("09:29:00"))
    world.hold("ODD", 3, "50")
    blank(world, what)
    world.price("ODD", "51")
    world.start()
    world.run_until(et("09:35:00"))
    assert [(fact.symbol, fact.by_user) for fact in world.told(HoldingExcluded)] == [(ODD, False)]
    world.price("MU", "100")
    world.buy("MU", 10, "100")
    world.run_for(3)
    rise(world)
    assert [fact.fill.symbol for fact in world.told(OrderFilled)] == [MU]


def test_a_free_lot_that_appears_later_is_left_alone_and_told(armed: World) -> None:
    armed.hold("ODD", 3, "0")
    armed.price("ODD", "51")
    armed.run_until(et("09:50:00"))
    assert [fact.symbol for fact in armed.told(HoldingExcluded)] == [ODD]
    assert [fact.symbol for fact in armed.told(BuySeen)] == [MU]
    rise(armed)
    assert sum(fact.fill.qty for fact in armed.told(OrderFilled)) == 10


def test_a_cost_that_turns_up_later_is_asked_about() -> None:
    world = World(now=et("09:29:00"))
    world.hold("ODD", 3, "0")
    world.price("ODD", "51")
    world.start()
    world.run_until(et("09:35:00"))
    world.shares[ODD].cost = usd(50)
    world.run_until(et("09:50:00"))
    (asked,) = world.told(QuestionAsked)
    assert (asked.kind, asked.avg_cost) == (QuestionKind.EXISTING_HOLDING, usd(50))


def test_a_cost_that_is_blank_for_a_while_is_the_one_known_before(armed: World) -> None:
    armed.shares[MU].cost = usd(0)
    armed.run_until(et("09:50:00"))
    (position,) = armed.desk.view(armed.now).positions
    assert (position.avg_cost, position.state) == (usd(100), LotState.ARMED)
    rise(armed)
    assert [fact.fill.qty for fact in armed.told(OrderFilled)] == [10]


def test_a_lot_without_a_cost_may_be_sold_by_hand() -> None:
    world = World(now=et("09:29:00"))
    world.hold("ODD", 3, "0")
    world.price("ODD", "51")
    world.start()
    world.run_until(et("09:35:00"))
    world.command(SellNow(ODD, None))
    world.run_for(3)
    assert [fact.fill.qty for fact in world.told(OrderFilled)] == [3]


def test_an_exchange_the_account_leaves_out_is_the_one_known_before(armed: World) -> None:
    armed.shares[MU].exchange = None
    armed.run_until(et("09:50:00"))
    assert armed.desk.view(armed.now).positions[0].exchange is Exchange.NASD
