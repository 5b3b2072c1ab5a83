from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.model.entry_facts import Phase
from engine.model.ids import Symbol
from engine.model.krx_settings import KrxSettings
from engine.model.money import Krw
from engine.model.score import Gate, Refused, ScoreCard, Zone
from engine.rules.krx.gates import GATES, GateView, first_gate

NOW = datetime(2026, 1, 7, 1, 0, tzinfo=UTC)
SETTINGS = KrxSettings()
CARD = ScoreCard(
    symbol=Symbol("000001"),
    at=NOW,
    price=Krw(Decimal(10_500)),
    total=Decimal(70),
    present_weight=60,
    stages=(),
    broken=(Zone.PREV_HIGH,),
    level=Krw(Decimal(10_200)),
)
OPEN = GateView(
    now=NOW,
    phase=Phase.ENTRIES,
    price_at=NOW - timedelta(seconds=10),
    price=10_500,
    card=CARD,
    bid=10_490,
    ask=10_510,
    spread=3,
    upper_limit=13_000,
)
# in the order in which they are told
CLOSING: list[tuple[Gate, dict[str, Any]]] = [
    (Gate.CLOSED, {"phase": Phase.CLOSED}),
    (Gate.TOO_EARLY, {"phase": Phase.OPENING}),
    (Gate.TOO_LATE, {"phase": Phase.MANAGING}),
    (Gate.TRADING_HALT, {"is_halted": True}),
    (Gate.VOLATILITY_HALT, {"has_vi": True}),
    (Gate.UPPER_LIMIT, {"price": 13_000}),
    (Gate.SPREAD, {"spread": 4}),
    (Gate.STALE_PRICE, {"price_at": NOW - timedelta(seconds=11)}),
    (Gate.LOCKED, {"is_locked": True}),
    (Gate.ORDER_OPEN, {"has_open_order": True}),
    (Gate.ORDER_IN_DOUBT, {"has_doubt": True}),
    (Gate.TOO_LITTLE_KNOWN, {"card": replace(CARD, present_weight=59)}),
    (Gate.NO_ZONE, {"card": replace(CARD, broken=())}),
    (Gate.SCORE, {"card": replace(CARD, total=Decimal("69.9"))}),
]


def gate(**changes: Any) -> Refused | None:
    return first_gate(replace(OPEN, **changes), SETTINGS)


def test_nothing_holds_an_entry_back_at_the_very_limits() -> None:
    assert first_gate(OPEN, SETTINGS) is None


@pytest.mark.parametrize(("name", "changes"), CLOSING)
def test_each_gate_alone_refuses_by_its_own_name(name: Gate, changes: dict[str, Any]) -> None:
    refused = gate(**changes)
    assert refused is not None
    assert refused.gate is name


def test_the_order_of_the_gates_is_this_table() -> None:
    assert list(GATES) == [name for name, _ in CLOSING]


def test_of_all_gates_together_the_first_is_told() -> None:
    poor = replace(CARD, present_weight=59, broken=(), total=Decimal(0))
    everything: dict[str, Any] = {}
    for _, changes in CLOSING:
        everything |= changes
    everything["card"] = poor
    del everything["phase"]  # one phase at a time: the three gates of the clock exclude each other
    told = []
    for phase in (Phase.CLOSED, Phase.PREPARING, Phase.CLOSING_AUCTION):
        refused = gate(**everything, phase=phase)
        told.append(refused.gate if refused else None)
    mended: dict[str, Any] = {name: getattr(OPEN, name) for name in everything}
    for _, changes in CLOSING[3:11]:
        refused = gate(**everything)
        told.append(refused.gate if refused else None)
        everything |= {name: mended[name] for name in changes}
    for card in (poor, replace(poor, present_weight=60), replace(CARD, total=Decimal(0))):
        refused = gate(card=card)
        told.append(refused.gate if refused else None)
    assert told == list(GATES)


@pytest.mark.parametrize(
    ("phase", "name"),
    [
        (Phase.CLOSED, Gate.CLOSED),
        (Phase.PREPARING, Gate.TOO_EARLY),
        (Phase.OPENING, Gate.TOO_EARLY),
        (Phase.ENTRIES, None),
        (Phase.MANAGING, Gate.TOO_LATE),
        (Phase.FLATTENING, Gate.TOO_LATE),
        (Phase.CLOSING_AUCTION, Gate.TOO_LATE),
    ],
)
def test_entries_are_made_in_their_phase_only(phase: Phase, name: Gate | None) -> None:
    refused = gate(phase=phase)
    assert (refused.gate if refused else None) is name


def test_every_phase_is_decided() -> None:
    refusing = {phase for phase in Phase if gate(phase=phase) is not None}
    assert refusing == set(Phase) - {Phase.ENTRIES}


def test_a_book_without_sellers_means_the_upper_limit_even_when_it_is_not_known() -> None:
    assert gate(ask=None, upper_limit=None) == Refused(Gate.UPPER_LIMIT, "10500", "")
    assert gate(ask=None, bid=None, upper_limit=None) is None  # no book was shown at all


def test_a_spread_that_is_not_known_is_no_refusal() -> None:
    assert gate(spread=None) is None


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"spread": 7}, Refused(Gate.SPREAD, "7", "3")),
        ({"price_at": NOW - timedelta(seconds=42)}, Refused(Gate.STALE_PRICE, "42", "10")),
        ({"price": 13_000}, Refused(Gate.UPPER_LIMIT, "13000", "13000")),
        ({"card": replace(CARD, present_weight=45)}, Refused(Gate.TOO_LITTLE_KNOWN, "45", "60")),
        ({"card": replace(CARD, total=Decimal("55.5"))}, Refused(Gate.SCORE, "55.5", "70")),
        ({"phase": Phase.MANAGING}, Refused(Gate.TOO_LATE, "managing", "20")),
    ],
)
def test_a_refusal_tells_what_was_measured_and_what_is_allowed(
    changes: dict[str, Any], refused: Refused
) -> None:
    assert gate(**changes) == refused
