"""What a press on a button does: bound to user and message, expiring, single use.

Order of a press: authorised by the gate, nonce taken, mode compared, callback answered,
"working" shown, act, outcome shown. Stops act before anything is sent or stored: neither a slow
Telegram nor a failing store holds them back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from telegram import CallbackQuery, Message, Update
from telegram.error import TelegramError

from bot.chat import Action, Reply, Run, Verb
from bot.format import replies
from bot.offers import SAFE_VERBS, Offer, Offers
from bot.preferences import Preferences
from bot.presenter import PREFIX, Presenter
from bot.speech import Speaker
from engine.model.ids import Mode
from engine.ports.control import EngineControl

_LOG = logging.getLogger(__name__)
_FIGURES_HOLD = timedelta(minutes=5)
_AT_ONCE = frozenset({Verb.STOP, Verb.STOP_PROGRAM_ASK, Verb.STOP_MENU})


class Presses:
    """Acts on presses. ``runs``: what each means."""

    def __init__(
        self,
        offers: Offers,
        control: EngineControl,
        speaker: Speaker,
        preferences: Preferences,
        presenter: Presenter,
        runs: Mapping[Verb, Run],
        *,
        is_late: Callable[[int], bool],
    ) -> None:
        self._offers = offers
        self._control = control
        self._speaker = speaker
        self._preferences = preferences
        self._presenter = presenter
        self._runs = runs
        self._is_late = is_late
        self._at_work: set[int] = set()

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

    async def _act(self, query: CallbackQuery, message_id: int, action: Action) -> None:
        user_id = query.from_user.id
        if action.verb is Verb.ACK:
            done = await self._runs[action.verb](action.arguments, user_id)
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
        await self._presenter.show_in(user_id, message_id, reply)
        await self._presenter.follow(user_id, reply)

    async def _run(self, action: Action, user_id: int, message_id: int) -> Reply:
        lang = self._preferences.lang
        try:
            return await self._runs[action.verb](action.arguments, user_id)
        except TimeoutError:
            return Reply(replies.no_answer(lang))
        except Exception:
            # It may have been done: say so instead of "working" for ever, then report it.
            await self._presenter.show_in(user_id, message_id, Reply(replies.no_answer(lang)))
            raise

    async def _show_working(self, user_id: int, message_id: int) -> None:
        try:
            await self._speaker.edit(user_id, message_id, replies.working(self._preferences.lang))
        except TelegramError as error:
            _LOG.info("press is acted on without a sign: %s", error)

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
