"""Tells the facts: drains the outbox in order of urgency until Telegram took each."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from datetime import timedelta

from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot import questions, reminders
from bot.chat import ChatSettings, HumanTime, Reply, Rows
from bot.delivery import Delivery
from bot.digests import Digests
from bot.entry_cancel import entry_button
from bot.format import replies
from bot.format.facts import dated, tell
from bot.format.kinds import AlertKind, Loudness, kind_of
from bot.format.positions import names
from bot.preferences import Preferences
from bot.reminders import Reminders
from bot.speech import wait_s
from engine.errors import TradingError
from engine.model.facts import AnyFact
from engine.model.ids import Symbol
from engine.model.mismatches import MismatchAsked
from engine.model.order_facts import OrderAccepted, OrderFilled, OrderRejected
from engine.model.orders import Side
from engine.model.position_facts import BuySeen, QuestionAsked
from engine.ports.chat_store import Outbox, OutboxItem, OutboxKey
from engine.ports.control import EngineControl

_LOG = logging.getLogger(__name__)
_IDLE_S = 2.0
_MAX_BACK_OFF_S = 30.0
_BLOCKED_S = 60.0
_MAX_REFUSALS = 3
_BURST = 5


class Alerts:
    """One sender for one owner."""

    def __init__(
        self,
        outbox: Outbox,
        control: EngineControl,
        delivery: Delivery,
        digests: Digests,
        reminders: Reminders,
        preferences: Preferences,
        *,
        settings: ChatSettings,
        time: HumanTime,
    ) -> None:
        self._outbox = outbox
        self._control = control
        self._delivery = delivery
        self.digests = digests
        self._reminders = reminders
        self._preferences = preferences
        self._settings = settings
        self._time = time
        self._news = asyncio.Event()
        self._in_a_row = 0
        self._refusals: Counter[OutboxKey] = Counter()
        self._unrecorded: set[OutboxKey] = set()
        self._names: dict[Symbol, str] = {}

    def wake(self) -> None:
        """Something was put into the outbox; safe to call from a publisher's subscriber.

        Names are noted right after: the sale may be over when it is told, and the position gone.
        """
        asyncio.get_running_loop().call_soon(self._learn_names)
        self._news.set()

    def _learn_names(self) -> None:
        self._names.update(names(self._control.status()))

    async def run(self) -> None:
        """Tell everything, for ever."""
        await self._preferences.load()
        while True:
            try:
                is_empty = not await self.tell_next()
            except TradingError:
                # A chat that cannot be stored must not end the process: trading goes on.
                _LOG.exception("the outbox cannot be read or written")
                await self._time.pause(_MAX_BACK_OFF_S)
                continue
            if is_empty:
                await self._wait_for_news()

    async def tell_next(self) -> bool:
        """Try the most urgent item that is due; False when there is none."""
        self._learn_names()
        item = await self._outbox.next(self._time.now())
        if item is None:
            self._in_a_row = 0
            return False
        if item.key in self._unrecorded:
            await self._delivered(item)
        else:
            await self._tell(item)
        return True

    async def _tell(self, item: OutboxItem) -> None:
        owner = self._settings.owner
        # Of a fact that cannot be read any more, at least the number is told.
        kind = AlertKind.ERROR if item.fact is None else kind_of(item.fact.fact)
        if owner is None or kind is None:
            await self._outbox.done(item.key)
            return
        loudness = self._preferences.loudness(kind, self._time.now())
        reply = None if loudness is Loudness.OFF else await self._render(item, kind)
        if reply is None:
            await self._outbox.done(item.key)
            return
        try:
            await self._pace()
            silent = loudness is Loudness.SILENT
            await self._delivery.deliver(owner, item, reply, self._preferences.lang, silent=silent)
        except TelegramError as error:
            await self._failed(item, error)
        else:
            await self._delivered(item)

    async def _delivered(self, item: OutboxItem) -> None:
        """The trader has it. Should the store fail here, only this is done again."""
        self._unrecorded.add(item.key)
        if item.must_ack and item.fact is not None:
            await self._outbox.told(item.key, self._reminders.next_at(item.times_told))
        else:
            await self._outbox.done(item.key)
        self._unrecorded.discard(item.key)
        del self._refusals[item.key]

    async def _render(self, item: OutboxItem, kind: AlertKind) -> Reply | None:
        lang = self._preferences.lang
        text = await self._digest(item) or self._text(item, kind)
        if item.fact is None or text is None:
            return None if text is None else Reply(text)
        text = dated(item.fact.fact, text, item.fact.at, lang, item.fact.desk)
        if item.times_told:
            text = f"{replies.reminder(item.times_told, lang)}\n{text}"
        age = max(self._control.now() - item.fact.at, timedelta(0))
        rows, desk = self._rows(item), item.fact.desk
        return Reply(text, rows, reminders.VALID_S, figures_age=age, desk=desk)

    async def _digest(self, item: OutboxItem) -> str | None:
        """The sums of a day, week or month from the book; None for what has none."""
        if self._refusals[item.key]:
            return None
        try:
            return await self.digests.text(item, self._preferences.lang)
        except Exception:
            _LOG.exception("fact %s/%s has no digest", item.key.book, item.key.seq)
            return None

    def _text(self, item: OutboxItem, kind: AlertKind) -> str | None:
        lang = self._preferences.lang
        # Refused for good, or not to be shown: something must reach the trader, if only that.
        fallback = replies.failed(f"{item.key.seq}", kind, lang)
        if item.fact is None or self._refusals[item.key] >= _MAX_REFUSALS:
            return fallback
        fact = item.fact.fact
        try:
            self._learn(fact)
            return tell(fact, lang, self._names, item.fact.desk)
        except Exception:
            # One alert that cannot be shown must not hold all others back.
            _LOG.exception("fact %s/%s cannot be shown", item.key.book, item.key.seq)
            return fallback

    def _learn(self, fact: AnyFact) -> None:
        """What a fact speaks of may not be held yet, or any more."""
        if isinstance(fact, BuySeen | QuestionAsked | MismatchAsked):
            self._names[fact.symbol] = fact.name
        elif isinstance(fact, OrderAccepted | OrderRejected | OrderFilled):
            symbol = fact.order.symbol
            self._names.setdefault(symbol, self._control.name_of(symbol))

    def _rows(self, item: OutboxItem) -> Rows:
        fact = None if item.fact is None else item.fact.fact
        if isinstance(fact, QuestionAsked):
            return (questions.row(fact, self._preferences.lang),)
        if isinstance(fact, MismatchAsked) and item.fact is not None:
            return questions.mismatch_rows(fact, item.fact.desk, self._preferences.lang)
        if isinstance(fact, OrderAccepted) and fact.order.side is Side.BUY:
            return (entry_button(fact.order, self._preferences.lang),)
        return (self._reminders.row(item.key),) if item.must_ack else ()

    async def _failed(self, item: OutboxItem, error: TelegramError) -> None:
        if isinstance(error, RetryAfter):
            await self._time.pause(wait_s(error))
            return
        if isinstance(error, Forbidden) or "chat not found" in str(error).lower():
            _LOG.error("the owner cannot be reached: %s", error)
            await self._time.pause(_BLOCKED_S)
            return
        if isinstance(error, BadRequest):
            self._refusals[item.key] += 1
            if self._refusals[item.key] > _MAX_REFUSALS:
                _LOG.error("alert %s/%s was refused: %s", item.key.book, item.key.seq, error)
                await self._outbox.done(item.key)
                return
        await self._time.pause(min(_MAX_BACK_OFF_S, 2.0 ** min(item.tries, 5)))

    async def _pace(self) -> None:
        """Telegram takes short bursts, then about one message a second."""
        self._in_a_row += 1
        if self._in_a_row > _BURST:
            await self._time.pause(self._settings.alert_gap_s)

    async def _wait_for_news(self) -> None:
        try:
            async with asyncio.timeout(_IDLE_S):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()
