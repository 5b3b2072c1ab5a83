"""Buttons: bound to user and message, expiring, single use; and what a press does.

Order of a press: authorised by the gate, nonce taken, callback answered, "working" shown, act,
outcome shown. Stops act before anything is sent: a slow Telegram must not hold them back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from telegram import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.error import TelegramError

from bot.chat import Action, HumanTime, Reply, Rows, Run, Verb
from bot.format import replies
from bot.format.lang import Lang
from bot.preferences import Preferences
from bot.speech import Speaker
from engine.errors import TradingError
from engine.model.ids import Mode
from engine.ports.chat_store import NonceStore

_LOG = logging.getLogger(__name__)
PREFIX = "v1:"
_AT_ONCE = frozenset({Verb.STOP})


class Buttons:
    """Shows replies with buttons and acts on presses."""

    def __init__(
        self,
        nonces: NonceStore,
        speaker: Speaker,
        preferences: Preferences,
        time: HumanTime,
        presses: Mapping[Verb, Run],
    ) -> None:
        self._nonces = nonces
        self._speaker = speaker
        self._preferences = preferences
        self._time = time
        self._presses = presses
        self._unbound: dict[str, asyncio.Event] = {}
        self._at_work: set[int] = set()

    async def show(self, user_id: int, reply: Reply) -> int:
        """Answer a command. Raises TelegramError."""
        if not reply.rows:
            words = keyboard(self._preferences.lang) if reply.with_keyboard else None
            return await self._speaker.answer(user_id, reply.text, words)
        text, nonces, markup = await self._prepare(user_id, reply)
        try:
            message_id = await self._speaker.answer(user_id, text, markup)
            await self._nonces.bind(nonces, message_id)
        finally:
            self._release(nonces)
        return message_id

    async def push(self, user_id: int, reply: Reply, *, mode: Mode | None, silent: bool) -> None:
        """Tell an alert, with buttons where it asks. Raises TelegramError."""
        if not reply.rows:
            await self._speaker.say(user_id, reply.text, mode=mode, silent=silent)
            return
        text, nonces, markup = await self._prepare(user_id, reply)
        try:
            message_id = await self._speaker.say(user_id, text, markup, mode=mode, silent=silent)
            await self._nonces.bind(nonces, message_id)
        finally:
            self._release(nonces)

    async def pressed(self, update: Update, _context: Any) -> None:
        """A press on any button."""
        query = update.callback_query
        if query is None:
            return
        await self._preferences.load()
        message_id = query.message.message_id if query.message is not None else 0
        action = await self._take(query, message_id)
        if action is None:
            await self._expired(query, message_id)
            return
        self._at_work.add(message_id)
        try:
            await self._act(query, message_id, action)
        finally:
            self._at_work.discard(message_id)

    async def _act(self, query: CallbackQuery, message_id: int, action: Action) -> None:
        user_id = query.from_user.id
        if action.verb in _AT_ONCE:
            reply = await self._run(action, user_id, message_id)
            await self._answer(query)
        else:
            await self._answer(query)
            await self._show_working(user_id, message_id)
            reply = await self._run(action, user_id, message_id)
        await self._show_outcome(user_id, message_id, reply)

    async def _run(self, action: Action, user_id: int, message_id: int) -> Reply:
        lang = self._preferences.lang
        try:
            return await self._presses[action.verb](action.arguments, user_id)
        except TimeoutError:
            return Reply(replies.no_answer(lang))
        except Exception:
            # It may have been done: say so instead of "working" for ever, then report it.
            await self._show_outcome(user_id, message_id, Reply(replies.no_answer(lang)))
            raise

    async def _show_working(self, user_id: int, message_id: int) -> None:
        try:
            await self._speaker.edit(user_id, message_id, replies.working(self._preferences.lang))
        except TelegramError as error:
            _LOG.info("press is acted on without a sign: %s", error)

    async def _show_outcome(self, user_id: int, message_id: int, reply: Reply) -> None:
        if not reply.rows:
            await self._speaker.edit_or_say(user_id, message_id, reply.text)
            return
        text, nonces, markup = await self._prepare(user_id, reply)
        try:
            shown = await self._speaker.edit_or_say(user_id, message_id, text, markup)
            await self._nonces.bind(nonces, shown)
        finally:
            self._release(nonces)

    async def _take(self, query: CallbackQuery, message_id: int) -> Action | None:
        data = query.data or ""
        if not data.startswith(PREFIX) or not message_id:
            return None
        nonce = data.removeprefix(PREFIX)
        unbound = self._unbound.get(nonce)
        if unbound is not None:
            # Pressed before the sending call came back: the binding is on its way.
            await unbound.wait()
        text = await self._nonces.take(nonce, query.from_user.id, message_id, self._time.now())
        return None if text is None else Action.decode(text)

    async def _expired(self, query: CallbackQuery, message_id: int) -> None:
        await self._answer(query, replies.expired(self._preferences.lang))
        if message_id and message_id not in self._at_work:
            await self._speaker.drop_buttons(query.from_user.id, message_id)

    async def _answer(self, query: CallbackQuery, text: str | None = None) -> None:
        try:
            await query.answer(text, show_alert=text is not None)
        except TelegramError as error:
            # Too late or unreachable: the spinner runs on, nothing else depends on it.
            _LOG.info("callback not answered: %s", error)

    async def _prepare(
        self, user_id: int, reply: Reply
    ) -> tuple[str, tuple[str, ...], InlineKeyboardMarkup | None]:
        """Text and buttons; without a store the text alone, with the ways that need none."""
        try:
            nonces, markup = await self._create(user_id, reply.rows, reply.valid_s)
        except TradingError:
            _LOG.exception("buttons cannot be stored")
            note = replies.no_buttons(self._preferences.lang)
            return f"{reply.text}\n{note}", (), None
        return reply.text, nonces, markup

    async def _create(
        self, user_id: int, rows: Rows, valid_s: int
    ) -> tuple[tuple[str, ...], InlineKeyboardMarkup]:
        expires_at = self._time.now() + timedelta(seconds=valid_s)
        nonces: list[str] = []
        drawn: list[list[InlineKeyboardButton]] = []
        for row in rows:
            drawn.append([])
            for button in row:
                nonce = await self._nonces.create(user_id, button.action.encode(), expires_at)
                nonces.append(nonce)
                drawn[-1].append(
                    InlineKeyboardButton(
                        button.label, callback_data=PREFIX + nonce, style=button.style
                    )
                )
        for nonce in nonces:
            self._unbound[nonce] = asyncio.Event()
        return tuple(nonces), InlineKeyboardMarkup(drawn)

    def _release(self, nonces: tuple[str, ...]) -> None:
        for nonce in nonces:
            self._unbound.pop(nonce).set()


def keyboard(lang: Lang) -> ReplyKeyboardMarkup:
    """The daily words, always in reach."""
    rows = {
        Lang.KO: [["상태", "포지션", "잔고"], ["거래", "도움말", "중지"]],
        Lang.EN: [["/status", "/positions", "/balance"], ["/trades", "/help", "/stop"]],
    }
    return ReplyKeyboardMarkup(rows[lang], resize_keyboard=True, is_persistent=True)
