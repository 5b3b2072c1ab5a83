"""The chat page against a bot that does what the test says."""

from __future__ import annotations

import io

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.constants import ChatAction

from tests.browser.chromium import Browser
from tests.browser.phone import Phone
from tests.e2e.trader import OWNER, Sandbox
from tests.sandbox.telegram_loopback import png

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(60),
]

YES_NO = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("확인", callback_data="y"),
            InlineKeyboardButton("취소", callback_data="n"),
        ]
    ]
)


async def test_what_is_typed_reaches_the_bot_letter_by_letter(trader: Phone, bot: Bot) -> None:
    text = "안녕 <b>&amp; 👩‍👩‍👧\n둘째 줄"
    number = await trader.say(text)
    assert (await trader.message(number))["from"] == "me"
    (update,) = await bot.get_updates(timeout=5)
    assert update.message is not None
    assert update.message.text == text
    assert await trader.page.evaluate("document.querySelector('#input').value") == ""


async def test_enter_sends_and_shift_enter_does_not(trader: Phone) -> None:
    await trader.page.write("#input", "하나")
    await trader.page.press("Enter", shift=True)
    await trader.page.call("Input.insertText", text="둘")
    before = await trader.newest()
    await trader.page.press("Enter")
    number = await trader.until_said("하나", after=before, sender="me")
    assert (await trader.message(number))["text"].split() == ["하나", "둘"]


async def test_a_button_is_answered_and_its_message_edited_in_place(
    trader: Phone, bot: Bot
) -> None:
    sent = await bot.send_message(OWNER, "정지할까요?", reply_markup=YES_NO)
    before = await trader.message(sent.message_id)
    assert before["buttons"] == ["확인", "취소"]
    await trader.press("취소", sent.message_id)
    (update,) = await bot.get_updates(timeout=5)
    assert update.callback_query is not None
    assert update.callback_query.data == "n"
    await update.callback_query.answer("그대로 둡니다")
    await trader.page.wait_for("document.querySelector('#toast').innerText.includes('그대로')")
    await bot.edit_message_text("취소했습니다", OWNER, sent.message_id)
    after = await trader.until_shows(sent.message_id, "취소했습니다")
    assert after["buttons"] == []
    assert (before["edited"], after["edited"]) == (False, True)
    assert await trader.newest() == sent.message_id


async def test_a_photo_is_drawn_and_a_file_downloads_byte_for_byte(
    trader: Phone, bot: Bot, browser: Browser
) -> None:
    sent = await bot.send_photo(OWNER, png(540, 675), caption="<b>오늘</b>", parse_mode="HTML")
    size = await trader.page.wait_for(
        "(one => one?.naturalWidth && [one.naturalWidth, one.naturalHeight])"
        f"(document.querySelector('.message[data-id=\"{sent.message_id}\"] img.photo'))"
    )
    assert size == [540, 675]
    assert (await trader.message(sent.message_id))["text"] == "오늘"
    body = "\ufeff종목,수량\r\nAAPL,5\r\n".encode()
    sent = await bot.send_document(OWNER, io.BytesIO(body), filename="거래 내역.csv")
    await trader.page.click(f'.message[data-id="{sent.message_id}"] a.file')
    name, path = await browser.downloaded()
    assert (name, path.read_bytes()) == ("거래 내역.csv", body)


async def test_the_pinned_message_follows_its_edits_and_goes(trader: Phone, bot: Bot) -> None:
    hidden = "document.querySelector('#pinned').hidden"
    assert await trader.page.evaluate(hidden)
    sent = await bot.send_message(OWNER, "실전 · 평가 1,000원")
    await bot.pin_chat_message(OWNER, sent.message_id, disable_notification=True)
    await trader.until_pinned("1,000원")
    await bot.edit_message_text("실전 · 평가 2,500원", OWNER, sent.message_id)
    assert "1,000원" not in await trader.until_pinned("2,500원")
    await trader.until_shows(sent.message_id, "2,500원")
    await bot.unpin_chat_message(OWNER, sent.message_id)
    await trader.page.wait_for(hidden)


