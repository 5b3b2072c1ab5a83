"""What came of a desk's calls: errors in a row, silence, refusals, the server's clock."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime, timedelta

from engine.model.calls import CallTally
from engine.ports.calls import CallListener
from engine.ports.clock import Clock
from engine.rules.safety import is_clock_off, is_new_row

_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
_LOOKS = 3  # one odd Date header says nothing


class CallMeter:
    """One for each desk, over all app keys; implements ports.calls.Calls.

    Times are market time: after a jump of the clock, silence begins anew.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._generation = clock.generation
        self._listener: CallListener | None = None
        self._is_news = True  # the first answer after the start tells that KIS is there
        self._errors = 0
        self._answered_at: datetime | None = None
        self._unanswered_since: datetime | None = None
        self._unanswered_until: datetime | None = None
        self._recent: deque[tuple[datetime, bool]] = deque()
        self._skews: deque[int] = deque(maxlen=_LOOKS)

    async def run(self, listener: CallListener) -> None:
        """Tell of failures, refusals and the first good answer after them, until cancelled."""
        self._listener, self._is_news = listener, True
        try:
            await asyncio.Event().wait()
        finally:
            if self._listener is listener:
                self._listener = None

    def sent(self) -> SentCall:
        """A call is about to leave."""
        self._allow_for_jump()
        return SentCall(self, self._clock.now(), self._clock.generation)

    def note(self, sent: SentCall, at: datetime | None, *, is_good: bool, is_refused: bool) -> None:
        """It was answered; ``at``: by the server's clock."""
        self._allow_for_jump()
        self._unanswered_since = self._unanswered_until = None
        now = self._answered_at = self._clock.now()
        if at is not None and sent.generation == self._generation:
            # Known for the first time: a desk may hold back since before a restart.
            self._is_news |= len(self._skews) == _LOOKS - 1
            self._skews.append(_skew_s(sent.at, now, at))
        self._count(now, is_refused=is_refused)
        if is_good:
            self._errors = 0
            self._tell(is_calm=True)
        elif is_refused:
            self._tell(is_calm=False)

    def note_lost(self, sent: SentCall) -> None:
        """Nothing came back."""
        self._allow_for_jump()
        now, is_older = self._clock.now(), sent.generation != self._generation
        # What was answered since this one left is no part of the silence.
        since = now if is_older else max(sent.at, self._answered_at or sent.at)
        if is_new_row(self._unanswered_until, since):
            self._unanswered_since = since
        self._unanswered_until = max(since, self._unanswered_until or since)
        self._count(now, is_refused=False)

    def failed(self) -> None:
        """A call brought nothing, however often it was tried."""
        self._errors += 1
        self._tell(is_calm=False)

    def tally(self) -> CallTally:
        """As of the latest call."""
        skew = min(self._skews, key=abs) if len(self._skews) == _LOOKS else None
        return CallTally(
            errors=self._errors,
            unanswered_since=self._unanswered_since,
            calls=len(self._recent),
            refused=sum(is_refused for _, is_refused in self._recent),
            skew_s=skew,
            unanswered_until=self._unanswered_until,
        )

    def _tell(self, *, is_calm: bool) -> None:
        tally = self.tally()
        is_calm = is_calm and not is_clock_off(tally)
        if (not is_calm or self._is_news) and self._listener is not None:
            self._listener(tally)
            self._is_news = not is_calm

    def _count(self, now: datetime, *, is_refused: bool) -> None:
        self._recent.append((now, is_refused))
        while self._recent[0][0] <= now - _MINUTE:
            self._recent.popleft()

    def _allow_for_jump(self) -> None:
        generation = self._clock.generation
        if generation != self._generation:
            self._generation = generation
            self._is_news = True  # what was told last may have come to nobody
            self._recent.clear()
            self._skews.clear()
            self._answered_at = None
            if self._unanswered_since is not None:
                self._unanswered_since = self._unanswered_until = self._clock.now()


class SentCall:
    """One call on its way: ``answered`` or ``lost`` where that says something, never both."""

    def __init__(self, meter: CallMeter, at: datetime, generation: int) -> None:
        self._meter = meter
        self.at = at
        self.generation = generation

    def answered(self, *, is_good: bool, is_refused: bool, at: datetime | None) -> None:
        """``is_good``: usable, a definite no included; ``is_refused``: for the rate."""
        self._meter.note(self, at, is_good=is_good, is_refused=is_refused)

    def lost(self) -> None:
        """No answer came."""
        self._meter.note_lost(self)


def _skew_s(sent_at: datetime, got_at: datetime, told: datetime) -> int:
    """By how much our clock is ahead (negative: behind), beyond what the way can explain."""
    if told > got_at:
        return -int((told - got_at).total_seconds())
    # Date is cut to the second.
    return max(0, int((sent_at - told - _SECOND).total_seconds()))
