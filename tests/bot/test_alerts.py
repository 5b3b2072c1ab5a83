"""Facts become messages once, in order of urgency, whatever Telegram does."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from telegram.error import NetworkError

from bot.app import chat_of, run_outbox
from engine.errors import JournalFailed
from engine.flow.alerts import NORMAL, alert_of
from engine.model.commands import Answer, Choice
from engine.model.facts import Fact
from engine.model.ids import DeskName, QuestionId
from engine.model.order_facts import OrderRejected
from engine.model.position_facts import QuestionKind
from engine.ports.chat_store import Alert
from engine.ports.journal import NumberedFact
from tests.bot.samples import NOW, UNTOLD, all_facts, filled, question, status_view, us_view
from tests.bot.stage import OWNER, Call, Stage, staged, until

FACTS = all_facts()
Answered = tuple[int, dict[str, Any]] | None


async def put(stage: Stage, fact: Fact, seq: int = 1, book: str = "dry_run") -> None:
    numbered = NumberedFact(seq, NOW, DeskName.US, fact)
    await stage.outbox.put(book, numbered, alert_of(fact) or Alert(NORMAL))


async def drain(stage: Stage) -> list[Call]:
    before = len(stage.sent.calls)
    while await chat_of(stage.app).alerts.tell_next():
        pass
    return stage.sent.calls[before:]


def refuse(code: int, text: str, **parameters: object) -> tuple[int, dict[str, Any]]:
    return code, {"ok": False, "error_code": code, "description": text, "parameters": parameters}


async def test_an_alert_is_told_once_to_the_owner() -> None:
    async with staged() as stage:
        await put(stage, filled())
        await put(stage, filled())
        (call,) = await drain(stage)
        assert call.fields["chat_id"] == OWNER
        assert "봇 매도" in call.text
        assert stage.outbox.waiting == {}


async def test_the_most_urgent_goes_first_and_a_buy_before_its_sale() -> None:
    async with staged() as stage:
        names = ["day_summary", "order_ended", "buy_seen", "order_accepted", "order_filled"]
        for seq, name in enumerate(names):
            await put(stage, FACTS[name], seq)
        texts = [call.text for call in await drain(stage)]
        order = ["매수 확인", "주문 접수", "전량 체결", "주문 끝남", "하루 요약"]
        assert [next(word for word in order if word in text) for text in texts] == order


async def test_the_badge_is_of_the_book_the_fact_is_from() -> None:
    async with staged() as stage:
        await put(stage, filled(), 1, "paper.db")
        await put(stage, filled(), 2, "live")
        texts = [call.text for call in await drain(stage)]
        assert texts[0].startswith("<b>[모의투자]</b>")
        assert texts[1].startswith("<b>[실전]</b>")


async def test_answers_to_commands_are_not_told_again() -> None:
    async with staged() as stage:
        await put(stage, UNTOLD)
        assert await drain(stage) == []
        assert stage.outbox.waiting == {}


@pytest.mark.parametrize("kind", [QuestionKind.EXISTING_HOLDING, QuestionKind.GAIN_TOO_HIGH])
async def test_a_question_is_answered_with_its_buttons(kind: QuestionKind) -> None:
    async with staged() as stage:
        await put(stage, question(kind))
        (call,) = await drain(stage)
        is_existing = kind is QuestionKind.EXISTING_HOLDING
        labels = ["관리", "제외"] if is_existing else ["팔기", "기다림", "제외"]
        assert list(call.buttons()) == labels
        stage.watch.elapsed += 8 * 3600
        await stage.press(call.buttons()["제외"], stage.last_id())
        assert stage.control.asked == [(Answer(QuestionId("q1"), Choice.EXCLUDE), OWNER)]


async def test_silent_and_off_kinds() -> None:
    async with staged() as stage:
        await stage.type("/alerts fill silent")
        await stage.type("/alerts buy off")
        await put(stage, filled(), 1)
        await put(stage, FACTS["buy_seen"], 2)
        (call,) = await drain(stage)
        assert call.fields["disable_notification"] is True
        assert stage.outbox.waiting == {}


@pytest.mark.parametrize(
    ("name", "is_silent"),
    [
        ("order_filled", True),
        ("order_rejected", False),
        ("state_exits_only", False),
        ("trouble_began", False),
    ],
)
async def test_quiet_hours_never_mute_a_stop_or_an_error(name: str, is_silent: bool) -> None:
    async with staged() as stage:
        await stage.type("/quiet 22:00-07:00")
        await put(stage, FACTS[name])
        (call,) = await drain(stage)
        assert call.fields["disable_notification"] is is_silent


async def test_quiet_hours_end() -> None:
    async with staged() as stage:
        await stage.type("/quiet 23:00-07:00")
        await put(stage, filled())
        (call,) = await drain(stage)
        assert call.fields["disable_notification"] is False


async def test_a_muted_error_in_the_store_is_told_all_the_same() -> None:
    async with staged() as stage:
        stage.values.held["chat.alert.error"] = "off"
        await put(stage, FACTS["order_rejected"])
        assert len(await drain(stage)) == 1


async def test_429_is_waited_out_and_nothing_is_lost() -> None:
    async with staged() as stage:
        answers = [refuse(429, "Too Many Requests: retry after 7", retry_after=7)]

        async def once(call: Call) -> Answered:
            return answers.pop() if answers else None

        stage.sent.rule = once
        await put(stage, filled())
        assert len(await drain(stage)) == 2
        assert stage.watch.pauses == [7.5]
        assert stage.outbox.waiting == {}


async def test_a_connection_that_was_never_made_is_retried_without_a_mark() -> None:
    async with staged() as stage:
        causes = [httpx.ConnectError("refused"), httpx.ConnectError("refused")]

        async def down(call: Call) -> Answered:
            if causes:
                raise NetworkError("httpx.ConnectError") from causes.pop()
            return None

        stage.sent.rule = down
        await put(stage, filled())
        calls = await drain(stage)
        assert len(calls) == 3
        assert all("다시 보냄" not in call.text for call in calls)
        assert stage.watch.pauses == [1.0, 2.0]


async def test_refused_markup_goes_out_as_plain_text() -> None:
    async with staged() as stage:

        async def picky(call: Call) -> Answered:
            if "parse_mode" in call.fields:
                return refuse(400, "Bad Request: can't parse entities: Unsupported start tag")
            return None

        stage.sent.rule = picky
        await put(stage, FACTS["order_rejected"])
        calls = await drain(stage)
        assert len(calls) == 2
        assert "<b>" not in calls[1].text
        assert "<주문>" in calls[1].text


async def test_an_alert_telegram_refuses_for_good_is_named_and_does_not_block_the_rest() -> None:
    async with staged() as stage:

        async def refuse_ended(call: Call) -> Answered:
            return refuse(400, "Bad Request: nonsense") if "주문 끝남" in call.text else None

        await put(stage, FACTS["order_ended"], 41)
        await put(stage, filled(), 2)
        stage.sent.rule = refuse_ended
        calls = await drain(stage)
        assert "전량 체결" in calls[0].text
        assert "주문 끝남" not in calls[-1].text
        assert "41" in calls[-1].text
        assert stage.outbox.waiting == {}


async def test_an_unreachable_owner_loses_no_alert() -> None:
    async with staged() as stage:

        async def blocked(call: Call) -> Answered:
            return refuse(403, "Forbidden: bot was blocked by the user")

        stage.sent.rule = blocked
        await put(stage, filled())
        for _ in range(5):
            await chat_of(stage.app).alerts.tell_next()
        assert len(stage.outbox.waiting) == 1


async def test_a_fact_that_cannot_be_shown_is_named_and_passed() -> None:
    async with staged() as stage:
        broken = OrderRejected(None, "", "")  # type: ignore[arg-type]
        await put(stage, broken, 41)
        (call,) = await drain(stage)
        assert "41" in call.text


async def test_a_burst_is_paced_after_five() -> None:
    async with staged() as stage:
        for seq in range(8):
            await put(stage, filled(), seq)
        await drain(stage)
        assert stage.watch.pauses == [1.0, 1.0, 1.0]


async def test_the_running_sender_wakes_for_news() -> None:
    async with staged() as stage:
        sender = asyncio.create_task(run_outbox(stage.app))
        await until(lambda: sender.get_loop().is_running())
        await put(stage, filled())
        chat_of(stage.app).alerts.wake()
        await until(lambda: not stage.outbox.waiting)
        sender.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sender


async def test_an_outbox_that_fails_ends_nothing_and_is_tried_again() -> None:
    async with staged() as stage:
        stage.outbox.troubles.append(JournalFailed("state.db"))
        await put(stage, filled())
        sender = asyncio.create_task(run_outbox(stage.app))
        await until(lambda: not stage.outbox.waiting)
        sender.cancel()
        await asyncio.wait([sender])
        assert stage.watch.pauses == [30.0]


async def test_a_question_is_told_without_buttons_when_they_cannot_be_stored() -> None:
    async with staged() as stage:
        stage.nonces.trouble = JournalFailed("state.db")
        await put(stage, question())
        (call,) = await drain(stage)
        assert call.buttons() == {}
        assert "버튼을 만들 수 없습니다" in call.text


async def test_a_sold_out_stock_keeps_its_name() -> None:
    async with staged() as stage:
        await put(stage, FACTS["order_accepted"], 1)
        await drain(stage)
        stage.control.view = replace(stage.control.view, us=replace(us_view(), positions=()))
        await put(stage, filled(), 2)
        (call,) = await drain(stage)
        assert "<b>애플</b> (AAPL) 매도 전량 체결" in call.text


async def test_a_stock_sold_before_the_chat_was_up_is_named_by_its_buy() -> None:
    async with staged() as stage:
        stage.control.view = replace(stage.control.view, us=replace(us_view(), positions=()))
        await put(stage, FACTS["buy_seen"], 1)
        await put(stage, filled(), 2)
        assert "<b>애플</b> (AAPL) 매도 전량 체결" in (await drain(stage))[-1].text


async def test_a_stock_sold_before_its_alert_could_be_told_keeps_its_name() -> None:
    async with staged() as stage:
        await put(stage, FACTS["order_accepted"], 1)
        chat_of(stage.app).alerts.wake()
        await asyncio.sleep(0)
        stage.control.view = replace(stage.control.view, us=replace(us_view(), positions=()))
        await put(stage, filled(), 2)
        assert "<b>애플</b> (AAPL) 매도 전량 체결" in (await drain(stage))[-1].text


@pytest.mark.parametrize(
    "name", ["buy_seen", "trouble_began", "trouble_ended", "sold_elsewhere", "order_filled"]
)
async def test_an_alert_says_once_when_it_happened(name: str) -> None:
    async with staged() as stage:
        stage.watch.elapsed += 3600
        await put(stage, FACTS[name])
        (call,) = await drain(stage)
        assert call.text.count("07-06 22:45 KST</tg-time> (09:45 ET") == 1


async def test_a_fact_nobody_can_read_any_more_is_told_by_its_number() -> None:
    async with staged() as stage:
        await put(stage, FACTS["order_rejected"], 41)
        await put(stage, filled(), 42)
        stage.outbox.make_unreadable(41)
        first, second = await drain(stage)
        assert "41" in first.text
        assert "전량 체결" in second.text
        assert stage.outbox.waiting == {}


async def test_a_refused_alert_that_must_be_confirmed_can_be() -> None:
    async with staged() as stage:

        async def refuse_it(call: Call) -> Answered:
            return refuse(400, "Bad Request: nonsense") if "주문 거부" in call.text else None

        stage.sent.rule = refuse_it
        await put(stage, FACTS["order_rejected"], 41)
        call = (await drain(stage))[-1]
        await stage.press(call.buttons()["확인"], stage.last_id())
        assert stage.outbox.waiting == {}


async def test_a_store_that_fails_after_the_sending_doubles_nothing() -> None:
    async with staged() as stage:
        await put(stage, filled())
        stage.outbox.is_read_only = True
        with pytest.raises(JournalFailed):
            await chat_of(stage.app).alerts.tell_next()
        stage.outbox.is_read_only = False
        assert await drain(stage) == []
        assert len(stage.told) == 1
        assert stage.outbox.waiting == {}


async def test_buttons_that_cannot_be_bound_double_no_alert() -> None:
    async with staged() as stage:
        stage.nonces.bind_trouble = JournalFailed("state.db")
        await put(stage, question())
        assert len(await drain(stage)) == 1
        assert stage.outbox.waiting == {}


async def test_news_wake_the_sender_without_asking_the_engine() -> None:
    async with staged() as stage:
        stage.control.view = None  # type: ignore[assignment]
        chat_of(stage.app).alerts.wake()
        stage.control.view = status_view()


async def test_a_question_told_late_shows_the_figures_of_now_before_a_sale() -> None:
    async with staged() as stage:
        asked = question(QuestionKind.GAIN_TOO_HIGH)
        stage.control.view = replace(status_view(), us=replace(us_view(), questions=(asked,)))
        numbered = NumberedFact(1, NOW - timedelta(hours=1), DeskName.US, asked)
        await stage.outbox.put("dry_run", numbered, Alert(NORMAL))
        (call,) = await drain(stage)
        pressed = await stage.press(call.buttons()["팔기"], stage.last_id())
        assert stage.control.asked == []
        assert "지금 팔까요" in pressed[-1].text
