"""A US world whose records are late or lack an order, and a trader who types orders beforehand."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from engine.model.events import Event
from engine.model.ids import BrokerOrderNo, Qty, Symbol
from engine.model.intents import Place
from engine.model.orders import Side
from tests.desk.conftest import armed_world
from tests.desk.world import World, usd

MU = Symbol("MU")


class Late(World):
    """Its lists and balances show the account as it was some seconds ago."""

    def __post_init__(self) -> None:
        self.lists_late = self.balances_late = timedelta(0)
        self.hidden: set[BrokerOrderNo] = set()  # not in the list of orders
        self.past: list[tuple[datetime, tuple[Any, ...]]] = []
        super().__post_init__()

    def give(self, event: Event) -> None:
        self._keep()
        super().give(event)
        self._keep()

    def type_by_hand(self, side: Side, qty: int, price: str) -> BrokerOrderNo:
        """An order of MU that waits."""
        return self._book(MU, side, qty, usd(price), filled=0, by_api=False)

    def fill_by_hand(self, number: BrokerOrderNo) -> None:
        """It is executed, whenever it was typed."""
        self._keep()
        report = self.orders[number].report
        qty, price = report.open_qty, report.limit or usd(1)
        self.orders[number].report = replace(
            report, filled_qty=report.order_qty, open_qty=Qty(0), avg_price=price
        )
        self.shares[MU].qty += qty if report.side is Side.BUY else -qty
        self._notice(number, MU, report.side, qty, price, report.order_qty)
        self._keep()

    def _keep(self) -> None:
        shares = {symbol: copy(share) for symbol, share in self.shares.items()}
        orders = {number: copy(order) for number, order in self.orders.items()}
        self.past.append((self.now, (shares, orders)))

    def _as_of(self, late: timedelta) -> tuple[Any, ...]:
        now = self.shares, self.orders
        then = [kept for at, kept in self.past if at <= self.now - late]
        self.shares, self.orders = then[-1] if late and then else now
        return now

    def _holdings(self, asked_at: datetime) -> Event:
        now = self._as_of(self.balances_late)
        seen = super()._holdings(asked_at)
        self.shares, self.orders = now
        return seen

    def _reports(self, asked_at: datetime, since: date | None = None) -> Event:
        now = self._as_of(self.lists_late)
        shown = self.orders.items()
        self.orders = {number: order for number, order in shown if number not in self.hidden}
        seen = super()._reports(asked_at, since)
        self.shares, self.orders = now
        return seen

    def _place(self, intent: Place) -> None:
        """``hidden``: it arrives, nobody hears of it, and no list has it."""
        is_hidden = self.place_answers[:1] == ["hidden"]
        if is_hidden:
            self.place_answers[0] = "live_unknown"
        known = set(self.orders)
        super()._place(intent)
        if is_hidden:
            self.hidden |= self.orders.keys() - known


def armed_late() -> Late:
    """Ten MU bought at 100 ten minutes ago, in the socket window."""
    world = armed_world(Late)
    world.run_for(599)
    return world
