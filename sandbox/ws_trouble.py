"""Scripted trouble on the socket, and how it bends what is sent.

Channel ``ws``. Target: ``real`` or ``paper`` or ``*`` for kinds of the connection (drop and silent
also take a tr_id: then they strike when its next frame is due), a tr_id or ``*`` for the others.

| kind | value | what happens |
|---|---|---|
| refuse | | the upgrade is answered HTTP 503 |
| drop | | the connection dies without a Close; the slot stays held, unless the value is ``free`` |
| silent | market seconds | nothing is sent, no PINGPONG either, nothing is heard; no value: for \
good; times 0: until removed |
| unanswered | unheard, or nothing | a registration or release of that TR gets no answer; it is \
done all the same, unless the value is ``unheard`` |
| duplicate | | the notice comes twice |
| late | market seconds, 10 | the notice comes later |
| lost | | the notice never comes |
| reorder | market seconds, 10 | the notice comes after the next one, or alone after so long |
| plain_notice | symbol, or any | a forged, unencrypted fill arrives beside the true notices |
| layout | columns | that TR has so many columns from now on; no value: one more |
| burst | market seconds, 5 | that TR's quotes are held back and come all at once |
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sandbox.model import Fault, FaultDesk
from sandbox.ws_feed import Record
from sandbox.ws_settings import Layout

CHANNEL = "ws"
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
_LATE_SECONDS = 10.0
_BURST_SECONDS = 5.0


def seconds(fault: Fault, default: float) -> timedelta:
    """The fault's value as a duration."""
    return timedelta(seconds=float(fault.value) if fault.value else default)


class Silence:
    """Whether a session is mute. A fault without end is asked for again at each poll."""

    def __init__(self, poll: timedelta) -> None:
        self._poll = poll
        self._until: datetime | None = None
        self._is_renewed = False

    def begin(self, fault: Fault, now: datetime) -> None:
        """Fall silent from now on."""
        self._is_renewed = fault.times == 0
        if self._is_renewed:
            self._until = now + 2 * self._poll
        else:
            self._until = now + seconds(fault, 0.0) if fault.value else _END_OF_TIME

    def holds(self, now: datetime) -> bool:
        """Whether nothing may be sent now."""
        return self._until is not None and now < self._until

    def poll(self, desk: FaultDesk, target: str, now: datetime) -> None:
        """Fall silent if asked to; speak again when a fault without end has been removed."""
        if self.holds(now) and not self._is_renewed:
            return
        fault = desk.take(CHANNEL, target, "silent")
        if fault is not None:
            self.begin(fault, now)
        elif self._is_renewed:
            self._until, self._is_renewed = None, False


class NoticePost:
    """The way of a notice to the wire: straight, doubled, delayed, swapped or not at all."""

    def __init__(self, desk: FaultDesk) -> None:
        self._desk = desk
        self._waiting: list[tuple[datetime, Record]] = []
        self._swapped: tuple[datetime, Record] | None = None

    def post(self, notice: Record, now: datetime) -> list[Record]:
        """What to send at once for this notice."""
        overtaken = self._swapped
        fault = self._desk.take(CHANNEL, notice.tr_id, "lost", "late", "duplicate", "reorder")
        kind = fault.kind if fault is not None else ""
        leaving = [notice]
        if fault is not None and kind == "late":
            self._waiting.append((now + seconds(fault, _LATE_SECONDS), notice))
            leaving = []
        elif fault is not None and kind == "reorder" and overtaken is None:
            self._swapped = (now + seconds(fault, _LATE_SECONDS), notice)
            return []
        elif kind == "lost":
            leaving = []
        elif kind == "duplicate":
            leaving = [notice, notice]
        if overtaken is not None and leaving:
            self._swapped = None
            leaving.append(overtaken[1])
        return leaving

    def due(self, now: datetime) -> list[Record]:
        """Delayed notices whose time has come, oldest first."""
        if self._swapped is not None and self._swapped[0] <= now:
            self._waiting.append(self._swapped)
            self._swapped = None
        ripe = sorted((entry for entry in self._waiting if entry[0] <= now), key=_moment)
        self._waiting = [entry for entry in self._waiting if entry[0] > now]
        return [notice for _, notice in ripe]


class QuoteDam:
    """Holds a TR's quotes back for a while, to let them go in one burst."""

    def __init__(self, desk: FaultDesk) -> None:
        self._desk = desk
        self._opens_at: dict[str, datetime] = {}
        self._held: dict[str, list[Record]] = {}

    def pass_on(self, tr_id: str, records: Sequence[Record], now: datetime) -> list[Record]:
        """What may go out now of these and of those held before."""
        if tr_id not in self._opens_at:
            fault = self._desk.take(CHANNEL, tr_id, "burst")
            if fault is not None:
                self._opens_at[tr_id] = now + seconds(fault, _BURST_SECONDS)
        self._held.setdefault(tr_id, []).extend(records)
        if now < self._opens_at.get(tr_id, now):
            return []
        self._opens_at.pop(tr_id, None)
        return self._held.pop(tr_id)

    def closed(self) -> tuple[str, ...]:
        """The TRs held back at the moment."""
        return tuple(self._opens_at)


def strike_layout(desk: FaultDesk, layout: Layout, tr_id: str) -> None:
    """Change the TR's width if that is scripted."""
    fault = desk.take(CHANNEL, tr_id, "layout")
    if fault is not None:
        layout.change(tr_id, int(fault.value) if fault.value else layout.width(tr_id) + 1)


def _moment(entry: tuple[datetime, Record]) -> datetime:
    return entry[0]
