from datetime import date
from decimal import Decimal

import pytest

from sandbox.krx.account import KrxAccount, Turnover, tax_pct
from sandbox.krx.divisions import Division
from sandbox.model import Server, Side
from tests.sandbox.krx_floor import FUND, SHARE, KrxStage, kst

FEE = "0.0140527"
FRIDAY, MONDAY, TUESDAY = date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24)


def costly(day: date = FRIDAY, cash: str = "10000000") -> KrxStage:
    stage = KrxStage(kst(10, day=day), cash, FEE)
    stage.trade(kst(9, 59, day=day), 10_000, 1000)
    stage.until(kst(10, day=day))
    return stage


def sell_all(stage: KrxStage, qty: int, symbol: str = SHARE) -> None:
    stage.sell(qty, 0, Division.MARKET, symbol=symbol)
    stage.wait()


def test_costs_are_cut_to_the_won_and_part_of_every_fill() -> None:
    stage = costly()
    stage.buy(33, 10_010)
    stage.wait()
    # 330,330 won cost 46.42 won.
    assert stage.account.cash == 10_000_000 - 330_330 - 46
    sell_all(stage, 33)
    # 330,000 won cost 46.37 won and 660.00 won of tax.
    assert stage.account.cash == 10_000_000 - 330_330 - 46 + 330_000 - 46 - 660
    assert stage.account.realised == -33 * 10 - 46 - 660


@pytest.mark.parametrize(("year", "tax"), [(2025, 1_500), (2026, 2_000), (2027, 2_000)])
def test_the_tax_is_that_of_the_year(year: int, tax: int) -> None:
    stage = costly(date(year, 12, 3))
    stage.hold(100)
    sell_all(stage, 100)
    [fill] = stage.account.executions
    assert fill.tax == tax


def test_funds_are_not_taxed() -> None:
    stage = KrxStage(kst(10), fee_pct=FEE)
    stage.trade(kst(9, 59), 10_000, 1000, symbol=FUND)
    stage.until(kst(10))
    stage.hold(100, symbol=FUND)
    sell_all(stage, 100, FUND)
    [fill] = stage.account.executions
    assert (int(fill.tax), int(fill.fee)) == (0, 140)


def test_the_table_of_taxes_answers_for_years_around_it() -> None:
    assert tax_pct("ST", date(2020, 5, 4)) == Decimal("0.18")
    assert tax_pct("EN", date(2026, 5, 4)) == 0


def test_buys_average_the_cost_to_four_decimals() -> None:
    stage = costly()
    stage.trade(kst(10, 1), 10_190, 1000)
    stage.buy(2, 10_010)
    stage.wait()
    stage.until(kst(10, 2))
    stage.buy(1, 10_200)
    stage.wait()
    holding = stage.account.holdings[SHARE]
    assert (holding.qty, str(holding.average)) == (3, "10073.3333")


def test_money_settles_two_business_days_later_but_buys_at_once() -> None:
    stage = costly(cash="0")
    stage.hold(100)
    sell_all(stage, 100)
    proceeds = 1_000_000 - 140 - 2_000
    deposits = [int(stage.account.deposit(day)) for day in (FRIDAY, MONDAY, TUESDAY)]
    assert deposits == [0, 0, proceeds]
    assert stage.account.buying_power() == proceeds
    stage.buy(50, 10_010)
    stage.wait()
    spent = 500_500 + 70
    assert stage.account.deposit(TUESDAY) == stage.account.cash == proceeds - spent
    assert stage.account.deposit(FRIDAY) == 0


def test_a_days_turnover_counts_both_sides_and_the_costs() -> None:
    stage = costly()
    stage.buy(10, 10_010)
    stage.wait()
    sell_all(stage, 4)
    account = stage.account
    expected = Turnover(10, 4, Decimal(100_100), Decimal(40_000), Decimal(14 + 5 + 80))
    assert account.turnover(FRIDAY, SHARE) == account.turnover(FRIDAY) == expected
    assert account.turnover(MONDAY) == account.turnover(FRIDAY, FUND) == Turnover()


def test_what_was_sold_out_is_remembered_until_it_has_settled() -> None:
    stage = costly()
    stage.hold(3)
    sell_all(stage, 2)
    assert stage.account.sold_out(FRIDAY) == []
    sell_all(stage, 1)
    days = (FRIDAY, MONDAY, TUESDAY)
    assert [stage.account.sold_out(day) for day in days] == [[SHARE], [SHARE], []]


def test_a_holding_can_be_set_by_hand_but_not_below_nothing() -> None:
    account = KrxAccount(Server.REAL, "5001122301", Decimal(0))
    account.put(SHARE, 5, Decimal("123.45678"))
    assert str(account.holdings[SHARE].average) == "123.4568"
    account.put(SHARE, 0, Decimal(0))
    assert account.holdings == {}
    with pytest.raises(ValueError, match="cannot be -1"):
        account.put(SHARE, -1, Decimal(0))


def test_a_fill_is_reported_with_its_costs() -> None:
    stage = costly()
    stage.hold(100)
    sell_all(stage, 100)
    fills = stage.account.report()["fills"]
    assert isinstance(fills, list)
    [fill] = fills
    assert (fill["fee"], fill["tax"], fill["day"]) == ("140", "2000", "2026-11-20")
    assert fill["side"] == Side.SELL.name.lower()
