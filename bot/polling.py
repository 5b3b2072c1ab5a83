"""Notices a poller that went deaf: PTB keeps ``running`` True after a 401 or in a black hole."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypedDict

from telegram import Update
from telegram.error import TelegramError
from telegram.ext import Application
from telegram.request import BaseRequest, RequestData

from bot.chat import ChatSettings, HumanTime

_LOG = logging.getLogger(__name__)
_CHECK_EVERY_S = 5.0
_GET_UPDATES = "/getUpdates"

ALLOWED_UPDATES = (
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
)
App = Application[Any, Any, Any, Any, Any, Any]


class PollingArguments(TypedDict):
    """What start_polling and run_polling are both given."""

    timeout: int
    bootstrap_retries: int
    allowed_updates: list[str]


def polling_arguments(settings: ChatSettings) -> PollingArguments:
    """Retries for ever: the engine already runs and must not end with Telegram."""
    return {
        "timeout": settings.poll_timeout_s,
        "bootstrap_retries": -1,
        "allowed_updates": list(ALLOWED_UPDATES),
    }


class PollStamp(BaseRequest):
    """A transport that remembers when getUpdates was last answered well."""

    def __init__(self, inner: BaseRequest, monotonic: Callable[[], float]) -> None:
        self._inner = inner
        self._monotonic = monotonic
        self._answered_at = monotonic()

    @property
    def read_timeout(self) -> float | None:
        """Of the transport inside."""
        return self._inner.read_timeout

    def age_s(self) -> float:
        """Seconds since the last good answer; before the first one, since the start."""
        return self._monotonic() - self._answered_at

    async def initialize(self) -> None:
        """Open the transport inside."""
        await self._inner.initialize()

    async def shutdown(self) -> None:
        """Close the transport inside."""
        await self._inner.shutdown()

    async def do_request(  # noqa: PLR0917 - PTB's signature
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Pass on; stamp a good answer."""
        status, body = await self._inner.do_request(
            url,
            method,
            request_data,
            read_timeout=read_timeout,
            write_timeout=write_timeout,
            connect_timeout=connect_timeout,
            pool_timeout=pool_timeout,
        )
        if status == HTTPStatus.OK and url.endswith(_GET_UPDATES):
            self._answered_at = self._monotonic()
        return status, body


async def watch_poller(app: App, stamp: PollStamp, settings: ChatSettings, time: HumanTime) -> None:
    """Restart a poller that has been deaf for too long. Runs until cancelled."""
    restarted_at: float | None = None
    while True:
        await time.pause(_CHECK_EVERY_S)
        since = time.monotonic() - restarted_at if restarted_at is not None else None
        is_recent = since is not None and since < settings.poll_dead_after_s
        if not app.running or is_recent or stamp.age_s() < settings.poll_dead_after_s:
            continue
        restarted_at = time.monotonic()
        _LOG.error("no getUpdates answer for %.0f s: the poller is restarted", stamp.age_s())
        await restart_poller(app, settings)


async def restart_poller(app: App, settings: ChatSettings) -> None:
    """Stop what is left of the poller and start a new one."""
    updater = app.updater
    if updater is None:
        return
    arguments = polling_arguments(settings)

    def forward(error: TelegramError) -> None:
        app.create_task(app.process_error(update=None, error=error))

    try:
        if updater.running:
            await updater.stop()
    except TelegramError as error:
        # A poller that died of 401 raises that again here and leaves PTB's stop mark set:
        # one more start and stop clears the mark.
        _LOG.warning("the poller had died: %s", type(error).__name__)
        await updater.start_polling(**arguments, error_callback=forward)
        await updater.stop()
    await updater.start_polling(**arguments, error_callback=forward)
