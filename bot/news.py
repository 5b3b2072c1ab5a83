"""What the process itself has to tell the owner: said as soon as the chat can be reached."""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from telegram.error import TelegramError

from bot.app import Chat, guide_text, start_text

_LOG = logging.getLogger(__name__)
_FIRST_RETRY_S = 1.0
_LONGEST_RETRY_S = 30.0
_MOST_KEPT = 20


class News:
    """Texts in order; the oldest go when Telegram stays away for long."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._texts: deque[str] = deque(maxlen=_MOST_KEPT)
        self._wake = asyncio.Event()
        self._greeted = asyncio.Event()

    def put(self, text: str) -> None:
        """Say it soon."""
        self._texts.append(text)
        self._wake.set()

    async def until_greeted(self) -> None:
        """Wait until the start was told."""
        await self._greeted.wait()

    async def run(self) -> None:
        """Say the start and then everything else, for ever."""
        while True:
            if not self._greeted.is_set():
                await self._greet()
                self._greeted.set()
            while self._texts:
                await self._say(self._texts.popleft())
            self._wake.clear()
            await self._wake.wait()

    async def _greet(self) -> None:
        await self._say(start_text(self._chat))
        guide = guide_text(self._chat)
        if guide is not None:
            await self._say(guide)

    async def _say(self, text: str) -> None:
        owner = self._chat.settings.owner
        delay = _FIRST_RETRY_S
        while owner is not None:
            try:
                await self._chat.speaker.answer(owner, text)
            except TelegramError as error:
                _LOG.warning("news wait for the chat: %s", type(error).__name__)
                await self._chat.time.pause(delay)
                delay = min(_LONGEST_RETRY_S, delay * 2)
            else:
                return
