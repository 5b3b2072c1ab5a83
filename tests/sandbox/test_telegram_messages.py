"""Messages, edits, pins, deletions, presses: what the bot may do and what it is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from sandbox.telegram_api import TelegramLimits
from tests.sandbox.telegram_loopback import (
    OWNER,
    SHY,
    STRANGER,
    Loopback,
    buttons,
    loopback,
)

NOT_MODIFIED = (
    "400 Bad Request: message is not modified: specified new message content and reply markup "
    "are exactly the same as a current content and reply markup of the message"
)
TOO_OLD = "400 Bad Request: query is too old and response timeout expired or query ID is invalid"


@pytest.fixture
async def line() -> AsyncIterator[Loopback]:
    async with loopback(TelegramLimits(chat_burst=1000, overall_burst=1000)) as found:
        yield found


async def test_a_sent_message_is_complete(line: Loopback) -> None:
    message = await line.says(
        text="<b>매수</b> AAPL",
        parse_mode="HTML",
        reply_markup=buttons([("가", "a")]),
        disable_notification=True,
        protect_content=True,
        link_preview_options={"is_disabled": True},
    )
    assert message == {
        "message_id": 1,
        "from": {
            "id": 123456,
            "is_bot": True,
            "first_name": "Sandbox",
            "username": "sandbox_bot",
        },
        "chat": {"id": OWNER, "first_name": "Trader", "type": "private", "username": "owner"},
        "date": int(line.time().timestamp()),
        "has_protected_content": True,
        "link_preview_options": {"is_disabled": True},
        "text": "매수 AAPL",
        "entities": [{"type": "bold", "offset": 0, "length": 2}],
        "reply_markup": buttons([("가", "a")]),
    }
    assert line.chat.from_bot(OWNER)[0].is_silent


async def test_who_never_started_the_bot_is_no_chat(line: Loopback) -> None:
    for chat_id in (SHY, 999, "@somebody"):
        refused = await line.refusal("sendMessage", chat_id=chat_id, text="a")
        assert refused == "400 Bad Request: chat not found"
    assert await line.refusal("sendMessage", text="a") == "400 Bad Request: chat_id is empty"
    line.chat.send(SHY, "/start")
    assert (await line.result("sendMessage", chat_id=SHY, text="a"))["text"] == "a"


async def test_who_blocked_the_bot_cannot_be_reached_and_the_bot_is_told(line: Loopback) -> None:
    await line.http.post(f"{line.root}/sandbox/telegram/block", json={"user_id": OWNER})
    assert await line.refusal("sendMessage", chat_id=OWNER, text="a") == (
        "403 Forbidden: bot was blocked by the user"
    )
    update = (await line.result("getUpdates"))[0]["my_chat_member"]
    assert update["new_chat_member"]["status"] == "kicked"
    line.chat.send(OWNER, "back")
    assert (await line.says(text="a"))["text"] == "a"


async def test_a_reply_names_its_message_or_is_refused(line: Loopback) -> None:
    asked = line.chat.send(OWNER, "/status")
    parameters = {"message_id": asked.message_id}
    answer = await line.says(text="a", reply_parameters=parameters)
    assert answer["reply_to_message"]["text"] == "/status"
    refused = await line.refusal(
        "sendMessage", chat_id=OWNER, text="a", reply_parameters={"message_id": 99}
    )
    assert refused == "400 Bad Request: message to be replied not found"
    alone = await line.says(
        text="a",
        reply_parameters={"message_id": 99, "allow_sending_without_reply": True},
    )
    assert "reply_to_message" not in alone


async def test_an_edit_replaces_the_text_and_removes_the_keyboard(line: Loopback) -> None:
    sent = await line.says(text="a", reply_markup=buttons([("가", "a")]))
    line.time.forward(10)
    edited = await line.result(
        "editMessageText", chat_id=OWNER, message_id=sent["message_id"], text="b"
    )
    assert edited["text"] == "b"
    assert "reply_markup" not in edited
    assert edited["edit_date"] == edited["date"] + 10
    history = line.chat.transcript()["messages"][0]["edits"]
    assert [(item["content"]["text"], item["markup"]) for item in history] == [
        ("a", buttons([("가", "a")]))
    ]


async def test_an_edit_that_changes_nothing_is_refused(line: Loopback) -> None:
    keys = buttons([("가", "a")])
    sent = await line.says(text="<b>a</b>", parse_mode="HTML", reply_markup=keys)
    where = {"chat_id": OWNER, "message_id": sent["message_id"]}
    same = {"text": "<b>a</b>", "parse_mode": "HTML", "reply_markup": keys}
    assert await line.refusal("editMessageText", **where, **same) == NOT_MODIFIED
    assert (await line.result("editMessageText", **where, text="a", reply_markup=keys))["text"]
    assert await line.refusal("editMessageReplyMarkup", **where, reply_markup=keys) == NOT_MODIFIED
    assert "reply_markup" not in await line.result("editMessageReplyMarkup", **where)
    assert await line.refusal("editMessageReplyMarkup", **where) == NOT_MODIFIED


async def test_what_cannot_be_edited_is_refused(line: Loopback) -> None:
    mine = line.chat.send(OWNER, "typed")
    where = {"chat_id": OWNER, "message_id": mine.message_id}
    assert await line.refusal("editMessageText", **where, text="b") == (
        "400 Bad Request: message can't be edited"
    )
    where["message_id"] = 99
    assert await line.refusal("editMessageText", **where, text="b") == (
        "400 Bad Request: message to edit not found"
    )
    assert await line.refusal("editMessageText", text="b") == (
        "400 Bad Request: message identifier is not specified"
    )
    sent = await line.says(text="a")
    refused = await line.refusal(
        "editMessageText",
        chat_id=OWNER,
        message_id=sent["message_id"],
        text="b",
        reply_markup={"keyboard": [["/stop"]]},
    )
    assert refused == "400 Bad Request: inline keyboard expected"


async def test_a_deleted_message_is_gone_for_edits_pins_and_presses(line: Loopback) -> None:
    sent = await line.says(text="a", reply_markup=buttons([("가", "a")]))
    where = {"chat_id": OWNER, "message_id": sent["message_id"]}
    assert await line.result("deleteMessage", **where) is True
    for method, role in (
        ("deleteMessage", "delete"),
        ("editMessageText", "edit"),
        ("pinChatMessage", "pin"),
    ):
        assert await line.refusal(method, **where, text="b") == (
            f"400 Bad Request: message to {role} not found"
        )
    line.chat.press(OWNER, sent["message_id"], label="가")
    query = (await line.result("getUpdates"))[0]["callback_query"]
    assert query["message"]["date"] == 0
    assert line.chat.messages(OWNER) == []


async def test_messages_are_deleted_within_two_days_the_users_own_too(line: Loopback) -> None:
    typed = line.chat.send(OWNER, "my key is ...")
    where = {"chat_id": OWNER, "message_id": typed.message_id}
    assert await line.result("deleteMessage", **where) is True
    old = await line.says(text="a")
    line.time.forward(48 * 3600 + 1)
    where["message_id"] = old["message_id"]
    assert await line.refusal("deleteMessage", **where) == (
        "400 Bad Request: message can't be deleted"
    )


async def test_a_pin_leaves_a_notice_and_an_update_from_the_bot(line: Loopback) -> None:
    card = await line.says(text="card")
    where = {"chat_id": OWNER, "message_id": card["message_id"]}
    assert await line.result("pinChatMessage", **where, disable_notification=True) is True
    assert await line.result("pinChatMessage", **where) is True
    updates = await line.result("getUpdates")
    assert len(updates) == 1
    assert updates[0]["message"]["from"]["is_bot"] is True
    assert updates[0]["message"]["pinned_message"]["text"] == "card"
    chat = await line.result("getChat", chat_id=OWNER)
    assert chat["pinned_message"]["message_id"] == card["message_id"]
    assert line.chat.transcript()["messages"][0]["pinned"] is True
    assert await line.result("unpinChatMessage", chat_id=OWNER) is True
    assert await line.refusal("unpinChatMessage", chat_id=OWNER) == (
        "400 Bad Request: message to unpin not found"
    )
    await line.result("pinChatMessage", **where)
    assert await line.result("unpinAllChatMessages", chat_id=OWNER) is True
    assert "pinned_message" not in await line.result("getChat", chat_id=OWNER)


async def test_a_press_by_label_carries_data_and_message(line: Loopback) -> None:
    sent = await line.says(text="sure?", reply_markup=buttons([("예", "v1:y"), ("아니오", "v1:n")]))
    answer = await line.http.post(
        f"{line.root}/sandbox/telegram/press",
        json={"user_id": OWNER, "message_id": sent["message_id"], "label": "아니오"},
    )
    query = (await line.result("getUpdates"))[0]["callback_query"]
    assert query["id"] == answer.json()["query_id"]
    assert (query["data"], query["from"]["id"]) == ("v1:n", OWNER)
    assert query["message"] == sent


async def test_strangers_may_press_and_old_data_may_come_back(line: Loopback) -> None:
    sent = await line.says(text="sure?", reply_markup=buttons([("예", "v1:y")]))
    line.chat.press(STRANGER, sent["message_id"], data="v0:made-up")
    query = (await line.result("getUpdates"))[0]["callback_query"]
    assert (query["data"], query["from"]["id"]) == ("v0:made-up", STRANGER)
    with pytest.raises(ValueError, match="no button"):
        line.chat.press(OWNER, sent["message_id"], label="there is none")


async def test_a_press_is_answered_once_and_in_time(line: Loopback) -> None:
    sent = await line.says(text="sure?", reply_markup=buttons([("예", "v1:y")]))
    press = line.chat.press(OWNER, sent["message_id"], label="예")
    where = {"callback_query_id": press.query_id}
    refused = await line.refusal("answerCallbackQuery", **where, text="가" * 201)
    assert refused == "400 Bad Request: MESSAGE_TOO_LONG"
    assert await line.result("answerCallbackQuery", **where, text="가" * 200, show_alert=True)
    assert (press.answer, press.is_alert) == ("가" * 200, True)
    assert await line.refusal("answerCallbackQuery", **where) == TOO_OLD
    assert await line.refusal("answerCallbackQuery", callback_query_id="1") == TOO_OLD
    late = line.chat.press(OWNER, sent["message_id"], label="예")
    line.time.forward(31)
    assert await line.refusal("answerCallbackQuery", callback_query_id=late.query_id) == TOO_OLD


async def test_a_chat_action_shows_for_five_seconds_or_until_a_message(line: Loopback) -> None:
    await line.result("sendChatAction", chat_id=OWNER, action="upload_photo")
    assert line.chat.transcript()["actions"] == {str(OWNER): "upload_photo"}
    line.time.forward(5)
    assert line.chat.transcript()["actions"] == {}
    await line.result("sendChatAction", chat_id=OWNER, action="typing")
    await line.says(text="a")
    assert line.chat.transcript()["actions"] == {}
    assert await line.refusal("sendChatAction", chat_id=OWNER, action="yawning") == (
        "400 Bad Request: wrong parameter action in request"
    )


async def test_a_reply_keyboard_stays_until_removed_and_is_not_in_the_message(
    line: Loopback,
) -> None:
    keys = {"keyboard": [["/status", {"text": "/stop"}]], "is_persistent": True}
    sent = await line.says(text="a", reply_markup=keys)
    assert "reply_markup" not in sent
    shown = line.chat.transcript()["keyboards"][str(OWNER)]
    assert shown["keyboard"] == [[{"text": "/status"}, {"text": "/stop"}]]
    await line.says(text="b")
    assert str(OWNER) in line.chat.transcript()["keyboards"]
    await line.says(text="c", reply_markup={"remove_keyboard": True})
    assert line.chat.transcript()["keyboards"] == {}


async def test_a_user_edits_only_what_he_typed(line: Loopback) -> None:
    typed = line.chat.send(OWNER, "/sell AAPL")
    await line.http.post(
        f"{line.root}/sandbox/telegram/edit",
        json={"user_id": OWNER, "message_id": typed.message_id, "text": "/sellall"},
    )
    edited = (await line.result("getUpdates", offset=-1))[0]["edited_message"]
    assert (edited["text"], edited["message_id"]) == ("/sellall", typed.message_id)
    assert "edit_date" in edited
    sent = await line.says(text="a")
    with pytest.raises(ValueError, match="has no message"):
        line.chat.edit(OWNER, sent["message_id"], "forged")


async def test_the_transcript_tells_only_what_changed_since(line: Loopback) -> None:
    first = await line.says(text="a")
    await line.says(text="b")
    seen = (await line.http.get(f"{line.root}/sandbox/telegram/transcript")).json()["change"]
    await line.result("editMessageText", chat_id=OWNER, message_id=first["message_id"], text="a2")
    news = await line.http.get(f"{line.root}/sandbox/telegram/transcript?after={seen}")
    assert [item["content"]["text"] for item in news.json()["messages"]] == ["a2"]
    assert [item["method"] for item in news.json()["calls"]] == ["editMessageText"]


async def test_misuse_of_the_controls_is_told(line: Loopback) -> None:
    for path, body, reason in (
        ("send", {"user_id": OWNER}, "text is missing"),
        ("send", {"user_id": OWNER, "text": " "}, "1-4096"),
        ("press", {"user_id": OWNER, "message_id": 9, "label": "x"}, "no button"),
        ("update", {"raw": {}}, "exactly one"),
        ("update", {"raw": 3}, "raw is an object"),
    ):
        answer = await line.http.post(f"{line.root}/sandbox/telegram/{path}", json=body)
        assert answer.status_code == 400
        assert reason in answer.json()["error"]
    answer = await line.http.get(f"{line.root}/sandbox/telegram/transcript?after=x")
    assert answer.status_code == 400


async def test_waiting_ends_when_the_bot_has_written(line: Loopback) -> None:
    waiting = asyncio.create_task(
        line.chat.wait_for(lambda: line.chat.with_text(OWNER, "매도"), timeout_s=2)
    )
    await line.says(text="매수 1주")
    await line.says(text="매도 1주")
    assert (await waiting).text == "매도 1주"
    with pytest.raises(TimeoutError, match="매도 1주"):
        await line.chat.wait_for(lambda: line.chat.with_text(OWNER, "없음"), timeout_s=0.01)


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("{", "can't parse reply keyboard markup JSON object"),
        ("[]", "object expected as reply markup"),
        ({"inline_keyboard": {}}, 'field "inline_keyboard" must be of type Array'),
        ({"inline_keyboard": [{}]}, 'field "inline_keyboard" must be an Array of Arrays'),
        (buttons([("가", "x" * 65)]), "BUTTON_DATA_INVALID"),
        (buttons([("가", "가" * 22)]), "BUTTON_DATA_INVALID"),
        (
            buttons([("가", "")]),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (buttons([("", "a")]), "inline keyboard button text must be non-empty"),
        (buttons([("가", "a")] * 101), "reply markup is too long"),
        (
            {"inline_keyboard": [["가"]]},
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object",
        ),
        (
            {"inline_keyboard": [[{"text": "가", "callback_data": "a", "style": "loud"}]]},
            "can't parse inline keyboard button: Invalid button style specified",
        ),
        (
            {"inline_keyboard": [[{"text": "가", "copy_text": {"text": "x" * 257}}]]},
            "BUTTON_COPY_TEXT_INVALID",
        ),
        (
            {"inline_keyboard": [[{"text": "가", "url": "no address"}]]},
            "inline keyboard button URL 'no address' is invalid: Wrong HTTP URL",
        ),
        ({"keyboard": [[""]]}, "keyboard button text must be non-empty"),
        (
            {"keyboard": [[3]]},
            "can't parse keyboard button: KeyboardButton must be a String or an Object",
        ),
        (
            {"inline_keyboard": [[{"callback_data": "a"}]]},
            "can't parse inline keyboard button: Can't find field \"text\"",
        ),
        (
            {"inline_keyboard": [[{"text": "가", "web_app": {"url": "http://a.example/"}}]]},
            (
                "inline keyboard button Web App URL 'http://a.example/' is invalid: "
                "Only HTTPS links are allowed"
            ),
        ),
    ],
)
async def test_a_bad_keyboard_is_refused(line: Loopback, markup: object, reason: str) -> None:
    refused = await line.refusal("sendMessage", chat_id=OWNER, text="a", reply_markup=markup)
    assert refused == f"400 Bad Request: {reason}"


async def test_the_largest_keyboard_is_taken(line: Loopback) -> None:
    sent = await line.says(text="a", reply_markup=buttons(*[[("가", "가" * 21)] * 4] * 25))
    assert len(line.chat.from_bot(OWNER)[0].labels) == 100
    assert sent["message_id"] == 1


async def test_wrong_threads_and_effects_are_refused(line: Loopback) -> None:
    for field, value, reason in (
        ("message_thread_id", 7, "message thread not found"),
        ("message_effect_id", "boom", "EFFECT_ID_INVALID"),
        ("reply_parameters", "{", "can't parse reply parameters JSON object"),
    ):
        refused = await line.refusal("sendMessage", chat_id=OWNER, text="a", **{field: value})
        assert refused == f"400 Bad Request: {reason}"
