"""Makes the pictures of README and docs: ``python -m tests.browser.screenshots [--out DIR]``.

A real assistant and a real market tell a little story in a real browser. The market is seeded,
the clock of the chat is not: times of day, and prices by a few cents, differ from run to run.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from tests.browser.chromium import chromium
from tests.browser.page import Page, Screen
from tests.browser.phone import Phone, phone
from tests.e2e.children import assistant
from tests.e2e.stage import sandbox
from tests.e2e.trader import Sandbox

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "docs" / "pictures"
PHONE = Screen(scale=2)
DESK = Screen(width=1280, height=860)
COLOURS = 256
CARD, REPORT = (f"[...document.querySelectorAll('img.photo')][{at}]" for at in (0, 1))
FINISHED = "document.getAnimations().every(one => one.playState === 'finished')"
START_S, SALE_S = 14.0, 14.0


async def take_all(out: Path) -> None:
    """Play the story and write the pictures into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    async with _introduced() as (stage, trader):
        page = trader.page
        question = await _ask_for_live(trader)
        await _take(page, PHONE, out / "confirm-390-light.png")
        await _go_live(stage, trader, question)
        await _trade(stage, trader)
        await _take(page, PHONE, out / "chat-390-light.png")
        await _take(page, replace(PHONE, theme="dark"), out / "chat-390-dark.png")
        await _look_at(trader, CARD, out / "trade-390-light.png")
        await _report(trader, out / "report-390-light.png")
        await page.show_on(DESK)
        await page.wait_for("document.querySelector('#holdings').innerText.includes('NVDA')")
        await _take(page, DESK, out / "demo-1280-light.png")
        await _take(page, replace(DESK, theme="dark"), out / "demo-1280-dark.png")
        await page.show_on(PHONE)
        await page.click("#pinned")
        await _take(page, PHONE, out / "card-390-light.png")
        await page.click("#menu")
        await _take(page, PHONE, out / "menu-390-light.png")
        await page.press("Escape")
        await page.click("#panel-toggle")
        await _take(page, PHONE, out / "panel-390-light.png")


@asynccontextmanager
async def _introduced() -> AsyncIterator[tuple[Sandbox, Phone]]:
    """Sandbox, assistant, and a phone on which the assistant has introduced itself."""
    with TemporaryDirectory(prefix="dolpa-pictures-") as home:
        async with (
            chromium() as browser,
            sandbox(Path(home)) as stage,
            await assistant(stage.home),
            phone(browser, stage.url, PHONE) as trader,
        ):
            await trader.say("/start")
            await trader.until_said("Dolpa", limit_s=START_S)
            yield stage, trader
            trader.complain()


async def _ask_for_live(trader: Phone) -> int:
    """The question with its buttons."""
    asked = await trader.say("/mode live")
    return await trader.until_offered("확인", after=asked)


async def _go_live(stage: Sandbox, trader: Phone, question: int) -> None:
    """The answer is edited into the question; then the account is read."""
    reads = await stage.reads()
    await trader.press("확인", question)
    await trader.until_shows(question, "✅")
    await stage.until_read(reads)
    await trader.until_pinned("[실전]")


async def _trade(stage: Sandbox, trader: Phone) -> None:
    """Bought by hand, sold by the assistant at the target; a second buy is still held."""
    begun = await trader.newest()
    await stage.play(20)
    await stage.buy("NVDA", 8)
    await trader.until_said("(NVDA) 8주 매수 확인", after=begun)
    await stage.buy("AAPL", 5)
    await trader.until_said("(AAPL) 5주 매수 확인", after=begun)
    await stage.lift("AAPL", 6.0, 60)
    await trader.until_said("(AAPL) 매도 전량 체결", after=begun, limit_s=SALE_S)
    card = await trader.pinned()
    await trader.until_shows(card, "(NVDA)")
    await trader.until_shows(card, "자산")  # the cash after the sale has been read
    await stage.play(1)
    await trader.page.click("#to-bottom")


async def _look_at(trader: Phone, image: str, path: Path) -> None:
    """A picture of the chat, once it is there, from its top."""
    await trader.page.wait_for(f"{image}?.complete && {image}.naturalWidth === 1080", SALE_S)
    await trader.page.evaluate(f"{image}.scrollIntoView({{block: 'start'}})")
    await _take(trader.page, PHONE, path)


async def _report(trader: Phone, path: Path) -> None:
    """Text and buttons, then its pictures."""
    await trader.say("/report day us")
    await _look_at(trader, REPORT, path)


async def _take(page: Page, screen: Screen, path: Path) -> None:
    """Photograph what stands still, in few colours: the page is flat, and README fetched often."""
    await page.show_on(screen)
    await page.evaluate("document.activeElement.blur()")
    await page.wait_for("document.querySelector('#toast').hidden")
    await page.wait_for(FINISHED)
    picture = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
    palette = picture.quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE)
    palette.save(path, optimize=True)
    sys.stdout.write(f"{path} {path.stat().st_size // 1000} kB\n")


def main(arguments: list[str] | None = None) -> int:
    """0 when all pictures were taken."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots")
    parser.add_argument("--out", type=Path, default=PICTURES)
    asyncio.run(take_all(parser.parse_args(arguments).out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
