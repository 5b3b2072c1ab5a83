"""Signals from before the data directory is locked until the process is gone.

The loop's own handlers would come too late (``stop`` may signal whoever holds the lock) and go
too early: a second SIGTERM during the last milliseconds would kill a clean stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGINT)
STOP_ALL = signal.SIGUSR1  # ``run.py stop``: /stop all from the machine


class Signals:
    """Remembers what came before anybody could obey."""

    def __init__(self) -> None:
        self._heard: list[int] = []
        self._obey: Callable[[int], None] | None = None

    def install(self) -> None:
        """Hear from now on. Main thread only."""
        for number in (*ENDING, STOP_ALL):
            signal.signal(number, self._hear)

    def obey(self, end: Callable[[], None], stop_all: Callable[[], None]) -> None:
        """From now on, and for what was heard before, call these on the running loop."""
        loop = asyncio.get_running_loop()

        def act(number: int) -> None:
            # Between the end of the loop and the end of the process there is nothing left to do.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(stop_all if number == STOP_ALL else end)

        self._obey = act
        for number in self._heard:
            act(number)
        self._heard.clear()

    def ignore(self) -> None:
        """The run is over: its exit code stands, whatever still comes."""
        for number in (*ENDING, STOP_ALL):
            signal.signal(number, signal.SIG_IGN)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if self._obey is None:
            self._heard.append(number)
        else:
            self._obey(number)
