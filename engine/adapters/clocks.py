"""Market time: the machine's clock, a demo's scaled clock, or an event loop's time."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_LOOK_AGAIN_S = 0.02
_LONGEST_NAP_S = 3600.0
_SMALLEST_JUMP = timedelta(seconds=1)


class SystemClock:
    """The machine's clock in UTC. It is set by NTP and never jumps as far as we can tell."""

    generation = 0

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)

    async def sleep_until(self, moment: datetime) -> None:
        """Return once the time has come; long waits are cut, since the clock may be corrected."""
        while (left_s := (moment - self.now()).total_seconds()) > 0:
            await asyncio.sleep(min(left_s, _LONGEST_NAP_S))

    async def next_jump(self) -> tuple[datetime, datetime]:
        """Waits for ever."""
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


class LoopClock:
    """Market time derived from the running loop's time, which a test may step."""

    generation = 0

    def __init__(self, start: datetime, loop_time: Callable[[], float]) -> None:
        self._start = start
        self._loop_time = loop_time
        self._zero = loop_time()

    def now(self) -> datetime:
        """Aware, UTC."""
        return self._start + timedelta(seconds=self._loop_time() - self._zero)

    async def sleep_until(self, moment: datetime) -> None:
        """Return once the time has come."""
        while (left_s := (moment - self.now()).total_seconds()) > 0:
            await asyncio.sleep(left_s)

    async def next_jump(self) -> tuple[datetime, datetime]:
        """Waits for ever."""
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


@dataclass(frozen=True, slots=True)
class _Anchor:
    monotonic: float
    market: datetime
    speed: float
    is_frozen: bool

    def now(self, monotonic: float) -> datetime:
        if self.is_frozen:
            return self.market
        return self.market + timedelta(seconds=(monotonic - self.monotonic) * self.speed)


class DemoClock:
    """Market time as the sandbox publishes it in a file (loopback demo directories only).

    The file holds an anchor pair of the machine's monotonic clock and market time, and a speed;
    it is looked at again at most every 20 ms. A new anchor that does not continue the old one is
    a jump.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = 0
        self._jumps = 0
        self._anchor = self._read()
        self._looked_at = time.monotonic()

    @property
    def generation(self) -> int:
        """Grows with every jump."""
        self._current()
        return self._jumps

    def now(self) -> datetime:
        """Aware, UTC."""
        return self._current().now(time.monotonic())

    async def sleep_until(self, moment: datetime) -> None:
        """Return once market time is there; woken by jumps and by changes of speed."""
        while (left := moment - self.now()) > timedelta(0):
            anchor = self._anchor
            pause_s = _LOOK_AGAIN_S
            if not anchor.is_frozen:
                pause_s = min(pause_s, left.total_seconds() / anchor.speed)
            await asyncio.sleep(max(pause_s, 0.0005))

    async def next_jump(self) -> tuple[datetime, datetime]:
        """Wait for a jump and return market time before and after it."""
        generation, before = self.generation, self.now()
        while self.generation == generation:
            before = self.now()
            await asyncio.sleep(_LOOK_AGAIN_S)
        return before, self.now()

    def _current(self) -> _Anchor:
        monotonic = time.monotonic()
        if monotonic - self._looked_at >= _LOOK_AGAIN_S:
            self._looked_at = monotonic
            stamp = self._path.stat().st_mtime_ns
            if stamp != self._stamp:
                self._follow(self._read())
        return self._anchor

    def _follow(self, anchor: _Anchor) -> None:
        expected = self._anchor.now(anchor.monotonic)
        if abs(anchor.market - expected) > _SMALLEST_JUMP:
            self._jumps += 1
        self._anchor = anchor

    def _read(self) -> _Anchor:
        self._stamp = self._path.stat().st_mtime_ns
        state = json.loads(self._path.read_text(encoding="utf-8"))
        return _Anchor(
            monotonic=float(state["anchor_monotonic"]),
            market=datetime.fromisoformat(state["anchor_market"]),
            speed=float(state["speed"]),
            is_frozen=bool(state["frozen"]),
        )
