"""Dry run: real holdings and quotes, simulated sales that never leave this process."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.model.account import Cash, Holding
from engine.model.events import TickSeen
from engine.model.ids import BrokerOrderNo, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import Usd
from engine.model.orders import (
    Accepted,
    CancelIntent,
    OrderIntent,
    OrderReport,
    PlaceAnswer,
    Rejected,
    Side,
)
from engine.model.quota import Priority, Quota
from engine.model.quotes import Tick
from engine.ports.broker import Broker
from engine.ports.chat_store import ChatValues
from engine.ports.clock import Clock
from engine.rules.matching import RestingSell, fillable

log = logging.getLogger(__name__)

_KEY = "sim.account"
_KEPT = timedelta(days=2)


@dataclass(slots=True)
class _SimOrder:
    number: BrokerOrderNo
    symbol: Symbol
    exchange: Exchange
    resting: RestingSell
    qty: Qty
    is_cancelled: bool = False

    @property
    def filled(self) -> Qty:
        return Qty(self.resting.taken)


class SimBroker:
    """Implements the Broker port over a real account that it only reads.

    Real buys appear as they are; shares sold here stay hidden until the real quantity changes:
    visible = real - sold, and what was sold never exceeds what is really there.
    """

    def __init__(
        self,
        real: Broker,
        clock: Clock,
        memory: ChatValues,
        date_of: Callable[[datetime], date],
    ) -> None:
        self._date_of = date_of
        self._real = real
        self._clock = clock
        self._memory = memory
        self._orders: dict[BrokerOrderNo, _SimOrder] = {}
        self._sold: dict[Symbol, int] = {}
        self._free: dict[Symbol, int] = {}
        self._counter = 0
        self._last: dict[Symbol, Tick] = {}
        self._stored = ""
        self._is_loaded = False

    def on_tick(self, event: TickSeen) -> None:
        """Every price the desk sees may fill what rests here."""
        tick = event.tick
        self._last[tick.symbol] = tick
        for order in self._orders.values():
            if order.symbol == tick.symbol:
                self._match(order, tick)

    async def place(self, order: OrderIntent) -> PlaceAnswer:
        """Take a sell limit; anything else is refused."""
        await self._load()
        self._expire()
        free = self._free.get(order.symbol, 0) - self._committed(order.symbol)
        if order.side is not Side.SELL or order.qty > free:
            return Rejected("SIM_QTY", f"{order.qty} of {free} shares")
        now = self._clock.now()
        tick = self._last.get(order.symbol)
        self._counter += 1
        number = BrokerOrderNo(f"SIM{self._counter}")
        resting = RestingSell(order.limit, order.qty, now, tick.cum_volume if tick else None)
        self._orders[number] = _SimOrder(number, order.symbol, order.exchange, resting, order.qty)
        await self._save()
        return Accepted(number)

    async def cancel(self, order: CancelIntent) -> PlaceAnswer:
        """End the open part."""
        await self._load()
        known = self._orders.get(order.broker_order_no)
        if known is None or known.is_cancelled or known.resting.open_qty == 0:
            return Rejected("SIM_GONE", "nothing open under this number")
        known.is_cancelled = True
        await self._save()
        return Accepted(known.number)

    async def fetch_holdings(self, priority: Priority) -> tuple[Holding, ...]:
        """The real account less what was sold here."""
        await self._load()
        self._expire()
        rows = await self._real.fetch_holdings(priority)
        real = {row.symbol: row.qty for row in rows}
        self._sold = {
            symbol: min(sold, real.get(symbol, 0))
            for symbol, sold in self._sold.items()
            if real.get(symbol, 0) > 0
        }
        shown = tuple(self._shadow(row) for row in rows)
        # Before simulated orders, after the real open sells of the account.
        self._free = {
            row.symbol: min(row.qty, real_row.sellable_qty)
            for row, real_row in zip(shown, rows, strict=True)
        }
        await self._save()
        return tuple(row for row in shown if row.qty > 0)

    async def fetch_reports(
        self, first: date, last: date, priority: Priority
    ) -> tuple[OrderReport, ...]:
        """Real orders made elsewhere, and the simulated ones."""
        await self._load()
        self._expire()
        real = await self._real.fetch_reports(first, last, priority)
        for order in self._orders.values():
            tick = self._last.get(order.symbol)
            if tick is not None:
                self._match(order, tick)
        await self._save()
        return (*real, *(_report(order) for order in self._orders.values()))

    async def fetch_cash(self, priority: Priority) -> Cash:
        """The real account's."""
        return await self._real.fetch_cash(priority)

    def quota(self) -> Quota:
        """Real reads cost real calls."""
        return self._real.quota()

    def _match(self, order: _SimOrder, tick: Tick) -> None:
        is_today = self._date_of(order.resting.placed_at) == self._date_of(self._clock.now())
        if order.is_cancelled or order.resting.open_qty == 0 or not is_today:
            return
        taken = fillable(order.resting, tick)
        if taken == 0:
            return
        order.resting = replace(
            order.resting,
            open_qty=Qty(order.resting.open_qty - taken),
            taken=order.resting.taken + taken,
        )
        self._sold[order.symbol] = self._sold.get(order.symbol, 0) + taken
        self._free[order.symbol] = self._free.get(order.symbol, 0) - taken
        log.info("simulated sale of %s", order.symbol)

    def _expire(self) -> None:
        """Day orders end with the exchange's date."""
        today = self._date_of(self._clock.now())
        for order in self._orders.values():
            if self._date_of(order.resting.placed_at) < today:
                order.is_cancelled = True

    def _committed(self, symbol: Symbol) -> int:
        return sum(
            order.resting.open_qty
            for order in self._orders.values()
            if order.symbol == symbol and not order.is_cancelled
        )

    def _shadow(self, row: Holding) -> Holding:
        qty = max(0, row.qty - self._sold.get(row.symbol, 0))
        free = max(0, min(qty, row.sellable_qty) - self._committed(row.symbol))
        return replace(row, qty=Qty(qty), sellable_qty=Qty(free))

    async def _load(self) -> None:
        if self._is_loaded:
            return
        self._is_loaded = True
        self._stored = await self._memory.get(_KEY) or "{}"
        stored = json.loads(self._stored)
        self._counter = int(stored.get("counter", 0))
        self._sold = {Symbol(symbol): int(qty) for symbol, qty in stored.get("sold", {}).items()}
        for row in stored.get("orders", []):
            order = _order_from(row)
            self._orders[order.number] = order

    async def _save(self) -> None:
        oldest = self._clock.now() - _KEPT
        self._orders = {
            number: order
            for number, order in self._orders.items()
            if order.resting.placed_at > oldest
        }
        state = {
            "counter": self._counter,
            "sold": self._sold,
            "orders": [_order_to(o) for o in self._orders.values()],
        }
        text = json.dumps(state)
        if text != self._stored:
            await self._memory.put(_KEY, text)
            self._stored = text


