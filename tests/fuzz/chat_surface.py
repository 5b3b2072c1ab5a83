"""Updates of the chat: nobody but the users is heard, and one message gets one answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from bot.format.command_list import BY_WORD, COMMANDS
from engine.config import SETTABLE
from engine.model.commands import CancelOpenOrder, Pause
from tests.bot.stage import OWNER, SECOND
from tests.fakes.chat_store import FakeNonces
from tests.fuzz import hostile, trees
from tests.fuzz.chat_stage import (
    BOT,
    STRANGER,
    USERS,
    ChatBench,
    check_calls,
    close_bench,
    open_bench,
    run,
    updates_body,
)
from tests.fuzz.surface import OK, Broken, Outcome

_NAMES = tuple(command.name for command in COMMANDS)
_WORDS = tuple(BY_WORD)
_KEYS = tuple(one.name for one in SETTABLE)
_ARGUMENTS = (
    *("AAPL", "삼성전자", "005930", "5", "50%", "all", "krx", "us", "on", "off", "silent", "ko"),
    *("target", "stop", "max_positions", "3.0", "live", "paper", "dry_run", "month", "2026-03-01"),
    *("실전", "모의투자", "국내", "지난달", "체결", "끔", "전체", "팔아", "전부", "매도"),
    *("23:00-07:00", "-1", "101%", "30112345", "reasons", "2026-02-30", "0", "999999999999999999"),
)
_SEVERAL = {"config": 6, "report": 8, "scan": 3, "help": 2, "stats": 3, "why": 3}
_MAY_ACT = ("refresh", "lock", "set")  # what a typed word does without asking: careful or harmless
_KINDS = (
    *("edited_message", "channel_post", "edited_channel_post", "business_message"),
    *("edited_business_message", "guest_message", "deleted_business_messages"),
)
_LONG = 300_000


@dataclass(frozen=True, slots=True)
class Given:
    """``update``: its JSON; ``later_s``: how much time passes before it."""

    update: bytes
    later_s: int


class ChatSurface:
    """The real application, its gate and its handlers; the desks are a fake that remembers."""

    name = "chat"
    first_check = (
        "Telegram's library reads the update and the gate lets it in (so strangers, groups, edited "
        "and late messages count as stopped)"
    )

    def open(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._bench: ChatBench | None = None

    def close(self) -> None:
        self._leave()
        self._loop.close()

    def renew(self) -> None:
        self._leave()
        self._bench = run(self._loop, open_bench(FakeNonces()))

    def _leave(self) -> None:
        if self._bench is not None:
            self._bench.errors.clear()
            run(self._loop, close_bench(self._bench))
            self._bench = None

    def draw(self, rng: Random) -> Given:
        later = rng.choice((0, 0, 0, 0, 1, 30, 3_600, 90_000))
        if rng.random() < 0.01:
            return Given(rng.choice((b"{}", b"[]", b"null", b"1", b'"x"', b"")), later)
        update = _update(rng)
        if rng.random() < 0.25:
            update = trees.bent(rng, update, most=2)
            return Given(trees.written(rng, update), later)
        return Given(json.dumps(update).encode(), later)

    def feed(self, given: Given) -> Outcome:
        assert self._bench is not None
        return run(self._loop, self._feed(self._bench, given))

    async def _feed(self, bench: ChatBench, given: Given) -> Outcome:
        bench.stage.watch.elapsed += given.later_s
        bench.stage.nonces.held.clear()
        update = _dated(given.update, bench)
        before, passed = bench.snapshot(), bench.passed
        asked = len(bench.control.asked)
        calls = await bench.give(updates_body(update))
        is_in = bench.passed > passed
        try:
            user = _from_user(json.loads(update.decode("utf-8", "replace")))
        except (ValueError, RecursionError):
            user = None
        if calls is None:
            _check_unmoved(bench, before, "an update that cannot be read")
            return Outcome("unread by the library", is_deep=False)
        check_calls(calls, most=_most(update))
        if not is_in or user not in USERS:
            _check_unmoved(bench, before, "an update that was stopped")
            if user not in USERS and (is_in or any(call.buttons() for call in calls)):
                raise Broken("a stranger got in")
            return Outcome("ok (stopped)", is_deep=False)
        for done in bench.control.asked[asked:]:
            if not _may_act(done, bench):
                raise Broken(f"a message alone did {done}")
        return Outcome(OK, is_deep=True)


def _may_act(done: tuple[Any, ...], bench: ChatBench) -> bool:
    """Whether a typed word may do that without asking: what tightens, and what moves no money."""
    what, *rest = done
    if what == "mode":
        return bool(rest[1].rank <= bench.control.view.modes[rest[0]].rank)
    return isinstance(what, Pause | CancelOpenOrder) or what in _MAY_ACT


def _check_unmoved(bench: ChatBench, before: tuple[Any, ...], what: str) -> None:
    if bench.snapshot() != before:
        raise Broken(f"{what} moved something: {bench.control.asked[-1:]}")


def _from_user(update: Any) -> int | None:
    """Whose message it is, in private; everything else is a stranger's."""
    message = update.get("message") if isinstance(update, dict) else None
    query = update.get("callback_query") if isinstance(update, dict) else None
    if isinstance(query, dict) and not isinstance(message, dict):
        found = query.get("from")
    else:
        found = message.get("from") if isinstance(message, dict) else None
    return found.get("id") if isinstance(found, dict) and found.get("id") in USERS else None


