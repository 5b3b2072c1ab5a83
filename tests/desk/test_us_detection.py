from dataclasses import replace
from itertools import permutations

import pytest

from engine.model.commands import Answer, Choice
from engine.model.events import FetchKind
from engine.model.ids import Symbol
from engine.model.instrument import Exchange
from engine.model.order_facts import SoldElsewhere
from engine.model.position_facts import (
    BuySeen,
    HoldingAdopted,
    HoldingExcluded,
    QuestionAsked,
    QuestionKind,
)
from engine.model.settings import ExistingHoldings, UsSettings
from engine.model.views import LotState
from tests.desk.world import Share, World, et, usd


def position(world: World, symbol: str = "MU") -> tuple[int, str]:
    (view,) = [p for p in world.desk.view(world.now).positions if p.symbol == symbol]
    return view.qty, str(view.avg_cost.amount)


def test_a_notice_arms_at_once_and_the_balance_gives_the_cost(regular: World) -> None:
    regular.price("MU", "100")
    regular.buy("MU", 10, "100.1234")
    regular.run_for(0.1)
    assert position(regular)[0] == 10
    regular.run_for(1)
    (seen,) = regular.told(BuySeen)
    assert seen.name == "MU Inc"
    assert str(seen.avg_cost.amount) == "100.1234"
    assert str(seen.target_price.amount) == "103.13"


def test_without_notices_the_reports_or_the_balance_tell(premarket: World) -> None:
    premarket.price("MU", "100")
    premarket.buy("MU", 10, "100")
    premarket.run_for(15)
    assert len(premarket.told(BuySeen)) == 1
    assert position(premarket) == (10, "100.0000")


def test_the_same_shares_seen_by_all_three_count_once(regular: World) -> None:
    regular.price("MU", "100")
    regular.buy("MU", 10, "100")
    regular.run_until(et("10:30:00"))
    assert position(regular)[0] == 10
    assert sum(fact.qty for fact in regular.told(BuySeen)) == 10


def test_shares_the_balance_showed_first_are_not_counted_again_by_the_reports(
    premarket: World,
) -> None:
    premarket.price("MU", "100")
    premarket.shares[Symbol("MU")] = Share(10, usd("100"))
    premarket.run_for(12)
    assert position(premarket)[0] == 10
    premarket.shares.clear()
    premarket.buy("MU", 10, "100")
    premarket.run_until(et("04:30:00"))
    assert position(premarket)[0] == 10
    assert premarket.told(SoldElsewhere) == []


def test_an_added_lot_takes_the_average_of_the_account(regular: World) -> None:
    regular.price("MU", "100")
    regular.buy("MU", 10, "100")
    regular.run_for(5)
    regular.buy("MU", 30, "96")
    regular.run_for(5)
    assert position(regular) == (40, "97.0000")
    assert [fact.total_qty for fact in regular.told(BuySeen)] == [10, 40]


def test_partial_fills_of_one_buy_are_told_together(regular: World) -> None:
    regular.price("MU", "100")
    for _ in range(5):
        regular.buy("MU", 2, "100")
    regular.run_for(3)
    assert [fact.qty for fact in regular.told(BuySeen)] == [10]


def test_several_symbols_are_several_lots(regular: World) -> None:
    for symbol, exchange in (("MU", Exchange.NASD), ("F", Exchange.NYSE), ("SPY", Exchange.AMEX)):
        regular.price(symbol, "100")
        regular.shares[Symbol(symbol)] = Share(0, usd("100"), exchange)
        regular.buy(symbol, 3, "100")
    regular.run_for(3)
    assert {p.symbol: p.exchange for p in regular.desk.view(regular.now).positions} == {
        "MU": Exchange.NASD,
        "F": Exchange.NYSE,
        "SPY": Exchange.AMEX,
    }


def test_holdings_from_before_the_start_are_asked_about_and_not_sold() -> None:
    world = World(now=et("09:29:00"))
    world.hold("MU", 10, "90")
    world.price("MU", "95")
    world.start()
    world.run_until(et("09:40:00"))
    (asked,) = world.told(QuestionAsked)
    assert asked.kind is QuestionKind.EXISTING_HOLDING
    assert asked.choices == (Choice.MANAGE, Choice.EXCLUDE)
    for price in ("95.1", "95.2", "95.3"):
        world.price("MU", price)
        world.run_for(1)
    assert world.placed() == []
    world.command(Answer(asked.question, Choice.MANAGE))
    assert len(world.told(HoldingAdopted)) == 1
    world.price("MU", "95.1")
    world.price("MU", "95.2")
    world.run_for(1)
    assert len(world.placed()) == 1


def test_an_excluded_holding_is_left_alone() -> None:
    world = World(now=et("09:29:00"))
    world.hold("MU", 10, "90")
    world.start()
    world.run_until(et("09:40:00"))
    (asked,) = world.told(QuestionAsked)
    world.command(Answer(asked.question, Choice.EXCLUDE))
    assert world.told(HoldingExcluded)[0].by_user
    for price in ("95.1", "95.2", "95.3"):
        world.price("MU", price)
        world.run_for(1)
    assert world.placed() == []


