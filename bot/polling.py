"""Notices a poller that went deaf: PTB keeps ``running`` True after a 401 or in a black hole."""

from __future__ import annotations

import contextlib
import logging
import math
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypedDict

from telegram.error import TelegramError
from telegram.ext import Application
from telegram.request import BaseRequest, RequestData

from bot.chat import ChatSettings, HumanTime
from bot.updates import ALLOWED_UPDATES, sound, update_ids

_LOG = logging.getLogger(__name__)
_CHECK_EVERY_S = 5.0
_QUICK_TRIES = 3
# PTB's poller ends at these without a word; the token may be good again a moment later.
_ENDING = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND})
_GET_UPDATES = "/getUpdates"
_FULL_ANSWER = 100  # updates in one answer at most
_AT_ONCE_S = 1.0
_MOST_LATE = 1000

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
    """A transport that remembers when getUpdates was last answered well.

    A press carries no time. What the first answer after a silence of ``late_after_s`` (or after
    the start) brings at once had waited at Telegram: those updates are late.
    """

    def __init__(
        self, inner: BaseRequest, monotonic: Callable[[], float], late_after_s: float
    ) -> None:
        self._inner = inner
        self._monotonic = monotonic
        self._late_after_s = late_after_s
        self._answered_at = monotonic()
        self._caught_up_at: float | None = None
        self._late: deque[int] = deque(maxlen=_MOST_LATE)
        self.has_ended = False  # the last poll was answered by what ends a poller

    @property
    def read_timeout(self) -> float | None:
        """Of the transport inside."""
        return self._inner.read_timeout

    def age_s(self) -> float:
        """Seconds since the last good answer; before the first one, since the start."""
        return self._monotonic() - self._answered_at

    def is_late(self, update_id: int) -> bool:
        """Whether the update had waited while nobody listened."""
        return update_id in self._late

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
        asked_at = self._monotonic()
        status, body = await self._inner.do_request(
            url,
            method,
            request_data,
            read_timeout=read_timeout,
            write_timeout=write_timeout,
            connect_timeout=connect_timeout,
            pool_timeout=pool_timeout,
        )
        if url.endswith(_GET_UPDATES):
            body = sound(body)
            self.has_ended = status in _ENDING
            if status == HTTPStatus.OK:
                self._answered_at = self._monotonic()
                self._note_late(asked_at, body)
        return status, body

    def _note_late(self, asked_at: float, body: bytes) -> None:
        caught_up = self._caught_up_at
        updates = update_ids(body)
        was_away = caught_up is None or asked_at - caught_up > self._late_after_s
        if was_away and self._answered_at - asked_at < _AT_ONCE_S:
            self._late.extend(updates)
            if len(updates) >= _FULL_ANSWER:
                return  # more of them wait
        self._caught_up_at = self._answered_at


async def watch_poller(app: App, stamp: PollStamp, settings: ChatSettings, time: HumanTime) -> None:
    """Restart a poller that ended, three times at once, or has been deaf for too long.

    Runs until cancelled: Telegram being away ends neither trading nor the process.
    """
    restarted_at: float | None = None
    tries = 0
    while True:
        await time.pause(_CHECK_EVERY_S)
        ago_s = math.inf if restarted_at is None else time.monotonic() - restarted_at
        if stamp.age_s() < ago_s:
            tries = 0  # it was answered since
        is_deaf = stamp.age_s() >= settings.poll_dead_after_s
        is_quick = stamp.has_ended and tries < _QUICK_TRIES
        is_due = is_quick or ago_s >= settings.poll_dead_after_s
        if not app.running or not is_due or not (is_deaf or stamp.has_ended):
            continue
        restarted_at, tries = time.monotonic(), tries + 1
        _LOG.error("no getUpdates answer for %.0f s: the poller is restarted", stamp.age_s())
        stamp.has_ended = False
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
        with contextlib.suppress(TelegramError):  # refused again already
            await updater.stop()
    await updater.start_polling(**arguments, error_callback=forward)
