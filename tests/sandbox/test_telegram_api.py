"""The HTTP surface: tokens, methods, faults, flood, body forms."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.faults import Faults
from sandbox.telegram_api import TelegramApi, TelegramLimits
from tests.sandbox.telegram_loopback import OWNER, TOKEN, HumanTime, Loopback, loopback


@pytest.fixture
async def line() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


async def test_get_me_tells_a_bot_with_the_id_of_the_token(line: Loopback) -> None:
    me = await line.result("getMe")
    assert (me["id"], me["is_bot"]) == (123456, True)


async def test_methods_are_found_in_any_case_and_by_get(line: Loopback) -> None:
    answer = await line.http.get(f"{line.root}/telegram/bot{TOKEN}/GETME")
    assert answer.json()["result"]["username"] == "sandbox_bot"


async def test_a_token_of_another_bot_is_401_and_no_token_is_404(line: Loopback) -> None:
    other = await line.http.post(f"{line.root}/telegram/bot123456:other/getMe")
    malformed = await line.http.post(f"{line.root}/telegram/botnonsense/getMe")
    assert other.status_code == 401
    assert other.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert (malformed.status_code, malformed.json()["description"]) == (404, "Not Found")


async def test_an_unknown_method_is_404(line: Loopback) -> None:
    assert await line.refusal("sendHologram") == "404 Not Found: method not found"


async def test_a_json_body_is_taken_like_a_form(line: Loopback) -> None:
    answer = await line.http.post(
        f"{line.root}/telegram/bot{TOKEN}/sendMessage",
        json={
            "chat_id": OWNER,
            "text": "안녕",
            "reply_markup": {"inline_keyboard": [[{"text": "가", "callback_data": "a"}]]},
        },
    )
    assert answer.json()["result"]["reply_markup"]["inline_keyboard"][0][0]["text"] == "가"


async def test_a_body_that_is_no_json_object_is_refused(line: Loopback) -> None:
    for body in (b"{", b"[]"):
        answer = await line.http.post(
            f"{line.root}/telegram/bot{TOKEN}/getMe",
            content=body,
            headers={"Content-Type": "application/json"},
        )
        assert answer.json()["description"] == ("Bad Request: can't parse request: object expected")


async def test_an_own_token_must_look_like_one() -> None:
    with pytest.raises(ValueError, match="looks like"):
        TelegramApi(Faults(), token="nonsense", users=(), now=HumanTime())


async def test_a_server_error_does_nothing_and_comes_as_json(line: Loopback) -> None:
    line.trouble("http500", "sendMessage")
    assert await line.refusal("sendMessage", chat_id=OWNER, text="a") == "500 Internal Server Error"
    assert line.chat.from_bot(OWNER) == []
    assert (await line.says(text="b"))["text"] == "b"


async def test_a_bad_gateway_is_a_page_that_is_no_json(line: Loopback) -> None:
    line.trouble("bad_gateway")
    response = await line.raw("getMe")
    assert response.status_code == 502
    assert response.headers["content-type"].startswith("text/html")
    with pytest.raises(json.JSONDecodeError):
        response.json()


async def test_a_reset_does_nothing_and_a_lost_answer_has_done_it(line: Loopback) -> None:
    for kind, expected in (("reset", 0), ("lost_answer", 1)):
        line.trouble(kind, "sendMessage")
        with pytest.raises(httpx.TransportError):
            await line.raw("sendMessage", chat_id=OWNER, text=kind)
        assert len(line.chat.from_bot(OWNER)) == expected
    assert line.chat.from_bot(OWNER)[0].text == "lost_answer"


async def test_a_black_hole_never_answers_and_does_nothing(line: Loopback) -> None:
    line.trouble("black_hole", "sendMessage")
    with pytest.raises(httpx.ReadTimeout):
        await line.http.post(
            f"{line.root}/telegram/bot{TOKEN}/sendMessage",
            data={"chat_id": str(OWNER), "text": "a"},
            timeout=0.1,
        )
    assert line.chat.from_bot(OWNER) == []


async def test_a_scripted_flood_names_its_seconds(line: Loopback) -> None:
    line.trouble("flood", "sendMessage", value="7")
    response = await line.raw("sendMessage", chat_id=OWNER, text="a")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "7"
    assert response.json()["parameters"] == {"retry_after": 7}
    assert response.json()["description"] == "Too Many Requests: retry after 7"


async def test_a_slow_call_is_answered_later_and_a_401_can_be_scripted(line: Loopback) -> None:
    line.trouble("slow", "getMe", value="0.05")
    before = asyncio.get_running_loop().time()
    await line.result("getMe")
    assert asyncio.get_running_loop().time() - before >= 0.05
    line.trouble("unauthorized", "getUpdates")
    assert await line.refusal("getUpdates") == "401 Unauthorized"


async def test_a_burst_in_one_chat_ends_with_429_until_time_has_passed() -> None:
    async with loopback(TelegramLimits(chat_burst=3)) as line:
        for number in range(3):
            await line.says(text=f"{number}")
        refused = await line.refusal("sendMessage", chat_id=OWNER, text="3")
        assert refused == "429 Too Many Requests: retry after 1"
        line.time.forward(0.9)
        assert (await line.refusal("sendMessage", chat_id=OWNER, text="3")).startswith("429")
        line.time.forward(0.1)
        assert (await line.says(text="3"))["text"] == "3"
        assert [item.text for item in line.chat.from_bot(OWNER)] == ["0", "1", "2", "3"]


async def test_all_chats_together_have_a_limit_too() -> None:
    async with loopback(TelegramLimits(overall_burst=2, overall_per_s=0.5)) as line:
        line.chat.send(2001, "/start")
        await line.says(text="a")
        await line.result("sendMessage", chat_id=2001, text="b")
        refused = await line.raw("sendMessage", chat_id=2001, text="c")
        assert refused.json()["parameters"] == {"retry_after": 2}


async def test_a_refused_call_costs_nothing() -> None:
    async with loopback(TelegramLimits(chat_burst=1)) as line:
        await line.refusal("sendMessage", chat_id=OWNER, text="<b>", parse_mode="HTML")
        await line.says(text="a")


async def test_calls_are_logged_with_fault_and_without_the_token(line: Loopback) -> None:
    line.trouble("http500", "getMe")
    await line.raw("getMe")
    await line.says(text="가")
    await line.refusal("sendMessage", chat_id=OWNER, text="")
    calls = line.chat.transcript()["calls"]
    assert [(item["method"], item["status"], item["fault"]) for item in calls] == [
        ("getMe", 0, "http500"),
        ("sendMessage", 200, ""),
        ("sendMessage", 400, ""),
    ]
    assert calls[1]["fields"] == {"chat_id": str(OWNER), "text": "가"}
    assert TOKEN not in json.dumps(line.chat.transcript())


async def test_a_webhook_is_refused_politely_and_deleting_one_is_fine(line: Loopback) -> None:
    assert (await line.refusal("setWebhook", url="https://example.com/")).startswith(
        "400 Bad Request: bad webhook: the sandbox calls nobody"
    )
    assert await line.result("setWebhook", url="") is True
    line.chat.send(OWNER, "a")
    assert (await line.result("getWebhookInfo"))["pending_update_count"] == 1
    assert await line.result("deleteWebhook", drop_pending_updates=True) is True
    assert (await line.result("getWebhookInfo"))["pending_update_count"] == 0
    assert await line.result("close") is True
