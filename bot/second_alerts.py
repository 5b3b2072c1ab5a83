"""Fills, errors and stops once more, by a second messenger (docs/adr/0026).

A queue of its own, in memory: at most fifty, the oldest go first; what is an hour old is not worth
sending any more. How many were left out stands before the next one that goes out. The chat's
outbox knows nothing of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot.chat import HumanTime
from bot.format import second
from bot.format.badge import under_badge
from bot.format.facts import dated, tell
from bot.format.kinds import AlertKind, Loudness, kind_of
from bot.format.times import KST
from bot.preferences import Preferences
from engine.model.ids import Symbol
from engine.model.receipts import Denial, Receipt, Told
from engine.ports.control import EngineControl
from engine.ports.journal import NumberedFact
from engine.ports.notifier import Notifier

_LOG = logging.getLogger(__name__)

KINDS = frozenset({AlertKind.FILL, AlertKind.ERROR, AlertKind.STATE})
MOST_WAITING = 50
TOO_OLD_S = 3600.0
DAY_CAP = 100  # what Kakao gives a sender; whether it counts for oneself is not confirmed
FILLS_CAP = 80  # errors and stops keep the rest
TRY_DENIED_S = 3600.0
RENEW_S = 24 * 3600.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.0, 300.0


@dataclass(frozen=True, slots=True)
class _Item:
    text: str
    kind: AlertKind
    heard_s: float


class _Names(Mapping[Symbol, str]):
    """Names as the control knows them, asked for when a text needs one."""

    def __init__(self, control: EngineControl) -> None:
        self._control = control

    def __getitem__(self, symbol: Symbol) -> str:
        return self._control.name_of(symbol)

    def __iter__(self) -> Iterator[Symbol]:
        return iter(())

    def __len__(self) -> int:
        return 0


class SecondAlerts:
    """``say``: puts a text into the chat; ``link``: where a press on a message leads."""

    def __init__(
        self,
        notifier: Notifier,
        control: EngineControl,
        preferences: Preferences,
        time: HumanTime,
        *,
        say: Callable[[str], None],
        link: Callable[[], str],
    ) -> None:
        self._notifier = notifier
        self._control = control
        self._preferences = preferences
        self._time = time
        self._say = say
        self._link = link
        self._waiting: deque[_Item] = deque()
        self._news = asyncio.Event()
        self._missed = 0
        self._pause_s = _FIRST_PAUSE_S
        self._denial: Denial | None = None
        self._tried_denied_s = 0.0
        self._spent_on: date | None = None
        self._sent = (date.min, 0)

    def hear(self, numbered: NumberedFact) -> None:
        """For the facts lane: notes it, and does the rest when the loop has time."""
        kind = kind_of(numbered.fact)
        if kind in KINDS:
            asyncio.get_running_loop().call_soon(self._take, numbered, kind)

    async def run(self) -> None:
        """Send what waits, for ever."""
        while True:
            while self._waiting:
                await self.send_first()
            self._news.clear()
            await self._news.wait()

    async def keep_alive(self) -> None:
        """Renew the token at the start and once a day: unused, it would end unnoticed."""
        pauses = {Receipt.LATER: _LONGEST_PAUSE_S, Receipt.DENIED: TRY_DENIED_S}
        while True:
            told = await self._notifier.renew()
            self._note(told, is_message=False)
            await self._time.pause(pauses.get(told.receipt, RENEW_S))

    async def send_first(self) -> None:
        """Try the oldest one."""
        item = self._waiting[0]
        if not self._may_try(item):
            self._leave_out(item)
            return
        text = second.brief(
            item.text, self._missed, self._notifier.longest_text, self._preferences.lang
        )
        missed = self._missed
        told = await self._notifier.notify(text, self._link())
        self._note(told, is_message=True)
        match told.receipt:
            case Receipt.TAKEN:
                self._missed -= missed
                self._remove(item)
            case Receipt.LATER:
                await self._back_off(told)
            case _:
                _LOG.warning("not told by the second messenger: %s %s", told.receipt, told.code)
                self._leave_out(item)

    def _take(self, numbered: NumberedFact, kind: AlertKind) -> None:
        try:
            text = self._text(numbered)
        except Exception:
            # The chat tells it by its number; here it is one line less.
            _LOG.exception("fact %d cannot be shown", numbered.seq)
            return
        if text is None or self._preferences.loudness(kind, self._time.now()) is not Loudness.ON:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self._missed += 1
        self._waiting.append(_Item(text, kind, self._time.monotonic()))
        self._news.set()

    def _text(self, numbered: NumberedFact) -> str | None:
        fact, desk, lang = numbered.fact, numbered.desk, self._preferences.lang
        told = tell(fact, lang, _Names(self._control), desk)
        if told is None:
            return None
        view = self._control.status()
        mode = view.modes[desk]
        text = dated(fact, told, numbered.at, lang, desk)
        return under_badge(text, mode, view.note_of(mode), lang)

    def _may_try(self, item: _Item) -> bool:
        """Young enough, and neither denied nor spent."""
        now_s, today = self._time.monotonic(), self._today()
        if now_s - item.heard_s > TOO_OLD_S or self._spent_on == today:
            return False
        if self._sent_today() >= DAY_CAP:
            self._note(Told(Receipt.SPENT, "own cap"), is_message=False)
            return False
        if item.kind is AlertKind.FILL and self._sent_today() >= FILLS_CAP:
            return False
        if self._denial is not None:
            if now_s - self._tried_denied_s < TRY_DENIED_S:
                return False
            self._tried_denied_s = now_s
        return True

    def _note(self, told: Told, *, is_message: bool) -> None:
        """What an answer means for all that follow; each turn is said in the chat once."""
        lang = self._preferences.lang
        if told.receipt is Receipt.TAKEN:
            self._pause_s = _FIRST_PAUSE_S
            if is_message:
                self._sent = (self._today(), self._sent_today() + 1)
            # A token alone does not say that messages may be sent.
            if self._denial is not None and (is_message or self._denial is not Denial.SCOPE):
                self._denial = None
                self._say(second.again(lang))
        elif told.receipt is Receipt.SPENT and self._spent_on != self._today():
            self._spent_on = self._today()
            self._say(second.spent(lang))
        elif told.denial is not None:
            self._tried_denied_s = self._time.monotonic()
            if self._denial is None:
                _LOG.error("the second messenger refuses: %s (%s)", told.denial, told.code)
                self._say(second.denied(told.denial, lang))
            self._denial = told.denial

    async def _back_off(self, told: Told) -> None:
        _LOG.warning("the second messenger is away: %s", told.code)
        pause, self._pause_s = self._pause_s, min(_LONGEST_PAUSE_S, self._pause_s * 2)
        await self._time.pause(pause)

    def _leave_out(self, item: _Item) -> None:
        self._missed += 1
        self._remove(item)

    def _remove(self, item: _Item) -> None:
        """It may have been pushed out meanwhile."""
        if self._waiting and self._waiting[0] is item:
            self._waiting.popleft()

    def _today(self) -> date:
        return self._time.now().astimezone(KST).date()

    def _sent_today(self) -> int:
        day, count = self._sent
        return count if day == self._today() else 0
