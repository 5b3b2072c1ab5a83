"""Updates that Telegram would never send, and a gate that fails shut."""

from __future__ import annotations

import json
from typing import Any

import pytest
from telegram import Update

from bot.updates import sound, update_ids
from tests.bot.stage import OWNER, STRANGER, staged

PERSON = {"id": OWNER, "is_bot": False, "first_name": "T"}
CHAT = {"id": OWNER, "type": "private"}
MESSAGE = {"message_id": 7, "date": 1, "chat": CHAT, "from": PERSON, "text": "/status"}


def answer(*updates: object) -> bytes:
    return json.dumps({"ok": True, "result": updates}).encode()


def message(**changes: Any) -> dict[str, Any]:
    return {"update_id": 5, "message": {**MESSAGE, **changes}}


def test_a_good_answer_stays_as_it_came() -> None:
    query = {"id": "1", "from": PERSON, "chat_instance": "1", "data": "v1:x", "message": MESSAGE}
    body = answer(message(), {"update_id": 6, "callback_query": query})
    assert sound(body) is body
    assert update_ids(body) == [5, 6]


@pytest.mark.parametrize(
    "update",
    [
        message(message_id="7"),
        message(message_id=[7]),
        message(message_id=2**70),
        message(date=None),
        message(date="now"),
        message(chat={"id": [OWNER], "type": "private"}),
        message(**{"from": {**PERSON, "id": {"0": OWNER}}}),
        message(**{"from": {**PERSON, "is_bot": 0}}),
        message(text=["/stop"]),
        message(text="\ud800"),
        message(entities=[{"type": "bot_command", "offset": 0, "length": 2.5}]),
        message(text="xstop", entities=[{"type": "bot_command", "offset": 0, "length": 5}]),
        message(document={"file_id": "f", "file_name": 5}),
        message(reply_to_message={"message_id": 1}),
        {"update_id": 5, "callback_query": {"id": "1", "from": PERSON, "data": 5}},
        {"update_id": 5, "channel_post": MESSAGE},
        {"update_id": 5, "message": None},
    ],
)
def test_an_odd_update_keeps_its_number_only(update: dict[str, Any]) -> None:
    """So it is acknowledged, and what stands behind it is heard."""
    kept = json.loads(sound(answer(update, message())))
    assert kept["result"] == [{"update_id": 5}, message()]


@pytest.mark.parametrize("update", [None, [], "x", {}, {"update_id": "5"}, {"update_id": True}])
def test_what_has_no_number_is_left_out(update: object) -> None:
    assert json.loads(sound(answer(update, message())))["result"] == [message()]


@pytest.mark.parametrize("body", [b"<html>", b'{"ok":false,"error_code":409}', b"[]", b""])
def test_what_is_no_list_of_updates_is_left_to_the_library(body: bytes) -> None:
    assert sound(body) == body
    assert update_ids(body) == []


def test_bytes_that_are_no_text_do_not_hide_an_odd_update() -> None:
    body = answer(message(text=["MARK"])).replace(b"MARK", b"\xe2\x807")
    assert json.loads(sound(body))["result"] == [{"update_id": 5}]


def test_an_answer_nested_without_end_is_blank() -> None:
    assert sound(b'{"ok":true,"result":' + b"[" * 100_000) == b""


async def test_an_update_that_cannot_be_read_is_fetched_once() -> None:
    async with staged() as stage:
        unreadable = message(reply_to_message={"message_id": 1})

        async def give(call: Any) -> Any:
            return (200, json.loads(answer(unreadable))) if call.method == "getUpdates" else None

        stage.sent.rule = give
        (update,) = await stage.app.bot.get_updates()
        assert (update.update_id, update.message) == (5, None)


@pytest.mark.parametrize("user", [OWNER, STRANGER])
async def test_an_update_that_cannot_be_judged_reaches_no_handler(user: int) -> None:
    """The library goes on after an exception of the gate, as if it had let the update in."""
    async with staged() as stage:
        stage.values.held["chat.strangers_told"] = "2026-07-06"
        for changes in ({"message_id": "7"}, {"date": None}):
            body = stage.message("/pause", user, **changes)
            update = Update.de_json({"update_id": 9, "message": body}, stage.app.bot)
            await stage.app.process_update(update)
            await stage.settle()
        if user == STRANGER:
            assert stage.sent.calls == []
        assert stage.control.asked == []
