"""What is known of the numbers Telegram gave to messages: how a lost answer can be looked up.

A bot's private chats share one growing sequence of message ids (seen in the sandbox and in every
public log; not promised by the Bot API). A message whose answer was lost can therefore only stand
just behind the newest id known before it was sent.
"""

from __future__ import annotations

from collections import deque

REACH = 5  # what a chat may have grown by meanwhile: the trader's own messages, a stranger's
_KEPT = 200


class MessageIds:
    """Ids that answers named, and what else was on its way when none came."""

    def __init__(self) -> None:
        self._spared: set[int] = set()
        self._known: deque[int] = deque(maxlen=_KEPT)
        self._first: int | None = None
        self._newest = 0
        self._on_way = 0
        self._lost_at = -1

    @property
    def newest(self) -> int:
        """The newest id known of this run, 0 before the first."""
        return self._newest

    def begin(self) -> None:
        """A message that nobody looks up later is on its way."""
        self._on_way += 1

    def end(self, *, is_lost: bool) -> None:
        """Its call has ended; ``is_lost``: it may have arrived under an unknown id."""
        self._on_way -= 1
        if is_lost:
            self._lost_at = self._newest

    def note(self, message_id: int) -> None:
        """An answer named this id. Spared ones are old and say nothing of the newest."""
        if message_id in self._spared:
            return
        self._first = self._first or message_id
        self._known.append(message_id)
        self._newest = max(self._newest, message_id)

    def hear(self, message_id: int) -> None:
        """Somebody else's message; it may be from before this run."""
        if message_id > self._newest > 0:
            self._newest = message_id
        self._known.append(message_id)

    def spare(self, message_id: int) -> None:
        """A message from before this run that shows something else for good."""
        self._spared.add(message_id)

    def candidates(self, after: int) -> tuple[int, ...] | None:
        """Ids under which a message sent after ``after`` may stand; None where that is not known.

        It is not while other messages are on their way or were lost behind ``after`` as well, nor
        when the chat has grown by more than ``REACH``. What an earlier run sent is known only
        where this run's first message leaves room for just one.
        """
        if not after or self._first is None or self._on_way or self._lost_at >= after:
            return None
        if after < self._first:
            between = range(after + 1, self._first)
            return None if len(between) > 1 else self._free(between)
        if self._newest - after > REACH:
            return None
        return self._free(range(after + 1, after + 1 + REACH))

    def _free(self, ids: range) -> tuple[int, ...]:
        taken = self._spared.union(self._known)
        return tuple(one for one in ids if one not in taken)
