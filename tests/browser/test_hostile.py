"""Whatever is said in the chat is text: nothing of it runs, and nothing of it breaks the page."""

from __future__ import annotations

import html

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyKeyboardMarkup,
)

from tests.browser.phone import Phone
from tests.e2e.trader import OWNER
from tests.sandbox.telegram_loopback import png

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(60),
]

HOSTILE = (
    "<img src=x onerror='window.ran=1'>",
    "<script>window.ran = 1</script>",
    "\"><svg onload=window.ran=1>'",
    "</div></article><iframe srcdoc='<script>parent.ran=1</script>'>",
    "javascript:window.ran=1",
    "${window.ran=1} {{window.ran=1}} &lt;b&gt; \u202etxet",
)
PLANTED = "#messages :is(script, iframe, svg[onload], img:not(.photo)), [onerror], [onload]"


async def test_hostile_text_is_shown_as_it_was_written(trader: Phone, bot: Bot) -> None:
    for text in HOSTILE:
        plain = await bot.send_message(OWNER, text)
        marked = await bot.send_message(OWNER, f"<b>{html.escape(text)}</b>", parse_mode="HTML")
        assert (await trader.message(plain.message_id))["text"] == text
        assert (await trader.message(marked.message_id))["text"] == text
        await trader.say(text)
    assert await _untouched(trader)


async def test_hostile_names_of_things_are_names(trader: Phone, bot: Bot) -> None:
    text = HOSTILE[0]
    button = InlineKeyboardMarkup([[InlineKeyboardButton(text, callback_data=text[:40])]])
    await bot.send_message(OWNER, "단추", reply_markup=button)
    await bot.send_message(OWNER, "키", reply_markup=ReplyKeyboardMarkup([[text]]))
    await bot.send_photo(OWNER, png(20, 20), caption=text)
    named = await bot.send_document(OWNER, b"x", filename=f"a{text}.html".replace("/", ""))
    await bot.set_my_commands([BotCommand("x", text)], scope=BotCommandScopeChat(OWNER))
    pinned = await bot.send_message(OWNER, text)
    await bot.pin_chat_message(OWNER, pinned.message_id)
    await trader.until_pinned(text)
    await trader.page.click("#menu")
    await trader.page.wait_for("document.querySelector('#commands [data-command]')")
    assert await trader.page.count(f'[data-id="{named.message_id}"] a.file') == 1
    assert await _untouched(trader)


async def test_a_link_leads_to_the_web_or_nowhere(trader: Phone, bot: Bot) -> None:
    sent = await bot.send_message(
        OWNER,
        "하나 둘 셋",
        entities=[
            MessageEntity(MessageEntity.TEXT_LINK, 0, 2, url="https://example.com/?a=1&b=<2>"),
            MessageEntity(MessageEntity.TEXT_LINK, 3, 1, url="javascript:window.ran=1"),
        ],
    )
    await trader.message(sent.message_id)
    links = await trader.page.evaluate(
        f"[...document.querySelectorAll('[data-id=\"{sent.message_id}\"] a')]"
        ".map(one => [one.protocol, one.rel, one.target])"
    )
    assert {protocol for protocol, _, _ in links} <= {"https:", "http:", ":"}
    assert all("noopener" in rel and target == "_blank" for _, rel, target in links)
    assert await _untouched(trader)


async def _untouched(trader: Phone) -> bool:
    planted = await trader.page.count(PLANTED)
    ran = await trader.page.evaluate("window.ran === undefined")
    return planted == 0 and bool(ran)
