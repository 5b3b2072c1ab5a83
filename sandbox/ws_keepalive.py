"""PINGPONG: when the next one is due, and whether the client still answers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.frames import pingpong_stamp, render_pingpong


class Keepalive:
    """Counts unanswered keep-alives. An echo counts only if it carries a stamp that was sent."""

    def __init__(self, interval: timedelta, most_unanswered: int, now: datetime) -> None:
        self._interval = interval
        self._most = most_unanswered
        self._unanswered: list[str] = []
        self.due_at = now + interval

    def is_lost(self, now: datetime) -> bool:
        """Whether one more would be due although too many went unanswered."""
        return now >= self.due_at and len(self._unanswered) >= self._most

    def poll(self, now: datetime) -> str | None:
        """The frame to send, if one is due."""
        if now < self.due_at:
            return None
        self.due_at = now + self._interval
        self._unanswered.append(pingpong_stamp(now))
        return render_pingpong(now)

    def put_off(self, until: datetime) -> None:
        """Let the next one wait, as while the server plays dead."""
        self.due_at = max(self.due_at, until)

    def answered(self, stamp: str) -> bool:
        """Take an echo; a late answer to an earlier one settles that one and those before it."""
        if stamp not in self._unanswered:
            return False
        del self._unanswered[: self._unanswered.index(stamp) + 1]
        return True
