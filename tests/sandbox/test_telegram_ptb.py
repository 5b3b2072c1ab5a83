"""The published python-telegram-bot as an independent client, over loopback."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telegram import (
    BotCommand,
    BotCommandScopeChat,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, MessageHandler, filters

from sandbox.telegram_api import TelegramLimits
from tests.sandbox.telegram_loopback import OWNER, Loopback, loopback, png

App = Application[Any, Any, Any, Any, Any, Any]
QUICK = TelegramLimits(repeated_poll_s=0.1, conflict_pause_s=0.1)
WAIT_S = 5.0


@pytest.fixture
async def line() -> AsyncIterator[Loopback]:
    async with loopback(QUICK) as found:
        yield found


@pytest.fixture
async def bot(line: Loopback) -> AsyncIterator[Any]:
    app = line.application()
    async with app.bot as found:
        yield found


@asynccontextmanager
async def polling(app: App, note: Callable[[TelegramError], None]) -> AsyncIterator[None]:
    async with app:
        assert app.updater is not None
        await app.updater.start_polling(
            timeout=2, allowed_updates=Update.ALL_TYPES, error_callback=note
        )
        await app.start()
        try:
            yield
        finally:
            await app.updater.stop()
            await app.stop()


async def ask(update: Update, _: Any) -> None:
    assert update.message is not None
    keys = InlineKeyboardMarkup(
        [[InlineKeyboardButton("예", callback_data="v1:y", style="danger")]]
    )
    await update.message.reply_text("<b>팔까요?</b>", parse_mode="HTML", reply_markup=keys)


async def pressed(update: Update, _: Any) -> None:
    query = update.callback_query
    assert isinstance(query, CallbackQuery)
    await query.answer("확인")
    await query.edit_message_text(f"{query.from_user.id}: {query.data}")


async def heard(update: Update, _: Any) -> None:
    edited = update.edited_message
    assert edited is not None
    await edited.reply_text(f"edited to {edited.text}")


async def test_an_application_polls_answers_a_command_and_a_press(line: Loopback) -> None:
    app = line.application()
    app.add_handler(CommandHandler("sell", ask, filters=filters.UpdateType.MESSAGE))
    app.add_handler(CallbackQueryHandler(pressed))
    app.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE, heard))
    errors: list[TelegramError] = []
    async with polling(app, errors.append):
        typed = line.chat.send(OWNER, "/sell AAPL")
        asked = await line.chat.wait_for(
            lambda: line.chat.with_text(OWNER, "팔까요?"), timeout_s=WAIT_S
        )
        assert asked.labels == ["예"]
        press = line.chat.press(OWNER, asked.message_id, label="예")
        await line.chat.wait_for(lambda: not asked.buttons(), timeout_s=WAIT_S)
        assert asked.text == f"{OWNER}: v1:y"
        assert press.answer == "확인"
        line.chat.edit(OWNER, typed.message_id, "/sell MSFT")
        await line.chat.wait_for(
            lambda: line.chat.with_text(OWNER, "edited to /sell MSFT"), timeout_s=WAIT_S
        )
    assert errors == []
    assert line.api.store.updates.pending == 0


async def test_polling_goes_on_after_trouble(line: Loopback) -> None:
    app = line.application()
    app.add_handler(CommandHandler("sell", ask))
    errors: list[TelegramError] = []
    line.trouble("bad_gateway", "getUpdates")
    async with polling(app, errors.append):
        line.chat.send(OWNER, "/sell")
        await line.chat.wait_for(lambda: line.chat.with_text(OWNER, "팔까요?"), timeout_s=WAIT_S)
    assert [type(error) for error in errors] == [NetworkError]


async def test_a_sent_message_is_read_by_ptb(line: Loopback, bot: Any) -> None:
    typed = line.chat.send(OWNER, "/start")
    sent = await bot.send_message(
        OWNER,
        '😀 <b>매도</b> <tg-time unix="1790000000" format="wdT">t</tg-time>',
        parse_mode="HTML",
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=ReplyParameters(typed.message_id),
        reply_markup=ReplyKeyboardMarkup([["/status", "/stop"]], resize_keyboard=True),
        disable_notification=True,
    )
    assert isinstance(sent, Message)
    assert sent.date == line.time().replace(microsecond=0)
    assert sent.parse_entities([MessageEntity.BOLD]) == {sent.entities[0]: "매도"}
    moment = sent.entities[1].unix_time
    assert moment is not None
    assert moment.timestamp() == 1790000000
    assert sent.reply_to_message is not None
    assert sent.reply_to_message.text == "/start"


async def test_edits_pins_actions_and_deletions(line: Loopback, bot: Any) -> None:
    card = await bot.send_message(OWNER, "card")
    edited = await card.edit_text("card 2")
    assert edited.edit_date is not None
    with pytest.raises(BadRequest, match=r"(?i)message is not modified"):
        await card.edit_text("card 2")
    assert await card.pin(disable_notification=True)
    chat = await bot.get_chat(OWNER)
    assert chat.pinned_message.text == "card 2"
    updates = await bot.get_updates(timeout=0)
    assert updates[0].message.pinned_message.message_id == card.message_id
    assert await bot.send_chat_action(OWNER, "typing")
    assert await bot.unpin_all_chat_messages(OWNER)
    assert await card.delete()
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await card.edit_text("card 3")


async def test_photos_documents_and_albums(line: Loopback, bot: Any) -> None:
    picture = png(1080, 1350)
    photo = await bot.send_photo(OWNER, io.BytesIO(picture), caption="a", filename="chart.png")
    assert (photo.photo[-1].width, photo.photo[-1].height) == (1080, 1350)
    found = await photo.photo[-1].get_file()
    assert bytes(await found.download_as_bytearray()) == picture
    changed = await photo.edit_media(InputMediaPhoto(png(20, 10), caption="b"))
    assert (changed.photo[-1].width, changed.caption) == (20, "b")
    assert (await photo.edit_caption("c")).caption == "c"
    document = await bot.send_document(OWNER, "가,나\n".encode(), filename="거래.csv")
    assert document.document.file_name == "거래.csv"
    album = await bot.send_media_group(OWNER, [InputMediaPhoto(picture)] * 2, caption="앨범")
    assert album[0].media_group_id == album[1].media_group_id
    with pytest.raises(BadRequest, match=r"(?i)photo_invalid_dimensions"):
        await bot.send_photo(OWNER, png(210, 10))
    with pytest.raises(BadRequest, match=r"(?i)file must be non-empty"):
        await bot.send_document(OWNER, b"", filename="empty.csv")


async def test_commands_are_set_and_read_back(line: Loopback, bot: Any) -> None:
    commands = [BotCommand("status", "상태"), BotCommand("stop", "정지")]
    scope = BotCommandScopeChat(OWNER)
    assert await bot.set_my_commands(commands, scope=scope, language_code="ko")
    assert list(await bot.get_my_commands(scope=scope, language_code="ko")) == commands
    assert await bot.delete_my_commands(scope=scope, language_code="ko")
    assert await bot.set_chat_menu_button(OWNER)


async def test_refusals_become_the_classes_of_ptb(
    line: Loopback, bot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # or RetryAfter warns of a later change
    with pytest.raises(BadRequest, match='unsupported start tag "" at byte offset 4'):
        await bot.send_message(OWNER, "pnl < 3", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(999, "a")
    line.chat.block(OWNER)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(OWNER, "a")
    line.chat.block(OWNER, is_blocked=False)
    line.trouble("unauthorized", "sendMessage")
    with pytest.raises(InvalidToken):
        await bot.send_message(OWNER, "a")
    line.trouble("flood", "sendMessage", "3")
    with pytest.raises(RetryAfter):
        await bot.send_message(OWNER, "a")
    for kind in ("http500", "bad_gateway", "reset", "lost_answer"):
        line.trouble(kind, "sendMessage")
        with pytest.raises(NetworkError):
            await bot.send_message(OWNER, kind)
    line.trouble("black_hole", "sendMessage")
    with pytest.raises(TimedOut):
        await bot.send_message(OWNER, "a", read_timeout=0.1)
    assert [item.text for item in line.chat.from_bot(OWNER)] == ["lost_answer"]


async def test_a_second_poller_is_told_to_ptb_as_a_conflict(line: Loopback) -> None:
    errors: list[TelegramError] = []

    def note(error: TelegramError) -> None:
        errors.append(error)
        line.api.store.next_change()

    before = asyncio.create_task(line.raw("getUpdates", offset=1, timeout=50))
    await asyncio.sleep(0.05)
    async with polling(line.application(), note):
        assert (await before).status_code == 409  # PTB has taken over
        second = asyncio.create_task(line.raw("getUpdates", offset=2, timeout=50))
        await line.chat.wait_for(lambda: errors, timeout_s=WAIT_S)
        line.chat.send(OWNER, "a")
        assert len((await second).json()["result"]) == 1
    assert [type(error) for error in errors] == [Conflict]
