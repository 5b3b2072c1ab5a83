"""The figures of the Bot API that a test or a demo may want to set, and the flood gate."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sandbox.telegram_refusal import flood


@dataclass(frozen=True, slots=True)
class TelegramLimits:
    """Durations in seconds of human time. The flood figures are guesses in Telegram's spirit.

    Published: about one message a second per chat with short bursts, about 30 a second in all.
    The deadline of a callback answer is unpublished; reports say from 10-20 s up.
    """

    chat_per_s: float = 1.0
    chat_burst: int = 20
    edit_cost: float = 0.5
    overall_per_s: float = 30.0
    overall_burst: int = 30
    min_retry_after_s: int = 1
    repeated_poll_s: float = 3.0
    conflict_pause_s: float = 3.0
    callback_deadline_s: float = 30.0
    delete_window_s: float = 48 * 3600.0
    updates_kept_s: float = 24 * 3600.0


@dataclass(slots=True)
class _Bucket:
    level: float
    at: datetime


class FloodGate:
    """One bucket a chat and one for all. A refused call costs nothing."""

    def __init__(self, limits: TelegramLimits, now: Callable[[], datetime]) -> None:
        self._limits = limits
        self._now = now
        self._chats: dict[int, _Bucket] = {}
        self._overall = _Bucket(limits.overall_burst, now())

    def spend(self, chat_id: int, cost: float) -> None:
        """Count a message, an edit or an album.

        Raises:
            Refusal: 429 with the seconds to wait.
        """
        limits, now = self._limits, self._now()
        chat = self._chats.setdefault(chat_id, _Bucket(limits.chat_burst, now))
        _refill(chat, limits.chat_per_s, limits.chat_burst, now)
        _refill(self._overall, limits.overall_per_s, limits.overall_burst, now)
        wait = max(
            (cost - chat.level) / limits.chat_per_s,
            (cost - self._overall.level) / limits.overall_per_s,
        )
        if wait > 0:
            raise flood(max(math.ceil(wait), limits.min_retry_after_s))
        chat.level -= cost
        self._overall.level -= cost


def _refill(bucket: _Bucket, per_s: float, burst: int, now: datetime) -> None:
    elapsed = max((now - bucket.at).total_seconds(), 0.0)
    bucket.level = min(bucket.level + elapsed * per_s, float(burst))
    bucket.at = now
