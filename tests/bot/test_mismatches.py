"""Where books and account disagree, the trader answers with buttons: both desks, once each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.app import chat_of
from engine.flow.alerts import alert_of
from engine.model.commands import Answer, Choice
from engine.model.facts import AnyFact
from engine.model.ids import BrokerOrderNo, DeskName, QuestionId, Symbol
from engine.model.mismatches import MismatchAsked, MismatchKind
from engine.ports.journal import NumberedFact
from tests.bot.krx_samples import SAMSUNG, both_desks, krx_view
from tests.bot.samples import AAPL, NOW, SETTLED, all_facts, status_view, us_view
from tests.bot.stage import OWNER, Stage, press, reply_to, staged

KRX, US = DeskName.KRX, DeskName.US
NUMBERS = BrokerOrderNo("30112345"), BrokerOrderNo("30112346")
DOUBT = all_facts()["mismatch_doubt"]


def missing(symbol: Symbol = SAMSUNG) -> MismatchAsked:
    return MismatchAsked(
        QuestionId("krx-q3"),
        MismatchKind.DIFFERENT_QTY,
        symbol,
        "삼성전자",
        "195 held",
        "100 in the account",
        (Choice.BOOK, Choice.IGNORE, Choice.SELL),
    )


async def told(stage: Stage, fact: AnyFact, desk: DeskName) -> dict[str, str]:
    alert = alert_of(fact, desk)
    assert alert is not None
    book = stage.control.view.modes[desk]  # a button of another book does nothing
    await stage.outbox.put(book, NumberedFact(1, NOW, desk, fact), alert)
    await chat_of(stage.app).alerts.tell_next()
    return stage.told[-1].buttons()


async def test_an_order_in_doubt_is_linked_to_the_number_that_is_pressed() -> None:
    async with staged() as stage:
        buttons = await told(stage, DOUBT, US)
        links = [f"주문 있음 #{number}" for number in NUMBERS]
        assert list(buttons) == ["주문 없음으로 처리", *links, "무시"]
        await stage.press(buttons[links[1]], stage.last_id())
        linked = Answer(QuestionId("q2"), Choice.LINK, NUMBERS[1])
        assert stage.control.asked == [(linked, OWNER)]


@pytest.mark.parametrize(
    ("label", "choice"), [("봇 장부에 반영", Choice.BOOK), ("무시", Choice.IGNORE)]
)
async def test_what_the_krx_desk_asks_is_answered_by_the_krx_desk(
    label: str, choice: Choice
) -> None:
    async with staged() as stage:
        both_desks(stage.control)
        buttons = await told(stage, missing(), KRX)
        await stage.press(buttons[label], stage.last_id())
        assert stage.control.asked == [(Answer(QuestionId("krx-q3"), choice), OWNER, KRX)]


@pytest.mark.parametrize("is_open", [True, False])
async def test_selling_on_an_old_disagreement_shows_the_position_of_now(is_open: bool) -> None:
    async with staged() as stage:
        both_desks(stage.control)
        asked = (missing(),) if is_open else ()
        view = replace(stage.control.view, krx=replace(krx_view(), mismatches=asked))
        buttons = await told(stage, missing(), KRX)
        message_id, stage.control.view = stage.last_id(), view
        stage.watch.elapsed += 301
        calls = await stage.press(buttons["팔기"], message_id)
        assert stage.control.asked == []
        if not is_open:
            assert "이미 끝난 질문" in calls[-1].text
            return
        assert "삼성전자" in calls[-1].text
        await stage.press(calls[-1].buttons()["확인"], message_id)
        assert stage.control.asked == [(Answer(QuestionId("krx-q3"), Choice.SELL), OWNER, KRX)]


async def test_open_disagreements_stand_under_the_positions_with_their_stock() -> None:
    async with staged() as stage:
        assert isinstance(DOUBT, MismatchAsked)
        us = replace(us_view(), questions=(), mismatches=(DOUBT,))
        stage.control.view = replace(status_view(), us=us)
        assert "질문 1" in await reply_to(stage, "상태")
        await reply_to(stage, "포지션")
        assert f"{AAPL} 무시" in stage.told[-1].buttons()
        await press(stage, f"{AAPL} 무시")
        assert stage.control.asked == [(Answer(QuestionId("q2"), Choice.IGNORE), OWNER)]


async def test_the_krx_status_counts_what_it_asks() -> None:
    async with staged() as stage:
        both_desks(stage.control)
        view = replace(krx_view(), mismatches=(missing(),))
        stage.control.view = replace(stage.control.view, krx=view)
        assert "장부와 계좌: 질문 1" in await reply_to(stage, "상태")


def test_what_was_settled_is_a_row_and_no_message() -> None:
    assert alert_of(SETTLED) is None
