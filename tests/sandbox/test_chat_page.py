"""The chat page over HTTP: its files, its events, and who may drive the sandbox from a browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from yarl import URL

from sandbox.http import Running, serve
from sandbox.model import Server
from sandbox.telegram_api import ChatUser, TelegramApi
from tests.sandbox.kis_desk import KisDesk, et, prints

OWNER, OTHER = 1001, 1002
TOKEN = "123456:a-token-of-the-sandbox_0123456789"
EVENTS = "/sandbox/telegram/events"
WAIT_S = 5.0


@dataclass(slots=True)
class Stage:
    """A served sandbox with its Telegram, and a browser's HTTP."""

    running: Running
    api: TelegramApi
    http: aiohttp.ClientSession

    async def bot(self, method: str, **fields: object) -> Any:
        body = {k: v if isinstance(v, str) else json.dumps(v) for k, v in fields.items()}
        url = f"{self.running.url}/telegram/bot{TOKEN}/{method}"
        async with self.http.post(url, data=body) as reply:
            return (await reply.json())["result"]

    @asynccontextmanager
    async def stream(self, query: str = "", **headers: str) -> AsyncIterator[Reader]:
        url = f"{self.running.url}{EVENTS}{query}"
        async with self.http.get(url, headers=headers) as reply:
            yield Reader(reply)


