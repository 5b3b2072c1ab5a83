"""A real PTB application over a transport that records instead of sending."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from telegram import Update
from telegram.request import BaseRequest, RequestData

from bot.app import build_application
from bot.chat import ChatSettings, ChatStores, Drills, HumanTime
from bot.polling import App
from engine.ports.logs import SelfReport
from tests.bot.samples import control as sample_control
from tests.fakes.chat_store import FakeNonces, FakeOutbox, FakeValues
from tests.fakes.control import FakeControl

OWNER, SECOND, STRANGER = 1001, 1002, 6666
TOKEN = "123456:" + "A" * 35
Rule = Callable[["Call"], Awaitable[tuple[int, dict[str, Any]] | None]]


@dataclass(frozen=True)
class Call:
    """One Bot API call."""

    method: str
    fields: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.fields.get("text", ""))

    def buttons(self) -> dict[str, str]:
        """Callback data by label."""
        markup = self.fields.get("reply_markup") or {}
        rows = markup.get("inline_keyboard", [])
        return {button["text"]: button["callback_data"] for row in rows for button in row}


class Offline(BaseRequest):
    """A transport that reaches nobody; what comes back is up to the kind."""

    @property
    def read_timeout(self) -> float | None:
        return 5.0

    async def initialize(self) -> None:
        return None

    async def shutdown(self) -> None:
        return None


class Recorder(Offline):
    """Answers every call as Telegram would; ``rule`` may answer or raise instead."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.rule: Rule | None = None
        self._message_id = 500

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *_args: Any,
        **_kwargs: Any,
    ) -> tuple[int, bytes]:
        call = Call(url.rpartition("/")[2], dict(request_data.parameters) if request_data else {})
        self.calls.append(call)
        if self.rule is not None:
            answer = await self.rule(call)
            if answer is not None:
                return answer[0], json.dumps(answer[1]).encode()
        return 200, json.dumps({"ok": True, "result": self._result(call)}).encode()

    def _result(self, call: Call) -> object:
        if call.method == "getMe":
            return {"id": 1, "is_bot": True, "first_name": "Dolpa", "username": "dolpa_bot"}
        if call.method == "getUpdates":
            return []
        if call.method in {"sendMessage", "editMessageText", "editMessageReplyMarkup"}:
            chat_id = int(call.fields["chat_id"])
            message_id = int(call.fields.get("message_id", 0)) or self._next_id()
            chat = {"id": chat_id, "type": "private"}
            return {"message_id": message_id, "date": 1, "chat": chat, "text": "x"}
        return True

    def _next_id(self) -> int:
        self._message_id += 1
        return self._message_id


@dataclass
class Watch:
    """Human time that stands still until it is moved; pauses move it."""

    at: datetime = datetime(2026, 7, 6, 13, 45, tzinfo=UTC)
    elapsed: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at + timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.elapsed += seconds
        await asyncio.sleep(0)

    def human_time(self) -> HumanTime:
        return HumanTime(self.now, self.monotonic, self.pause)


@dataclass
class Stage:
    """The application and everything around it."""

    app: App
    sent: Recorder
    control: FakeControl
    nonces: FakeNonces
    values: FakeValues
    outbox: FakeOutbox
    watch: Watch
    _update_id: int = 1

    @property
    def told(self) -> list[Call]:
        """Messages sent or edited, in order."""
        return [call for call in self.sent.calls if "text" in call.fields and call.text]

    async def type(self, text: str, user: int = OWNER, **changes: Any) -> list[Call]:
        """A message of a user; returns what it caused."""
        return await self.give({"message": self.message(text, user, **changes)})

    async def press(self, call_or_data: str, message_id: int, user: int = OWNER) -> list[Call]:
        """A press on a button."""
        return await self.give({"callback_query": self.press_body(call_or_data, message_id, user)})

    async def give(self, body: dict[str, Any]) -> list[Call]:
        """Any update; waits until everything it started has ended."""
        before = len(self.sent.calls)
        await self.start(body)
        await self.settle()
        return self.sent.calls[before:]

    async def start(self, body: dict[str, Any]) -> None:
        """Any update, without waiting for what it starts."""
        self._update_id += 1
        update = Update.de_json({"update_id": self._update_id, **body}, self.app.bot)
        await self.app.process_update(update)

    async def settle(self) -> None:
        """Wait until only the tasks of the test and PTB's fetcher are left."""
        await until(lambda: not self._running())

    def _running(self) -> list[asyncio.Task[Any]]:
        mine = asyncio.current_task()
        return [
            task
            for task in asyncio.all_tasks()
            if task is not mine and "fetcher" not in task.get_name()
        ]

    def message(self, text: str, user: int, **changes: Any) -> dict[str, Any]:
        body: dict[str, Any] = {
            "message_id": 7,
            "date": int(self.watch.now().timestamp()),
            "chat": {"id": user, "type": "private", "first_name": "T"},
            "from": {"id": user, "is_bot": False, "first_name": "T"},
            "text": text,
        }
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            body["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return {**body, **changes}

    def press_body(self, data: str, message_id: int, user: int) -> dict[str, Any]:
        return {
            "id": "77",
            "from": {"id": user, "is_bot": False, "first_name": "T"},
            "chat_instance": "1",
            "data": data,
            "message": {**self.message("x", user), "message_id": message_id},
        }

    def last_id(self) -> int:
        """Id of the message last sent."""
        return self.sent._message_id


async def until(condition: Callable[[], object]) -> None:
    """Let everything else run until the condition holds."""
    for _ in range(50_000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not happen")


async def open_stage(
    user_ids: tuple[int, ...] = (OWNER, SECOND),
    control: FakeControl | None = None,
    nonces: FakeNonces | None = None,
    poll: BaseRequest | None = None,
    *,
    drills: Drills | None = None,
    books: Path = Path("no-books"),
    report: SelfReport | None = None,
) -> Stage:
    """An application that runs, without a poller; ``poll`` answers getUpdates."""
    sent, watch = Recorder(), Watch()
    control = sample_control() if control is None else control
    nonces = FakeNonces() if nonces is None else nonces
    values, outbox = FakeValues(), FakeOutbox()
    app = build_application(
        TOKEN,
        ChatSettings(user_ids=user_ids, base_url="http://127.0.0.1:1/bot"),
        control,
        ChatStores(nonces, values, outbox, books),
        watch.human_time(),
        drills=drills,
        report=report,
        request=sent,
        poll_request=sent if poll is None else poll,
    )
    await app.initialize()
    await app.start()
    sent.calls.clear()
    return Stage(app, sent, control, nonces, values, outbox, watch)


async def close_stage(stage: Stage) -> None:
    """Stop it."""
    await stage.app.stop()
    await stage.app.shutdown()


@asynccontextmanager
async def staged(
    user_ids: tuple[int, ...] = (OWNER, SECOND),
    drills: Drills | None = None,
    books: Path = Path("no-books"),
    report: SelfReport | None = None,
) -> AsyncIterator[Stage]:
    """A stage, closed in the end."""
    stage = await open_stage(user_ids, drills=drills, books=books, report=report)
    try:
        yield stage
    finally:
        stage.sent.rule = None
        await close_stage(stage)


async def reply_to(stage: Stage, text: str) -> str:
    calls = await stage.type(text)
    assert len(calls) == 1
    return calls[0].text


async def press(stage: Stage, label: str) -> str:
    """Press a button of the last message that has it."""
    shown = next(call for call in reversed(stage.told) if label in call.buttons())
    message_id = int(shown.fields.get("message_id", stage.last_id()))
    return (await stage.press(shown.buttons()[label], message_id))[-1].text
