"""An event loop whose time is stepped: it jumps to the next timer when nothing else is ready.

Real sockets and threads still work: before a step the selector is asked once more, and while a
``busy`` probe says that a thread or a reply is outstanding the loop waits for it in real time.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
GRACE_S = 0.002
LOOKS = 16  # while callbacks wait, sockets are looked at once in so many turns
LONGEST_WAIT = 400


class _SteppedSelector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.stepped = 0.0
        self.held = 0
        self.threads: set[asyncio.Future[Any]] = set()
        self.busy: list[Callable[[], bool]] = [lambda: bool(self.threads)]
        self.turns = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout == 0:
            self.turns += 1
            return super().select(0) if self.turns % LOOKS == 0 else []
        if self.held:
            return super().select(GRACE_S)
        for _ in range(LONGEST_WAIT):
            if not any(probe() for probe in self.busy):
                break
            ready = super().select(GRACE_S)
            if ready:
                return ready
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            return super().select(GRACE_S)
        self.stepped += timeout
        return []


class SteppedLoop(asyncio.SelectorEventLoop):
    """``time()`` starts at 0 and moves only from timer to timer."""

    def __init__(self) -> None:
        self._stepped_selector = _SteppedSelector()
        super().__init__(self._stepped_selector)
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self._stepped_selector.stepped

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """Time waits for it, or how long a book is read would decide what comes first."""
        future = super().run_in_executor(executor, func, *args)
        self._stepped_selector.threads.add(future)
        future.add_done_callback(self._stepped_selector.threads.discard)
        return future

    def watch(self, busy: Callable[[], bool]) -> None:
        """Do not step while ``busy()`` is true (bounded by a fraction of a real second)."""
        self._stepped_selector.busy.append(busy)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Time stands still inside: for opening and closing what works in threads."""
        self._stepped_selector.held += 1
        try:
            yield
        finally:
            self._stepped_selector.held -= 1


def run_stepped(main: Callable[[SteppedLoop], Coroutine[Any, Any, T]]) -> T:
    """Run ``main(loop)`` to its end in stepped time."""
    loop = SteppedLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop))
