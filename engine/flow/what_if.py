"""A recording played again with its quotes only: what would these settings have done?

The desk sees the recorded trades, scans, charts, states and commands at their moments. What the
broker said is left out: a simulated account answers instead, and tells of fills as a broker's
notices do. Market reads of the desk are answered by the recording, whatever it asks for now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol

from engine.desk.base import Desk
from engine.flow.simulated import Account, MarketIntent, SimulatedRun, Witness
from engine.model.events import (
    CancelAnswered,
    CashSeen,
    ClockJumped,
    Event,
    FetchFailed,
    FetchKind,
    HoldingsSeen,
    NoticeSeen,
    PlaceAnswered,
    ReportsSeen,
    TickSeen,
    WakeUp,
)
from engine.model.fills import OrderNotice
from engine.model.money import Krw
from engine.model.orders import OrderIntent, PlaceAnswer
from engine.ports.recorder import Step

_OF_THE_BROKER = (
    *(HoldingsSeen, ReportsSeen, CashSeen, NoticeSeen, PlaceAnswered, CancelAnswered),
    WakeUp,  # the desk of now has wishes of its own
)
_AT_ONCE = timedelta(0)
_READS_OF_THE_ACCOUNT = frozenset({FetchKind.HOLDINGS, FetchKind.REPORTS, FetchKind.CASH})


class TellingAccount(Account, Protocol):
    """An account that tells of fills as they happen."""

    def listen(self, listener: Callable[[OrderNotice[Krw]], None]) -> None:
        """Call ``listener`` with every fill from now on."""
        ...

    def settle(self, now: datetime) -> None:
        """Let orders on their way arrive."""
        ...


class WhatIf(SimulatedRun):
    """One run. ``latency``: how long the account has an order on its way."""

    def __init__(
        self, desk: Desk[Krw], account: TellingAccount, witness: Witness, *, latency: timedelta
    ) -> None:
        super().__init__(desk, account, witness, answers_after=_AT_ONCE)
        self._arrival = account.settle
        self._latency = latency
        account.listen(self._tell)

    def play(self, steps: Iterable[Step[Krw]]) -> None:
        """The whole recording."""
        for step in steps:
            event = step.event
            if isinstance(event, ClockJumped):
                self.run_up_to(event.before)
                self.postpone(event.after - event.before)
            else:
                self.run_up_to(step.at)
            if isinstance(event, TickSeen):
                self.account.on_tick(event.tick, step.at)
            if is_quote(event):
                self.give(event, step.at)

    def ask_market(self, intent: MarketIntent, now: datetime) -> None:
        """The recording brings what it has."""

    def place(self, order: OrderIntent[Krw], now: datetime) -> PlaceAnswer:
        """Also when no trade comes the order arrives in time."""
        self.at(now + self._latency, self._arrival)
        return super().place(order, now)

    def _tell(self, notice: OrderNotice[Krw]) -> None:
        self.answer(NoticeSeen(notice), notice.at)


def is_quote(event: Event[Krw]) -> bool:
    """Whether it is something that the broker of another life would have sent as well."""
    if isinstance(event, FetchFailed):
        return event.kind not in _READS_OF_THE_ACCOUNT
    return not isinstance(event, _OF_THE_BROKER)
