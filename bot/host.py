"""Runs the PTB application as one service: start, wait, stop in the order PTB wants.

Not ``run_polling``: that owns the signals (a second SIGTERM breaks off the stop) and cannot be
ended while Telegram is unreachable at the start (docs/adr/0002).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telegram.error import InvalidToken, NetworkError, TelegramError

from bot.app import draw_menus, post_init
from bot.chat import ChatSettings, HumanTime
from bot.polling import App, restart_poller

log = logging.getLogger(__name__)

FIRST_RETRY_S = 1.0
LONGEST_RETRY_S = 30.0
# With a stop to write (2.5 s), orders to settle and a farewell before it, all must end within 20 s.
# A poller's last call, which confirms what was heard, takes Telegram about 3 s.
DOWN_S, STEP_S = 7.0, 4.5


class TelegramHost:
    """Owns the application's life. ``run`` ends only by being cancelled."""

    def __init__(self, app: App, settings: ChatSettings, time: HumanTime) -> None:
        self._app = app
        self._settings = settings
        self._time = time
        self._up = asyncio.Event()

    @property
    def is_up(self) -> bool:
        """Whether messages can be sent."""
        return self._up.is_set()

    async def until_up(self) -> None:
        """Wait until the application was started."""
        await self._up.wait()

    async def run(self) -> None:
        """Initialize (retrying for ever), poll, and take everything down when cancelled."""
        await self._until_initialized()
        try:
            await self._app.start()
            await restart_poller(self._app, self._settings)
            await post_init(self._app)
            self._up.set()
            await draw_menus(self._app)  # cosmetic: nobody waits for it
            await asyncio.Event().wait()
        finally:
            self._up.clear()
            await self._down()

    async def _until_initialized(self) -> None:
        delay = FIRST_RETRY_S
        while True:
            try:
                await self._app.initialize()
            except (NetworkError, InvalidToken) as error:
                # The text of InvalidToken holds the token.
                log.warning("Telegram cannot be reached yet: %s", type(error).__name__)
                await self._time.pause(delay)
                delay = min(LONGEST_RETRY_S, delay * 1.5)
            else:
                return

    async def _down(self) -> None:
        app = self._app
        steps: list[Callable[[], Awaitable[None]]] = []
        if app.updater is not None and app.updater.running:
            steps.append(app.updater.stop)
        if app.running:
            steps.append(app.stop)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + DOWN_S
        for step in [*steps, app.shutdown]:
            try:
                # PTB waits for every handler, also for one that waits for what will never come.
                async with asyncio.timeout_at(min(deadline, loop.time() + STEP_S)):
                    await step()
            except (TelegramError, TimeoutError) as error:
                log.warning("stopping Telegram: %s", type(error).__name__)
