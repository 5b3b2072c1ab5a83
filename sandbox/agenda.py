"""What the books have still to do, in the order of its market time."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

Step = Callable[[datetime], None]


class Agenda:
    """Steps of orders, each due at a moment; equal moments in the order of entry."""

    def __init__(self) -> None:
        self._ranks = count()
        self._steps: list[tuple[datetime, int, str, Step]] = []
        self.wake: Callable[[], object] = lambda: None

    def add(self, at: datetime, order_no: str, step: Step) -> None:
        """Enter a step of an order; a sleeping player is woken."""
        heapq.heappush(self._steps, (at, next(self._ranks), order_no, step))
        self.wake()

    def next_at(self) -> datetime | None:
        """When the next step is due."""
        return self._steps[0][0] if self._steps else None

    def play_next(self) -> None:
        """Do the next step."""
        at, _rank, _order_no, step = heapq.heappop(self._steps)
        step(at)

    def play_ahead(self, order_no: str, horizon: datetime) -> None:
        """Do an order's steps up to ``horizon`` at once."""
        due = sorted(s for s in self._steps if s[2] == order_no and s[0] <= horizon)
        ranks = {step[1] for step in due}
        self._steps = [step for step in self._steps if step[1] not in ranks]
        heapq.heapify(self._steps)
        for at, _rank, _order_no, step in due:
            step(at)
