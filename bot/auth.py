"""The gate in front of every update kind: user id first, secrets second, everything else after."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from datetime import date
from typing import Any

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop

from bot.chat import ChatSettings, HumanTime
from bot.format import replies, typed_secret
from bot.preferences import Preferences
from bot.speech import Speaker
from bot.typed_secrets import Finds, is_secret_file
from engine.errors import TradingError
from engine.ports.chat_store import ChatValues

_LOG = logging.getLogger(__name__)
_TOLD = "chat.strangers_told"


class Gate:
    """Runs before all handlers; whoever does not pass reaches none and hears nothing.

    It only decides; what it has to say runs beside the updates, so that a slow Telegram does
    not hold the next update back.
    """

    def __init__(
        self,
        settings: ChatSettings,
        values: ChatValues,
        preferences: Preferences,
        time: HumanTime,
        speaker: Speaker,
        finds_secret: Finds,
    ) -> None:
        self._settings = settings
        self._values = values
        self._preferences = preferences
        self._time = time
        self._finds_secret = finds_secret
        self._tell = speaker.answer
        self._delete = speaker.delete
        self._ids = speaker.ids
        self._allowed = frozenset(settings.user_ids)
        self._strangers = 0
        self._told_on: date | None = None

    async def check(self, update: Update, context: Any) -> None:
        """Handler of group -1. Raises ApplicationHandlerStop unless the update may pass.

        Nothing else leaves it: after any other exception the library would go on with the next
        group, and the gate would stand open.
        """
        try:
            self._check(update, context)
        except ApplicationHandlerStop:
            raise
        except Exception:
            _LOG.exception("an update that cannot be judged is dropped")
            raise ApplicationHandlerStop from None

    def _check(self, update: Update, context: Any) -> None:
        if update.message is not None:
            self._ids.hear(update.message.message_id)
        if _user_id(update) == context.bot.id:
            raise ApplicationHandlerStop  # Telegram tells the bot of its own pins
        if not self._is_allowed(update):
            self._count_stranger(context)
            raise ApplicationHandlerStop
        if update.callback_query is not None:
            return
        typed = update.message or update.edited_message
        if typed is not None and self._holds_secret(typed):
            self._later(context, self._remove(typed))
            raise ApplicationHandlerStop
        message = update.message
        if message is None:
            if update.edited_message is not None:
                self._later(context, self._tell_edited(_user_id(update)))
            raise ApplicationHandlerStop
        if self._is_late(message):
            self._later(context, self._tell_skipped(message))
            raise ApplicationHandlerStop

    def _is_allowed(self, update: Update) -> bool:
        user, chat = update.effective_user, update.effective_chat
        if user is None or chat is None or user.is_bot:
            return False
        # In a group everyone would see the answer, whoever asked.
        is_private = chat.type == ChatType.PRIVATE and chat.id == user.id
        return is_private and user.id in self._allowed

    def _is_late(self, message: Message) -> bool:
        late = self._time.now() - message.date
        return late.total_seconds() > self._settings.late_after_s

    def _holds_secret(self, message: Message) -> bool:
        name = (message.document.file_name or "") if message.document is not None else ""
        said = f"{message.text or ''} {message.caption or ''}"
        return is_secret_file(name) or self._finds_secret(said.strip())

    async def _remove(self, message: Message) -> None:
        """Out of the chat, late or edited as it may be; neither logged nor repeated."""
        await self._preferences.load()
        is_gone = await self._delete(message.chat_id, message.message_id)
        _LOG.warning("a message that held a secret was %s", "deleted" if is_gone else "not deleted")
        tell = typed_secret.removed if is_gone else typed_secret.still_there
        await self._tell(message.chat_id, tell(self._preferences.lang))

    async def _tell_skipped(self, message: Message) -> None:
        await self._preferences.load()
        late = self._time.now() - message.date
        text = replies.skipped(message.text or "", late, self._preferences.lang)
        await self._tell(message.chat_id, text)

    async def _tell_edited(self, user_id: int) -> None:
        await self._preferences.load()
        await self._tell(user_id, replies.edited(self._preferences.lang))

    def _count_stranger(self, context: Any) -> None:
        self._strangers += 1
        today = self._time.now().date()
        if self._settings.owner is None or self._told_on == today:
            return
        self._told_on = today
        self._later(context, self._tell_strangers(self._settings.owner, today))

    async def _tell_strangers(self, owner: int, today: date) -> None:
        """At most once a day, restarts included."""
        await self._preferences.load()
        if await self._was_told(today):
            return
        count, self._strangers = self._strangers, 0
        await self._tell(owner, replies.strangers(count, self._preferences.lang))

    async def _was_told(self, today: date) -> bool:
        try:
            if await self._values.get(_TOLD) == today.isoformat():
                return True
            await self._values.put(_TOLD, today.isoformat())
        except TradingError:
            _LOG.warning("cannot remember that the owner was told of strangers")
        return False

    def _later(self, context: Any, coroutine: Coroutine[Any, Any, None]) -> None:
        context.application.create_task(coroutine)


def _user_id(update: Update) -> int:
    user = update.effective_user
    return 0 if user is None else user.id
