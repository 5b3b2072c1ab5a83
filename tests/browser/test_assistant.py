"""The assistant itself on the page: asked, stopped, pinned, cut off, and told of a buy."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.chromium import Browser
from tests.browser.phone import Phone, phone
from tests.e2e.stage import sandbox, started
from tests.e2e.trader import Sandbox

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(60),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sandbox]:
    """Sandbox and assistant for all of these; the day begins at 09:31 in New York."""
    async with sandbox(tmp_path_factory.mktemp("house")) as stage, await started(stage):
        await stage.go_live()
        await stage.play(10)
        yield stage


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chat(browser: Browser, house: Sandbox) -> AsyncIterator[Phone]:
    """Instead of the chat with a bot of the test's own."""
    async with phone(browser, house.url) as found:
        yield found


async def test_status_typed_in_the_page_is_answered_in_a_bubble(desk: Phone) -> None:
    asked = await desk.say("/status")
    answer = await desk.message(await desk.until_said("실전", after=asked))
    assert answer["from"] == "bot"
    assert "미국" in answer["text"]


async def test_a_stop_called_off_is_edited_in_place(desk: Phone) -> None:
    asked = await desk.say("/stop")
    menu = await desk.until_offered("취소", after=asked)
    before = await desk.message(menu)
    assert before["buttons"][-1] == "취소"
    await desk.press("취소", menu)
    after = await desk.until_shows(menu, "취소")
    assert after["buttons"] == []
    assert await desk.said("취소", after=menu) == []
    assert (before["edited"], after["edited"]) == (False, True)


async def test_the_menu_holds_the_assistants_commands(desk: Phone) -> None:
    await desk.page.click("#menu")
    await desk.page.wait_for("document.querySelectorAll('#commands [data-command]').length > 10")
    asked = await desk.newest()
    await desk.page.click('#commands [data-command="/version"]')
    await desk.until_said("Dolpa", after=asked)


async def test_a_buy_on_the_panel_is_told_in_the_chat(desk: Phone) -> None:
    before = await desk.newest()
    await desk.buy("AAPL", 5)
    await desk.until_said("애플 (AAPL) 5주 매수 확인", after=before)


async def test_the_pinned_card_is_the_same_message_after_a_buy(desk: Phone) -> None:
    await desk.until_pinned("[실전]")
    card = await desk.pinned()
    assert "엔비디아 (NVDA)" not in (await desk.message(card))["text"]
    await desk.buy("NVDA", 2)
    bought = await desk.until_shows(card, "엔비디아 (NVDA)")
    assert bought["edited"]
    assert await desk.pinned() == card


async def test_an_alert_waits_while_telegram_is_down_and_comes_once(
    desk: Phone, house: Sandbox
) -> None:
    before = await desk.newest()
    await desk.page.click('#panel [data-switch="telegram"]')
    await desk.page.wait_for(_pressed("true"))
    await desk.buy("KO", 3)
    await house.until(lambda: _is_trying(house), "nobody tried to tell")
    assert await desk.said("코카콜라", after=before) == []
    await desk.page.click('#panel [data-switch="telegram"]')
    await desk.page.wait_for(_pressed("false"))
    told = await desk.until_said("코카콜라 (KO) 3주 매수 확인", after=before)
    answered = await desk.say("/version")
    await desk.until_said("Dolpa", after=answered)
    assert await desk.said("코카콜라 (KO) 3주 매수 확인", after=before) == [told]
    assert told < answered


def _pressed(state: str) -> str:
    return f"document.querySelector('#panel [data-switch=\"telegram\"]').ariaPressed === '{state}'"


async def _is_trying(house: Sandbox) -> bool:
    taken = (await house.get("/sandbox/faults"))["taken"]
    return any(one["hit"] == "sendMessage" for one in taken)
