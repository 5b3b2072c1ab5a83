"""The chat's application with raw answers of getUpdates, and what it did with them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import TypeHandler
from telegram.request import RequestData

from engine.ports.chat_store import NonceStore
from tests.bot.html_check import check_message
from tests.bot.krx_samples import both_desks
from tests.bot.samples import control as sample_control
from tests.bot.stage import OWNER, SECOND, Call, Offline, Stage, close_stage, open_stage
from tests.fakes.control import FakeControl
from tests.fuzz.surface import Broken

STRANGER, BOT = 6666, 1
USERS = (OWNER, SECOND)
LAST_GROUP = 9
T = TypeVar("T")


@dataclass
class RawPoll(Offline):
    """getUpdates is answered with these bytes."""

    body: bytes = b'{"ok":true,"result":[]}'

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *_args: Any,
        **_kw: Any,
    ) -> tuple[int, bytes]:
        return 200, self.body


@dataclass
class ChatBench:
    """One run of the chat. ``errors``: of handlers; ``passed``: what the gate let in."""

    stage: Stage
    poll: RawPoll
    errors: list[BaseException] = field(default_factory=list)
    passed: int = 0

    @property
    def control(self) -> FakeControl:
        return self.stage.control

    async def give(self, body: bytes) -> list[Call] | None:
        """Updates as Telegram sent them; None where the library cannot read them."""
        before = len(self.stage.sent.calls)
        self.poll.body = body
        try:
            updates = await self.stage.app.bot.get_updates()
        except TelegramError:
            return None
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError,
                OSError):  # fmt: skip
            return None  # PTB logs it and asks again
        for update in updates:
            await self.stage.app.process_update(update)
        await self.stage.settle()
        if self.errors:
            raise self.errors.pop()
        return self.stage.sent.calls[before:]

    def snapshot(self) -> tuple[Any, ...]:
        """What a stranger must not move."""
        values = {k: v for k, v in self.stage.values.held.items() if k != "chat.strangers_told"}
        return len(self.control.asked), json.dumps(values), dict(self.control.locked)


def updates_body(update: bytes) -> bytes:
    """An answer of getUpdates with that update."""
    return b'{"ok":true,"result":[' + update + b"]}"


async def open_bench(nonces: NonceStore) -> ChatBench:
    """An application that runs, without a poller; ``nonces`` may also be the real ones."""
    poll, control = RawPoll(), both_desks(sample_control())
    stage = await open_stage(USERS, control, nonces, poll)  # type: ignore[arg-type]
    bench = ChatBench(stage, poll)
    app, watch = stage.app, stage.watch

    async def note_error(_update: object, context: Any) -> None:
        bench.errors.append(context.error)

    async def note_passed(_update: Update, _context: Any) -> None:
        bench.passed += 1

    app.add_error_handler(note_error)
    app.add_handler(TypeHandler(Update, note_passed), group=LAST_GROUP)
    # Past the first minute: what comes now did not wait while nobody listened.
    await app.bot.get_updates()
    watch.elapsed += timedelta(minutes=1).total_seconds()
    await app.bot.get_updates()
    return bench


async def close_bench(bench: ChatBench) -> None:
    """Stop it."""
    await close_stage(bench.stage)


def check_calls(calls: list[Call], *, most: int) -> None:
    """Nobody but the users is spoken to, in messages that Telegram takes, and not too many."""
    for call in calls:
        if "chat_id" in call.fields and call.fields["chat_id"] not in USERS:
            raise Broken(f"{call.method} to {call.fields['chat_id']}")
        if call.method in {"sendMessage", "editMessageText"}:
            check_message(call.text)
    sent = [call for call in calls if call.method.startswith("send")]
    if len(sent) > most:
        raise Broken(f"{len(sent)} messages: {[call.text[:60] for call in sent]}")


def run(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """Until it is done."""
    return loop.run_until_complete(work)
