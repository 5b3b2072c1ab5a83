"""Alerts told again until the trader presses [확인]: when, and what the press does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.chat import Action, Button, ChatSettings, HumanTime, Reply, Run, Verb
from bot.format import replies
from bot.preferences import Preferences
from engine.ports.chat_store import Outbox, OutboxKey

VALID_S = 7 * 24 * 3600
_LONGEST_S = 3600
_DOUBLINGS = 6


class Reminders:
    """Ever rarer, up to once an hour, and never at an end of its own."""

    def __init__(
        self, outbox: Outbox, preferences: Preferences, settings: ChatSettings, time: HumanTime
    ) -> None:
        self._outbox = outbox
        self._preferences = preferences
        self._first_s = settings.remind_s
        self._time = time

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {Verb.ACK: self.confirmed}

    def next_at(self, times_told: int) -> datetime:
        """When an alert told so often before, and just now again, is due once more."""
        pause_s = self._first_s * 2 ** min(times_told, _DOUBLINGS)
        return self._time.now() + timedelta(seconds=min(pause_s, max(_LONGEST_S, self._first_s)))

    def row(self, key: OutboxKey) -> tuple[Button, ...]:
        """[확인]."""
        label = self._preferences.lang.pick("확인", "OK")
        return (Button(label, Action(Verb.ACK, (key.book, str(key.seq)))),)

    async def confirmed(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """[확인] was pressed: not told again."""
        book, seq = arguments
        await self._outbox.done(OutboxKey(book, int(seq)))
        return Reply(replies.acknowledged(self._preferences.lang))