def _report(order: _SimOrder) -> OrderReport:
    return OrderReport(
        broker_order_no=order.number,
        original_order_no=None,
        symbol=order.symbol,
        exchange=order.exchange,
        side=Side.SELL,
        order_qty=order.qty,
        filled_qty=order.filled,
        open_qty=Qty(0) if order.is_cancelled else order.resting.open_qty,
        avg_price=order.resting.limit if order.filled else None,
        limit=order.resting.limit,
        ordered_at=order.resting.placed_at,
        is_rejected=False,
        reject_reason="",
        by_api=True,
    )


def _order_to(order: _SimOrder) -> dict[str, object]:
    resting = order.resting
    return {
        "number": order.number,
        "symbol": order.symbol,
        "exchange": order.exchange,
        "qty": order.qty,
        "limit": str(resting.limit.amount),
        "open": resting.open_qty,
        "placed_at": resting.placed_at.isoformat(),
        "volume": resting.volume_at_start,
        "taken": resting.taken,
        "cancelled": order.is_cancelled,
    }


def _order_from(row: dict[str, object]) -> _SimOrder:
    volume = row["volume"]
    resting = RestingSell(
        limit=Usd(Decimal(str(row["limit"]))),
        open_qty=Qty(int(str(row["open"]))),
        placed_at=datetime.fromisoformat(str(row["placed_at"])),
        volume_at_start=None if volume is None else int(str(volume)),
        taken=int(str(row["taken"])),
    )
    return _SimOrder(
        number=BrokerOrderNo(str(row["number"])),
        symbol=Symbol(str(row["symbol"])),
        exchange=Exchange(str(row["exchange"])),
        resting=resting,
        qty=Qty(int(str(row["qty"]))),
        is_cancelled=bool(row["cancelled"]),
    )
