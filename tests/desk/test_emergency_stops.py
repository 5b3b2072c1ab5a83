"""Each emergency stop x desk: state, alert, exits, restart, recovery; and the runbook's table."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.format.facts import tell
from bot.format.lang import Lang
from engine.model.commands import CommandAnswered, Refusal, ReleaseGuard
from engine.model.events import FetchKind
from engine.model.ids import DeskName, DeskState, Symbol
from engine.model.intents import FetchHoldings, FetchIndex, FetchPrice, FetchRanking
from engine.model.order_facts import OrderFilled
from engine.model.orders import Side
from engine.model.state_facts import StateChanged, Trouble, TroubleBegan
from engine.model.views import LotState
from tests.desk.conftest import armed_world
from tests.desk.emergency_table import (
    HEAD,
    KRX,
    TABLE,
    US,
    AnyWorld,
    Row,
    answered,
    erring,
    row_of,
    tally,
)
from tests.desk.krx_world import A, B, KrxWorld, entered, opened
from tests.desk.world import World

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
ROWS = pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.trouble}-{row.desk}")
PROBED = pytest.mark.parametrize(
    "row", [row for row in TABLE if row.probe_every_s], ids=lambda row: f"{row.trouble}-{row.desk}"
)


def both(trouble: Trouble) -> list[Row]:
    return [row_of(trouble, desk) for desk in DeskName]


def holding(row: Row) -> AnyWorld:
    """A desk in its regular session that holds something to sell."""
    if row.desk is not US:
        return entered(opened())
    return armed_world(World)


def tripped(row: Row) -> AnyWorld:
    world = holding(row)
    row.begin(world)
    return world


def state(world: AnyWorld) -> DeskState:
    return world.desk.view(world.now).state


def causes(world: AnyWorld) -> list[str]:
    return list(json.loads(json.dumps(world.desk.snapshot()))["book"]["causes"])


def states_told(world: AnyWorld) -> list[StateChanged]:
    return world.told(StateChanged)


def enters(world: AnyWorld) -> bool:
    """Whether the desk takes on something new now."""
    if isinstance(world, KrxWorld):
        before = len(world.placed(Side.BUY))
        world.price(B, 10_050)
        world.run_for(30)
        world.price(B, 10_200)
        world.run_for(2)
        return len(world.placed(Side.BUY)) > before
    world.price("AMD", "50")
    world.buy("AMD", 4, "50")
    world.run_for(90)
    lots = {lot.symbol: lot for lot in world.desk.view(world.now).positions}
    return Symbol("AMD") in lots and lots[Symbol("AMD")].state is LotState.ARMED


def leave(world: AnyWorld) -> int:
    """Shares sold, once the price calls for it."""
    if isinstance(world, KrxWorld):
        world.price(A, 9_980)
        world.run_for(20)
    else:
        for _ in range(70):
            world.price("MU", "103.50")
            world.run_for(2)
    sales = [f for f in world.told(OrderFilled) if f.order.side is Side.SELL]
    return sum(fact.fill.qty for fact in sales)


def held(world: AnyWorld) -> int:
    return world.shares[A] if isinstance(world, KrxWorld) else world.shares[Symbol("MU")].qty


@ROWS
def test_it_stops_entries_and_is_told_once_with_cause_measure_and_limit(row: Row) -> None:
    world = tripped(row)

    assert state(world) is DeskState.EXITS_ONLY
    assert causes(world) == [row.trouble]
    (fact,) = states_told(world)
    assert (fact.guard_latch, fact.trouble) == (DeskState.EXITS_ONLY, row.trouble)
    assert row.measured in fact.measured
    assert row.limit in fact.limit
    assert not enters(world)
    assert states_told(world) == [fact]


@ROWS
def test_the_alert_says_why_how_much_and_what_to_do(row: Row) -> None:
    (fact,) = states_told(tripped(row))

    for lang, to_do, words in ((Lang.KO, "할 일: ", "이유: "), (Lang.EN, "To do: ", "Reason: ")):
        text = tell(fact, lang, desk=row.desk)
        assert text is not None
        assert to_do in text
        assert words in text
        assert fact.reason not in text or lang is Lang.EN
        if fact.measured:
            assert lang.pick("측정 ", "Measured ") in text
            assert lang.pick("한도 ", "limit ") in text


@ROWS
def test_exits_go_on(row: Row) -> None:
    world = tripped(row)
    shares = held(world)
    assert shares > 0

    assert leave(world) == shares

    assert held(world) == 0
    assert state(world) is DeskState.EXITS_ONLY
    if row.trouble is Trouble.STREAM:
        asked = FetchPrice if row.desk is not US else FetchHoldings
        assert any(isinstance(intent, asked) for _, intent in world.intents)


@ROWS
def test_a_restart_forgets_neither_the_stop_nor_that_it_was_told(row: Row) -> None:
    world = tripped(row)

    world.restart()
    world.run_for(20)

    assert state(world) is DeskState.EXITS_ONLY
    assert causes(world) == [row.trouble]
    assert len(states_told(world)) == 1
    assert not enters(world)


@ROWS
def test_it_ends_with_its_cause_or_by_the_trader_and_never_before(row: Row) -> None:
    world = tripped(row)
    early = answer(world)
    assert early is (Refusal.CAUSE_HOLDS if row.holds else None)

    row.end(world)
    if row.over_after_s is None:
        if row.holds:
            assert state(world) is DeskState.EXITS_ONLY, "nobody released it"
            assert answer(world) is None
    else:
        world.run_for(max(0, row.over_after_s - 2))
        assert state(world) is DeskState.EXITS_ONLY
        world.run_for(4 if row.over_after_s else 40)

    assert state(world) is DeskState.RUNNING
    assert causes(world) == []
    assert [fact.state for fact in states_told(world)] == [DeskState.EXITS_ONLY, DeskState.RUNNING]
    world.run_for(30)
    assert enters(world)


def answer(world: AnyWorld) -> Refusal | None:
    """To [가드 해제]."""
    command_id = world.command(ReleaseGuard())
    (fact,) = (f for f in world.told(CommandAnswered) if f.command_id == command_id)
    return fact.refusal


@PROBED
def test_the_account_is_asked_whether_it_is_over(row: Row) -> None:
    world = tripped(row)
    assert row.probe_every_s is not None
    since = world.now
    world.run_for(3 * row.probe_every_s + 1)
    asked = [at for at, i in world.intents if isinstance(i, FetchHoldings) and at > since]
    assert 3 <= len(asked) <= 4


@pytest.mark.parametrize("is_shadow", [True, False], ids=["dry run", "account at KIS"])
def test_a_dry_run_asks_the_market_whether_it_is_over(is_shadow: bool) -> None:
    world = tripped(row_of(Trouble.API, KRX))
    assert isinstance(world, KrxWorld)
    world.desk._state.is_shadow = is_shadow
    since = world.now
    world.run_for(91)
    asked = {at for at, i in world.intents if isinstance(i, FetchIndex) and at > since}
    assert len(asked) in ((2, 3) if is_shadow else (0,))


@PROBED
def test_nothing_is_scanned_that_no_exit_needs(row: Row) -> None:
    world = tripped(row)
    since = world.now
    world.run_for(60)
    assert not [at for at, i in world.intents if isinstance(i, FetchRanking) and at > since]


@PROBED
def test_a_relapse_must_be_gone_for_twice_as_long(row: Row) -> None:
    world = tripped(row)
    row.end(world)
    world.run_for(70)
    assert state(world) is DeskState.RUNNING

    row.begin(world)
    row.end(world)
    world.run_for(70)

    assert state(world) is DeskState.EXITS_ONLY
    world.run_for(60)
    assert state(world) is DeskState.RUNNING


@PROBED
def test_the_trader_need_not_wait_when_the_cause_is_gone(row: Row) -> None:
    world = tripped(row)
    row.end(world)
    assert answer(world) is None
    assert state(world) is DeskState.RUNNING


@pytest.mark.parametrize("row", both(Trouble.API), ids=list(DeskName))
def test_a_broken_kis_is_one_incident_and_not_a_flood(row: Row) -> None:
    world = holding(row)
    world.failing = set(FetchKind)
    began = world.now
    for errors in range(1, 40):
        world.give(tally(errors, began, calls=errors, until=world.now))
        world.drop_stream()
        world.run_for(15)
    assert {Trouble.API, Trouble.ACCOUNT, Trouble.SILENCE, Trouble.STREAM} == set(causes(world))
    assert len(states_told(world)) == 1
    assert len(world.told(TroubleBegan)) <= 2

    world.failing = set()
    answered(world)
    world.raise_stream()
    world.run_for(90)

    assert causes(world) == []
    assert [fact.state for fact in states_told(world)] == [DeskState.EXITS_ONLY, DeskState.RUNNING]


@pytest.mark.parametrize("row", both(Trouble.API), ids=list(DeskName))
def test_one_answer_between_keeps_errors_from_counting(row: Row) -> None:
    world = holding(row)
    for errors in (9, 0, 9):
        world.give(tally(errors=errors))
    assert state(world) is DeskState.RUNNING


@pytest.mark.parametrize("row", both(Trouble.SILENCE), ids=list(DeskName))
def test_silence_without_a_call_is_none(row: Row) -> None:
    world = holding(row)
    world.give(tally(errors=1, since=world.now))
    world.run_for(290)
    world.give(tally())
    world.run_for(900)
    assert state(world) is DeskState.RUNNING


@pytest.mark.parametrize("row", both(Trouble.SILENCE), ids=list(DeskName))
def test_one_lost_call_of_a_desk_that_then_rests_is_no_silence(row: Row) -> None:
    world = holding(row)
    world.give(tally(errors=1, since=world.now))
    world.run_for(900)
    assert state(world) is DeskState.RUNNING


@pytest.mark.parametrize("row", both(Trouble.SILENCE), ids=list(DeskName))
def test_a_jump_of_the_clock_asks_nothing(row: Row) -> None:
    world = holding(row)
    world.give(tally(errors=1, since=world.now))
    world.jump(world.now - timedelta(minutes=4))
    world.run_for(600)
    assert state(world) is DeskState.RUNNING


@pytest.mark.parametrize(("asked_s", "is_stopped"), [(179, False), (180, True)])
@pytest.mark.parametrize("row", both(Trouble.SILENCE), ids=list(DeskName))
def test_silence_lasts_no_longer_than_somebody_asks(
    row: Row, asked_s: int, *, is_stopped: bool
) -> None:
    world = holding(row)
    since = world.now
    world.run_for(asked_s)
    world.give(tally(2, since, until=world.now))
    world.run_for(299 - asked_s)
    assert state(world) is DeskState.RUNNING
    world.run_for(2)
    assert (state(world) is DeskState.EXITS_ONLY) is is_stopped


@pytest.mark.parametrize(
    ("calls", "is_stopped"), [((100, 5), False), ((100, 6), True), ((10, 2), False)]
)
def test_refusals_count_by_their_part_and_from_three_on(
    calls: tuple[int, int], *, is_stopped: bool
) -> None:
    world = holding(row_of(Trouble.REFUSALS, KRX))
    world.give(tally(errors=1, calls=calls[0], refused=calls[1]))
    assert (state(world) is DeskState.EXITS_ONLY) is is_stopped


def test_refusals_hold_back_the_desk_that_scans_alone() -> None:
    world = holding(row_of(Trouble.QUOTA, US))
    world.give(tally(errors=1, calls=100, refused=60))
    assert state(world) is DeskState.RUNNING


@pytest.mark.parametrize("row", both(Trouble.STREAM), ids=list(DeskName))
def test_failures_of_the_socket_are_those_of_one_session(row: Row) -> None:
    world = holding(row)
    world.drop_stream()
    world.raise_stream()
    world.drop_stream()
    world.raise_stream()
    world.restart()
    world.run_for(5)
    assert state(world) is DeskState.RUNNING
    world.drop_stream()
    assert state(world) is DeskState.EXITS_ONLY, "a restart forgot two failures"


@pytest.mark.parametrize("row", both(Trouble.API), ids=list(DeskName))
def test_a_jump_of_the_clock_is_no_recovery(row: Row) -> None:
    world = tripped(row)
    row.end(world)
    world.run_for(10)
    moved = world.now.replace(minute=world.now.minute + 10)
    world.jump(moved)
    world.run_for(5)
    assert state(world) is DeskState.EXITS_ONLY
    world.run_for(60)
    assert state(world) is DeskState.RUNNING


def test_open_entries_are_taken_back() -> None:
    world = opened()
    world.fills_orders = False
    world.price(A, 10_200)
    world.run_for(1)
    assert len(world.placed(Side.BUY)) == 1
    erring(world)
    world.run_for(1)
    assert len(world.cancels()) == 1


def test_the_runbook_has_this_table() -> None:
    tables = RUNBOOK.read_text(encoding="utf-8").split("\n\n")
    (table,) = (text for text in tables if text.startswith("| Condition |"))
    found = [
        tuple(cell.strip() for cell in line.strip().strip("|").split("|"))
        for line in table.splitlines()
        if line.startswith("| ")
    ]
    assert found[0] == HEAD
    assert found[1:] == [row.cells for row in TABLE]
