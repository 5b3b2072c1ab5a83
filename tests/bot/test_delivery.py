"""A lost answer: looked up where it can be known, said where it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from telegram.error import NetworkError, TimedOut

from bot.app import chat_of
from bot.message_ids import REACH, MessageIds
from tests.bot.samples import all_facts, filled, question
from tests.bot.stage import OWNER, Call, Stage, staged, until
from tests.bot.test_alerts import Answered, drain, put, refuse

FACTS = all_facts()
GONE = "Bad Request: message to edit not found"
SEND, EDIT = "sendMessage", "editMessageText"


class Phone:
    """Telegram as it is when answers are lost: what arrived, under which id."""

    def __init__(self, stage: Stage) -> None:
        self.texts: dict[int, str] = {}
        self.newest = 900
        self.lose: list[bool] = []  # for each of the next messages: whether it arrives all the same
        stage.sent.rule = self.answer

    async def answer(self, call: Call) -> Answered:
        if call.method == EDIT:
            return self._edit(int(call.fields["message_id"]), call.text)
        if call.method != SEND:
            return None
        lost = self.lose.pop(0) if self.lose else None
        if lost is not False:
            self.newest += 1
            self.texts[self.newest] = call.text
        if lost is not None:
            raise TimedOut from httpx.ReadTimeout("slow")
        return 200, {"ok": True, "result": message(self.newest)}

    def _edit(self, message_id: int, text: str) -> Answered:
        if message_id not in self.texts:
            return refuse(400, GONE)
        if self.texts[message_id] == text:
            return refuse(400, "Bad Request: message is not modified: specified new message...")
        self.texts[message_id] = text
        return 200, {"ok": True, "result": message(message_id)}

    @property
    def shown(self) -> list[str]:
        return list(self.texts.values())


def message(message_id: int) -> dict[str, Any]:
    chat = {"id": OWNER, "type": "private"}
    return {"message_id": message_id, "date": 1, "chat": chat, "text": "x"}


def once(texts: list[str], *words: str) -> bool:
    """Each word in exactly one text, and no word about a repetition."""
    marked = [text for text in texts if "다시 보냄" in text]
    return not marked and all(sum(word in text for text in texts) == 1 for word in words)


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_lost_answer_is_looked_up_and_the_alert_shown_once(arrives: bool) -> None:
    async with staged() as stage:
        phone = Phone(stage)
        await put(stage, FACTS["buy_seen"], 1)
        await drain(stage)
        phone.lose = [arrives]
        await put(stage, filled(), 2)
        await drain(stage)
        assert once(phone.shown, "매수 확인", "전량 체결")
        assert stage.outbox.waiting == {}


@pytest.mark.parametrize("arrives", [True, False])
async def test_the_buttons_of_a_message_found_again_work(arrives: bool) -> None:
    async with staged() as stage:
        phone = Phone(stage)
        await put(stage, FACTS["buy_seen"], 1)
        await drain(stage)
        phone.lose = [arrives]
        await put(stage, question(), 2)
        calls = await drain(stage)
        await stage.press(calls[-1].buttons()["제외"], phone.newest)
        assert len(stage.control.asked) == 1


async def test_two_alerts_lost_in_a_row_are_both_shown_once() -> None:
    async with staged() as stage:
        phone = Phone(stage)
        await put(stage, FACTS["buy_seen"], 1)
        await drain(stage)
        await put(stage, FACTS["day_summary"], 2)
        phone.lose = [True]
        assert await chat_of(stage.app).alerts.tell_next()
        phone.lose = [True]
        await put(stage, filled(), 3)
        await drain(stage)
        assert once(phone.shown, "매수 확인", "하루 요약", "전량 체결")


@asynccontextmanager
async def next_run(before: Stage, phone: Phone) -> AsyncIterator[Stage]:
    """The process again, with what was stored; it greets before it tells."""
    async with staged() as again:
        again.outbox.waiting, again.outbox.seen = before.outbox.waiting, before.outbox.seen
        again.sent.rule = phone.answer
        await chat_of(again.app).speaker.say(OWNER, "greeting")
        yield again


@pytest.mark.parametrize("arrives", [True, False])
async def test_an_alert_killed_on_its_way_is_looked_up_by_the_next_run(arrives: bool) -> None:
    async with staged() as stage:
        phone = Phone(stage)
        await put(stage, FACTS["buy_seen"], 1)
        await drain(stage)
        await put(stage, filled(), 2)
        item = await stage.outbox.next(stage.watch.now())
        assert item is not None
        await stage.outbox.trying(item.key, phone.newest)
        if arrives:
            await phone.answer(Call(SEND, {"text": "전량 체결"}))
        async with next_run(stage, phone) as again:
            await drain(again)
            assert once(phone.shown, "매수 확인", "greeting", "전량 체결")
            assert again.outbox.waiting == {}


async def test_no_alert_of_an_earlier_run_takes_the_place_of_what_followed_it() -> None:
    async with staged() as stage:
        phone = Phone(stage)
        await put(stage, FACTS["buy_seen"], 1)
        await drain(stage)
        phone.lose = [False]
        await put(stage, FACTS["day_summary"], 2)
        await chat_of(stage.app).alerts.tell_next()
        await chat_of(stage.app).speaker.say(OWNER, "farewell")
        async with next_run(stage, phone) as again:
            await drain(again)
        assert sum("farewell" in text for text in phone.shown) == 1
        assert "다시 보냄" in phone.shown[-1]
        assert "하루 요약" in phone.shown[-1]


async def test_where_nobody_can_know_the_alert_is_sent_again_with_a_word_about_it() -> None:
    async with staged() as stage:
        phone = Phone(stage)
        phone.lose = [True]
        await put(stage, filled())
        await drain(stage)
        first, second = phone.shown
        assert "다시 보냄" not in first
        assert "다시 보냄" in second


@pytest.mark.parametrize("trouble", ["refused", "flood"])
async def test_a_doubt_is_still_told_of_after_a_try_that_was_never_sent(trouble: str) -> None:
    async with staged() as stage:
        phone = Phone(stage)
        phone.lose = [True]
        await put(stage, filled())
        await chat_of(stage.app).alerts.tell_next()
        answered = phone.answer

        async def away(call: Call) -> Answered:
            if trouble == "flood":
                return refuse(429, "Too Many Requests: retry after 1", retry_after=1)
            raise NetworkError("httpx.ConnectError") from httpx.ConnectError("refused")

        stage.sent.rule = away
        await chat_of(stage.app).alerts.tell_next()
        stage.sent.rule = answered
        await drain(stage)
        assert ["다시 보냄" in text for text in phone.shown] == [False, True]


async def test_an_alert_never_takes_the_place_of_another_lost_message() -> None:
    async with staged() as stage:
        phone = Phone(stage)
        await put(stage, FACTS["buy_seen"], 1)
        await drain(stage)
        phone.lose = [True, True]
        with pytest.raises(TimedOut):
            await chat_of(stage.app).speaker.say(OWNER, "an answer to a command")
        await put(stage, filled(), 2)
        await drain(stage)
        assert sum("an answer" in text for text in phone.shown) == 1
        assert "다시 보냄" in phone.shown[-1]


async def test_an_alert_never_takes_the_place_of_a_message_on_its_way() -> None:
    async with staged() as stage:
        phone = Phone(stage)
        await put(stage, FACTS["buy_seen"], 1)
        await drain(stage)
        phone.lose = [False]
        await put(stage, filled(), 2)
        await chat_of(stage.app).alerts.tell_next()
        answered, let_go = phone.answer, asyncio.Event()

        async def slow(call: Call) -> Answered:
            answer = await answered(call)
            if call.text.endswith("slow"):
                await let_go.wait()
            return answer

        stage.sent.rule = slow
        saying = asyncio.create_task(chat_of(stage.app).speaker.say(OWNER, "slow"))
        await until(lambda: any(text.endswith("slow") for text in phone.shown))
        await drain(stage)
        let_go.set()
        await saying
        assert sum(text.endswith("slow") for text in phone.shown) == 1


async def test_a_message_in_doubt_waits_while_telegram_cannot_say() -> None:
    async with staged() as stage:
        phone = Phone(stage)
        await put(stage, FACTS["buy_seen"], 1)
        await drain(stage)
        phone.lose = [True]
        await put(stage, filled(), 2)
        await chat_of(stage.app).alerts.tell_next()

        async def away(call: Call) -> Answered:
            raise TimedOut from httpx.ReadTimeout("slow")

        stage.sent.rule = away
        for _ in range(3):
            await chat_of(stage.app).alerts.tell_next()
        stage.sent.rule = phone.answer
        await drain(stage)
        assert once(phone.shown, "매수 확인", "전량 체결")


def test_a_chat_that_grew_too_far_meanwhile_tells_nothing() -> None:
    ids = MessageIds()
    ids.note(10)
    for message_id in range(11, 12 + REACH):
        ids.hear(message_id)
    assert ids.candidates(10) is None


def test_an_old_message_heard_late_is_no_newest_id() -> None:
    ids = MessageIds()
    ids.hear(3)
    assert ids.newest == 0
    ids.note(10)
    ids.hear(5)
    assert ids.newest == 10


def test_what_an_earlier_run_sent_is_known_only_where_one_message_fits() -> None:
    ids = MessageIds()
    assert ids.candidates(9) is None
    ids.note(10)
    assert ids.candidates(9) == ()
    assert ids.candidates(8) == (9,)
    assert ids.candidates(7) is None


def test_ids_known_or_spared_are_never_candidates() -> None:
    ids = MessageIds()
    assert ids.candidates(0) is None
    ids.note(10)
    ids.note(12)
    ids.spare(13)
    assert ids.candidates(10) == tuple(i for i in range(11, 11 + REACH) if i not in {12, 13})


def test_a_lost_message_clouds_what_was_sent_since_the_newest_id_before_it() -> None:
    ids = MessageIds()
    ids.note(10)
    ids.begin()
    assert ids.candidates(10) is None
    ids.end(is_lost=True)
    assert ids.candidates(10) is None
    ids.note(14)
    assert ids.candidates(10) is None
    assert ids.candidates(14) == (15, 16, 17, 18, 19)
