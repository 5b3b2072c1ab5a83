"""A sandbox within the test, without an assistant, whose Telegram holds nobody back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time

from sandbox.__main__ import BOT_TOKEN
from sandbox.__main__ import OWNER as HOLDER
from sandbox.http import serve
from sandbox.scenario import Scenario, build
from sandbox.session import at
from sandbox.telegram_api import TelegramApi, TelegramLimits
from tests.e2e.trader import DAY

LIMITS = TelegramLimits(chat_burst=10_000, overall_burst=10_000, repeated_poll_s=0.1)

MORNING = Scenario(start=at(DAY, time(9, 31)))


@asynccontextmanager
async def quiet_sandbox(port: int = 0, scenario: Scenario = MORNING) -> AsyncIterator[str]:
    """Its address; the day begins at 09:31 in New York unless it is another one."""
    world = build(scenario)
    telegram = TelegramApi(
        world.faults,
        token=BOT_TOKEN,
        users=[HOLDER],
        now=lambda: datetime.now(UTC),
        limits=LIMITS,
    )
    running = await serve(world, telegram=telegram, port=port)
    try:
        yield running.url
    finally:
        await running.close()
