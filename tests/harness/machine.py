"""A machine whose clock is stepped and which is put to sleep, on a stepped loop."""

from datetime import datetime, timedelta

from engine.adapters.clocks import SystemClock
from tests.harness.stepped_loop import SteppedLoop


class Machine:
    """``clock`` is the real system clock over this machine's wall and monotonic time."""

    def __init__(self, loop: SteppedLoop, start: datetime) -> None:
        self._loop = loop
        self._wall_at_zero = start.timestamp()
        self.clock = SystemClock(self._wall, loop.time)

    def step(self, by: timedelta) -> None:
        """The wall clock is set; a suspended machine that wakes looks the same."""
        self._wall_at_zero += by.total_seconds()

    def _wall(self) -> float:
        return self._wall_at_zero + self._loop.time()
