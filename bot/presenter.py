"""Shows replies: the text, its buttons bound to user and message, pictures and files behind it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, ReplyKeyboardMarkup
from telegram.error import TelegramError

from bot.chat import Reply, Rows
from bot.courier import Courier
from bot.format import replies
from bot.format.lang import Lang
from bot.offers import Offers
from bot.preferences import Preferences
from bot.speech import Speaker
from engine.errors import TradingError
from engine.model.ids import DeskName, Mode
from engine.ports.control import EngineControl
from reports.pictures.painter import PicturesFailed

_LOG = logging.getLogger(__name__)
PREFIX = "v1:"  # of what a button sends back


class Presenter:
    """Shows what a command, a press or an alert has to say."""

    def __init__(
        self,
        offers: Offers,
        control: EngineControl,
        speaker: Speaker,
        courier: Courier,
        preferences: Preferences,
    ) -> None:
        self._offers = offers
        self._control = control
        self._speaker = speaker
        self._courier = courier
        self._preferences = preferences

    async def show(self, user_id: int, reply: Reply) -> int:
        """Answer a command; returns the text's message id. Raises TelegramError."""
        message_id = await self._say(user_id, reply)
        await self.follow(user_id, reply)
        return message_id

    async def _say(self, user_id: int, reply: Reply) -> int:
        if not reply.rows:
            words = keyboard(self._preferences.lang) if reply.with_keyboard else None
            message_id = await self._speaker.answer(user_id, reply.text, words)
            for text in reply.following:
                message_id = await self._speaker.answer(user_id, text)
            return message_id
        text, nonces, markup = await self._prepare(user_id, reply)
        try:
            message_id = await self._speaker.answer(user_id, text, markup)
            await self._offers.bind(nonces, message_id)
        finally:
            self._offers.release(nonces)
        return message_id

    async def push(self, user_id: int, reply: Reply, *, mode: Mode | None, silent: bool) -> None:
        """Tell an alert, with buttons where it asks. Raises TelegramError."""
        say = self._speaker.say_tracked
        text, nonces, markup = await self._prepare(user_id, reply, mode)
        try:
            message_id = await say(user_id, text, markup, mode=mode, silent=silent)
            await self._bind_told(nonces, message_id)
        finally:
            self._offers.release(nonces)

    async def push_into(
        self, user_id: int, candidates: Sequence[int], reply: Reply, *, mode: Mode | None
    ) -> bool:
        """Tell an alert in the first of these messages that exists; False when none does.

        Raises TelegramError.
        """
        if not candidates:
            return False
        edit = self._speaker.edit_if_there
        text, nonces, markup = await self._prepare(user_id, reply, mode)
        try:
            for message_id in candidates:
                if await edit(user_id, message_id, text, markup, mode=mode):
                    await self._bind_told(nonces, message_id)
                    break
            else:
                return False
        finally:
            self._offers.release(nonces)
        return True

    async def show_in(self, user_id: int, message_id: int, reply: Reply) -> None:
        """Put the outcome of a press into its message. Raises TelegramError."""
        if not reply.rows:
            await self._speaker.edit_or_say(user_id, message_id, reply.text)
            return
        text, nonces, markup = await self._prepare(user_id, reply)
        try:
            shown = await self._speaker.edit_or_say(user_id, message_id, text, markup)
            await self._offers.bind(nonces, shown)
        finally:
            self._offers.release(nonces)

    async def follow(self, user_id: int, reply: Reply) -> None:
        """Pictures and files after their text; what is missing is said. Raises TelegramError."""
        lang, attachments = self._preferences.lang, reply.attachments
        if reply.drawing is not None:
            try:
                attachments = (*await reply.drawing(), *attachments)
            except PicturesFailed as error:
                _LOG.warning("a report stays without pictures: %s", error)
                await self._speaker.answer(user_id, replies.not_drawn(lang))
        if not attachments:
            return
        try:
            too_large = await self._courier.send(user_id, attachments)
        except TelegramError as error:
            _LOG.warning("files were not sent: %s", error)
            await self._speaker.answer(user_id, replies.files_not_sent(lang))
            return
        if too_large:
            await self._speaker.answer(user_id, replies.files_too_large(too_large, lang))

    async def _bind_told(self, nonces: tuple[str, ...], message_id: int) -> None:
        """The alert is out: buttons that cannot be bound answer as expired, and say what to do."""
        try:
            await self._offers.bind(nonces, message_id)
        except TradingError:
            _LOG.exception("buttons of message %d cannot be bound", message_id)

    def _modes(self, reply: Reply, mode: Mode | None) -> Mapping[DeskName, Mode]:
        """Whose money the reply speaks of; ``mode``: the book's that an alert is from."""
        in_force = self._control.status().modes
        if reply.desk is None:
            return in_force
        return {reply.desk: mode or in_force.get(reply.desk, Mode.DRY_RUN)}

    async def _prepare(
        self, user_id: int, reply: Reply, mode: Mode | None = None
    ) -> tuple[str, tuple[str, ...], InlineKeyboardMarkup | None]:
        """Text and buttons; without a store the text alone, with the ways that need none."""
        if not reply.rows:
            return reply.text, (), None
        actions = [button.action for row in reply.rows for button in row]
        try:
            nonces = await self._offers.keep(
                user_id, actions, self._modes(reply, mode), reply.valid_s, reply.figures_age
            )
        except TradingError:
            _LOG.exception("buttons cannot be stored")
            note = replies.no_buttons(self._preferences.lang)
            return f"{reply.text}\n{note}", (), None
        return reply.text, nonces, _drawn(reply.rows, nonces)


def _drawn(rows: Rows, nonces: tuple[str, ...]) -> InlineKeyboardMarkup:
    left = iter(nonces)
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    button.label, callback_data=PREFIX + next(left), style=button.style
                )
                for button in row
            ]
            for row in rows
        ]
    )


def keyboard(lang: Lang) -> ReplyKeyboardMarkup:
    """The daily words, always in reach."""
    rows = {
        Lang.KO: [["상태", "포지션", "잔고"], ["거래", "도움말", "중지"]],
        Lang.EN: [["/status", "/positions", "/balance"], ["/trades", "/help", "/stop"]],
    }
    return ReplyKeyboardMarkup(rows[lang], resize_keyboard=True, is_persistent=True)
