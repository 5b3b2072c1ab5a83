"""Whose shares are sold, and that each one is counted once however late its record comes."""

from engine.model.commands import Pause, Resume, SellNow
from engine.model.events import FetchKind
from engine.model.ids import Qty, Symbol
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.position_facts import BuySeen
from engine.model.views import LotState
from tests.desk.world import World, et

MU = Symbol("MU")


def sold(world: World) -> int:
    return sum(fact.fill.qty for fact in world.told(OrderFilled))


def held(world: World) -> dict[Symbol, int]:
    return {p.symbol: p.qty for p in world.desk.view(world.now).positions}


def add_unarmed(world: World, qty: int) -> None:
    world.command(Pause())
    world.price("MU", "101")
    world.buy("MU", qty, "101")
    world.run_for(5)


def rise(world: World, seconds: int = 20) -> None:
    for _ in range(seconds):
        world.price("MU", "104.10")
        world.run_for(1)


def test_shares_that_were_never_armed_are_not_sold_after_those_that_were(armed: World) -> None:
    add_unarmed(armed, 5)
    rise(armed)
    assert sold(armed) == 10
    assert held(armed) == {MU: 5}
    (position,) = armed.desk.view(armed.now).positions
    assert position.state is LotState.HELD
    armed.command(Resume())
    rise(armed)
    assert sold(armed) == 15


def test_a_sale_elsewhere_takes_the_unarmed_shares_first(armed: World) -> None:
    add_unarmed(armed, 5)
    armed.sell_elsewhere("MU", 7, "101")
    armed.run_for(5)
    rise(armed)
    assert sold(armed) == 8
    assert held(armed) == {}


def test_a_sale_by_hand_takes_the_unarmed_shares_first(armed: World) -> None:
    add_unarmed(armed, 5)
    armed.command(SellNow(MU, Qty(5)))
    armed.run_for(2)
    rise(armed)
    assert [fact.fill.qty for fact in armed.told(OrderFilled)] == [5, 10]


def test_an_own_sale_the_balance_showed_first_leaves_the_unarmed_shares_alone(
    armed: World,
) -> None:
    add_unarmed(armed, 5)
    armed.drops_notices = True
    armed.failing = {FetchKind.REPORTS}
    armed.price("MU", "104.10")
    armed.run_for(2)
    armed.failing = set()
    rise(armed, 60)
    assert sold(armed) == 10
    assert held(armed) == {MU: 5}


def test_a_buy_seen_asleep_is_not_counted_again_by_the_next_days_list(armed: World) -> None:
    armed.run_until(et("13:00:00"))
    armed.buy("MU", 5, "100")
    armed.run_until(et("13:05:00"))
    armed.give(armed._holdings(armed.now))
    assert held(armed) == {MU: 15}
    armed.run_until(et("04:05:00", "2026-03-11"))
    assert held(armed) == {MU: 15}
    assert [fact.qty for fact in armed.told(BuySeen)] == [10, 5]
    assert armed.told(SoldElsewhere) == []


def test_a_sale_seen_asleep_is_not_counted_again_by_the_next_days_list(armed: World) -> None:
    armed.run_until(et("11:58:00"))
    armed.failing = {FetchKind.REPORTS}
    armed.drops_notices = True
    armed.sell_elsewhere("MU", 4, "100")
    armed.run_until(et("13:00:00"))
    armed.failing = set()
    armed.run_until(et("09:45:00", "2026-03-11"))
    assert held(armed) == {MU: 6}
    assert sum(fact.qty for fact in armed.told(SoldElsewhere)) == 4


def test_a_new_buy_is_not_taken_for_one_the_balance_showed_the_day_before(armed: World) -> None:
    armed.shares[MU].qty += 5  # a transfer: no execution will ever tell of it
    armed.run_until(et("09:50:00"))
    assert held(armed) == {MU: 15}
    armed.run_until(et("09:45:00", "2026-03-11"))
    armed.price("MU", "100")
    armed.buy("MU", 5, "100")
    armed.run_for(1)
    assert held(armed) == {MU: 20}


def test_a_sale_by_hand_waits_until_the_balance_confirmed_the_quantity(armed: World) -> None:
    armed.failing = {FetchKind.HOLDINGS}
    armed.buy("MU", 5, "100")
    armed.run_for(1)
    armed.command(SellNow(MU, None))
    armed.run_for(1)
    assert armed.placed() == []
    armed.failing = set()
    armed.run_for(6)
    assert [place.order.qty for place in armed.placed()] == [15]
