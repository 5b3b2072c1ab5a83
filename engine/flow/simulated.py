"""A desk in virtual time whose orders and account reads a simulated account answers.

Nothing waits here: the desk is a machine, the account keeps no connection, and time is that of
the next thing to happen. The same input gives the same outcomes every time.
"""

from __future__ import annotations

import heapq
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Protocol

from engine.desk.base import Desk, Outcome
from engine.model.account import Cash, Holding
from engine.model.events import (
    CancelAnswered,
    CashSeen,
    Event,
    HoldingsSeen,
    PlaceAnswered,
    ReportsSeen,
    WakeUp,
)
from engine.model.intents import (
    Cancel,
    FetchCash,
    FetchHoldings,
    FetchPrice,
    FetchReports,
    Intent,
    MarketFetch,
    Place,
    Watch,
)
from engine.model.money import Krw
from engine.model.orders import CancelIntent, OrderIntent, OrderReport, PlaceAnswer
from engine.model.quota import NO_CAP, Quota
from engine.model.quotes import Tick
from engine.rules.krx.sessions import kst_date

NO_CALLS = Quota(0, 0, NO_CAP, NO_CAP, NO_CAP)
MarketIntent = FetchPrice | MarketFetch | Watch


class Account(Protocol):
    """An account that answers at once."""

    def on_tick(self, tick: Tick[Krw], now: datetime) -> None:
        """A trade, streamed to the desk or not."""
        ...

    def place(self, order: OrderIntent[Krw], now: datetime) -> PlaceAnswer:
        """Take an order or refuse it."""
        ...

    def cancel(self, order: CancelIntent, now: datetime) -> PlaceAnswer:
        """End the open part of one."""
        ...

    def holdings(self, now: datetime) -> tuple[Holding[Krw], ...]:
        """Shares held."""
        ...

    def reports(self, first: date, last: date, now: datetime) -> tuple[OrderReport[Krw], ...]:
        """Orders of these dates."""
        ...

    def cash(self, now: datetime) -> Cash[Krw]:
        """Cash and what of it can be ordered with."""
        ...


class Witness(Protocol):
    """Sees every outcome that is more than a new wish to be woken."""

    def on_outcome(self, outcome: Outcome[Krw], now: datetime) -> None:
        """Right after it, before it is carried out."""
        ...


class SimulatedRun(ABC):
    """``answers_after``: how long the account takes to answer."""

    def __init__(
        self, desk: Desk[Krw], account: Account, witness: Witness, *, answers_after: timedelta
    ) -> None:
        self._handle = desk.handle
        self.account = account
        self._witness = witness
        self._answers_after = answers_after
        self._due: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._serial = count()
        self._wake: datetime | None = None
        self._now: datetime | None = None

    @abstractmethod
    def ask_market(self, intent: MarketIntent, now: datetime) -> None:
        """What becomes of a wish that is not the account's business."""

    def run_up_to(self, moment: datetime) -> None:
        """Everything before ``moment``; what is due with the next event comes after it."""
        while True:
            due, wake = self._due[0][0] if self._due else None, self._wake
            if due is not None and due < moment and (wake is None or due <= wake):
                at, _, happen = heapq.heappop(self._due)
                self._now = at
                happen(at)
            elif wake is not None and wake < moment:
                self.give(WakeUp(), wake)
            else:
                return

    def give(self, event: Event[Krw], now: datetime) -> None:
        """Let the desk decide on an event, and carry out what follows."""
        self._now = now
        outcome = self._handle(event, now)
        self._wake = outcome.wake_at
        if not outcome.intents and not outcome.facts:
            return
        self._witness.on_outcome(outcome, now)
        for intent in outcome.intents:
            self._carry_out(intent, now)

    def place(self, order: OrderIntent[Krw], now: datetime) -> PlaceAnswer:
        """Hand an order to the account."""
        return self.account.place(order, now)

    def answer(self, event: Event[Krw], asked_at: datetime) -> None:
        """Give an answer when it is due."""
        self.at(asked_at + self._answers_after, partial(self.give, event))

    def at(self, moment: datetime, happen: Callable[[datetime], None]) -> None:
        """Call ``happen`` when the moment comes, or now if it is over (a jump lay between)."""
        due = moment if self._now is None else max(moment, self._now)
        heapq.heappush(self._due, (due, next(self._serial), happen))

    def postpone(self, by: timedelta) -> None:
        """Market time jumped: what is on its way takes as long as it would have."""
        self._due = [(at + by, serial, happen) for at, serial, happen in self._due]
        self._wake = None

    def _carry_out(self, intent: Intent[Krw], now: datetime) -> None:
        account = self.account
        match intent:
            case Place(order):
                answer = self.place(order, now)
                self.answer(PlaceAnswered(order.client_order_id, answer), now)
            case Cancel(order):
                answer = account.cancel(order, now)
                self.answer(CancelAnswered(order.client_order_id, answer), now)
            case FetchHoldings():
                self.answer(HoldingsSeen(account.holdings(now), now, NO_CALLS), now)
            case FetchReports(_, since):
                today = kst_date(now)
                found = account.reports(since or today - timedelta(days=1), today, now)
                self.answer(ReportsSeen(found, now, NO_CALLS), now)
            case FetchCash():
                self.answer(CashSeen(account.cash(now)), now)
            case _:
                self.ask_market(intent, now)