def _most(update: bytes) -> int:
    """How many messages may come of it: one, but for commands whose answer has parts."""
    text = update.decode("utf-8", "replace")
    several = (most for name, most in _SEVERAL.items() if f"/{name}" in text.lower())
    spoken = (_SEVERAL[BY_WORD[word]] for word in _WORDS if BY_WORD[word] in _SEVERAL and (
        word in text or json.dumps(word)[1:-1] in text))  # fmt: skip
    return max((1, *several, *spoken))


_NOW_MARK = 1_700_000_000


def _dated(update: bytes, bench: ChatBench) -> bytes:
    """The mark of a fresh message becomes the present, whatever time the bench has."""
    now = int(bench.stage.watch.now().timestamp())
    return update.replace(str(_NOW_MARK).encode(), str(now).encode())


def _update(rng: Random) -> dict[str, Any]:
    number = rng.randint(1, 10**9)
    pick = rng.random()
    if pick < 0.8:
        return {"update_id": number, "message": _message(rng)}
    if pick < 0.9:
        return {"update_id": number, rng.choice(_KINDS): _message(rng)}
    if pick < 0.95:
        return {"update_id": number, "callback_query": _query(rng)}
    return {"update_id": number, **_other(rng)}


def _person(rng: Random) -> dict[str, Any]:
    who = rng.choice((*(OWNER,) * 7, SECOND, SECOND, STRANGER, STRANGER, BOT))
    person: dict[str, Any] = {"id": who, "is_bot": who == BOT, "first_name": "T"}
    if rng.random() < 0.2:
        person |= {"first_name": hostile.text(rng), "username": hostile.text(rng)}
    if rng.random() < 0.04:
        person["id"] = rng.choice((-who, str(who), float(who), 2**63, True, [who]))
    return person


def _message(rng: Random) -> dict[str, Any]:
    person = _person(rng)
    chat: dict[str, Any] = {"id": person["id"], "type": "private", "first_name": "T"}
    if rng.random() < 0.12:
        chat = rng.choice(
            (
                {"id": -100200, "type": "group", "title": hostile.text(rng)},
                {"id": -100200300, "type": "supergroup", "title": "room", "is_forum": True},
                {"id": -100999, "type": "channel", "title": "news"},
                {"id": OWNER, "type": "group", "title": "made up"},
                {"id": OWNER, "type": "private", "first_name": "T"},
                {"id": STRANGER, "type": "private", "first_name": "T"},
            )
        )
    date = (
        _NOW_MARK if rng.random() < 0.9 else rng.choice((0, 1, -1, 2**31, 2**40, 2**62, "1", None))
    )
    body: dict[str, Any] = {
        "message_id": rng.randint(1, 10**6), "date": date, "chat": chat, "from": person,
    }  # fmt: skip
    if rng.random() < 0.03:
        del body["from"]
    text = _typed(rng)
    body["text"] = text
    if text.startswith("/"):
        length = len((text.split(maxsplit=1) or ["/"])[0])
        body["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        if rng.random() < 0.05:
            body["entities"] = [{"type": "bot_command", "offset": 0, "length": rng.choice(
                (0, 1, -3, 10**9))}]  # fmt: skip
    if rng.random() < 0.2:
        _decorate(rng, body)
    return body


def _decorate(rng: Random, body: dict[str, Any]) -> None:
    """Forwarded, quoted, media, service messages."""
    person = {"id": OWNER, "is_bot": False, "first_name": "T"}
    extra: Mapping[str, Any] = rng.choice(
        (
            {"forward_origin": {"type": "user", "sender_user": person, "date": 1}},
            {"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}},
            {"sender_chat": {"id": -100999, "type": "channel", "title": "news"}},
            {"via_bot": {"id": 5, "is_bot": True, "first_name": "b", "username": "b"}},
            {"reply_to_message": {"message_id": 1, "date": 1, "text": "/stop all",
                                  "chat": {"id": OWNER, "type": "private"}}},
            {"new_chat_members": [person]},
            {"pinned_message": {"message_id": 1, "date": 1,
                                "chat": {"id": OWNER, "type": "private"}}},
            {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}],
             "caption": "/sellall"},
            {"document": {"file_id": "f", "file_unique_id": "u", "file_name": hostile.text(rng)}},
            {"contact": {"phone_number": "1", "first_name": "x"}},
            {"location": {"latitude": 1e308, "longitude": -1}},
            {"is_from_offline": True, "message_thread_id": 7, "has_protected_content": True},
            {"entities": [{"type": "text_link", "offset": 0, "length": 4, "url": "tg://x"}] * 200},
        )
    )  # fmt: skip
    body.update(extra)
    if rng.random() < 0.3:
        body.pop("text", None)


