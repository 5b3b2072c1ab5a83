"""Work in a thread that ticks hardly notice."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_USUAL_S = sys.getswitchinterval()
_SOON_S = 0.0005  # the interpreter's own 5 ms would be how late a tick is


async def aside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Its result; meanwhile the loop gets the interpreter back ten times as soon."""

    def run() -> T:
        with _threads.at_work():
            return work(*args, **kwargs)

    return await asyncio.to_thread(run)


class _Threads:
    """Those at work; each counts until its own end, whoever still waits for it."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = Lock()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self._add(1)
        try:
            yield
        finally:
            self._add(-1)

    def _add(self, one: int) -> None:
        with self._lock:
            self._count += one
            sys.setswitchinterval(_SOON_S if self._count else _USUAL_S)


_threads = _Threads()
