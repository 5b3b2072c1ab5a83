"""Market time: anchored on a monotonic source, scaled, stoppable, able to jump."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path


class SandboxClock:
    """Market time = anchor + (source - anchor source) x speed.

    ``time_source`` counts seconds; hand in ``loop.time`` for an event loop with virtual time.
    With ``publish_to`` the state is written there at each change: ``time.monotonic`` is the same
    for all processes of a machine, so another process derives the same market time from it.
    """

    def __init__(
        self,
        start: datetime,
        speed: float = 1.0,
        time_source: Callable[[], float] = time.monotonic,
        publish_to: Path | None = None,
    ) -> None:
        _require_aware(start)
        _require_positive(speed)
        self._source = time_source
        self._anchor_source = time_source()
        self._anchor = start.astimezone(UTC)
        self._speed = speed
        self._frozen = False
        self._generation = 0
        self._changed = asyncio.Event()
        self._listeners: list[Callable[[], object]] = []
        self._publish_to = publish_to
        self._publish()

    @property
    def speed(self) -> float:
        """Market seconds per second of the source."""
        return self._speed

    @property
    def frozen(self) -> bool:
        """Whether market time stands still."""
        return self._frozen

    def now(self) -> datetime:
        """Aware UTC."""
        if self._frozen:
            return self._anchor
        elapsed = (self._source() - self._anchor_source) * self._speed
        return self._anchor + timedelta(seconds=elapsed)

    def freeze(self) -> None:
        """Stop market time where it is."""
        self._change(self.now(), frozen=True)

    def resume(self) -> None:
        """Let a frozen clock run on at its speed."""
        self._change(self.now(), frozen=False)

    def jump(self, to: datetime) -> None:
        """Set market time; sleepers whose moment has passed wake at once."""
        _require_aware(to)
        self._change(to.astimezone(UTC), frozen=self._frozen)

    def set_speed(self, speed: float) -> None:
        """Change the scale from now on; does not unfreeze."""
        _require_positive(speed)
        self._change(self.now(), frozen=self._frozen, speed=speed)

    async def sleep_until(self, moment: datetime) -> None:
        """Return when market time has reached ``moment``, also after a jump over it."""
        while moment > self.now():
            await self._wait_change(self.seconds_until(moment))

    def seconds_until(self, moment: datetime) -> float | None:
        """Seconds of the source until then as things stand; None while frozen short of it."""
        left = (moment - self.now()).total_seconds()
        if left <= 0:
            return 0.0
        return None if self._frozen else left / self._speed

    def on_change(self, listener: Callable[[], object]) -> None:
        """Call ``listener`` after every jump, freeze, resume or change of speed."""
        self._listeners.append(listener)

    def state(self) -> dict[str, object]:
        """What another process needs to tell the same time."""
        return {
            "anchor_monotonic": self._anchor_source,
            "anchor_market": self._anchor.isoformat(),
            "speed": self._speed,
            "frozen": self._frozen,
            "generation": self._generation,
        }

    async def _wait_change(self, timeout_s: float | None) -> None:
        try:
            async with asyncio.timeout(timeout_s):
                await self._changed.wait()
        except TimeoutError:
            return

    def _change(self, anchor: datetime, *, frozen: bool, speed: float | None = None) -> None:
        self._anchor = anchor
        self._anchor_source = self._source()
        self._frozen = frozen
        if speed is not None:
            self._speed = speed
        self._generation += 1
        # Sleepers hold the old event; newcomers must not see it already set.
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        self._publish()
        for listener in self._listeners:
            listener()

    def _publish(self) -> None:
        if self._publish_to is None:
            return
        half = self._publish_to.with_name(self._publish_to.name + ".new")
        half.write_text(json.dumps(self.state()), encoding="utf-8")
        os.replace(half, self._publish_to)  # noqa: PTH105 - atomic by contract on every platform


def _require_aware(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise ValueError(f"market time must be aware, got {moment!r}")


def _require_positive(speed: float) -> None:
    if not speed > 0:
        raise ValueError(f"speed must be above 0, got {speed}; freeze() stops the clock")