def _typed(rng: Random) -> str:
    pick = rng.random()
    if pick < 0.68:
        name = rng.choice(_NAMES)
        at = rng.choice(("", "", "", "@dolpa_bot", "@other_bot", "@"))
        words = [_argument(rng, name) for _ in range(rng.choice((0, 1, 1, 2, 2, 3, 5)))]
        return f"/{name}{at} {' '.join(words)}".rstrip() if rng.random() < 0.95 else (
            f"/{name.upper()}\n{chr(10).join(words)}")  # fmt: skip
    if pick < 0.78:
        return rng.choice(_WORDS) + rng.choice(("", "", " 1", "\u200b", "!"))
    if pick < 0.785:
        return rng.choice(("/set ", "/lock ", "", "<b>", "\u202e")) + "x" * rng.choice(
            (4_096, _LONG)
        )
    return hostile.value(rng)


def _argument(rng: Random, name: str) -> str:
    pick = rng.random()
    if name in {"set", "config"} and pick < 0.4:
        return rng.choice(_KEYS)
    if pick < 0.6:
        return rng.choice(_ARGUMENTS)
    if pick < 0.75:
        return hostile.changed(rng, rng.choice(_ARGUMENTS))
    return hostile.value(rng)


def _query(rng: Random) -> dict[str, Any]:
    query: dict[str, Any] = {
        "id": "77", "from": _person(rng), "chat_instance": "1",
        "data": rng.choice(("v1:nobody", "v1:", "", "s.x", "v1:s.x", hostile.text(rng))),
    }  # fmt: skip
    if rng.random() < 0.8:
        query["message"] = _message(rng)
    if rng.random() < 0.1:
        query["message"] = {"message_id": 5, "date": 0, "chat": {"id": OWNER, "type": "private"}}
    if rng.random() < 0.2:
        query |= {"inline_message_id": "i", "game_short_name": "g"}
    return query


def _other(rng: Random) -> dict[str, Any]:
    person = _person(rng)
    member = {"user": person, "status": rng.choice(("member", "kicked", "left", "administrator"))}
    chat = {"id": rng.choice((-100, OWNER, STRANGER)), "type": rng.choice(("group", "private"))}
    change = {
        "chat": chat,
        "from": person,
        "date": 1,
        "old_chat_member": member,
        "new_chat_member": member,
    }
    return rng.choice(
        (
            {"my_chat_member": change},
            {"chat_member": change},
            {"inline_query": {"id": "1", "from": person, "query": "/status", "offset": ""}},
            {"chosen_inline_result": {"result_id": "1", "from": person, "query": "x"}},
            {"message_reaction": {"chat": chat, "message_id": 1, "date": 1, "user": person,
                                  "old_reaction": [], "new_reaction": []}},
            {"poll_answer": {"poll_id": "1", "user": person, "option_ids": [0],
                             "option_persistent_ids": ["0"]}},
            {"chat_join_request": {"chat": chat, "from": person, "user_chat_id": 1, "date": 1}},
            {"pre_checkout_query": {"id": "1", "from": person, "currency": "XTR", "total_amount": 1,
                                    "invoice_payload": "x"}},
            {"purchased_paid_media": {"from": person, "paid_media_payload": "x"}},
            {"something_new": {"from": person}},
        )
    )  # fmt: skip
