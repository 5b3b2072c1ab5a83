"""A Korean world whose records are late, and books of other days and versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from engine.model.events import HoldingsSeen, ReportsSeen
from engine.model.money import Krw
from tests.desk.krx_world import KrxWorld, opened
from tests.desk.test_krx_doubt import CALM


class Late(KrxWorld):
    """Its lists and balances show the account as it was some seconds ago."""

    def __post_init__(self) -> None:
        self.lists_late = self.balances_late = timedelta(0)
        self.past: list[tuple[datetime, tuple[Any, ...]]] = []
        super().__post_init__()

    def give(self, event: Any) -> None:
        self._keep()
        super().give(event)
        self._keep()

    def fill_by_hand(self, *args: Any, **how: Any) -> None:
        self._keep()
        super().fill_by_hand(*args, **how)
        self._keep()

    def _keep(self) -> None:
        orders = {number: copy(order) for number, order in self.orders.items()}
        self.past.append((self.now, (dict(self.shares), dict(self.by_hand), orders)))

    def _as_of(self, late: timedelta) -> tuple[Any, ...]:
        now = self.shares, self.by_hand, self.orders
        then = [kept for at, kept in self.past if at <= self.now - late]
        self.shares, self.by_hand, self.orders = then[-1] if late and then else now
        return now

    def _holdings(self) -> HoldingsSeen[Krw]:
        now = self._as_of(self.balances_late)
        seen = super()._holdings()
        self.shares, self.by_hand, self.orders = now
        return seen

    def _reports(self, since: Any) -> ReportsSeen[Krw]:
        now = self._as_of(self.lists_late)
        seen = super()._reports(since)
        self.shares, self.by_hand, self.orders = now
        return seen


def with_late_ones() -> Late:
    world = opened(Late, settings=CALM)
    assert isinstance(world, Late)
    return world


def lost(world: KrxWorld, how: str = "lost") -> None:
    """The next order is in doubt; nothing more of ours goes through."""
    world.drops_notices = True
    world.place_answers = [how, "too_many", "too_many"]


def plain(snapshot: Mapping[str, object]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(snapshot))
    return made


def without_counts(world: KrxWorld, counted_on: str | None) -> dict[str, Any]:
    """Its book as one of that day, or of a version that did not count, would be."""
    old = plain(world.desk.snapshot())
    old["book"] |= {"counts": {}, "counted_on": counted_on}
    return old
