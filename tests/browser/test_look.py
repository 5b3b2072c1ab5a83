"""How the page looks: narrow and wide, light and dark, with and without its sandbox."""

from __future__ import annotations

from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup

from tests.browser.chromium import Browser
from tests.browser.page import Screen
from tests.browser.phone import Phone, phone
from tests.browser.quiet import quiet_sandbox
from tests.e2e.trader import OWNER
from tests.sandbox.telegram_loopback import png

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(60),
]

# 34 columns, the widest the assistant writes; a syllable takes two.
TABLE = "<pre>종목                수량        손익\n애플 (AAPL)            5    +12.34 %</pre>"
# What is clipped counts too; only a table may be scrolled, within its bubble.
STICKING_OUT = """
[...document.querySelectorAll("#chat, #chat :not(pre *)")]
  .filter(one => one.getClientRects().length)
  .filter(one => {
    const box = one.getBoundingClientRect();
    return box.left < -1 || box.right > innerWidth + 1;
  })
  .map(one => `${one.tagName} ${one.className} ${(one.innerText ?? "").slice(0, 30)}`)
"""

# Text against the ground it stands on, by the formula of WCAG 2.2 (1.4.3 asks for 4.5).
CONTRAST = """
(() => {
  const one = [...document.querySelectorAll('.message[data-from="bot"] .text')].at(-1);
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  let ground = one;
  while (ground && (parts(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) {
    ground = ground.parentElement;
  }
  const light = (color) => parts(color).slice(0, 3)
    .map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, index) => sum + c * [0.2126, 0.7152, 0.0722][index], 0);
  const pair = [getComputedStyle(one).color, getComputedStyle(ground).backgroundColor].map(light);
  return [(Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05), pair[0] > pair[1]];
})()
"""


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_nothing_sticks_out_on_a_narrow_screen(trader: Phone, bot: Bot, width: int) -> None:
    await trader.page.show_on(Screen(width=width))
    await bot.send_message(OWNER, "가" * 300 + "W" * 300)
    await bot.send_message(OWNER, TABLE, parse_mode="HTML")
    await bot.send_message(OWNER, f"<code>{'https://' + 'a' * 200}</code>", parse_mode="HTML")
    wide = [[InlineKeyboardButton("아주 긴 이름의 단추 " * 3, callback_data="x")] * 4] * 3
    await bot.send_message(OWNER, "단추", reply_markup=InlineKeyboardMarkup(wide))
    await bot.send_photo(OWNER, png(2000, 300), caption="넓은 그림")
    keys = ReplyKeyboardMarkup([["아주 긴 이름의 키 " * 3] * 4])
    await bot.send_document(OWNER, b"x", filename="긴_이름" * 30 + ".csv", reply_markup=keys)
    pinned = await bot.send_message(OWNER, "고정 " + "W" * 200)
    await bot.pin_chat_message(OWNER, pinned.message_id)
    await trader.until_pinned("고정")
    assert await trader.page.evaluate("document.documentElement.scrollWidth") <= width
    assert await trader.page.evaluate(STICKING_OUT.strip()) == []
    scrolled = (
        "[...document.querySelectorAll('pre')].some(one => one.scrollWidth > one.clientWidth)"
    )
    assert await trader.page.evaluate(scrolled) is (width < 360)


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_page_follows_the_systems_colours_and_stays_legible(
    trader: Phone, bot: Bot, theme: str
) -> None:
    sent = await bot.send_message(OWNER, "빛과 어둠")
    await trader.message(sent.message_id)
    await trader.page.show_on(Screen(theme="dark" if theme == "dark" else "light"))
    await trader.page.wait_for(f"document.documentElement.dataset.theme === '{theme}'")
    contrast, is_light_on_dark = await trader.page.evaluate(CONTRAST.strip())
    assert contrast >= 4.5
    assert is_light_on_dark is (theme == "dark")


async def test_a_page_that_loses_its_sandbox_says_so_and_shows_the_next_one(
    browser: Browser,
) -> None:
    async with AsyncExitStack() as pages:
        async with quiet_sandbox() as url:
            trader = await pages.enter_async_context(phone(browser, url))
            await trader.say("이전 대화")
        await trader.page.wait_for("!document.querySelector('#connection').hidden")
        async with quiet_sandbox(urlsplit(url).port or 0):
            await trader.page.wait_for("document.querySelector('#connection').hidden")
            await trader.page.wait_for("!document.querySelector('.message')")
            await trader.say("새 대화")
