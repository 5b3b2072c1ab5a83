"""What goes into a book comes out of it."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.plain import CONVERTER
from engine.adapters.sqlite.codec import (
    dump_fact,
    dump_order,
    load_fact,
    load_order,
    stamp,
)
from engine.errors import JournalFailed
from engine.model import commands, day_facts, mismatches, order_facts, position_facts, state_facts
from engine.model.commands import Choice
from engine.model.digests import PeriodEnded, Stretch
from engine.model.facts import AnyFact
from engine.model.fills import Fill, FillSource
from engine.model.ids import (
    BrokerOrderNo,
    ClientOrderId,
    CommandId,
    DeskName,
    DeskState,
    Qty,
    QuestionId,
    Symbol,
)
from engine.model.instrument import Exchange
from engine.model.mismatches import (
    Decision,
    MismatchAsked,
    MismatchKind,
    MismatchSettled,
)
from engine.model.money import FxRate, Krw, Usd
from engine.model.orders import OrderIntent, OrderReason, Side
from engine.model.realised import BrokerDiffers, Difference
from engine.model.settings import UsSettings
from tests.bot.krx_samples import krx_facts
from tests.bot.samples import readiness

AT = datetime(2025, 6, 12, 13, 30, 5, 123456, tzinfo=UTC)
AAPL = Symbol("AAPL")
FX = FxRate(Decimal("1368.50"), "kis present balance", AT)
ORDER = OrderIntent(
    client_order_id=ClientOrderId("us-20250612-1"),
    desk=DeskName.US,
    symbol=AAPL,
    exchange=Exchange.NASD,
    side=Side.SELL,
    qty=Qty(10),
    limit=Usd(Decimal("103.0000")),
    reason=OrderReason.TARGET,
    decision_price=Usd(Decimal("103.05")),
    decided_at=AT,
)
FILL = Fill(
    broker_order_no=BrokerOrderNo("30123"),
    client_order_id=ORDER.client_order_id,
    symbol=AAPL,
    side=Side.SELL,
    qty=Qty(4),
    price=Usd(Decimal("103.01")),
    cum_qty=Qty(4),
    at=AT,
    source=FillSource.EXECUTIONS,
)


def usd(text: str) -> Usd:
    return Usd(Decimal(text))


EXAMPLES: tuple[AnyFact, ...] = (
    position_facts.BuySeen(
        AAPL, "애플", Qty(10), usd("100"), Decimal("3.0"), usd("103.00"), total_qty=Qty(15)
    ),
    position_facts.HoldingExcluded(AAPL, Qty(3), by_user=True),
    position_facts.HoldingAdopted(AAPL, Qty(3), usd("99.5"), usd("102.49")),
    order_facts.OrderAccepted(ORDER, BrokerOrderNo("30123")),
    order_facts.OrderRejected(ORDER, "APBK0656", "해당종목정보가 없습니다."),
    order_facts.OrderUnresolved(ORDER, "read timeout"),
    order_facts.OrderResolved(ORDER, BrokerOrderNo("30123")),
    order_facts.OrderResolved(ORDER, None),
    order_facts.OrderEnded(ORDER, Qty(4), will_reprice=True),
    order_facts.OrderFilled(
        FILL, ORDER, usd("100"), usd("12.04"), Decimal("3.01"), usd("1.03"), FX, False, Qty(6)
    ),
    order_facts.OrderFilled(
        replace(FILL, client_order_id=None),
        ORDER,
        usd("100"),
        usd("-0.0001"),
        Decimal("-1E-7"),
        usd("0"),
        None,
        is_complete=True,
        left_qty=Qty(0),
    ),
    order_facts.SoldElsewhere(AAPL, Qty(2), usd("101"), usd("100"), Qty(8), FX),
    order_facts.SoldElsewhere(AAPL, Qty(2), None, usd("100"), Qty(8), None),
    position_facts.QuestionAsked(
        QuestionId("q1"),
        position_facts.QuestionKind.GAIN_TOO_HIGH,
        AAPL,
        "애플",
        Qty(10),
        usd("100"),
        usd("120"),
        None,
        Decimal("20.00"),
        (Choice.SELL, Choice.WAIT),
    ),
    position_facts.QuestionClosed(QuestionId("q1"), AAPL, Choice.SELL),
    position_facts.QuestionClosed(QuestionId("q1"), AAPL, None),
    position_facts.PriceBreak(AAPL, usd("400"), usd("100")),
    day_facts.WindowChanged(day_facts.Window.REGULAR, AT + timedelta(hours=2), armed=3),
    day_facts.WindowChanged(day_facts.Window.ASLEEP, None, armed=0),
    day_facts.CalendarWarning(date(2027, 12, 31), days_left=20),
    position_facts.QuoteStale(AAPL, Decimal("7.5")),
    state_facts.TroubleBegan(state_facts.Trouble.STREAM, "no frame", "31 s", "30 s"),
    state_facts.TroubleEnded(state_facts.Trouble.STREAM, lasted_s=95),
    state_facts.QuotaWarning(4050, 4500),
    state_facts.StateChanged(
        DeskState.EXITS_ONLY, DeskState.RUNNING, DeskState.EXITS_ONLY, "mismatch", "3", "0"
    ),
    mismatches.MismatchSeen(AAPL, "10", "7"),
    MismatchAsked(
        QuestionId("q2"),
        MismatchKind.ORDER_IN_DOUBT,
        AAPL,
        "애플",
        "sell 10 at 103",
        "2 orders",
        (Choice.LINK, Choice.IGNORE),
        (BrokerOrderNo("30123"), BrokerOrderNo("30124")),
    ),
    MismatchSettled(
        MismatchKind.MISSING_HOLDING, AAPL, "10 held", "0 held", Decision.BOOKED, by_user=True
    ),
    readiness(is_ready=False),
    PeriodEnded(Stretch.MONTH, date(2025, 5, 1), date(2025, 5, 31)),
    day_facts.DaySummary(date(2025, 6, 12), 2, usd("24.10"), usd("2.06"), 1, 812, FX),
    BrokerDiffers(
        date(2025, 6, 12),
        (
            Difference(
                *(AAPL, "애플", 5, 6, usd("20"), usd("21"), usd("1"), usd("1.1")), costs_only=False
            ),
        ),
        usd("20"),
        usd("21"),
        by_hand=1,
    ),
    commands.CommandAnswered(CommandId("c1"), None, (ORDER.client_order_id,)),
    commands.CommandAnswered(CommandId("c2"), commands.Refusal.NO_PRICE),
    *krx_facts().values(),
)
PRICES = st.decimals(min_value=Decimal("0.0001"), max_value=Decimal(10) ** 9, places=4)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-4))])


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: type(fact).__name__)
def test_a_fact_comes_back_as_it_went_in(fact: AnyFact) -> None:
    assert load_fact(dump_fact(fact)) == fact
    assert repr(load_fact(dump_fact(fact))) == repr(fact)


def test_every_kind_of_fact_has_an_example() -> None:
    kinds = {get_origin(kind) or kind for kind in get_args(AnyFact)}
    assert {type(fact) for fact in EXAMPLES} == kinds


def test_the_text_names_class_and_currency() -> None:
    plain = json.loads(dump_fact(EXAMPLES[2]))
    assert plain["type"] == "HoldingAdopted"
    assert plain["avg_cost"] == {"usd": "99.5"}


def test_won_are_not_written_as_dollars() -> None:
    text = dump_fact(krx_facts()["krx_order_filled_stop_loss"])
    assert '"krw":"72300"' in text
    assert '"usd"' not in text


def test_won_are_not_read_as_dollars() -> None:
    text = dump_fact(EXAMPLES[2]).replace('"usd"', '"krw"')
    with pytest.raises(JournalFailed):
        load_fact(text)
    assert CONVERTER.structure(CONVERTER.unstructure(Krw(Decimal(1300))), Krw) == Krw(Decimal(1300))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"type":"Nonsense"}', '{"type":"QuotaWarning","used":1}']
)
def test_an_unreadable_row_fails_by_name(text: str) -> None:
    with pytest.raises(JournalFailed):
        load_fact(text)


def test_a_figure_that_was_a_float_is_refused() -> None:
    text = dump_order(ORDER).replace('"103.0000"', "103.0000")
    with pytest.raises(JournalFailed):
        load_order(text)


def test_a_time_without_a_zone_is_refused_both_ways() -> None:
    with pytest.raises(JournalFailed):
        dump_order(replace(ORDER, decided_at=AT.replace(tzinfo=None)))
    with pytest.raises(JournalFailed):
        load_order(dump_order(ORDER).replace("+00:00", ""))
    with pytest.raises(JournalFailed):
        stamp(AT.replace(tzinfo=None))


def test_settings_with_their_overrides_come_back() -> None:
    settings = UsSettings(target_overrides={AAPL: Decimal("4.50")})
    assert CONVERTER.structure(CONVERTER.unstructure(settings), UsSettings) == settings


@given(
    limit=PRICES,
    seen=PRICES,
    at=st.datetimes(min_value=datetime(2000, 1, 1), timezones=ZONES),  # noqa: DTZ001 - hypothesis adds the zone
    side=st.sampled_from(Side),
    exchange=st.sampled_from(Exchange),
    reason=st.sampled_from(OrderReason),
    qty=st.integers(1, 10**9),
)
def test_any_order_comes_back_to_the_digit(
    *,
    limit: Decimal,
    seen: Decimal,
    at: datetime,
    side: Side,
    exchange: Exchange,
    reason: OrderReason,
    qty: int,
) -> None:
    order = replace(
        ORDER,
        limit=Usd(limit),
        decision_price=Usd(seen),
        decided_at=at,
        side=side,
        exchange=exchange,
        reason=reason,
        qty=Qty(qty),
    )
    again = load_order(dump_order(order))
    assert again == order
    assert str(again.limit) == str(order.limit)
    assert again.decided_at.utcoffset() == at.utcoffset()


@given(
    st.datetimes(min_value=datetime(2000, 1, 1), timezones=ZONES),  # noqa: DTZ001 - as above
    st.datetimes(min_value=datetime(2000, 1, 1), timezones=ZONES),  # noqa: DTZ001 - as above
)
def test_stamps_sort_as_the_times_do(one: datetime, other: datetime) -> None:
    assert (stamp(one) < stamp(other)) == (one < other)
