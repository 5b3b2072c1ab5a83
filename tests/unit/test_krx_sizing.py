from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from engine.model.krx_settings import KrxSettings
from engine.model.money import Krw
from engine.model.score import Gate, Refused
from engine.rules.krx.sizing import Cap, Sized, SizingView, refusal, shares

SETTINGS = KrxSettings()


def krw(amount: int) -> Krw:
    return Krw(Decimal(amount))


# 5,000 won lost a share of 200 at the stop; every other cap is far away
ROOMY = SizingView(
    price=krw(10_000),
    equity=krw(10_000_000),
    orderable=krw(10_000_000),
    traded_value=krw(10_000_000_000),
)


def sized(settings: KrxSettings = SETTINGS, **changes: Any) -> Sized:
    return shares(replace(ROOMY, **changes), settings)


def loose(**changes: Any) -> KrxSettings:
    """Settings in which no cap bounds but those that a test sets."""
    return replace(
        SETTINGS,
        sizing=replace(
            SETTINGS.sizing,
            risk_per_trade_pct=changes.get("risk", Decimal(100)),
            max_position_pct=changes.get("position", Decimal(100)),
        ),
        risk=replace(SETTINGS.risk, max_order_krw=changes.get("order", 1_000_000_000)),
    )


@pytest.mark.parametrize(
    ("settings", "view", "qty", "cap"),
    [
        # 0.1 % of 10 million is 10,000 won, 200 won lost a share
        (loose(risk=Decimal("0.1")), {}, 50, Cap.RISK),
        (loose(position=Decimal(20)), {}, 200, Cap.POSITION),
        (loose(), {"traded_value": krw(20_000_000)}, 10, Cap.LIQUIDITY),
        (loose(order=555_555), {}, 55, Cap.ORDER_VALUE),
        (loose(), {"orderable": krw(1_000_000)}, 99, Cap.CASH),  # the fee takes the hundredth
        (loose(position=Decimal(20)), {"share_pct": 50}, 100, Cap.ZONES),
    ],
)
def test_each_cap_bounds_alone_and_is_named(
    settings: KrxSettings, view: dict[str, Any], qty: int, cap: Cap
) -> None:
    found = sized(settings, **view)
    assert (found.qty, found.bound_by) == (qty, cap)


def test_a_further_step_buys_what_the_newly_broken_level_allows() -> None:
    half = sized(loose(position=Decimal(20)), share_pct=50)
    assert (half.qty, half.planned) == (100, 200)
    rest = sized(loose(position=Decimal(20)), share_pct=100, held=100)
    assert (rest.qty, rest.planned) == (100, 200)
    none = sized(loose(position=Decimal(20)), share_pct=50, held=100)
    assert none == Sized(none.qty, Cap.ZONES, none.planned)
    assert none.qty == 0


def test_shares_held_count_against_the_position_but_not_against_one_order() -> None:
    assert sized(loose(position=Decimal(20)), held=150).qty == 50
    assert sized(loose(order=1_000_000), held=150).qty == 100


def test_only_cash_without_arrears_is_spent_fee_included() -> None:
    enough = loose()
    assert sized(enough, orderable=krw(10_001)).qty == 0
    assert sized(enough, orderable=krw(10_002)).qty == 1


def test_a_market_order_reserves_at_its_upper_limit() -> None:
    assert sized(loose(), orderable=krw(1_000_000), price=krw(13_000)).qty == 76


def test_what_was_traded_today_bounds_nothing_while_unknown() -> None:
    assert sized(loose(), traded_value=None).bound_by is not Cap.LIQUIDITY
    assert sized(loose(), traded_value=krw(0)).qty == 0


def test_the_usual_settings_lose_half_a_per_cent_of_the_equity_at_most() -> None:
    found = sized()
    assert found.qty * 200 <= 50_000
    assert (found.qty, found.bound_by) == (200, Cap.POSITION)


def test_an_empty_account_buys_nothing_and_says_so() -> None:
    view = replace(ROOMY, orderable=krw(9_000))
    assert refusal(shares(view, SETTINGS), view, SETTINGS) == Refused(
        Gate.NO_CASH, "₩9,000", "₩10,000"
    )


def test_a_size_under_one_share_names_its_cap() -> None:
    view = replace(ROOMY, equity=krw(30_000))
    assert refusal(shares(view, SETTINGS), view, SETTINGS) == Refused(Gate.TOO_SMALL, "0", "risk")
    assert refusal(shares(ROOMY, SETTINGS), ROOMY, SETTINGS) is None


def test_a_share_dearer_than_an_order_may_be_is_refused_with_both_figures() -> None:
    settings = loose(order=9_000)
    found = refusal(shares(ROOMY, settings), ROOMY, settings)
    assert found == Refused(Gate.ORDER_VALUE, "₩10,000", "₩9,000")


def test_an_equity_that_is_gone_buys_nothing() -> None:
    assert sized(equity=krw(-5_000)).qty == 0
