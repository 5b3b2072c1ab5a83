"""The pinned live card: one message that always shows how things stand.

It is edited in place, at most once in ``card_gap_s``, and only when something on it changed. It
speaks beside the alerts and never before them: it is drawn while the chat is quiet, what it has
to wait for (patience asked by Telegram, outages) it waits for alone, and of many changes only the
last is shown. When Telegram's
answer to a new card is lost, the card may be there unpinned under an unknown id: another one is
sent later, and the old one stays behind with its time on it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.chat import ChatSettings, HumanTime
from bot.format import card
from bot.preferences import Preferences
from bot.speech import Speaker, may_have_arrived, wait_s
from engine.errors import TradingError
from engine.model.ids import DeskName, Mode
from engine.model.money import Money
from engine.model.views import DayView
from engine.ports.chat_store import ChatValues
from engine.ports.control import EngineControl

_LOG = logging.getLogger(__name__)
_KEY = "chat.card"
_LOOK_S = 1.0
_QUIET_S = 2.0  # a message a second is what Telegram takes: it belongs to alerts and answers
_LONGEST_BACK_OFF_S = 15.0
_LOST_S = 60.0
_BLOCKED_S = 600.0

_Content = tuple[Mapping[DeskName, Mode], str, str]
"""Modes and badge note (the Speaker's badge shows them), and the text without its time."""


class LiveCard:
    """The card of one owner."""

    def __init__(
        self,
        speaker: Speaker,
        control: EngineControl,
        values: ChatValues,
        preferences: Preferences,
        settings: ChatSettings,
        time: HumanTime,
    ) -> None:
        self._speaker = speaker
        self._control = control
        self._values = values
        self._preferences = preferences
        self._settings = settings
        self._time = time
        self._key = f"{_KEY}.{settings.owner}"
        self._message_id: int | None = None
        self._is_loaded = False
        self._is_settled = False  # stored and pinned, once per card and run
        self._is_closed = False
        self._shown: _Content | None = None
        self._not_before = time.monotonic()
        self._failures = 0
        self._calling = asyncio.Lock()

    async def load(self) -> None:
        """Find the card of an earlier run, before anything else is edited."""
        try:
            await self._load()
        except TradingError:
            _LOG.warning("the card's message is not known yet: the store cannot be read")

    async def run(self) -> None:
        """Show what changes, for ever."""
        await self._preferences.load()
        while True:
            await self.look()
            await self._time.pause(_LOOK_S)

    async def look(self) -> None:
        """Show what changed, if the time for it has come."""
        owner = self._settings.owner
        if owner is None or self._time.monotonic() < self._not_before:
            return
        if self._speaker.quiet_s < _QUIET_S:
            return
        async with self._calling:
            if not self._is_closed:
                await self._keep_up(owner)

    async def close(self) -> None:
        """The last edit of a run: nobody is watching any more. Raises TelegramError."""
        self._is_closed = True
        async with self._calling:
            owner, message_id = self._settings.owner, self._message_id
            if owner is not None and message_id is not None:
                text = card.switched_off(self._control.now(), self._preferences.lang)
                await self._speaker.edit_if_there(owner, message_id, text)

    async def _keep_up(self, owner: int) -> None:
        books = await self._books()
        try:
            await self._load()
            if self._time.monotonic() < self._not_before or not await self._show(owner, books):
                return
        except TradingError:
            # Without the store there could soon be two cards.
            self._wait_for("the store", self._back_off_s())
        except TelegramError as error:
            self._wait_for(type(error).__name__, self._patience_s(error))
        else:
            if self._failures:
                _LOG.info("the card is shown again")
            self._failures = 0
            self._not_before = self._time.monotonic() + self._settings.card_gap_s

    async def _show(self, owner: int, books: Mapping[DeskName, card.Books]) -> bool:
        """Whether anything had to be done. Raises TelegramError or TradingError."""
        view, lang = self._control.status(), self._preferences.lang
        text = card.card(view, books, lang)
        content = (view.modes, view.note_of(None), text)
        is_new = content != self._shown
        if is_new:
            self._shown = None  # without an answer nobody knows what is shown
            await self._put(owner, card.dated(text, view.now, lang))
            self._shown = content
        if self._is_settled:
            return is_new
        await self._settle(owner)
        return True

    async def _put(self, owner: int, text: str) -> None:
        known = self._message_id
        if known is not None and await self._speaker.edit_if_there(owner, known, text):
            return
        self._message_id, self._is_settled = None, False
        self._message_id = await self._speaker.say(owner, text, silent=True)

    async def _settle(self, owner: int) -> None:
        """Each pinning writes a line into the chat: only where it is not pinned."""
        if self._message_id is None:
            return
        await self._values.put(self._key, str(self._message_id))
        try:
            if not await self._speaker.has_pinned(owner, self._message_id):
                await self._speaker.pin(owner, self._message_id)
        except BadRequest as error:
            _LOG.warning("the card cannot be pinned: %s", error)
        self._is_settled = True

    async def _load(self) -> None:
        if self._is_loaded:
            return
        kept = await self._values.get(self._key) or ""
        self._is_loaded = True
        if kept.isdecimal():
            self._message_id = int(kept)
            self._speaker.ids.spare(self._message_id)
            # The run before may just have edited it.
            self._not_before = self._time.monotonic() + self._settings.card_gap_s

    async def _books(self) -> Mapping[DeskName, card.Books]:
        return {
            desk: card.Books(self._control.balance(desk), await self._day(desk))
            for desk in self._control.desks()
        }

    async def _day(self, desk: DeskName) -> DayView[Money] | None:
        try:
            return await self._control.day(desk)
        except TradingError:
            return None

    def _patience_s(self, error: TelegramError) -> float:
        if isinstance(error, RetryAfter):
            return max(wait_s(error), self._settings.card_gap_s)
        if isinstance(error, Forbidden) or "chat not found" in str(error).lower():
            return _BLOCKED_S
        if self._message_id is None and may_have_arrived(error):
            return _LOST_S
        return self._back_off_s()

    def _back_off_s(self) -> float:
        longer = self._settings.card_gap_s * 2.0 ** min(self._failures, 5)
        return max(self._settings.card_gap_s, min(_LONGEST_BACK_OFF_S, longer))

    def _wait_for(self, what: str, seconds: float) -> None:
        """Say only the first failure of a row."""
        if not self._failures:
            _LOG.warning("the card waits for %s", what)
        self._failures += 1
        self._not_before = self._time.monotonic() + seconds