@pytest.mark.parametrize(
    ("wish", "kind"),
    [(ExistingHoldings.ALWAYS, HoldingAdopted), (ExistingHoldings.NEVER, HoldingExcluded)],
)
def test_the_setting_answers_for_existing_holdings(
    wish: ExistingHoldings, kind: type[HoldingAdopted] | type[HoldingExcluded]
) -> None:
    world = World(now=et("09:29:00"), settings=replace(UsSettings(), existing=wish))
    world.hold("MU", 10, "90")
    world.start()
    world.run_for(5)
    assert world.told(QuestionAsked) == []
    assert len(world.told(kind)) == 1


def test_a_sale_elsewhere_reduces_and_is_told_with_its_price(armed: World) -> None:
    armed.sell_elsewhere("MU", 4, "101.5")
    armed.run_for(10)
    (sold,) = armed.told(SoldElsewhere)
    assert (sold.qty, sold.left_qty, sold.price) == (4, 6, usd("101.5"))
    assert position(armed)[0] == 6


def test_shares_gone_from_the_balance_alone_are_believed_after_ten_seconds(
    premarket: World,
) -> None:
    premarket.price("MU", "100")
    premarket.buy("MU", 10, "100")
    premarket.run_for(20)
    gone_at = premarket.now
    premarket.shares[Symbol("MU")].qty = 0
    premarket.run_for(60)
    (sold,) = premarket.told(SoldElsewhere)
    assert sold.price is None
    assert 10 <= (premarket.told_at(SoldElsewhere)[0] - gone_at).total_seconds() <= 35


def test_an_execution_row_that_lags_the_balance_brings_the_price(premarket: World) -> None:
    premarket.price("MU", "100")
    premarket.buy("MU", 10, "100")
    premarket.run_for(20)
    rows = dict(premarket.orders)
    premarket.sell_elsewhere("MU", 10, "101")
    late = dict(premarket.orders)
    premarket.orders = rows
    premarket.at(
        premarket.now + (et("04:00:15") - et("04:00:00")), lambda: premarket.orders.update(late)
    )
    premarket.run_for(60)
    assert [sold.price for sold in premarket.told(SoldElsewhere)] == [usd("101")]


def test_a_buy_seen_before_and_after_a_restart_counts_once(regular: World) -> None:
    regular.price("MU", "100")
    regular.buy("MU", 10, "100")
    regular.run_for(5)
    regular.restart()
    regular.run_for(30)
    assert position(regular)[0] == 10
    assert len(regular.told(BuySeen)) == 1


def test_a_buy_made_while_the_desk_was_down_is_found_at_the_start(regular: World) -> None:
    regular.price("MU", "100")
    regular.buy("MU", 10, "100")
    regular.run_for(5)
    regular.watch = replace(regular.watch, notices=False)
    regular.buy("SPY", 7, "500")
    regular.sell_elsewhere("MU", 4, "101")
    regular.restart()
    regular.run_for(5)
    assert position(regular, "SPY")[0] == 7
    assert position(regular)[0] == 6
    assert [fact.symbol for fact in regular.told(BuySeen)] == ["MU", "SPY"]


def test_buys_are_found_by_polling_when_the_socket_sends_no_notices() -> None:
    world = World(now=et("09:29:00"), has_notices=False)
    world.start()
    world.run_until(et("09:40:00"))
    world.price("MU", "100")
    world.buy("MU", 10, "100")
    world.run_for(25)
    assert len(world.told(BuySeen)) == 1
    assert world.calls_between(et("09:30:00"), et("10:30:00")) <= 500


def test_an_account_that_cannot_be_read_hides_no_buy_from_the_notices(regular: World) -> None:
    regular.failing = {FetchKind.HOLDINGS, FetchKind.REPORTS}
    regular.price("MU", "100")
    regular.buy("MU", 10, "100")
    regular.run_for(10)
    assert position(regular)[0] == 10
    assert len(regular.told(BuySeen)) == 1
    regular.price("MU", "103.5")
    regular.price("MU", "103.6")
    assert regular.placed() == [], "cost and exchange are not confirmed"
    regular.failing = set()
    regular.run_for(31)
    regular.price("MU", "103.6")
    assert len(regular.placed()) == 1


def test_notice_balance_and_report_in_any_order_give_the_same_position() -> None:
    results = set()
    for order in permutations(("notice", "balance", "report")):
        world = World(now=et("09:29:00"))
        world.start()
        world.run_until(et("09:35:00"))
        world.price("MU", "100")
        world.drops_notices = order[0] != "notice"
        if order[0] == "balance":
            world.shares[Symbol("MU")] = Share(10, usd("100"))
            world.restart()
            world.run_for(3)
            world.shares.clear()
        world.buy("MU", 10, "100")
        world.run_until(et("09:50:00"))
        (view,) = world.desk.view(world.now).positions
        results.add((view.qty, view.avg_cost))
    assert len(results) == 1


def test_a_buy_the_account_has_not_confirmed_is_not_called_watched(regular: World) -> None:
    regular.failing = {FetchKind.HOLDINGS, FetchKind.REPORTS}
    regular.price("MU", "100")
    regular.buy("MU", 10, "100")
    regular.run_for(2)
    (row,) = regular.desk.view(regular.now).positions
    assert row.state is LotState.UNCONFIRMED
