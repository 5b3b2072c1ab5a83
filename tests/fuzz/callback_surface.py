"""Presses: forged, replayed, cut, somebody else's, too late. Only a live button acts, and once."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from bot.presenter import PREFIX
from engine.adapters.sqlite.chat import SqliteNonces
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from tests.bot.stage import OWNER, SECOND, Call
from tests.fuzz import hostile
from tests.fuzz.chat_stage import (
    STRANGER,
    USERS,
    ChatBench,
    check_calls,
    close_bench,
    open_bench,
    run,
    updates_body,
)
from tests.fuzz.surface import OK, Broken, Outcome, in_memory

_MOST_MESSAGES = 8  # a report's parts; an outcome is one
_ASKING = (
    *("/sell AAPL 5", "/sellall", "/stop", "/stop all", "/mode paper us", "/resume", "/set"),
    *("/set max_gain 90", "/unlock 005930", "/cancel 30112345", "/positions", "/report"),
)
_SAFE = "s."


@dataclass(frozen=True, slots=True)
class Given:
    """``pick``: which of the buttons shown so far is pressed; the rest bends the press."""

    pick: int
    how: str
    user: int
    data: str
    message: int | str
    later_s: int
    say: str


@dataclass(slots=True)
class _Live:
    """A button as it was shown."""

    user: int
    message_id: int
    batch: int
    is_spent: bool = False


class CallbackSurface:
    """The real application and the real store of nonces, in a file of its own."""

    name = "callback"
    first_check = (
        "the data has the prefix of our buttons and something behind it, and its sender is a user: "
        "then the store is asked, or the memory of the stop menu"
    )

    def open(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._folder = in_memory()
        self._bench: ChatBench | None = None
        self._runs = 0

    def close(self) -> None:
        self._leave()
        self._loop.close()
        self._folder.cleanup()

    def renew(self) -> None:
        self._leave()
        self._runs += 1
        self._live: dict[str, _Live] = {}
        self._batch = 0
        run(self._loop, self._begin())

    async def _begin(self) -> None:
        path = Path(self._folder.name) / f"state-{self._runs}.db"
        self._db = Database(path, STATE)
        await self._db.open()
        self._bench = await open_bench(SqliteNonces(self._db))
        for user in (OWNER, SECOND):
            for text in _ASKING:
                await self._say(text, user)

    def _leave(self) -> None:
        if self._bench is not None:
            self._bench.errors.clear()
            run(self._loop, close_bench(self._bench))
            run(self._loop, self._db.close())
            self._bench = None

    def draw(self, rng: Random) -> Given:
        how = rng.choice(
            (*("live",) * 5, "cut", "changed", "other user", "stranger", "other message", "forged",
             "forged", "no message", "doubled", "prefix", "again")
        )  # fmt: skip
        later = rng.choice((0, 0, 0, 0, 1, 5, 20, 59, 200, 4_000))
        say = rng.choice(_ASKING) if rng.random() < 0.2 else ""
        message: int | str = rng.choice((0, 1, -1, 500, 2**31, 10**30, "5", ""))
        user = rng.choice((OWNER, OWNER, SECOND, STRANGER))
        return Given(rng.randrange(10**6), how, user, _forged(rng), message, later, say)

    def feed(self, given: Given) -> Outcome:
        return run(self._loop, self._feed(given))

    async def _feed(self, given: Given) -> Outcome:
        bench = self._bench
        assert bench is not None
        bench.stage.watch.elapsed += given.later_s
        if given.say or not self._live:
            await self._say(given.say or _ASKING[0], OWNER if given.pick % 3 else SECOND)
        data, user, message_id = self._aim(given)
        may_act = self._may_act(data, user, message_id)
        before, asked = bench.snapshot(), len(bench.control.asked)
        calls = await bench.give(updates_body(_press(data, user, message_id)))
        done = bench.control.asked[asked:]
        if calls is None:
            raise Broken("a press that cannot be read")
        check_calls(calls, most=_MOST_MESSAGES)
        self._look(calls)
        if not may_act and (done or bench.snapshot() != before):
            raise Broken(f"{given.how}: a button that is none did {done}")
        if may_act:
            self._spend(data)
        if user not in USERS and any(call.method == "answerCallbackQuery" for call in calls):
            raise Broken("a stranger's press was answered")
        if sum(call.method == "answerCallbackQuery" for call in calls) > 1:
            raise Broken("a press was answered twice")
        is_deep = user in USERS and len(data) > len(PREFIX) and data.startswith(PREFIX)
        name = OK if not may_act else f"ok ({'acted' if done else 'looked'})"
        return Outcome(name, is_deep)

    async def _say(self, text: str, user: int) -> None:
        assert self._bench is not None
        stage = self._bench.stage
        message = stage.message(text, user)
        calls = await self._bench.give(updates_body(json.dumps(
            {"update_id": 5, "message": message}).encode()))  # fmt: skip
        self._look(calls or [])

    def _look(self, calls: list[Call]) -> None:
        """The buttons that a message or an edit shows; those it showed before are gone."""
        assert self._bench is not None
        stage = self._bench.stage
        self._batch += 1
        sent = sum(call.method == "sendMessage" for call in calls)
        for call in calls:
            message_id = call.fields.get("message_id")
            if call.method == "sendMessage":
                sent -= 1
                message_id = stage.last_id() - sent
            for data in call.buttons().values():
                user = int(call.fields["chat_id"])
                self._live[data] = _Live(user, int(message_id or 0), self._batch)

    def _aim(self, given: Given) -> tuple[str, int, int | str | None]:
        """Data, user and message of the press."""
        shown = list(self._live.items())[-60:]
        data, live = shown[given.pick % len(shown)]
        at = given.pick % max(1, len(data))
        other = SECOND if live.user == OWNER else OWNER
        bent: dict[str, tuple[str, int, int | str | None]] = {
            "cut": (data[:at], live.user, live.message_id),
            "changed": (data[:at] + given.data[:3] + data[at + 1 :], live.user, live.message_id),
            "other user": (data, other, live.message_id),
            "stranger": (data, STRANGER, live.message_id),
            "other message": (data, live.user, given.message),
            "no message": (data, live.user, None),
            "doubled": (data + data.removeprefix(PREFIX), live.user, live.message_id),
            "prefix": (data.replace(PREFIX, given.data[:4], 1), live.user, live.message_id),
            "forged": (given.data, given.user, live.message_id),
        }
        return bent.get(given.how, (data, live.user, live.message_id))

    def _may_act(self, data: str, user: int, message_id: int | str | None) -> bool:
        """Asked apart from the code: shown to that user in that message, and not pressed yet."""
        live = self._live.get(data)
        if live is None or live.is_spent or live.user != user:
            return False
        return live.message_id == message_id

    def _spend(self, data: str) -> None:
        """With it go the others of its message; a stop menu spends its own buttons only."""
        pressed = self._live[data]
        is_stop = data.removeprefix("v1:").startswith(_SAFE)
        for other in self._live.values():
            is_there = (other.user, other.message_id) == (pressed.user, pressed.message_id)
            if is_there and other.batch <= pressed.batch:
                other.is_spent |= not is_stop or other.batch == pressed.batch


def _press(data: str, user: int, message_id: int | str | None) -> bytes:
    person = {"id": user, "is_bot": False, "first_name": "T"}
    query: dict[str, Any] = {"id": "77", "from": person, "chat_instance": "1", "data": data}
    if message_id is not None:
        chat = {"id": user, "type": "private", "first_name": "T"}
        query["message"] = {"message_id": message_id, "date": 1, "chat": chat, "text": "x"}
    return json.dumps({"update_id": 7, "callback_query": query}).encode("utf-8", "surrogatepass")


def _forged(rng: Random) -> str:
    pick = rng.random()
    if pick < 0.35:
        return "v1:" + "".join(
            hostile.char(rng) for _ in range(rng.choice((1, 12, 12, 64, 64, 300)))
        )
    if pick < 0.6:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return "v1:" + rng.choice(("", _SAFE)) + "".join(rng.choices(letters, k=12))
    if pick < 0.75:
        return rng.choice(
            ("v1:' OR 1=1 --", "v1:%", "v1:\x00", "v1:s.", "v2:abc", "V1:abc", "sell:AAPL", "v1: ",
             'v1:["sell","AAPL",""]', "v1:../../x", "v1:v1:", "v1:\ud800", "v1:" + "9" * 500)
        )  # fmt: skip
    return hostile.text(rng)
