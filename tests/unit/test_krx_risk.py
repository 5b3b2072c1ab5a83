from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.model.ids import DeskState
from engine.model.krx_settings import RiskSettings
from engine.model.money import ZERO_KRW, Krw
from engine.model.score import Gate, Refused
from engine.rules.krx.risk import NOT_READ, RiskView, check, cooling_down, loss_limit, won_text

NOW = datetime(2026, 1, 7, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
SETTINGS = RiskSettings()


def krw(amount: int) -> Krw:
    return Krw(Decimal(amount))


CALM = RiskView(
    now=NOW,
    desk_state=DeskState.RUNNING,
    is_ready=True,
    trades=9,
    is_new_position=True,
    positions=4,
    orders_last_minute=9,
    realized=krw(-150_000),
    open_result=krw(-49_999),
    start_equity=krw(10_000_000),
    streak=2,
    streak_until=NOW,
    cooldown_until=NOW,
    index_pct=Decimal("-1.49"),
    order_value=krw(2_000_000),
)
# in the order in which they are told
TRIPPED: list[tuple[dict[str, Any], Refused]] = [
    ({"desk_state": DeskState.EXITS_ONLY}, Refused(Gate.DESK_STATE, "exits_only")),
    ({"trades": 10}, Refused(Gate.MAX_TRADES, "10", "10")),
    ({"open_result": krw(-50_000)}, Refused(Gate.DAILY_LOSS, "₩200,000", "₩200,000")),
    ({"positions": 5}, Refused(Gate.MAX_POSITIONS, "5", "5")),
    ({"order_value": krw(2_000_001)}, Refused(Gate.ORDER_VALUE, "₩2,000,001", "₩2,000,000")),
    ({"orders_last_minute": 10}, Refused(Gate.ORDERS_PER_MINUTE, "10", "10")),
    ({"streak_until": LATER}, Refused(Gate.LOSS_STREAK, "2", "3", LATER)),
    ({"cooldown_until": LATER}, Refused(Gate.SYMBOL_COOLDOWN, until=LATER)),
    ({"index_pct": Decimal("-1.5")}, Refused(Gate.INDEX_DOWN, "-1.50 %", "-1.5 %")),
]


def test_a_day_just_inside_every_limit_lets_an_entry_through() -> None:
    assert check(CALM, SETTINGS) is None


@pytest.mark.parametrize(("change", "refused"), TRIPPED)
def test_each_guard_refuses_at_its_limit_with_measure_limit_and_release(
    change: dict[str, Any], refused: Refused
) -> None:
    assert check(replace(CALM, **change), SETTINGS) == refused


def test_the_first_guard_that_holds_is_told() -> None:
    worst = CALM
    for change, refused in reversed(TRIPPED):
        worst = replace(worst, **change)
        assert check(worst, SETTINGS) == refused


def test_nothing_is_entered_before_the_account_was_read() -> None:
    assert check(replace(CALM, is_ready=False), SETTINGS) == Refused(Gate.DESK_STATE, NOT_READ)
    no_equity = replace(CALM, start_equity=None, realized=ZERO_KRW, open_result=ZERO_KRW)
    assert check(no_equity, SETTINGS) == Refused(Gate.DAILY_LOSS, NOT_READ, "2.0 %")
    won_only = replace(SETTINGS, max_daily_loss_pct=None, max_daily_loss_krw=100_000)
    assert check(no_equity, won_only) is None


def test_a_further_step_of_a_position_is_no_new_trade() -> None:
    step = replace(CALM, is_new_position=False, trades=10, positions=5)
    assert check(step, SETTINGS) is None


def test_a_streak_at_its_limit_refuses_before_its_pause_is_set() -> None:
    assert check(replace(CALM, streak=3), SETTINGS) == Refused(Gate.LOSS_STREAK, "3", "3")


def test_an_unknown_index_and_an_undecided_size_hold_nothing_back() -> None:
    assert check(replace(CALM, index_pct=None, order_value=None), SETTINGS) is None


def test_the_stricter_of_two_loss_limits_counts() -> None:
    def limit(won: int | None, pct: str | None, equity: int | None = 10_000_033) -> Krw | None:
        settings = replace(
            SETTINGS,
            max_daily_loss_krw=won,
            max_daily_loss_pct=None if pct is None else Decimal(pct),
        )
        return loss_limit(None if equity is None else krw(equity), settings)

    assert limit(150_000, "2.0") == krw(150_000)
    assert limit(250_000, "2.0") == krw(200_000)  # cut to whole won
    assert limit(250_000, "2.0", None) == krw(250_000)
    assert limit(None, "2.0", None) is None
    assert limit(None, None) is None


def test_a_profitable_day_is_far_from_its_loss_limit_and_a_day_without_one_never_reaches_it() -> (
    None
):
    assert check(replace(CALM, realized=krw(5_000_000)), SETTINGS) is None
    free = replace(SETTINGS, max_daily_loss_pct=None)
    assert check(replace(CALM, realized=krw(-5_000_000)), free) is None


def test_amounts_read_the_same_in_both_languages() -> None:
    assert won_text(krw(1_234_567)) == "₩1,234,567"
    assert won_text(krw(-98_765)) == "-₩98,765"


def test_a_stock_left_alone_says_until_when() -> None:
    assert cooling_down(LATER) == Refused(Gate.SYMBOL_COOLDOWN, until=LATER)
