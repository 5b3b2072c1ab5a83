"""Market time: the machine's clock, a demo's scaled clock, or an event loop's time."""

from __future__ import annotations

import asyncio
import json
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_DEMO_LOOK_S = 0.02
_SYSTEM_LOOK_S = 1.0
_SHORTEST_NAP_S = 0.0005
# A leap second is no jump; nothing that is measured here is finer than seconds.
_SMALLEST_JUMP = timedelta(seconds=1)
# NTP slews by at most 500 ppm (adjtimex(2), ntpd): so much may gather unseen, and is no jump.
_SLEW = 500e-6


class _JumpingClock(ABC):
    """What a clock that is looked at again and again has in common."""

    def __init__(self, look_every_s: float) -> None:
        self._look_every_s = look_every_s
        self._jumps = 0
        self._skipped = timedelta(0)

    @abstractmethod
    def now(self) -> datetime:
        """Aware, UTC."""

    @abstractmethod
    def _look(self) -> None:
        """Notice a jump."""

    @property
    def generation(self) -> int:
        """Grows with every jump."""
        self._look()
        return self._jumps

    @property
    def skipped(self) -> timedelta:
        """What all jumps so far add up to."""
        self._look()
        return self._skipped

    async def sleep_until(self, moment: datetime) -> None:
        """Return once the time has come. Naps are short: a jump may bring it any moment."""
        while (left := moment - self.now()) > timedelta(0):
            await asyncio.sleep(self._nap_s(left))

    async def next_jump(self) -> tuple[datetime, datetime]:
        """Wait for a jump and return market time before and after it."""
        generation, skipped = self.generation, self.skipped
        while self.generation == generation:
            await asyncio.sleep(self._look_every_s)
        now = self.now()
        return now - (self.skipped - skipped), now

    def _nap_s(self, left: timedelta) -> float:
        return min(left.total_seconds(), self._look_every_s)

    def _jump(self, by: timedelta) -> None:
        self._jumps += 1
        self._skipped += by


class SystemClock(_JumpingClock):
    """The machine's clock in UTC, as NTP sets it.

    Suspended, a machine's monotonic clock stands still (Linux: CLOCK_MONOTONIC); stepped, its wall
    clock moves alone. Either way the distance of the two changes at once, which slewing never does.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(_SYSTEM_LOOK_S)
        self._wall = wall
        self._monotonic = monotonic
        self._looked_at = monotonic()
        self._distance = wall() - self._looked_at

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.fromtimestamp(self._wall(), UTC)

    async def sleep_for(self, span: timedelta) -> None:
        """The loop's time is the monotonic clock, which knows no jumps."""
        await asyncio.sleep(span.total_seconds())

    def _look(self) -> None:
        monotonic = self._monotonic()
        distance = self._wall() - monotonic
        moved = timedelta(seconds=distance - self._distance)
        slewed = timedelta(seconds=(monotonic - self._looked_at) * _SLEW)
        if abs(moved) > _SMALLEST_JUMP + slewed:
            self._jump(moved)
        self._distance, self._looked_at = distance, monotonic


class LoopClock:
    """Market time derived from the running loop's time, which a test may step."""

    generation = 0
    skipped = timedelta(0)

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

    async def sleep_for(self, span: timedelta) -> None:
        """Nothing jumps here."""
        await self.sleep_until(self.now() + span)

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


class DemoClock(_JumpingClock):
    """Market time as the sandbox publishes it in a file (loopback demo directories only).

    The file holds an anchor pair of the machine's monotonic clock and market time, and a speed.
    ``now`` reads it again at most every 20 ms, the question for jumps asks each time whether it
    was replaced: what the sandbox sends after a jump must not be taken for news from before. A new
    anchor that does not continue the old one is a jump.
    """

    def __init__(
        self,
        path: Path,
        monotonic: Callable[[], float] = time.monotonic,
        look_every_s: float = _DEMO_LOOK_S,
    ) -> None:
        super().__init__(look_every_s)
        self._path = path
        self._monotonic = monotonic
        self._looked_at = monotonic()
        self._file = _file_of(path)
        self._text = path.read_text(encoding="utf-8")
        self._anchor = _anchor_of(self._text)

    def now(self) -> datetime:
        """Aware, UTC."""
        if self._monotonic() - self._looked_at >= self._look_every_s:
            self._read()
        return self._anchor.now(self._monotonic())

    async def sleep_for(self, span: timedelta) -> None:
        """Count what passes between jumps; a nap that a jump falls into is slept again."""
        while span > timedelta(0):
            generation, began = self.generation, self.now()
            await asyncio.sleep(self._nap_s(span))
            if self.generation == generation:
                span -= self.now() - began

    def _nap_s(self, left: timedelta) -> float:
        if self._anchor.is_frozen:
            return self._look_every_s
        return max(
            min(self._look_every_s, left.total_seconds() / self._anchor.speed), _SHORTEST_NAP_S
        )

    def _look(self) -> None:
        """Asked for at every event; to read the file takes ten times as long as this."""
        if _file_of(self._path) != self._file:
            self._read()

    def _read(self) -> None:
        self._looked_at = self._monotonic()
        self._file = _file_of(self._path)
        text = self._path.read_text(encoding="utf-8")
        if text != self._text:
            self._text = text
            self._follow(_anchor_of(text))

    def _follow(self, anchor: _Anchor) -> None:
        moved = anchor.market - self._anchor.now(anchor.monotonic)
        if abs(moved) > _SMALLEST_JUMP:
            self._jump(moved)
        self._anchor = anchor


def _file_of(path: Path) -> tuple[int, int]:
    """Another pair for every file that was put in this place."""
    found = os.stat(path)  # noqa: PTH116 - a third of the time of Path.stat
    return found.st_ino, found.st_mtime_ns


def _anchor_of(text: str) -> _Anchor:
    state = json.loads(text)
    return _Anchor(
        monotonic=float(state["anchor_monotonic"]),
        market=datetime.fromisoformat(state["anchor_market"]),
        speed=float(state["speed"]),
        is_frozen=bool(state["frozen"]),
    )
