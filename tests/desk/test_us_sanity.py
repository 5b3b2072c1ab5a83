from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.commands import Answer, Choice
from engine.model.events import TickSeen
from engine.model.ids import QuestionId, Symbol
from engine.model.order_facts import OrderFilled
from engine.model.orders import OrderReason
from engine.model.position_facts import (
    HoldingExcluded,
    PriceBreak,
    QuestionAsked,
    QuestionClosed,
    QuestionKind,
    QuoteStale,
)
from engine.model.settings import ExistingHoldings, UsSettings
from tests.desk.world import World, et, usd


def prices(world: World, *values: str) -> None:
    for value in values:
        world.price("MU", value)
        world.run_for(1)


def asked(world: World) -> QuestionAsked:
    (question,) = world.told(QuestionAsked)
    return question


def test_a_gain_beyond_belief_is_asked_about_once(armed: World) -> None:
    prices(armed, "116", "116.1", "117", "123", "116.5")
    question = asked(armed)
    assert question.kind is QuestionKind.GAIN_TOO_HIGH
    assert (question.seen, question.expected) == (usd("116"), usd("100.0000"))
    assert question.choices == (Choice.SELL, Choice.WAIT, Choice.EXCLUDE)
    assert armed.placed() == []


def test_one_wild_print_is_no_price(armed: World) -> None:
    prices(armed, "150", "100.5", "150", "100.4")
    assert armed.facts[-1][1] not in armed.told(PriceBreak)
    assert armed.told(QuestionAsked) == []
    assert armed.placed() == []


def test_the_split_day_with_adjusted_cost_asks_and_never_sells() -> None:
    world = World(now=et("03:45:00"), settings=UsSettings(existing=ExistingHoldings.ALWAYS))
    world.hold("MU", 70, "92.20")
    world.start()
    world.run_until(et("04:10:00"))
    for value in ("645.00", "645.10", "645.00", "92.00", "645.2", "92.3", "92.3", "93.8", "92.8"):
        world.price("MU", value)
        world.run_for(30)
    world.run_until(et("12:30:00"))
    assert asked(world).kind in (QuestionKind.GAIN_TOO_HIGH, QuestionKind.FAR_FROM_CLOSE)
    assert world.placed() == []
    assert world.told(PriceBreak) == []


def test_the_split_day_with_the_old_cost_tells_the_break_once_and_never_sells() -> None:
    world = World(now=et("03:45:00"), settings=UsSettings(existing=ExistingHoldings.ALWAYS))
    world.hold("MU", 10, "645.00")
    world.start()
    world.run_until(et("04:10:00"))
    for value in ("645.00", "645.10", "646.00", "92.00", "92.3", "645.2", "92.3", "93.8", "92.8"):
        world.price("MU", value)
        world.run_for(30)
    world.run_until(et("12:30:00"))
    (broken,) = world.told(PriceBreak)
    assert broken.before.amount > 600
    assert broken.after.amount < 100
    assert world.placed() == []
    assert world.told(QuestionAsked) == []


def test_a_cost_that_changes_without_a_fill_stops_the_sale(armed: World) -> None:
    armed.shares[Symbol("MU")].cost = usd("80")
    armed.run_for(700)
    question = asked(armed)
    assert question.kind is QuestionKind.COST_CHANGED
    assert (question.seen, question.expected) == (usd("80"), usd("100.0000"))
    prices(armed, "84", "85", "86")
    assert armed.placed() == []
    armed.command(Answer(question.question, Choice.WAIT))
    prices(armed, "84", "85")
    assert len(armed.placed()) == 1, "the new figures are known and agreed to"


def test_a_split_seen_in_the_balance_is_no_buy(armed: World) -> None:
    share = armed.shares[Symbol("MU")]
    share.qty, share.cost = 70, usd("14.2857")
    armed.run_for(700)
    assert asked(armed).kind is QuestionKind.COST_CHANGED
    assert armed.desk.view(armed.now).positions[0].qty == 70


def test_won_where_dollars_are_due_is_never_acted_on(regular: World) -> None:
    regular.hold("MU", 10, "160290.72")
    regular.shares[Symbol("MU")].qty = 0
    regular.price("MU", "115")
    regular.buy("MU", 10, "160290.72")
    regular.run_for(5)
    prices(regular, "115.1", "115.2")
    assert regular.placed() == []


def test_an_old_quote_sells_nothing_but_is_read_again(armed: World) -> None:
    armed.ticks[Symbol("MU")] = replace(armed.ticks[Symbol("MU")], price=usd("102"), bid=usd("102"))
    old = replace(
        armed.ticks[Symbol("MU")],
        at=armed.now - timedelta(seconds=61),
        price=usd("103.5"),
        bid=usd("103.5"),
    )
    before = armed.calls_between(et("09:30:00"), et("12:00:00"), "price")
    armed.give(TickSeen(old))
    armed.run_for(2)
    assert armed.placed() == []
    assert armed.calls_between(et("09:30:00"), et("12:00:00"), "price") == before + 1


def test_sell_sells_in_spite_of_the_gate(armed: World) -> None:
    prices(armed, "116", "116.1")
    armed.command(Answer(asked(armed).question, Choice.SELL))
    armed.run_for(3)
    assert armed.placed()[0].order.reason is OrderReason.MANUAL
    assert len(armed.told(OrderFilled)) == 1


def test_wait_asks_again_when_the_gain_moved_five_points(armed: World) -> None:
    prices(armed, "116", "116.1")
    armed.command(Answer(asked(armed).question, Choice.WAIT))
    prices(armed, "117", "118", "120")
    assert len(armed.told(QuestionAsked)) == 1
    prices(armed, "121.1", "121.2")
    assert len(armed.told(QuestionAsked)) == 2


def test_exclude_takes_the_holding_away_from_the_desk(armed: World) -> None:
    prices(armed, "116", "116.1")
    armed.command(Answer(asked(armed).question, Choice.EXCLUDE))
    assert len(armed.told(HoldingExcluded)) == 1
    prices(armed, "104", "104.1")
    assert armed.placed() == []


def test_a_question_closes_with_its_position(armed: World) -> None:
    prices(armed, "116", "116.1")
    armed.sell_elsewhere("MU", 10, "116")
    armed.run_for(10)
    (closed,) = armed.told(QuestionClosed)
    assert closed.choice is None


def test_an_answer_to_a_question_that_is_gone_is_refused(armed: World) -> None:
    armed.command(Answer(QuestionId("us-q99"), Choice.SELL))
    assert armed.placed() == []


@pytest.mark.parametrize("gap", ["101.0", "100.3"])
def test_a_balance_price_that_stands_still_is_found_out(premarket: World, gap: str) -> None:
    premarket.price("MU", "100")
    premarket.buy("MU", 10, "100")
    premarket.run_for(30)
    premarket.frozen[Symbol("MU")] = usd("100")
    for step in range(60):
        premarket.price("MU", gap if step % 2 else gap + "1")
        premarket.run_for(10)
    (stale,) = premarket.told(QuoteStale)
    assert stale.interval_s >= 3
    premarket.price("MU", "103.40", "103.20")
    premarket.run_for(25)
    assert len(premarket.placed()) == 1


def test_a_balance_price_that_follows_is_trusted(premarket: World) -> None:
    premarket.price("MU", "100")
    premarket.buy("MU", 10, "100")
    for step in range(120):
        premarket.price("MU", f"{100 + step % 7 / 10:.2f}")
        premarket.run_for(10)
    assert premarket.told(QuoteStale) == []
