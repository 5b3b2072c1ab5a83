"""Owns every long-running task: restarts services, gives up loudly, stops in order."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from engine.errors import ConfigError, InvariantBroken, JournalFailed
from engine.flow.together import run_together

log = logging.getLogger(__name__)

Run = Callable[[], Awaitable[None]]
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
BUDGET = 5
BUDGET_WINDOW_S = 600.0
LAG_SAMPLE_S = 0.25
LAG_SAMPLES = 400


async def _at_once() -> None:
    """Nothing is to be done first."""


async def human_pause(seconds: float) -> None:
    """Pause in human time; market time waits on the Clock port instead."""
    await asyncio.sleep(seconds)


def human_now() -> datetime:
    """Human time, aware UTC: confirmations, quiet hours, back-off. Never decides a trade."""
    return datetime.now(UTC)


def human_monotonic() -> float:
    """Seconds of human time for measuring spans."""
    return monotonic()


@dataclass(frozen=True, slots=True)
class Service:
    """A named ``run()`` that is meant to go on until cancelled."""

    name: str
    run: Run


class Supervisor:
    """One task group for all services; each behind a guard with a restart budget.

    ConfigError, JournalFailed and InvariantBroken end everything, after ``before_end``: the process
    then exits non-zero, is started again, and finds the truth by asking the broker. ``on_give_up``
    hears of a service
    whose budget (5 restarts in 10 minutes) is spent; it is still restarted, at the longest pause.
    """

    def __init__(
        self,
        services: tuple[Service, ...],
        *,
        on_give_up: Callable[[str], None],
        before_end: Run = _at_once,
        pause: Callable[[float], Awaitable[None]] = human_pause,
    ) -> None:
        self._services = services
        self._on_give_up = on_give_up
        self._before_end = before_end
        self._pause = pause
        self._lags: deque[float] = deque(maxlen=LAG_SAMPLES)
        self.restarts: dict[str, int] = {}

    async def run(self) -> None:
        """Run until cancelled; a fatal error of a service comes out as itself."""
        guards = [self._guard(service) for service in self._services]
        await run_together(self._measure_lag(), *guards)

    def loop_lag_ms_p99(self) -> float:
        """How late the loop was in the last 100 seconds, 99th percentile."""
        if not self._lags:
            return 0.0
        ordered = sorted(self._lags)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000, 1)

    async def _guard(self, service: Service) -> None:
        failures: deque[float] = deque()
        while True:
            try:
                await service.run()
                reason = "ended by itself"
            except (ConfigError, JournalFailed, InvariantBroken):
                log.exception("%s: fatal", service.name)
                await self._before_end()
                raise
            except Exception:
                reason = "failed"
                log.exception("%s failed", service.name)
            now = monotonic()
            failures.append(now)
            while failures[0] < now - BUDGET_WINDOW_S:
                failures.popleft()
            self.restarts[service.name] = self.restarts.get(service.name, 0) + 1
            if len(failures) == BUDGET:
                self._on_give_up(service.name)
            delay = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (len(failures) - 1))
            log.warning("%s %s; again in %.0f s", service.name, reason, delay)
            await self._pause(delay * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not secrecy

    async def _measure_lag(self) -> None:
        while True:
            before = monotonic()
            await asyncio.sleep(LAG_SAMPLE_S)
            self._lags.append(max(0.0, monotonic() - before - LAG_SAMPLE_S))
