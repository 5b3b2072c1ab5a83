"""Long polling: confirm, remember kinds, slow down repeats, one poller at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.telegram_api import TelegramLimits
from tests.sandbox.telegram_loopback import OWNER, STRANGER, Loopback, loopback

QUICK = TelegramLimits(repeated_poll_s=0.2, conflict_pause_s=0.2)


@pytest.fixture
async def line() -> AsyncIterator[Loopback]:
    async with loopback(QUICK) as found:
        yield found


def texts(updates: list[Any]) -> list[str]:
    return [item["message"]["text"] for item in updates]


async def test_an_update_is_delivered_until_a_later_offset_confirms_it(line: Loopback) -> None:
    line.chat.send(OWNER, "a")
    line.chat.send(OWNER, "b")
    first = await line.result("getUpdates", offset=0)
    again = await line.result("getUpdates", offset=first[0]["update_id"])
    assert texts(first) == ["a", "b"]
    assert texts(again) == ["a", "b"]
    rest = await line.result("getUpdates", offset=first[0]["update_id"] + 1)
    assert texts(rest) == ["b"]
    line.chat.send(OWNER, "c")
    assert texts(await line.result("getUpdates", offset=-1)) == ["c"]
    assert (await line.result("getWebhookInfo"))["pending_update_count"] == 1


async def test_the_limit_is_respected_and_an_offset_from_the_future_confirms_nothing(
    line: Loopback,
) -> None:
    for text in "abc":
        line.chat.send(OWNER, text)
    assert texts(await line.result("getUpdates", limit=2)) == ["a", "b"]
    assert len(await line.result("getUpdates", offset=2_000_000_000)) == 3


async def test_a_long_poll_answers_at_once_when_something_comes(line: Loopback) -> None:
    poll = asyncio.create_task(line.result("getUpdates", timeout=50))
    await asyncio.sleep(0.05)
    assert not poll.done()
    line.chat.send(OWNER, "/stop")
    async with asyncio.timeout(1):
        updates = await poll
    message = updates[0]["message"]
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 5}]
    assert message["from"] == {
        "id": OWNER,
        "is_bot": False,
        "first_name": "Trader",
        "username": "owner",
        "language_code": "ko",
    }
    assert message["date"] == int(line.time().timestamp())


async def test_a_poll_without_news_ends_empty_after_its_timeout(line: Loopback) -> None:
    before = asyncio.get_running_loop().time()
    assert await line.result("getUpdates", timeout=1) == []
    assert asyncio.get_running_loop().time() - before >= 0.95


async def test_an_offset_repeated_at_once_becomes_a_longer_poll(line: Loopback) -> None:
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert await line.result("getUpdates", offset=5, timeout=0) == []
    assert loop.time() - before < 0.15
    middle = loop.time()
    assert await line.result("getUpdates", offset=5, timeout=0) == []
    assert loop.time() - middle >= 0.19


async def test_a_second_poller_ends_the_first_with_409(line: Loopback) -> None:
    first = asyncio.create_task(line.raw("getUpdates", timeout=50))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(line.raw("getUpdates", offset=1, timeout=50))
    async with asyncio.timeout(1):
        answer = await first
    assert answer.json() == {
        "ok": False,
        "error_code": 409,
        "description": "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    }
    line.chat.send(OWNER, "a")
    assert texts((await second).json()["result"]) == ["a"]


async def test_a_further_conflict_is_held_back(line: Loopback) -> None:
    loop = asyncio.get_running_loop()
    polls = []
    for offset in range(3):
        polls.append(asyncio.create_task(line.raw("getUpdates", offset=offset, timeout=50)))
        await asyncio.sleep(0.03)
    before = loop.time()
    assert (await polls[0]).status_code == 409
    assert loop.time() - before < 0.1
    assert (await polls[1]).status_code == 409
    assert loop.time() - before > 0.1
    line.chat.send(OWNER, "a")
    assert (await polls[2]).status_code == 200


async def test_allowed_updates_are_remembered_and_do_not_filter_what_waits(line: Loopback) -> None:
    message = line.chat.send(OWNER, "a")
    await line.result("getUpdates", allowed_updates=["callback_query"])
    line.chat.send(OWNER, "b")
    line.chat.press(OWNER, message.message_id, data="x")
    kinds = [sorted(item) for item in await line.result("getUpdates", offset=-5)]
    assert kinds == [["message", "update_id"], ["callback_query", "update_id"]]
    await line.result("getUpdates", allowed_updates=[])
    line.chat.send(OWNER, "c")
    assert len(await line.result("getUpdates", offset=1)) == 3


async def test_updates_nobody_fetches_are_gone_after_a_day(line: Loopback) -> None:
    line.chat.send(OWNER, "old")
    line.time.forward(24 * 3600 - 1)
    line.chat.send(OWNER, "young")
    assert texts(await line.result("getUpdates", offset=1)) == ["old", "young"]
    line.time.forward(2)
    assert texts(await line.result("getUpdates", offset=2)) == ["young"]


async def test_other_kinds_of_update_come_as_given(line: Loopback) -> None:
    group = {"id": -100777, "type": "supergroup", "title": "Traders"}
    raw = {"my_chat_member": {"chat": group, "date": 1, "from": {"id": STRANGER}}}
    answer = await line.http.post(f"{line.root}/sandbox/telegram/update", json={"raw": raw})
    update = (await line.result("getUpdates"))[0]
    assert answer.json()["update_id"] == update["update_id"]
    assert update["my_chat_member"]["chat"] == group
    assert await line.result("leaveChat", chat_id=-100777) is True
    assert await line.refusal("sendMessage", chat_id=-100777, text="a") == (
        "403 Forbidden: bot is not a member of the supergroup chat"
    )


async def test_closing_ends_the_waiting_poll(line: Loopback) -> None:
    poll = asyncio.create_task(line.result("getUpdates", timeout=50))
    await asyncio.sleep(0.05)
    line.api.close()
    async with asyncio.timeout(1):
        assert await poll == []


async def test_an_interrupted_poll_ends_empty_handed_and_the_queue_goes_on(line: Loopback) -> None:
    queue = line.api.store.updates
    poll = asyncio.ensure_future(queue.poll(0, 100, 50.0, None))
    await asyncio.sleep(0)
    queue.interrupt()
    assert await poll == []
    line.chat.send(OWNER, "later")
    assert texts(await queue.poll(0, 100, 0.0, None)) == ["later"]
