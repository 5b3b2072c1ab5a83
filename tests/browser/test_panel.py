"""The demo's side panel: what a newcomer presses is what the sandbox does."""

from __future__ import annotations

from datetime import time
from decimal import Decimal

import pytest

from sandbox.session import at
from tests.browser.phone import Phone
from tests.e2e.trader import DAY, Sandbox

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(60),
]


async def test_a_jump_moves_the_clock_and_the_panel_shows_it(desk: Phone, stage: Sandbox) -> None:
    await desk.page.click('[data-jump="window_end"]')
    await desk.page.wait_for("document.querySelector('#clock').innerText.startsWith('02:00')")
    assert (await desk.page.text("#clock-ny")).startswith("12:00")
    assert 0 <= (await stage.now() - at(DAY, time(12, 0))).total_seconds() < 60


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


async def _prices(stage: Sandbox) -> dict[str, Decimal]:
    quotes = (await stage.get("/sandbox/state"))["quotes"]
    return {symbol: Decimal(quote["last"] or 0) for symbol, quote in quotes.items()}


async def _has_speed(stage: Sandbox, speed: float) -> bool:
    return float((await stage.get("/sandbox/state"))["clock"]["speed"]) == speed


async def _holds(stage: Sandbox, symbol: str, qty: int) -> bool:
    held = (await stage.get("/sandbox/books"))["real"]["holdings"]
    return symbol in held and int(held[symbol]["qty"]) == qty
