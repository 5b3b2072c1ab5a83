"""Buttons: user, message, time, once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.app import chat_of
from engine.errors import JournalFailed
from engine.model.commands import Answer, Choice, SellNow
from engine.model.ids import DeskName, Mode, Qty, QuestionId
from engine.model.position_facts import QuestionKind
from engine.ports.chat_store import Alert
from engine.ports.control import StopKind
from engine.ports.journal import NumberedFact
from tests.bot.samples import AAPL, NOW, question, status_view, us_view
from tests.bot.stage import OWNER, SECOND, Call, Stage, staged, until


async def asked_to_sell(stage: Stage) -> tuple[dict[str, str], int]:
    calls = await stage.type("/sell AAPL 5")
    return calls[-1].buttons(), stage.last_id()


def methods(calls: list[Call]) -> list[str]:
    return [call.method for call in calls]


async def test_a_sale_asks_first_and_sells_on_confirmation() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_to_sell(stage)
        assert stage.control.asked == []
        calls = await stage.press(buttons["확인"], message_id)
        assert stage.control.asked == [(SellNow(AAPL, Qty(5)), OWNER)]
        assert methods(calls) == ["answerCallbackQuery", "editMessageText", "editMessageText"]
        assert "처리 중" in calls[1].text
        assert calls[1].buttons() == {}
        assert "매도 지시" in calls[2].text


async def test_callback_data_carries_a_version_and_a_nonce_only() -> None:
    async with staged() as stage:
        buttons, _ = await asked_to_sell(stage)
        for data in buttons.values():
            prefix, _, nonce = data.partition(":")
            assert prefix == "v1"
            assert len(nonce) <= 16
            assert len(data.encode()) <= 64


async def test_a_second_press_sells_nothing_more() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_to_sell(stage)
        first = stage.start(
            {"callback_query": stage.press_body(buttons["확인"], message_id, OWNER)}
        )
        second = stage.start(
            {"callback_query": stage.press_body(buttons["확인"], message_id, OWNER)}
        )
        await asyncio.gather(first, second)
        await stage.settle()
        assert len(stage.control.asked) == 1
        late = await stage.press(buttons["확인"], message_id)
        assert len(stage.control.asked) == 1
        assert methods(late) == ["answerCallbackQuery", "editMessageReplyMarkup"]
        assert "만료" in late[0].text


async def test_cancelling_spends_the_confirmation_too() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_to_sell(stage)
        calls = await stage.press(buttons["취소"], message_id)
        assert "아무것도 하지 않았습니다" in calls[-1].text
        await stage.press(buttons["확인"], message_id)
        assert stage.control.asked == []


async def test_a_confirmation_ends_after_60_seconds() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_to_sell(stage)
        stage.watch.elapsed += 60
        calls = await stage.press(buttons["확인"], message_id)
        assert stage.control.asked == []
        assert methods(calls) == ["answerCallbackQuery", "editMessageReplyMarkup"]


async def test_another_allowed_user_cannot_press_it() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_to_sell(stage)
        await stage.press(buttons["확인"], message_id, SECOND)
        assert stage.control.asked == []


async def test_the_button_under_another_message_does_nothing() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_to_sell(stage)
        await stage.press(buttons["확인"], message_id + 1)
        assert stage.control.asked == []


@pytest.mark.parametrize("data", ["", "v1:", "v1:nobody", "v2:n000000", "sell:AAPL", "x" * 64])
async def test_made_up_callback_data_is_answered_as_expired(data: str) -> None:
    async with staged() as stage:
        _, message_id = await asked_to_sell(stage)
        calls = await stage.press(data, message_id)
        assert methods(calls) == ["answerCallbackQuery", "editMessageReplyMarkup"]
        assert stage.control.asked == []


async def test_a_press_before_the_sending_call_came_back_still_counts() -> None:
    async with staged() as stage:
        seen: list[Call] = []
        came_back = asyncio.Event()

        async def slow_answer(call: Call) -> None:
            if call.method == "sendMessage":
                seen.append(call)
                await came_back.wait()

        stage.sent.rule = slow_answer
        await stage.start({"message": stage.message("/sell AAPL 5", OWNER)})
        await until(lambda: seen)
        body = stage.press_body(seen[0].buttons()["확인"], stage.last_id() + 1, OWNER)
        await stage.start({"callback_query": body})
        for _ in range(20):
            await asyncio.sleep(0)
        assert stage.control.asked == []
        came_back.set()
        await stage.settle()
        assert stage.control.asked == [(SellNow(AAPL, Qty(5)), OWNER)]


async def test_a_callback_too_old_to_answer_is_acted_on_once() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_to_sell(stage)

        async def too_old(call: Call) -> tuple[int, dict[str, Any]] | None:
            if call.method != "answerCallbackQuery":
                return None
            return 400, {
                "ok": False,
                "error_code": 400,
                "description": "Bad Request: query is too old",
            }

        stage.sent.rule = too_old
        await stage.press(buttons["확인"], message_id)
        assert len(stage.control.asked) == 1


async def test_a_desk_that_does_not_answer_is_not_called_done() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_to_sell(stage)
        stage.control.trouble = TimeoutError()
        calls = await stage.press(buttons["확인"], message_id)
        assert "답이 없습니다" in calls[-1].text


async def test_a_press_that_breaks_leaves_no_working_sign_and_tells_an_id() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_to_sell(stage)
        stage.control.trouble = ValueError("account 12345678-01")
        calls = await stage.press(buttons["확인"], message_id)
        edited = [call for call in calls if call.method == "editMessageText"]
        assert "답이 없습니다" in edited[-1].text
        assert "ValueError" in calls[-1].text
        assert all("12345678" not in call.text for call in calls)


async def test_an_outcome_that_cannot_be_edited_in_is_sent() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_to_sell(stage)

        async def gone(call: Call) -> tuple[int, dict[str, Any]] | None:
            if call.method != "editMessageText":
                return None
            text = "Bad Request: message to edit not found"
            return 400, {"ok": False, "error_code": 400, "description": text}

        stage.sent.rule = gone
        calls = await stage.press(buttons["확인"], message_id)
        assert calls[-1].method == "sendMessage"
        assert "매도 지시" in calls[-1].text


async def test_without_a_store_a_question_names_the_ways_that_need_no_button() -> None:
    async with staged() as stage:
        stage.nonces.trouble = JournalFailed("state.db")
        (call,) = await stage.type("/sell AAPL 5")
        assert call.buttons() == {}
        assert "/pause" in call.text
        assert "run.py stop" in call.text


async def test_a_button_of_another_mode_is_refused_and_its_keyboard_removed() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_to_sell(stage)
        stage.control.view = replace(stage.control.view, modes={DeskName.US: Mode.LIVE})
        calls = await stage.press(buttons["확인"], message_id)
        assert stage.control.asked == []
        assert methods(calls) == ["answerCallbackQuery", "editMessageReplyMarkup"]
        assert "모의실행에서 보인 버튼" in calls[0].text
        assert "지금은 실전" in calls[0].text


async def test_a_question_of_one_book_is_not_answered_in_another_mode() -> None:
    async with staged() as stage:
        asked = question(QuestionKind.GAIN_TOO_HIGH)
        await stage.outbox.put("paper", NumberedFact(1, NOW, DeskName.US, asked), Alert(1))
        await chat_of(stage.app).alerts.tell_next()
        buttons, message_id = stage.told[-1].buttons(), stage.last_id()
        await stage.press(buttons["팔기"], message_id)
        assert stage.control.asked == []


async def test_what_another_version_stored_is_answered_as_expired() -> None:
    async with staged() as stage:
        _, message_id = await asked_to_sell(stage)
        expires_at = stage.watch.now() + timedelta(hours=1)
        nonce = await stage.nonces.create(OWNER, '["sell", "AAPL", ""]', expires_at)
        await stage.nonces.bind((nonce,), message_id)
        calls = await stage.press(f"v1:{nonce}", message_id)
        assert "만료" in calls[0].text
        assert stage.control.asked == []


async def make_late(stage: Stage, body: dict[str, Any]) -> list[Call]:
    """Give an update that the first getUpdates after the start brings."""
    update_id = stage._update_id + 1

    async def backlog(call: Call) -> tuple[int, dict[str, Any]] | None:
        if call.method != "getUpdates":
            return None
        return 200, {"ok": True, "result": [{"update_id": update_id}]}

    stage.sent.rule = backlog
    await stage.app.bot.get_updates()
    stage.sent.rule = None
    return await stage.give(body)


async def test_a_press_made_while_nobody_listened_is_told_and_not_done() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_to_sell(stage)
        body = stage.press_body(buttons["확인"], message_id, OWNER)
        body["message"]["reply_markup"] = {
            "inline_keyboard": [[{"text": "확인", "callback_data": buttons["확인"]}]]
        }
        calls = await make_late(stage, {"callback_query": body})
        assert stage.control.asked == []
        assert methods(calls) == ["answerCallbackQuery", "sendMessage"]
        assert "[확인]" in calls[1].text
        await stage.press(buttons["확인"], message_id)
        assert len(stage.control.asked) == 1


async def test_a_stop_pressed_during_an_outage_still_stops() -> None:
    async with staged() as stage:
        (call,) = await stage.type("/stop")
        body = stage.press_body(call.buttons()["엔진"], stage.last_id(), OWNER)
        await make_late(stage, {"callback_query": body})
        assert stage.control.asked == [("stop", StopKind.ENGINES, OWNER)]


async def asked_about_a_gain(stage: Stage) -> tuple[dict[str, str], int]:
    asked = question(QuestionKind.GAIN_TOO_HIGH)
    stage.control.view = replace(status_view(), us=replace(us_view(), questions=(asked,)))
    await stage.outbox.put("dry_run", NumberedFact(1, NOW, DeskName.US, asked), Alert(1))
    await chat_of(stage.app).alerts.tell_next()
    return stage.told[-1].buttons(), stage.last_id()


async def test_selling_on_an_old_question_asks_again_with_the_price_of_now() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_about_a_gain(stage)
        stage.watch.elapsed += 301
        calls = await stage.press(buttons["팔기"], message_id)
        assert stage.control.asked == []
        assert "$204.10" in calls[-1].text
        await stage.press(calls[-1].buttons()["확인"], message_id)
        assert stage.control.asked == [(Answer(QuestionId("q1"), Choice.SELL), OWNER)]


async def test_an_old_question_that_is_closed_sells_nothing() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_about_a_gain(stage)
        stage.control.view = status_view()
        stage.watch.elapsed += 301
        calls = await stage.press(buttons["팔기"], message_id)
        assert "이미 끝난 질문" in calls[-1].text
        assert stage.control.asked == []


@pytest.mark.parametrize(("label", "seconds"), [("팔기", 299), ("제외", 86_400)])
async def test_a_fresh_question_or_a_harmless_answer_acts_at_once(label: str, seconds: int) -> None:
    async with staged() as stage:
        buttons, message_id = await asked_about_a_gain(stage)
        stage.watch.elapsed += seconds
        await stage.press(buttons[label], message_id)
        assert len(stage.control.asked) == 1