@dataclass(slots=True)
class Reader:
    """Server-sent events as a browser reads them."""

    reply: aiohttp.ClientResponse
    mark: str = ""
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def next(self) -> dict[str, Any]:
        """The next ``chat`` event; beats are passed over."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(WAIT_S):
            async for raw in self.reply.content:
                name, _, value = raw.decode().rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                elif fields.get("event") == "chat":
                    break
                else:
                    fields = {}
        self.mark = fields["id"]
        event: dict[str, Any] = json.loads(fields["data"])
        self.seen.append(event)
        return event

    async def until(self, key: str) -> Any:
        """The first event that has ``key``."""
        while True:
            event = await self.next()
            if event.get(key):
                return event[key]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)))
    api = TelegramApi(
        desk.world.faults,
        token=TOKEN,
        users=[ChatUser(OWNER), ChatUser(OTHER)],
        now=lambda: datetime.now(UTC),
    )
    running = await serve(desk.world, rest=desk.rest, telegram=api)
    async with aiohttp.ClientSession() as http:
        yield Stage(running, api, http)
    await running.close()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/page/main.js", "text/javascript"),
        ("/page/chat.css", "text/css"),
        ("/page/mark.svg", "image/svg+xml"),
    ],
)
async def test_the_page_comes_with_its_kinds_and_lets_nothing_foreign_in(
    stage: Stage, path: str, kind: str
) -> None:
    async with stage.http.get(stage.running.url + path) as reply:
        assert reply.status == 200
        assert reply.content_type == kind
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert reply.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/page/../http.py", "/page/%2e%2e/http.py", "/page/main.py", "/page/", "/elsewhere"]
)
async def test_no_path_leads_out_of_the_page(stage: Stage, path: str) -> None:
    url = URL(stage.running.url + path, encoded=True)
    async with stage.http.get(url) as reply:
        assert reply.status == 404


async def test_every_file_the_page_names_is_served(stage: Stage) -> None:
    async with stage.http.get(stage.running.url + "/") as reply:
        page = await reply.text()
    names = {part.partition('"')[0] for part in page.split('"/page/')[1:]}
    assert len(names) > 4
    for name in names:
        async with stage.http.get(f"{stage.running.url}/page/{name}") as reply:
            assert reply.status == 200, name


async def test_the_first_event_tells_all_and_each_later_one_what_changed(stage: Stage) -> None:
    stage.api.chat.send(OWNER, "/start")
    sent = await stage.bot("sendMessage", chat_id=OWNER, text="<b>hi</b>", parse_mode="HTML")
    async with stage.stream() as reader:
        first = await reader.next()
        assert first["reset"] is True
        assert [m["from"] for m in first["messages"]] == ["me", "bot"]
        await stage.bot(
            "editMessageText", chat_id=OWNER, message_id=sent["message_id"], text="changed"
        )
        [message] = await reader.until("messages")
        assert message["id"] == sent["message_id"]
        assert message["content"]["text"] == "changed"
        assert message["edited"]
        assert "reset" not in reader.seen[-1]


async def test_a_press_is_told_with_its_answer(stage: Stage) -> None:
    stage.api.chat.send(OWNER, "/start")
    keys = {"inline_keyboard": [[{"text": "ok", "callback_data": "v1:x"}]]}
    sent = await stage.bot("sendMessage", chat_id=OWNER, text="sure?", reply_markup=keys)
    async with stage.stream() as reader:
        await reader.next()
        query = stage.api.chat.press(OWNER, sent["message_id"], label="ok").query_id
        await stage.bot(
            "answerCallbackQuery", callback_query_id=query, text="done", show_alert=True
        )
        [press] = await reader.until("presses")
        assert press == {
            "message_id": sent["message_id"],
            "data": "v1:x",
            "answer": "done",
            "alert": True,
        }


async def test_a_reader_that_comes_back_gets_what_it_missed_and_no_more(stage: Stage) -> None:
    stage.api.chat.send(OWNER, "/start")
    async with stage.stream() as reader:
        await reader.next()
        mark = reader.mark
    await stage.bot("sendMessage", chat_id=OWNER, text="missed")
    async with stage.stream(**{"Last-Event-ID": mark}) as reader:
        event = await reader.next()
        assert [m["content"]["text"] for m in event["messages"]] == ["missed"]
        assert "reset" not in event


async def test_a_reader_of_another_sandbox_is_told_all_anew(stage: Stage) -> None:
    stage.api.chat.send(OWNER, "/start")
    async with stage.stream("?after=deadbeef.1") as reader:
        event = await reader.next()
        assert event["reset"] is True
        assert len(event["messages"]) == 1


async def test_nobody_reads_the_chat_of_another(stage: Stage) -> None:
    stage.api.chat.send(OTHER, "/start")
    await stage.bot("sendMessage", chat_id=OTHER, text="for the other")
    async with stage.stream() as reader:
        assert "messages" not in await reader.next()
    async with stage.stream(f"?user_id={OTHER}") as reader:
        assert len(await reader.until("messages")) == 2


@pytest.mark.parametrize("query", ["?user_id=99", "?user_id=x", "?after=x"])
async def test_misuse_is_answered_as_such(stage: Stage, query: str) -> None:
    async with stage.http.get(f"{stage.running.url}{EVENTS}{query}") as reply:
        assert reply.status == 400


async def test_an_open_stream_does_not_hold_up_the_end(stage: Stage) -> None:
    async with stage.stream() as reader:
        await reader.next()
        async with asyncio.timeout(0.9):
            await stage.running.close()
        assert not [line async for line in reader.reply.content]


@pytest.mark.parametrize("method", ["get", "post"])
async def test_a_web_page_from_elsewhere_may_drive_nothing(stage: Stage, method: str) -> None:
    url = f"{stage.running.url}/sandbox/{'state' if method == 'get' else 'nudge'}"
    own = stage.running.url
    for headers, status in (
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Origin": own}, 200),
        ({}, 200),
    ):
        body = {"symbol": "AAPL", "pct": "1"} if method == "post" else None
        async with stage.http.request(method, url, json=body, headers=headers) as reply:
            assert reply.status == status, headers


async def test_the_switches_answer_over_http_and_name_misuse(stage: Stage) -> None:
    url = stage.running.url + "/sandbox/switches"
    async with stage.http.post(url, json={"name": "telegram", "on": True}) as reply:
        states = {row["name"]: row["state"] for row in await reply.json()}
    assert states.pop("telegram") == "on"
    assert set(states.values()) == {"off"}
    async with stage.http.post(f"{stage.running.url}/telegram/bot{TOKEN}/getMe") as reply:
        assert reply.status == 502
    misuses: list[object] = [{"name": "telegram"}, {"name": "x", "on": True}, {"on": 7}, [], "x"]
    for body in misuses:
        async with stage.http.post(url, json=body) as reply:
            assert reply.status == 400, body
            assert "error" in await reply.json()


async def test_the_page_lives_while_telegram_is_down(stage: Stage) -> None:
    async with stage.stream() as reader:
        await reader.next()
        turn = stage.http.post(
            f"{stage.running.url}/sandbox/switches", json={"name": "telegram", "on": True}
        )
        async with turn:
            stage.api.chat.send(OWNER, "anybody there?")
        [message] = await reader.until("messages")
        assert message["content"]["text"] == "anybody there?"


async def test_the_panel_tells_clock_prices_and_what_the_account_holds(stage: Stage) -> None:
    account = stage.running.world.books.accounts[Server.REAL]
    account.put("AAPL", "NASD", 5, Decimal(80))
    order = {"side": "sell", "symbol": "AAPL", "qty": 3, "limit": "120"}
    async with stage.http.post(f"{stage.running.url}/sandbox/order", json=order) as reply:
        assert reply.status == 200
    async with stage.http.get(f"{stage.running.url}/sandbox/panel") as reply:
        panel = await reply.json()
    assert panel["clock"]["phase"] == "regular"
    assert panel["clock"]["next"] == "window_end"
    assert panel["clock"]["jumps"]["window_end"] == et(12).isoformat()
    assert panel["holdings"] == [
        {"symbol": "AAPL", "qty": 5, "average": "80.0000", "price": "100.00", "gain_pct": "25.00"}
    ]
    [shown] = panel["orders"]
    assert (shown["side"], shown["open"], shown["limit"]) == ("sell", 3, "120")
    quotes = {quote["symbol"]: quote for quote in panel["quotes"]}
    assert quotes["AAPL"]["price"] == "100.00"
    assert quotes["KO"]["ask"] is None
