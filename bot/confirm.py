"""Buttons: bound to user and message, expiring, single use; and what a press does.

Order of a press: authorised by the gate, nonce taken, mode compared, callback answered,
"working" shown, act, outcome shown. Stops act before anything is sent or stored: neither a slow
Telegram nor a failing store holds them back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from telegram import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.error import TelegramError

from bot.chat import Action, Reply, Rows, Run, Verb
from bot.courier import Courier
from bot.format import replies
from bot.format.lang import Lang
from bot.offers import SAFE_VERBS, Offer, Offers
from bot.preferences import Preferences
from bot.speech import Speaker
from engine.errors import TradingError
from engine.model.ids import DeskName, Mode
from engine.ports.control import EngineControl
from reports.pictures.painter import PicturesFailed

_LOG = logging.getLogger(__name__)
PREFIX = "v1:"
_FIGURES_HOLD = timedelta(minutes=5)
_AT_ONCE = frozenset({Verb.STOP, Verb.STOP_PROGRAM_ASK, Verb.STOP_MENU})


class Buttons:
    """Shows replies with buttons and acts on presses."""

    def __init__(
        self,
        offers: Offers,
        control: EngineControl,
        speaker: Speaker,
        courier: Courier,
        preferences: Preferences,
        presses: Mapping[Verb, Run],
        *,
        is_late: Callable[[int], bool],
    ) -> None:
        self._offers = offers
        self._control = control
        self._speaker = speaker
        self._courier = courier
        self._preferences = preferences
        self._presses = presses
        self._is_late = is_late
        self._at_work: set[int] = set()

    async def show(self, user_id: int, reply: Reply) -> int:
        """Answer a command; returns the text's message id. Raises TelegramError."""
        message_id = await self._say(user_id, reply)
        await self._follow(user_id, reply)
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

    async def _follow(self, user_id: int, reply: Reply) -> None:
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

    async def pressed(self, update: Update, _context: Any) -> None:
        """A press on any button."""
        query = update.callback_query
        if query is None:
            return
        message_id = query.message.message_id if query.message is not None else 0
        offer = self._take_stop(query, message_id)
        if offer is None and self._is_late(update.update_id):
            await self._tell_skipped(query)
            return
        offer = offer or await self._take(query, message_id)
        if offer is None:
            await self._drop(query, message_id, replies.expired(self._preferences.lang))
            return
        changed = self._other_mode(offer)
        if changed is not None:
            text = replies.other_mode(*changed, self._preferences.lang)
            await self._drop(query, message_id, text)
            return
        self._at_work.add(message_id)
        try:
            await self._act(query, message_id, self._action(offer))
        finally:
            self._at_work.discard(message_id)

    def _take_stop(self, query: CallbackQuery, message_id: int) -> Offer | None:
        return self._offers.take_stop(_nonce(query, message_id), query.from_user.id, message_id)

    async def _take(self, query: CallbackQuery, message_id: int) -> Offer | None:
        await self._preferences.load()
        nonce = _nonce(query, message_id)
        if not nonce:
            return None
        return await self._offers.take(nonce, query.from_user.id, message_id)

    async def _tell_skipped(self, query: CallbackQuery) -> None:
        """Pressed while nobody listened. The button stays: it may be pressed again."""
        await self._preferences.load()
        await self._answer(query)
        text = replies.skipped_press(_label(query), self._preferences.lang)
        await self._speaker.answer(query.from_user.id, text)

    def _action(self, offer: Offer) -> Action:
        """What the press means by now."""
        action = offer.action
        if action.verb is Verb.ANSWER and self._offers.age(offer) > _FIGURES_HOLD:
            return Action(Verb.ANSWER_LATE, action.arguments)
        return action

    def _other_mode(self, offer: Offer) -> tuple[Mode, Mode] | None:
        """Question and order numbers of two books may be alike: only a stop means the same."""
        if offer.action.verb in SAFE_VERBS:
            return None
        return offer.changed(self._control.status().modes)

    def _modes(self, reply: Reply, mode: Mode | None) -> Mapping[DeskName, Mode]:
        """Whose money the reply speaks of; ``mode``: the book's that an alert is from."""
        in_force = self._control.status().modes
        if reply.desk is None:
            return in_force
        return {reply.desk: mode or in_force.get(reply.desk, Mode.DRY_RUN)}

    async def _act(self, query: CallbackQuery, message_id: int, action: Action) -> None:
        user_id = query.from_user.id
        if action.verb is Verb.ACK:
            done = await self._presses[action.verb](action.arguments, user_id)
            await self._answer(query, done.text, is_loud=False)
            await self._speaker.drop_buttons(user_id, message_id)
            return
        if action.verb in _AT_ONCE:
            reply = await self._run(action, user_id, message_id)
            await self._answer(query)
        else:
            await self._answer(query)
            await self._show_working(user_id, message_id)
            reply = await self._run(action, user_id, message_id)
        await self._show_outcome(user_id, message_id, reply)
        await self._follow(user_id, reply)

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
            await self._offers.bind(nonces, shown)
        finally:
            self._offers.release(nonces)

    async def _drop(self, query: CallbackQuery, message_id: int, why: str) -> None:
        await self._answer(query, why)
        if message_id and message_id not in self._at_work:
            await self._speaker.drop_buttons(query.from_user.id, message_id)

    async def _answer(
        self, query: CallbackQuery, text: str | None = None, *, is_loud: bool = True
    ) -> None:
        try:
            await query.answer(text, show_alert=is_loud and text is not None)
        except TelegramError as error:
            # Too late or unreachable: the spinner runs on, nothing else depends on it.
            _LOG.info("callback not answered: %s", error)

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


def _nonce(query: CallbackQuery, message_id: int) -> str:
    data = query.data or ""
    return data.removeprefix(PREFIX) if data.startswith(PREFIX) and message_id else ""


def _label(query: CallbackQuery) -> str:
    """What the pressed button says, where the message still shows it."""
    message = query.message
    markup = message.reply_markup if isinstance(message, Message) else None
    rows = () if markup is None else markup.inline_keyboard
    pressed = (button.text for row in rows for button in row if button.callback_data == query.data)
    return next(pressed, "")


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
