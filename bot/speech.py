"""Sends and edits messages: badge on every one, lengths kept, one try without markup."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx
from telegram import Bot, InlineKeyboardMarkup, ReplyKeyboardMarkup
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError

from bot.chat import HumanTime
from bot.format.badge import under_badge
from bot.format.markup import fit, plain, without_times
from bot.message_ids import MessageIds
from bot.preferences import Preferences
from engine.model.ids import Mode
from engine.ports.control import EngineControl

_LOG = logging.getLogger(__name__)
_ENTITY_ERROR = "can't parse entities"
_TIME_TAG = "tg-time"
_NOT_MODIFIED = "message is not modified"
_NOT_THERE = ("message to edit not found", "message can't be edited", "no text in the message")
_GONE = "message to delete not found"
_MAX_WAIT_S = 30.0
_TIMES_PATIENT = 3
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

_Sent = TypeVar("_Sent")
Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | None


class Speaker:
    """The only caller of sendMessage, editMessageText and deleteMessage."""

    def __init__(
        self, bot: Bot, control: EngineControl, preferences: Preferences, time: HumanTime
    ) -> None:
        self._bot = bot
        self._control = control
        self._preferences = preferences
        self._time = time
        self._knows_times = True
        self._said_at = -math.inf
        self.ids = MessageIds()

    @property
    def quiet_s(self) -> float:
        """Seconds of human time since a message was sent."""
        return self._time.monotonic() - self._said_at

    async def say(
        self,
        user_id: int,
        text: str,
        markup: Markup = None,
        *,
        mode: Mode | None = None,
        silent: bool = False,
    ) -> int:
        """Send and return the message id. Raises TelegramError."""
        self.ids.begin()
        is_lost = True
        try:
            message_id = await self.say_tracked(user_id, text, markup, mode=mode, silent=silent)
            is_lost = False
        except TelegramError as error:
            is_lost = may_have_arrived(error)
            raise
        finally:
            self.ids.end(is_lost=is_lost)
        return message_id

    async def say_tracked(
        self,
        user_id: int,
        text: str,
        markup: Markup = None,
        *,
        mode: Mode | None = None,
        silent: bool = False,
    ) -> int:
        """As ``say``, for a caller that looks a lost message up itself. Raises TelegramError."""
        body = fit(self.badged(text, mode))
        options: dict[str, Any] = {"reply_markup": markup, "disable_notification": silent}
        sent = await self._as_understood(
            body, lambda shown, **mode: self._bot.send_message(user_id, shown, **mode, **options)
        )
        self.note(sent.message_id)
        return sent.message_id

    def note(self, message_id: int) -> None:
        """A new message of ours is in the chat."""
        self.ids.note(message_id)
        self._said_at = self._time.monotonic()

    async def answer(self, user_id: int, text: str, markup: Markup = None) -> int:
        """Say it, waiting where Telegram asks for patience; others may take the place meanwhile."""
        return await self.patiently(lambda: self.say(user_id, text, markup))

    async def patiently(self, send: Callable[[], Awaitable[_Sent]]) -> _Sent:
        """Whatever is sent, with as much patience. Raises TelegramError."""
        for _ in range(_TIMES_PATIENT):
            try:
                return await send()
            except RetryAfter as error:
                await self._time.pause(min(_MAX_WAIT_S, wait_s(error)))
        return await send()

    async def edit_if_there(
        self,
        user_id: int,
        message_id: int,
        text: str,
        markup: InlineKeyboardMarkup | None = None,
        *,
        mode: Mode | None = None,
    ) -> bool:
        """Replace a message of ours that may not exist; False when it does not.

        Raises TelegramError when Telegram cannot say.
        """
        try:
            await self.edit(user_id, message_id, text, markup, mode=mode)
        except BadRequest as error:
            if not any(reason in str(error).lower() for reason in _NOT_THERE):
                raise
            return False
        self.ids.note(message_id)
        return True

    async def edit(
        self,
        user_id: int,
        message_id: int,
        text: str,
        markup: InlineKeyboardMarkup | None = None,
        *,
        mode: Mode | None = None,
    ) -> None:
        """Replace a message. Raises TelegramError, but not for an unchanged one."""
        body = fit(self.badged(text, mode))
        options: dict[str, Any] = {
            "chat_id": user_id,
            "message_id": message_id,
            "reply_markup": markup,
        }
        try:
            await self._as_understood(
                body, lambda shown, **mode: self._bot.edit_message_text(shown, **mode, **options)
            )
        except BadRequest as error:
            if _NOT_MODIFIED not in str(error).lower():
                raise

    async def edit_or_say(
        self, user_id: int, message_id: int, text: str, markup: InlineKeyboardMarkup | None = None
    ) -> int:
        """Edit; where that is refused for good, send anew. Returns the id that shows it."""
        try:
            await self._edit_patiently(user_id, message_id, text, markup)
        except BadRequest as error:
            _LOG.info("message cannot be edited, sent anew: %s", error)
            return await self.answer(user_id, text, markup)
        return message_id

    async def drop_buttons(self, user_id: int, message_id: int) -> None:
        """Remove the inline keyboard of an old message; failing is harmless."""
        try:
            await self._bot.edit_message_reply_markup(chat_id=user_id, message_id=message_id)
        except TelegramError as error:
            _LOG.info("old buttons stay: %s", error)

    async def delete(self, user_id: int, message_id: int) -> bool:
        """Take anybody's message out of the chat; False where Telegram does not do it."""
        try:
            await self._delete_patiently(user_id, message_id)
        except TelegramError as error:
            _LOG.warning("a message could not be deleted: %s", type(error).__name__)
            return False
        return True

    async def pin(self, user_id: int, message_id: int) -> None:
        """Pin without a sound. Raises TelegramError."""
        await self._bot.pin_chat_message(user_id, message_id, disable_notification=True)

    async def has_pinned(self, user_id: int, message_id: int) -> bool:
        """Whether the chat shows this message as the pinned one. Raises TelegramError."""
        pinned = (await self._bot.get_chat(user_id)).pinned_message
        return pinned is not None and pinned.message_id == message_id

    async def _as_understood(self, body: str, send: Callable[..., Awaitable[_Sent]]) -> _Sent:
        """With all markup; where that is refused, without times, and at last as plain text.

        A server that does not know times is not asked again in this run.
        """
        timeless = without_times(body)
        shown = body if self._knows_times else timeless
        try:
            return await send(shown)
        except BadRequest as error:
            reason = str(error).lower()
            if _ENTITY_ERROR not in reason:
                raise
            if _TIME_TAG in reason and shown != timeless:
                self._knows_times = False
                _LOG.info("the server does not know times in messages")
                return await self._as_understood(body, send)
            _LOG.warning("markup was refused, sent as plain text: %s", error)
        return await send(plain(body), parse_mode=None)

    async def _edit_patiently(
        self, user_id: int, message_id: int, text: str, markup: InlineKeyboardMarkup | None
    ) -> None:
        try:
            await self.edit(user_id, message_id, text, markup)
        except BadRequest:
            raise
        except RetryAfter as error:
            await self._time.pause(min(_MAX_WAIT_S, wait_s(error)))
            await self.edit(user_id, message_id, text, markup)
        except NetworkError:
            # Editing twice shows the same thing once: safe to repeat, unlike sending.
            await self._time.pause(1.0)
            await self.edit(user_id, message_id, text, markup)

    async def _delete_patiently(self, user_id: int, message_id: int) -> None:
        for _ in range(_TIMES_PATIENT):
            try:
                await self.patiently(lambda: self._bot.delete_message(user_id, message_id))
            except BadRequest as error:
                if _GONE in str(error).lower():
                    return  # an answer that was lost, or the trader was faster
                raise
            except NetworkError:
                await self._time.pause(1.0)
            else:
                return
        await self._bot.delete_message(user_id, message_id)

    def badged(self, text: str, mode: Mode | None) -> str:
        """Under the badge of the mode it speaks of; None: of those in force."""
        view = self._control.status()
        note = view.note_of(mode)
        return under_badge(text, mode or view.modes, note, self._preferences.lang)


def wait_s(error: RetryAfter) -> float:
    """How long Telegram asks us to wait."""
    # The public attribute warns about its coming change of type.
    return error._retry_after.total_seconds() + 0.5


def may_have_arrived(error: TelegramError) -> bool:
    """Whether Telegram may have the message although no answer came."""
    if isinstance(error, BadRequest) or not isinstance(error, NetworkError):
        return False
    return not isinstance(error.__cause__, _NEVER_SENT)
