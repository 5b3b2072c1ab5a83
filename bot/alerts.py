"""Tells the facts: drains the outbox in order of urgency until Telegram took each.

What a lost answer means: when the connection was never made, the alert is simply sent again.
When it may have arrived, it is sent again with a line that says so: a doubled alert is better
than a missing one, and money never depends on a message. After a crash between sending and
``done`` the repeat carries no such line.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

import httpx
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot import questions
from bot.chat import ChatSettings, HumanTime, Reply
from bot.confirm import Buttons
from bot.format import replies
from bot.format.facts import dated, tell
from bot.format.kinds import AlertKind, Loudness, kind_of
from bot.preferences import Preferences
from bot.speech import wait_s
from engine.errors import TradingError
from engine.model.facts import QuestionAsked
from engine.model.ids import Mode, Symbol
from engine.ports.chat_store import Outbox, OutboxItem, OutboxKey
from engine.ports.control import EngineControl

_LOG = logging.getLogger(__name__)
_IDLE_S = 2.0
_MAX_BACK_OFF_S = 30.0
_BLOCKED_S = 60.0
_MAX_REFUSALS = 3
_BURST = 5
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Alerts:
    """One sender for one owner."""

    def __init__(
        self,
        outbox: Outbox,
        control: EngineControl,
        buttons: Buttons,
        preferences: Preferences,
        settings: ChatSettings,
        time: HumanTime,
    ) -> None:
        self._outbox = outbox
        self._control = control
        self._buttons = buttons
        self._preferences = preferences
        self._settings = settings
        self._time = time
        self._news = asyncio.Event()
        self._maybe_sent: set[OutboxKey] = set()
        self._in_a_row = 0
        self._names: dict[Symbol, str] = {}

    def wake(self) -> None:
        """Something was put into the outbox; safe to call from a publisher's subscriber."""
        self._news.set()

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
        """Try the most urgent item; False when there is none."""
        item = await self._outbox.next()
        if item is None:
            self._in_a_row = 0
            return False
        await self._tell(item)
        return True

    async def _tell(self, item: OutboxItem) -> None:
        owner = self._settings.owner
        kind = kind_of(item.fact.fact)
        if owner is None or kind is None:
            await self._outbox.done(item.key)
            return
        loudness = self._preferences.loudness(kind, self._time.now())
        reply = None if loudness is Loudness.OFF else self._render(item, kind)
        if reply is None:
            await self._outbox.done(item.key)
            return
        try:
            await self._pace()
            await self._buttons.push(
                owner, reply, mode=book_mode(item.key.book), silent=loudness is Loudness.SILENT
            )
        except TelegramError as error:
            await self._failed(item, error)
        else:
            self._maybe_sent.discard(item.key)
            await self._outbox.done(item.key)

    def _render(self, item: OutboxItem, kind: AlertKind) -> Reply | None:
        lang = self._preferences.lang
        fact = item.fact.fact
        try:
            text = tell(fact, lang, self._known_names())
        except Exception:
            # One alert that cannot be shown must not hold all others back.
            _LOG.exception("fact %s/%s cannot be shown", item.key.book, item.key.seq)
            text = replies.failed(f"{item.key.seq}", kind, lang)
        if text is None:
            return None
        text = dated(fact, text, item.fact.at, lang)
        if item.key in self._maybe_sent:
            text = f"{replies.repeated(lang)}\n{text}"
        rows = (questions.row(fact, lang),) if isinstance(fact, QuestionAsked) else ()
        return Reply(text, rows, questions.VALID_S)

    def _known_names(self) -> Mapping[Symbol, str]:
        """Names of what is held, and of what was: a sale ends the position it tells of."""
        us = self._control.status().us
        self._names.update({row.symbol: row.name for row in (() if us is None else us.positions)})
        return self._names

    async def _failed(self, item: OutboxItem, error: TelegramError) -> None:
        if isinstance(error, RetryAfter):
            await self._time.pause(wait_s(error))
            return
        await self._outbox.failed(item.key)
        if isinstance(error, Forbidden) or "chat not found" in str(error).lower():
            _LOG.error("the owner cannot be reached: %s", error)
            await self._time.pause(_BLOCKED_S)
            return
        if isinstance(error, BadRequest) and item.tries + 1 >= _MAX_REFUSALS:
            _LOG.error("alert %s/%s was refused: %s", item.key.book, item.key.seq, error)
            await self._outbox.done(item.key)
            return
        if isinstance(error, NetworkError) and may_have_arrived(error):
            self._maybe_sent.add(item.key)
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


def book_mode(book: str) -> Mode | None:
    """The mode whose book a fact is from (live, live.db); None for other names."""
    name = book.removesuffix(".db")
    return Mode(name) if name in set(Mode) else None


def may_have_arrived(error: NetworkError) -> bool:
    """Whether Telegram may have the message although no answer came."""
    if isinstance(error, BadRequest):
        return False
    return not isinstance(error.__cause__, _NEVER_SENT)
