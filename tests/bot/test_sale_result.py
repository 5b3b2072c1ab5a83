"""A sale has one result: in its alert, under /trades, on its picture and in the reports."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot.format import account, fact_orders, numbers, sale_result
from bot.format.lang import Lang
from engine.flow.sales import sale_view
from engine.model.ids import DeskName, Mode
from engine.model.money import ZERO_USD, Krw, Money, Usd
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.orders import OrderReason
from engine.ports.journal import Entry, NumberedSale
from reports.closing import closed_since
from tests.bot.krx_samples import AT, TODAY
from tests.bot.samples import FX, NOW, filled, position, usd
from tests.bot.test_trade_cards import Desk, round_trip, sale_of


def sold_in(entry: Entry) -> OrderFilled[Money]:
    (sold,) = (fact for fact in entry.facts if isinstance(fact, OrderFilled))
    return sold


def trades(sold: OrderFilled[Money]) -> str:
    row = sale_view(NumberedSale(1, NOW, TODAY, sold))
    return account.trades((row,), {}, Lang.KO)


def us_sale() -> Entry:
    entry = sale_of(position())
    sold = replace(sold_in(entry), entry_fee=Usd(Decimal("2.80")))
    return replace(entry, facts=(sold,))


@pytest.mark.parametrize("entry", [round_trip(), us_sale()], ids=["krx", "us"])
async def test_alert_trades_and_picture_tell_the_same_figure(
    entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    await Desk(tmp_path).write(entry)
    sold = sold_in(entry)
    closed = closed_since(tmp_path, entry.desk, Mode.PAPER, sold.order.symbol, AT)
    assert closed is not None
    shown = numbers.signed(closed.net, Lang.KO), numbers.pct(closed.net_pct)
    for text in (fact_orders.filled(sold, "", Lang.KO), trades(sold)):
        (line,) = (one for one in text.splitlines() if "순손익" in one)
        assert line.strip() == f"순손익 {shown[0]} {shown[1]}"


def test_the_korean_net_is_after_both_fees_and_the_tax() -> None:
    result = sale_result.of(sold_in(round_trip()))
    assert result is not None
    # 28 x 1,100, less 303, 3,036 and 299
    assert (result.amount, result.is_net) == (Krw(Decimal(27_162)), True)


def test_a_book_without_buying_costs_says_before_costs() -> None:
    old = replace(filled(), entry_fee=None)
    for text in (fact_orders.filled(old, "", Lang.KO), trades(old)):
        assert "비용 전 손익 +$72.60 (+100,805원) +3.02 %" in text
        assert "순손익" not in text
    assert "매도 비용(추정) $6.20" in fact_orders.filled(old, "", Lang.KO)


def test_a_gain_against_an_unknown_cost_is_not_told() -> None:
    free = replace(filled(), avg_cost=ZERO_USD, gain=usd("2478.60"), gain_pct=Decimal(0))
    for text in (fact_orders.filled(free, "", Lang.KO), trades(free)):
        assert "손익 모름" in text
        assert "2,4" not in text


def test_a_sale_by_hand_is_told_before_costs() -> None:
    sold = SoldElsewhere(
        position().symbol, position().qty, usd("198"), usd("200.50"), position().qty, FX
    )
    assert "비용 전 손익 -$30.00" in fact_orders.sold_elsewhere(sold, "", Lang.KO)


def test_what_you_told_it_to_sell_is_said_to_be_yours() -> None:
    by_rule = filled()
    by_command = replace(by_rule, order=replace(by_rule.order, reason=OrderReason.MANUAL))
    assert by_rule.order.desk is DeskName.US
    for sold, words in ((by_rule, "봇 매도"), (by_command, "직접 지시")):
        head = fact_orders.filled(sold, "", Lang.KO).splitlines()[0]
        assert head.endswith(f"매도 전량 체결 · {words}")
        assert words in trades(sold)
