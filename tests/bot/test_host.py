"""The application is taken down in time, whatever its handlers wait for."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot import host
from bot.app import build_application
from bot.chat import ChatSettings, ChatStores
from bot.host import TelegramHost
from tests.bot.samples import control
from tests.bot.stage import OWNER, TOKEN, Call, Recorder, Watch
from tests.fakes.chat_store import FakeNonces, FakeOutbox, FakeValues


async def test_a_handler_that_waits_for_ever_does_not_hold_the_end_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(host, "STEP_S", 0.1)
    sent, time = Recorder(), Watch().human_time()
    sent.rule = _slow_poll
    settings = ChatSettings((OWNER,), base_url="http://127.0.0.1:1/bot")
    stores = ChatStores(FakeNonces(), FakeValues(), FakeOutbox(), Path("no-books"))
    app = build_application(
        TOKEN, settings, control(), stores, time, request=sent, poll_request=sent
    )
    telegram = TelegramHost(app, settings, time)
    running = asyncio.ensure_future(telegram.run())
    await telegram.until_up()
    stuck = app.create_task(asyncio.Event().wait())
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 5)
    assert stuck.cancelled()
    assert not telegram.is_up


async def _slow_poll(call: Call) -> tuple[int, dict[str, Any]] | None:
    if call.method == "getUpdates":
        await asyncio.sleep(0.01)
    return None
