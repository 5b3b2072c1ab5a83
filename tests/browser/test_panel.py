"""The demo's side panel: what a newcomer presses is what the sandbox does."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from sandbox.krx import hours as krx_hours
from sandbox.krx.side import KrxScenario
from sandbox.names import DEFAULT_UNIVERSE
from sandbox.scenario import Scenario
from sandbox.session import at
from tests.browser.chromium import Browser
from tests.browser.conftest import DESK
from tests.browser.phone import Phone, phone
from tests.browser.quiet import quiet_sandbox
from tests.e2e.trader import DAY, Sandbox
from tests.sandbox.krx_every_second import BUSY, EverySecond

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(60),
]

KOREAN_START = krx_hours.at(DAY, time(10))
KOREAN_MORNING = Scenario(
    start=KOREAN_START,
    listings=DEFAULT_UNIVERSE[:2],
    krx=KrxScenario((BUSY,), tape=EverySecond(KOREAN_START)),
)


async def test_a_jump_moves_the_clock_and_the_panel_shows_it(desk: Phone, stage: Sandbox) -> None:
    await desk.page.click('[data-jump="window_end"]')
    await desk.page.wait_for("document.querySelector('#clock').innerText.startsWith('02:00')")
    assert (await desk.page.text("#clock-ny")).startswith("12:00")
    assert 0 <= (await stage.now() - at(DAY, time(12, 0))).total_seconds() < 60


async def test_the_markets_times_name_their_zone(desk: Phone) -> None:
    faces = await desk.page.text(".faces")
    assert "서울 KST" in faces
    assert "뉴욕 ET" in faces
    await desk.page.wait_for(
        "document.querySelector('[data-jump=\"open\"] small').innerText.endsWith('KST')"
    )


async def test_the_panel_says_that_live_means_no_real_money(desk: Phone) -> None:
    assert "진짜 돈에는 닿지 않습니다" in await desk.page.text("#panel > header")


async def test_a_speed_is_the_speed_of_the_market(desk: Phone, stage: Sandbox) -> None:
    await stage.play(30)
    await desk.page.click('[data-speed="1"]')
    await stage.until(lambda: _has_speed(stage, 1), "the speed did not change")


async def test_a_buy_in_the_brokers_app_is_in_the_books(desk: Phone, stage: Sandbox) -> None:
    await desk.buy("AAPL", 7)
    await stage.until(lambda: _holds(stage, "AAPL", 7), "AAPL was not bought")
    await desk.page.wait_for("document.querySelector('#panel').innerText.includes('7주')")


async def test_a_nudge_moves_the_chosen_price_alone(desk: Phone, stage: Sandbox) -> None:
    await stage.play(10)
    await desk.page.choose("#buy-symbol", "NVDA")
    before = await _prices(stage)
    await desk.page.click('[data-nudge="3"]')

    async def is_nudged() -> bool:
        return (await _prices(stage))["NVDA"] / before["NVDA"] > Decimal("1.02")

    await stage.until(is_nudged, "NVDA did not rise")
    assert (await _prices(stage))["AAPL"] / before["AAPL"] < Decimal("1.02")


@pytest.mark.parametrize("name", ["telegram", "account"])
async def test_a_switch_that_stays_is_on_until_it_is_pressed_again(
    desk: Phone, stage: Sandbox, name: str
) -> None:
    button = f'#panel [data-switch="{name}"]'
    for pressed in ("true", "false"):
        await desk.page.click(button)
        await desk.page.wait_for(f"document.querySelector('{button}').ariaPressed === '{pressed}'")
        waiting = (await stage.get("/sandbox/faults"))["waiting"]
        assert bool(waiting) is (pressed == "true")


async def test_a_new_york_day_has_no_korean_clock(desk: Phone) -> None:
    assert await desk.page.count("#krx-day:not([hidden]), #krx-jumps:not([hidden])") == 0
    assert await desk.page.text("#phase") == "정규장"


async def test_a_korean_name_is_nudged_and_bought_beside_new_york(
    browser: Browser, tmp_path: Path
) -> None:
    async with (
        quiet_sandbox(scenario=KOREAN_MORNING) as url,
        phone(browser, url, DESK) as trader,
        httpx.AsyncClient(timeout=10) as http,
    ):
        page, stage = trader.page, Sandbox(url, tmp_path, http)
        await page.wait_for("document.querySelector('#phase-krx').innerText === '한국 정규장'")
        assert await page.text("#phase") == "뉴욕 장 마감"
        # New York is closed, so the broker's app opens at the Korean list.
        assert await page.evaluate("document.querySelector('#buy-symbol').value") == BUSY.symbol
        await page.click('[data-nudge="3"]')

        async def is_nudged() -> bool:
            return (await _prices(stage))[BUSY.symbol] / BUSY.base_price > Decimal("1.02")

        await stage.until(is_nudged, "the Korean price did not rise")
        await trader.buy(BUSY.symbol, 7)
        await page.wait_for("document.querySelector('#holdings').innerText.includes('7주')")
        shown = await page.text("#holdings")
        assert BUSY.name in shown
        assert "₩" in shown
        await page.click('[data-jump="krx_close"]')
        await page.wait_for("document.querySelector('#phase-krx').innerText === '한국 장 마감'")
        trader.complain()


async def _prices(stage: Sandbox) -> dict[str, Decimal]:
    quotes = (await stage.get("/sandbox/state"))["quotes"]
    return {symbol: Decimal(quote["last"] or 0) for symbol, quote in quotes.items()}


async def _has_speed(stage: Sandbox, speed: float) -> bool:
    return float((await stage.get("/sandbox/state"))["clock"]["speed"]) == speed


async def _holds(stage: Sandbox, symbol: str, qty: int) -> bool:
    held = (await stage.get("/sandbox/books"))["real"]["holdings"]
    return symbol in held and int(held[symbol]["qty"]) == qty
