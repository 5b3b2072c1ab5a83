"""KIS in trouble: the conditions that both desks share, and when each is over (docs/adr/0016).

Never the exits: a cause keeps entries back, and what looks at the market for their sake alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from engine.desk import latches
from engine.desk.calls import Call
from engine.desk.latches import Cause, Latched
from engine.desk.turn import Turn
from engine.model.calls import CallTally
from engine.model.money import M
from engine.model.state_facts import Trouble
from engine.rules import safety

# What is over once it has been gone for a while; an account that answers is over at once.
HELD = frozenset({Trouble.API, Trouble.SILENCE, Trouble.REFUSALS, Trouble.STREAM, Trouble.CLOCK})
# While these hold, calls that no exit needs rest, and the account is asked now and then.
RESTING = frozenset({Trouble.API, Trouble.SILENCE, Trouble.REFUSALS})
_OVER = {
    Trouble.API: "calls are answered again",
    Trouble.SILENCE: "calls are answered again",
    Trouble.REFUSALS: "no more refusals",
    Trouble.STREAM: "the stream holds again",
    Trouble.CLOCK: "the clocks agree again",
}


@dataclass(slots=True)
class Hold:
    """How long a cause must be gone before it is over. ``ended_at``: when it last was."""

    span: timedelta
    ended_at: datetime | None = None


@dataclass(slots=True)
class Vendor:
    """What a desk saw of KIS in this run. ``fine_since``: since when a trouble is gone."""

    tally: CallTally = field(default_factory=CallTally)
    fine_since: dict[Trouble, datetime] = field(default_factory=dict)
    holds: dict[Trouble, Hold] = field(default_factory=dict)

    def rebase(self, now: datetime) -> None:
        """The clock jumped: spans begin anew."""
        self.fine_since = dict.fromkeys(self.fine_since, now)
        if self.tally.unanswered_since is not None:
            self.tally = replace(self.tally, unanswered_since=now, unanswered_until=now)
        for hold in self.holds.values():
            hold.ended_at = None


def on_calls(
    book: Latched, vendor: Vendor, turn: Turn[M], tally: CallTally, today: date, *, counts: bool
) -> None:
    """Judge how the desk's calls fare. ``counts``: refusals hold this desk back."""
    vendor.tally = tally
    _judge(vendor, turn, Trouble.API, is_bad=tally.errors > 0)
    _judge(vendor, turn, Trouble.SILENCE, is_bad=tally.unanswered_since is not None)
    vendor.fine_since.pop(Trouble.REFUSALS, None)  # each refusal is told: they end with the last
    _judge(vendor, turn, Trouble.REFUSALS, is_bad=tally.errors > 0)
    if tally.skew_s is not None:
        _judge(vendor, turn, Trouble.CLOCK, is_bad=safety.is_clock_off(tally))
    if tally.errors >= safety.MAX_ERRORS:
        measured, limit = f"{tally.errors} calls", f"{safety.MAX_ERRORS} calls"
        trip(book, vendor, turn, Trouble.API, Cause("calls fail", measured, limit, today))
    if counts and safety.are_refusals_sustained(tally):
        measured = f"{tally.refused} of {tally.calls} calls"
        cause = Cause("calls are refused", measured, f"{safety.MAX_REFUSED_PCT} %", today)
        trip(book, vendor, turn, Trouble.REFUSALS, cause)
    if safety.is_clock_off(tally):
        measured, limit = f"{tally.skew_s} s", f"{safety.MAX_SKEW_S} s"
        trip(book, vendor, turn, Trouble.CLOCK, Cause("clocks differ", measured, limit, today))


def on_stream_failed(
    book: Latched, vendor: Vendor, turn: Turn[M], failures: int, today: date
) -> None:
    """The socket failed once more in this session."""
    _judge(vendor, turn, Trouble.STREAM, is_bad=True)
    if failures >= safety.MAX_STREAM_FAILURES:
        measured, limit = f"{failures} times", f"{safety.MAX_STREAM_FAILURES} times"
        trip(book, vendor, turn, Trouble.STREAM, Cause("stream fails", measured, limit, today))


def on_stream_up(vendor: Vendor, turn: Turn[M]) -> None:
    """The socket is there."""
    _judge(vendor, turn, Trouble.STREAM, is_bad=False)


def check(book: Latched, vendor: Vendor, turn: Turn[M], today: date) -> bool:
    """What time alone brings: silence that has lasted, causes that are over. True: one was."""
    since, silent_at = vendor.tally.unanswered_since, safety.silent_from(vendor.tally)
    if since is not None and silent_at is not None and silent_at <= turn.now:
        measured = f"{int((turn.now - since).total_seconds())} s"
        limit = f"{int(safety.MAX_SILENCE.total_seconds())} s"
        trip(book, vendor, turn, Trouble.SILENCE, Cause("no call answered", measured, limit, today))
    was_released = False
    for trouble in [one for one in book.causes if one in HELD]:
        due = _over_at(vendor, trouble)
        if due is not None and due <= turn.now:
            was_released |= clear(book, vendor, turn, trouble, _OVER[trouble])
    return was_released


def holds(vendor: Vendor, trouble: Trouble) -> bool:
    """Whether the cause is still there, as far as anybody knows."""
    return trouble in HELD and trouble not in vendor.fine_since


def released(vendor: Vendor, turn: Turn[M]) -> None:
    """The trader released everything: what comes now is a relapse."""
    for hold in vendor.holds.values():
        hold.ended_at = hold.ended_at or turn.now


def next_moment(book: Latched, vendor: Vendor) -> datetime | None:
    """When time alone changes something."""
    moments = [_over_at(vendor, trouble) for trouble in book.causes if trouble in HELD]
    if Trouble.SILENCE not in book.causes:
        moments.append(safety.silent_from(vendor.tally))
    return min((at for at in moments if at is not None), default=None)


def rests(book: Latched) -> bool:
    """Whether calls that no exit needs are left out."""
    return not RESTING.isdisjoint(book.causes)


def probe(book: Latched, call: Call, now: datetime, every: timedelta) -> None:
    """Have the account read now and then, so that a recovery is seen."""
    if rests(book) and call.due is None and not call.is_waiting(now):
        call.ask(now if call.sent_at is None else max(now, call.sent_at + every))


def trip(book: Latched, vendor: Vendor, turn: Turn[M], trouble: Trouble, cause: Cause) -> None:
    """Set the guard's latch; a relapse must be gone for longer."""
    if trouble in book.causes:
        return
    last = vendor.holds.get(trouble)
    calm = None if last is None or last.ended_at is None else turn.now - last.ended_at
    vendor.holds[trouble] = Hold(safety.next_hold(last.span if last else None, calm))
    latches.trip(book, turn, trouble, cause)


def clear(book: Latched, vendor: Vendor, turn: Turn[M], trouble: Trouble, reason: str) -> bool:
    """It is over; True when it was set."""
    if trouble in vendor.holds:
        vendor.holds[trouble].ended_at = turn.now
    return latches.clear(book, turn, trouble, reason)


def _judge(vendor: Vendor, turn: Turn[M], trouble: Trouble, *, is_bad: bool) -> None:
    if is_bad:
        vendor.fine_since.pop(trouble, None)
    else:
        vendor.fine_since.setdefault(trouble, turn.now)


def _over_at(vendor: Vendor, trouble: Trouble) -> datetime | None:
    since = vendor.fine_since.get(trouble)
    if since is None:
        return None
    hold = vendor.holds.get(trouble)
    return since + (hold.span if hold is not None else safety.FIRST_HOLD)
