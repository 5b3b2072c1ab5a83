"""The trader's phone: the chat page, read and used as a person would."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.browser.chromium import Browser
from tests.browser.devtools import Json
from tests.browser.page import PATIENCE_S, Page, Screen

# One message as a reader sees it.
_SEEN = """
(() => {{
  const one = document.querySelector('.message[data-id="{number}"]');
  return one && {{
    from: one.dataset.from,
    text: one.querySelector(".text")?.innerText ?? "",
    edited: one.querySelector(".edited") !== null,
    buttons: [...one.querySelectorAll(".keyboard button")].map(button => button.dataset.label),
  }};
}})()
"""
_OFFERED = """
[...document.querySelectorAll(".keyboard button")]
  .filter(one => one.dataset.label === {label})
  .map(one => Number(one.closest(".message").dataset.id))
  .find(number => number > {after})
"""
_TIDY = """
document.querySelectorAll("dialog[open]").forEach(one => one.close());
document.querySelector("#input").value = "";
document.querySelector("#input").dispatchEvent(new Event("input"));
"""
_SAID = """
[...document.querySelectorAll('.message[data-from="{sender}"]')]
  .filter(one => Number(one.dataset.id) > {after})
  .filter(one => (one.querySelector(".text")?.innerText ?? "").includes({part}))
  .map(one => Number(one.dataset.id))
"""


class Phone:
    """A chat on a screen. Messages are told apart by their numbers in the chat."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url

    async def say(self, text: str) -> int:
        """Type a message, send it, and see it in the chat."""
        before = await self.newest()
        await self.page.write("#input", text)
        await self.page.click("#send")
        return await self.until_said(text, after=before, sender="me")

    async def until_said(
        self, part: str, after: int = 0, sender: str = "bot", limit_s: float = PATIENCE_S
    ) -> int:
        """The first message later than ``after`` that shows ``part``."""
        script = _SAID.format(sender=sender, after=after, part=json.dumps(part)).strip()
        return int(await self.page.wait_for(f"({script})[0]", limit_s))

    async def said(self, part: str, after: int = 0) -> list[int]:
        """All messages of the bot later than ``after`` that show ``part``."""
        script = _SAID.format(sender="bot", after=after, part=json.dumps(part))
        found: list[int] = await self.page.evaluate(script.strip())
        return found

    async def until_offered(self, label: str, after: int) -> int:
        """The first message later than ``after`` that has such a button."""
        script = _OFFERED.format(label=json.dumps(label), after=after)
        return int(await self.page.wait_for(script.strip()))

    async def until_shows(self, number: int, part: str) -> Json:
        """Wait until that very message shows ``part``; what it looks like then."""
        script = _SEEN.format(number=number).strip()
        wanted = f"({script})?.text.includes({json.dumps(part)})"
        await self.page.wait_for(wanted)
        found: Json = await self.page.evaluate(script)
        return found

    async def message(self, number: int) -> Json:
        """What a message looks like, as soon as it is there."""
        found: Json = await self.page.wait_for(_SEEN.format(number=number).strip())
        return found

    async def press(self, label: str, number: int) -> None:
        """Press an inline button of a message."""
        quoted = json.dumps(label, ensure_ascii=False)
        await self.page.click(f'.message[data-id="{number}"] .keyboard button[data-label={quoted}]')

    async def buy(self, symbol: str, qty: int) -> None:
        """On the panel, as in the broker's app."""
        await self.page.choose("#buy-symbol", symbol)
        await self.page.write("#buy-qty", str(qty))
        await self.page.click("#buy-send")

    async def newest(self) -> int:
        """The number of the latest message, 0 in an empty chat."""
        numbers = "[...document.querySelectorAll('.message')].map(one => Number(one.dataset.id))"
        return int(await self.page.evaluate(f"Math.max(0, ...{numbers})"))

    async def pinned(self) -> int:
        """The number of the message to which the bar above the chat leads."""
        await self.page.click("#pinned")
        found = "document.querySelector('.message.found')?.dataset.id"
        return int(await self.page.wait_for(found))

    async def until_pinned(self, part: str) -> str:
        """Wait until the bar above the chat shows ``part``; all it shows then."""
        bar = "document.querySelector('#pinned:not([hidden]) .pinned-text')?.innerText"
        await self.page.wait_for(f"({bar} ?? '').includes({json.dumps(part)})")
        return await self.page.text("#pinned .pinned-text")

    async def tidy(self, screen: Screen) -> None:
        """Nothing typed, nothing open, and such a screen."""
        self.page.errors.clear()
        await self.page.show_on(screen)
        await self.page.evaluate(_TIDY)
        await self.page.press("Escape")

    def complain(self) -> None:
        """Whatever was done: the page had no error and asked nobody but its sandbox."""
        assert self.page.errors == []
        own = (self._url, "data:", "blob:")
        assert [address for address in self.page.addresses if not address.startswith(own)] == []


@asynccontextmanager
async def phone(browser: Browser, url: str, screen: Screen | None = None) -> AsyncIterator[Phone]:
    """A page that is connected to its sandbox."""
    async with browser.page(url + "/", screen) as page:
        await page.wait_for("document.querySelector('#connection')?.hidden")
        found = Phone(page, url)
        found.complain()
        yield found
