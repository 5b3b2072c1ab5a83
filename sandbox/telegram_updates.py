"""The queue of updates and the one long poll that may wait at it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.telegram_limits import TelegramLimits
from sandbox.telegram_records import JsonObject
from sandbox.telegram_refusal import Refusal

MAX_TIMEOUT_S = 50
MAX_UPDATES = 100

_FIRST_UPDATE_ID = 700_000_001
_NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}
CONFLICT = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(frozen=True, slots=True)
class _Queued:
    update_id: int
    at: datetime
    update: JsonObject


@dataclass(slots=True)
class _Poll:
    answer: asyncio.Future[None]
    is_taken_over: bool = False


class UpdateQueue:
    """Updates wait here until a later offset confirms them, 24 hours at most.

    The rules (repeated offset, second poller) are those of tdlib/telegram-bot-api, Client.cpp.
    """

    def __init__(self, limits: TelegramLimits, now: Callable[[], datetime]) -> None:
        self._limits = limits
        self._now = now
        self._queue: list[_Queued] = []
        self._next_id = _FIRST_UPDATE_ID
        self._poll: _Poll | None = None
        self._last_offset: int | None = None
        self._last_start = float("-inf")
        self._next_conflict = float("-inf")
        self._is_closed = False
        self.allowed: tuple[str, ...] = ()

    @property
    def pending(self) -> int:
        """Updates nobody confirmed yet."""
        return len(self._queue)

    def push(self, kind: str, body: JsonObject) -> int | None:
        """Queue an update unless its kind is not wanted; answer its id."""
        if not self._is_wanted(kind):
            return None
        update_id, self._next_id = self._next_id, self._next_id + 1
        self._queue.append(_Queued(update_id, self._now(), {"update_id": update_id, kind: body}))
        self._wake(is_taken_over=False)
        return update_id

    def clear(self) -> None:
        """Drop everything that waits."""
        self._queue.clear()

    def interrupt(self) -> None:
        """End the waiting poll empty-handed, so that its client has to ask anew."""
        self._wake(is_taken_over=False)

    def close(self) -> None:
        """End the waiting poll; the server goes away."""
        self._is_closed = True
        self._wake(is_taken_over=False)

    async def poll(
        self, offset: int, limit: int, timeout_s: float, allowed: Sequence[str] | None
    ) -> list[JsonObject]:
        """What getUpdates answers; waits up to ``timeout_s`` when there is nothing.

        Raises:
            Refusal: 409 when another poll takes over.
        """
        if allowed is not None:
            self.allowed = tuple(allowed)
        limit, timeout_s = self._remember(offset, limit, timeout_s)
        self._forget(offset)
        if self._queue or timeout_s <= 0 or self._is_closed:
            return self._head(limit)
        await self._wait(timeout_s)
        return self._head(limit)

    def _is_wanted(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in _NOT_BY_DEFAULT

    def _remember(self, offset: int, limit: int, timeout_s: float) -> tuple[int, float]:
        """An offset repeated at once is slowed down to a poll of some seconds."""
        now = asyncio.get_running_loop().time()
        since = now - self._last_start
        if offset == self._last_offset:
            pause = self._limits.repeated_poll_s
            if timeout_s < pause and since < pause:
                timeout_s = pause
            if since < pause / 6:
                limit = 1
        self._last_offset, self._last_start = offset, now
        return limit, timeout_s

    def _forget(self, offset: int) -> None:
        oldest = self._now() - timedelta(seconds=self._limits.updates_kept_s)
        self._queue = [item for item in self._queue if item.at >= oldest]
        if offset < 0:
            self._queue = self._queue[offset:]
        elif offset <= self._next_id:  # one from the future confirms nothing
            self._queue = [item for item in self._queue if item.update_id >= offset]

    def _head(self, limit: int) -> list[JsonObject]:
        return [item.update for item in self._queue[:limit]]

    async def _wait(self, timeout_s: float) -> None:
        self._wake(is_taken_over=True)
        poll = _Poll(asyncio.get_running_loop().create_future())
        self._poll = poll
        try:
            async with asyncio.timeout(timeout_s):
                await poll.answer
        except TimeoutError:
            return
        finally:
            if self._poll is poll:
                self._poll = None
        if poll.is_taken_over:
            await self._hold_conflict()
            raise Refusal(CONFLICT, code=409)

    async def _hold_conflict(self) -> None:
        """A further conflict within some seconds is told that much later."""
        now = asyncio.get_running_loop().time()
        if now >= self._next_conflict:
            self._next_conflict = now + self._limits.conflict_pause_s
        elif not self._is_closed:
            await asyncio.sleep(self._limits.conflict_pause_s)

    def _wake(self, *, is_taken_over: bool) -> None:
        poll = self._poll
        if poll is not None and not poll.answer.done():
            poll.is_taken_over = is_taken_over
            poll.answer.set_result(None)