async def test_the_menu_lists_the_owners_commands_and_sends_one(trader: Phone, bot: Bot) -> None:
    rows = [BotCommand("status", "지금 상태"), BotCommand("stop", "멈춤 <b>")]
    await bot.set_my_commands(rows, scope=BotCommandScopeChat(OWNER))
    await trader.page.wait_for("!document.querySelector('#menu').hidden")
    await trader.page.click("#menu")
    await trader.page.wait_for("document.querySelector('[data-command=\"/stop\"]')")
    shown = await trader.page.text("#commands")
    assert "지금 상태" in shown
    assert "멈춤 <b>" in shown
    await trader.page.click('#commands [data-command="/status"]')
    (update,) = await bot.get_updates(timeout=5)
    assert update.message is not None
    assert update.message.text == "/status"


async def test_keys_under_the_field_say_what_is_on_them_until_removed(
    trader: Phone, bot: Bot
) -> None:
    keys = ReplyKeyboardMarkup([["상태", "잔고"], ["중지"]], resize_keyboard=True)
    await bot.send_message(OWNER, "키", reply_markup=keys)
    await trader.page.wait_for("document.querySelectorAll('#reply-keyboard button').length === 3")
    before = await trader.newest()
    await trader.page.click("#reply-keyboard button", last=True)
    await trader.until_said("중지", after=before, sender="me")
    await bot.send_message(OWNER, "없이", reply_markup=ReplyKeyboardRemove())
    await trader.page.wait_for("!document.querySelector('#reply-keyboard button')")


async def test_typing_shows_until_the_answer_is_there(trader: Phone, bot: Bot) -> None:
    await bot.send_chat_action(OWNER, ChatAction.TYPING)
    await trader.page.wait_for("!document.querySelector('#typing').hidden")
    sent = await bot.send_message(OWNER, "다 됐습니다")
    await trader.message(sent.message_id)
    # Without an answer it would go after five seconds.
    await trader.page.wait_for("document.querySelector('#typing').hidden", limit_s=3)


@pytest.mark.parametrize(
    ("place", "shown"), [("Asia/Seoul", "23:13 KST"), ("UTC", "14:13 UTC")], ids=["seoul", "utc"]
)
async def test_times_are_the_readers_own_and_name_their_zone(
    trader: Phone, bot: Bot, place: str, shown: str
) -> None:
    zone = shown.split()[1]
    await trader.page.call("Emulation.setTimezoneOverride", timezoneId=place)
    try:
        sent = await bot.send_message(
            OWNER, '<tg-time unix="1790000000" format="dt">t</tg-time>', parse_mode="HTML"
        )
        assert (await trader.message(sent.message_id))["text"].endswith(shown)
        assert (await trader.page.text(".day")).endswith(f"이 컴퓨터 시각 ({zone})")
    finally:
        await trader.page.call("Emulation.setTimezoneOverride", timezoneId="Asia/Seoul")


async def test_a_deleted_message_leaves_the_chat(trader: Phone, bot: Bot) -> None:
    kept, gone = [await bot.send_message(OWNER, text) for text in ("남음", "지움")]
    await trader.message(gone.message_id)
    await bot.delete_message(OWNER, gone.message_id)
    await trader.page.wait_for(f"!document.querySelector('[data-id=\"{gone.message_id}\"]')")
    assert (await trader.message(kept.message_id))["text"] == "남음"


async def test_a_page_that_comes_later_shows_the_chat_from_its_end(
    stage: Sandbox, trader: Phone, bot: Bot
) -> None:
    for number in range(6):
        sent = await bot.send_message(OWNER, f"{number}번째\n" + "줄\n" * 9 + "끝")
    await trader.message(sent.message_id)
    known = await trader.page.count(".message")
    await trader.page.go(stage.url + "/")
    assert (await trader.message(sent.message_id))["text"].endswith("끝")
    assert await trader.page.count(".message") == known
    bottom = (
        f"document.querySelector('[data-id=\"{sent.message_id}\"]').getBoundingClientRect().bottom"
    )
    await trader.page.wait_for(
        f"{bottom} <= document.querySelector('#input').getBoundingClientRect().top"
    )
