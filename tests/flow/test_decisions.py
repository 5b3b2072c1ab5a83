"""Each decision of a desk is one line of the log, and no amount of the account is in it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.desk.base import Outcome
from engine.flow.decision_lines import event_of, level_of, line_of, told_of, without_figures
from engine.flow.decisions import Decisions
from engine.model.entry_facts import EntryDecided, EntryRefused
from engine.model.facts import AnyFact
from engine.model.ids import BrokerOrderNo, DeskName, DeskState, Mode
from engine.model.intents import Cancel, FetchHoldings, Place
from engine.model.log_lines import LogLine
from engine.model.money import Money
from engine.model.order_facts import OrderRejected
from engine.model.orders import CancelIntent
from engine.model.quota import Priority
from engine.model.score import Gate, Refused
from engine.model.state_facts import StateChanged, Trouble, TroubleBegan
from sandbox.scenario import Scenario
from tests.bot.krx_samples import krx_facts
from tests.bot.samples import all_facts
from tests.desk.test_blotter import order
from tests.faults.house import house
from tests.faults.matrix import Stage as Part
from tests.faults.play import LISTING, STARTS, SYMBOL, UP, SteadyTape
from tests.harness.stepped_loop import SteppedLoop, run_stepped

AT = datetime(2026, 11, 20, 14, 31, tzinfo=UTC)
WHOSE = (("desk", "us"), ("mode", "live"))
FACTS = {**all_facts(), **krx_facts()}


def line(told: object) -> dict[str, str]:
    return dict(line_of(told, WHOSE, AT))  # type: ignore[arg-type]


def amounts(value: object) -> Iterator[str]:
    """Every sum of money anywhere in a value, as it would be written."""
    if isinstance(value, Money):
        plain = value.amount.normalize()
        yield from (f"{value.amount}", f"{value.amount:,}", f"{plain:f}", f"{plain:,f}")
    elif isinstance(value, tuple):
        for item in value:
            yield from amounts(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from amounts(getattr(value, field.name))


@pytest.mark.parametrize("key", FACTS)
def test_every_fact_has_a_line_without_any_of_its_amounts(key: str) -> None:
    fact: AnyFact = FACTS[key]
    told = line(fact)
    assert told["event"] == event_of(fact)
    assert told["at"] == "2026-11-20T14:31:00+00:00"
    values = set(told.values())
    assert not values & set(amounts(fact))
    assert not {"qty", "price", "gain", "fee", "tax", "avg_cost", "left_qty"} & told.keys()


def test_an_orders_line_says_why_and_whose_it_is() -> None:
    placed = order().intent
    told = line(Place(placed))
    assert told["client_order_id"] == placed.client_order_id
    expected = ("order", placed.symbol, placed.side.value, placed.reason.value)
    assert (told["event"], told["symbol"], told["side"], told["reason"]) == expected
    assert "limit" not in told


def test_order_answer_and_fill_carry_the_same_id() -> None:
    kinds = ("OrderAccepted", "OrderRejected", "OrderUnresolved", "OrderFilled", "EntryFilled")
    found = [fact for fact in FACTS.values() if type(fact).__name__ in kinds]
    assert {type(fact).__name__ for fact in found} == set(kinds)
    for fact in found:
        assert line(fact)["client_order_id"] == fact.order.client_order_id  # type: ignore[union-attr]


def test_an_entry_is_told_by_its_order_alone_and_a_read_not_at_all() -> None:
    decided = next(fact for fact in FACTS.values() if isinstance(fact, EntryDecided))
    intents = (Place(decided.order), FetchHoldings(Priority.SCAN))
    outcome: Outcome[Money] = Outcome(intents, (decided,), None, is_durable=True)
    assert [type(told) for told in told_of(outcome)] == [Place]


@pytest.mark.parametrize(
    ("gate", "is_told"), [(Gate.SPREAD, True), (Gate.MAX_TRADES, True), (Gate.NO_CASH, False)]
)
def test_what_a_gate_measured_is_told_unless_it_is_money(gate: Gate, is_told: bool) -> None:
    refused = next(fact for fact in FACTS.values() if isinstance(fact, EntryRefused))
    told = line(replace(refused, refused=Refused(gate, "12345", "20000")))
    assert told["gate"] == gate.value
    assert ("measured" in told) is is_told


@pytest.mark.parametrize("trouble", [Trouble.DAILY_LOSS, None])
def test_what_a_stop_measured_is_not_told_where_it_may_be_money(trouble: Trouble | None) -> None:
    stop = StateChanged(
        *(DeskState.EXITS_ONLY, DeskState.RUNNING, DeskState.EXITS_ONLY, "loss -123,456"),
        *("-123456", "-100000", None, trouble),
    )
    told = line(stop)
    assert not {"measured", "limit"} & told.keys()
    assert told["reason"] == "loss -#"
    assert level_of(stop) == logging.WARNING


def test_a_trouble_says_what_was_measured() -> None:
    told = line(TroubleBegan(Trouble.API, "calls fail", "10 calls", "10 calls"))
    assert (told["trouble"], told["measured"]) == ("api", "10 calls")


def test_the_brokers_words_lose_figures_that_may_be_amounts_or_accounts() -> None:
    text = "주문가능금액 1,234,567원 초과 50123456-01 (3주)"
    assert without_figures(text) == "주문가능금액 #원 초과 #-01 (3주)"
    told = line(OrderRejected(order().intent, "APBK0656", text))
    assert told["text"] == without_figures(text)
    assert told["code"] == "APBK0656"


def test_a_cancel_names_the_order_it_is_for() -> None:
    one = order().intent
    cancel = CancelIntent(
        one.client_order_id, BrokerOrderNo("77"), one.symbol, one.exchange, one.qty
    )
    told = line(Cancel(cancel))
    assert (told["event"], told["client_order_id"]) == ("cancel", one.client_order_id)
    assert told["broker_order_no"] == "77"


def test_one_outcome_is_one_record_a_decision(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "engine.flow.decisions")
    outcome: Outcome[Money] = Outcome((Place(order().intent),), (), None, is_durable=True)
    Decisions(DeskName.US, Mode.PAPER).note(AT, outcome)
    (record,) = caplog.records
    assert isinstance(record.msg, LogLine)
    assert record.getMessage().startswith("event=order desk=us mode=paper client_order_id=")


def test_a_sale_can_be_followed_by_its_id_from_decision_to_fill(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Through the whole engine: exactly one line for each step."""
    caplog.set_level(logging.INFO, "engine.flow.decisions")
    scenario = Scenario(
        start=STARTS[Part.REGULAR], listings=(LISTING,), tape=SteadyTape(STARTS[Part.REGULAR])
    )

    async def story(loop: SteppedLoop) -> None:
        async with house(loop, tmp_path, scenario) as (_, s):
            await s.wait(6)
            s.buy(SYMBOL, 5)
            await s.wait(20)
            s.world.market.nudge(SYMBOL, UP)
            assert await s.until(lambda: "OrderFilled" in s.kinds(), 60)
            await s.wait(2)

    run_stepped(story)
    told = [dict(r.msg.make()) for r in caplog.records if isinstance(r.msg, LogLine)]
    sold = next(one for one in told if one["event"] == "order")
    steps = [one["event"] for one in told if one.get("client_order_id") == sold["client_order_id"]]
    assert steps == ["order", "order_accepted", "fill"]
    modes = [one["mode"] for one in told if one["event"] == "mode"]
    assert modes == ["dry_run", "live"]
