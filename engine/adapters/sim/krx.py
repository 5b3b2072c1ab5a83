"""Dry run and replay in Korea: a won account of its own, filled by what the market shows."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from engine.model.account import Cash, Holding
from engine.model.events import TickSeen
from engine.model.ids import BrokerOrderNo, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import ZERO_KRW, Krw
from engine.model.orders import (
    Accepted,
    CancelIntent,
    OrderIntent,
    OrderKind,
    OrderReport,
    PlaceAnswer,
    Rejected,
    Side,
)
from engine.model.quota import Priority, Quota
from engine.model.quotes import Tick
from engine.ports.chat_store import ChatValues
from engine.ports.clock import Clock
from engine.rules.krx.matching import Resting, match

log = logging.getLogger(__name__)

_KEY = "sim.krx"
_KEPT = timedelta(days=2)


class Costs(Protocol):
    """What a trade costs; the desk's own rules."""

    def __call__(self, side: Side, amount: Krw, day: date, symbol: Symbol) -> Krw:
        """Fee and tax of one execution."""
        ...


@dataclass(slots=True)
class _Order:
    number: BrokerOrderNo
    symbol: Symbol
    resting: Resting
    qty: Qty
    spent: Krw = ZERO_KRW  # what its executions amount to, without costs
    is_cancelled: bool = False

    @property
    def filled(self) -> Qty:
        return Qty(self.resting.taken)

    @property
    def open_qty(self) -> int:
        return 0 if self.is_cancelled else int(self.resting.open_qty)


@dataclass(slots=True)
class _Account:
    cash: Krw | None = None
    qty: dict[Symbol, int] = field(default_factory=dict)
    cost: dict[Symbol, Krw] = field(default_factory=dict)
    orders: dict[BrokerOrderNo, _Order] = field(default_factory=dict)
    counter: int = 0


class KrxSimBroker:
    """Implements Broker[Krw]. Begins with ``opening_cash`` and nothing else; knows no credit.

    ``quota``: real reads cost real calls. ``memory`` None: the account ends with the process.
    """

    def __init__(
        self,
        clock: Clock,
        date_of: Callable[[datetime], date],
        costs: Costs,
        *,
        opening_cash: Callable[[], Awaitable[Krw]],
        quota: Callable[[], Quota],
        memory: ChatValues | None = None,
    ) -> None:
        self._clock = clock
        self._date_of = date_of
        self._costs = costs
        self._opening_cash = opening_cash
        self._quota = quota
        self._memory = memory
        self._account = _Account()
        self._last: dict[Symbol, Tick[Krw]] = {}
        self._stored = ""
        self._is_loaded = False

    def on_tick(self, event: TickSeen[Krw]) -> None:
        """Every price the desk sees may fill what rests here."""
        tick = event.tick
        self._last[tick.symbol] = tick
        for order in self._account.orders.values():
            if order.symbol == tick.symbol and order.open_qty:
                self._match(order, tick)

    async def place(self, order: OrderIntent[Krw]) -> PlaceAnswer:
        """Take an order that the account can carry; anything else is refused."""
        await self._load()
        self._expire()
        refused = self._refusal(order)
        if refused is not None:
            return refused
        account, tick = self._account, self._last.get(order.symbol)
        account.counter += 1
        number = BrokerOrderNo(f"SIM{account.counter}")
        resting = Resting(
            order.side,
            order.kind,
            order.limit,
            order.qty,
            self._clock.now(),
            tick.cum_volume if tick is not None else None,
        )
        account.orders[number] = _Order(number, order.symbol, resting, order.qty)
        await self._save()
        return Accepted(number)

    async def cancel(self, order: CancelIntent) -> PlaceAnswer:
        """End the open part."""
        await self._load()
        known = self._account.orders.get(order.broker_order_no)
        if known is None or not known.open_qty:
            return Rejected("SIM_GONE", "nothing open under this number")
        known.is_cancelled = True
        await self._save()
        return Accepted(known.number)

    async def fetch_holdings(self, priority: Priority) -> tuple[Holding[Krw], ...]:
        """What was bought here and not sold."""
        del priority
        await self._load()
        return tuple(self._holding(symbol, qty) for symbol, qty in self._account.qty.items() if qty)

    async def fetch_reports(
        self, first: date, last: date, priority: Priority
    ) -> tuple[OrderReport[Krw], ...]:
        """The simulated orders of these dates."""
        del priority
        await self._load()
        self._expire()
        return tuple(
            _report(order)
            for order in self._account.orders.values()
            if first <= self._date_of(order.resting.placed_at) <= last
        )

    async def fetch_cash(self, priority: Priority) -> Cash[Krw]:
        """Cash, and what open buys leave of it."""
        del priority
        await self._load()
        cash = self._account.cash or ZERO_KRW
        return Cash(self._clock.now(), cash, max(cash - self._reserved(), ZERO_KRW), None)

    def quota(self) -> Quota:
        """Calls spent by the reads beside it."""
        return self._quota()

    def _refusal(self, order: OrderIntent[Krw]) -> Rejected | None:
        if order.side is Side.SELL:
            free = self._account.qty.get(order.symbol, 0) - self._committed(order.symbol)
            if order.qty > free:
                return Rejected("SIM_QTY", f"{order.qty} of {free} shares")
            return None
        today = self._date_of(self._clock.now())
        amount = order.limit * order.qty
        wanted = amount + self._costs(Side.BUY, amount, today, order.symbol)
        free_cash = (self._account.cash or ZERO_KRW) - self._reserved()
        if wanted > free_cash:
            return Rejected("SIM_CASH", f"{wanted.amount} of {free_cash.amount}")
        return None

    def _match(self, order: _Order, tick: Tick[Krw]) -> None:
        now = self._clock.now()
        today = self._date_of(now)
        if self._date_of(order.resting.placed_at) != today:
            return
        found = match(order.resting, tick)
        if found is None:
            return
        amount = found.price * found.qty
        order.spent += amount
        order.resting = replace(
            order.resting,
            open_qty=Qty(order.resting.open_qty - found.qty),
            taken=order.resting.taken + found.qty,
        )
        self._book(order, int(found.qty), amount, today)

    def _book(self, order: _Order, qty: int, amount: Krw, today: date) -> None:
        account, symbol, side = self._account, order.symbol, order.resting.side
        costs = self._costs(side, amount, today, symbol)
        held, cost = account.qty.get(symbol, 0), account.cost.get(symbol, ZERO_KRW)
        cash = account.cash or ZERO_KRW
        if side is Side.BUY:
            account.cash = cash - amount - costs
            account.qty[symbol], account.cost[symbol] = held + qty, cost + amount
            return
        account.cash = cash + amount - costs
        account.qty[symbol] = held - qty
        account.cost[symbol] = Krw(cost.amount * (held - qty) / held) if held else ZERO_KRW

    def _reserved(self) -> Krw:
        total = ZERO_KRW
        for order in self._account.orders.values():
            if order.resting.side is Side.BUY and order.open_qty:
                amount = order.resting.limit * order.open_qty
                day = self._date_of(order.resting.placed_at)
                total += amount + self._costs(Side.BUY, amount, day, order.symbol)
        return total

    def _committed(self, symbol: Symbol) -> int:
        return sum(
            order.open_qty
            for order in self._account.orders.values()
            if order.symbol == symbol and order.resting.side is Side.SELL
        )

    def _holding(self, symbol: Symbol, qty: int) -> Holding[Krw]:
        tick = self._last.get(symbol)
        return Holding(
            symbol=symbol,
            exchange=Exchange.KRX,
            name=symbol,
            qty=Qty(qty),
            sellable_qty=Qty(qty - self._committed(symbol)),
            avg_cost=Krw(self._account.cost[symbol].amount / qty),
            last_price=tick.price if tick is not None else None,
        )

    def _expire(self) -> None:
        """Day orders end with the exchange's date."""
        today = self._date_of(self._clock.now())
        for order in self._account.orders.values():
            if self._date_of(order.resting.placed_at) < today:
                order.is_cancelled = True

    async def _load(self) -> None:
        if self._is_loaded:
            return
        if self._memory is not None:
            self._stored = await self._memory.get(_KEY) or ""
        if self._stored:
            self._account = _account_from(json.loads(self._stored))
        else:
            self._account.cash = await self._opening_cash()
        self._is_loaded = True

    async def _save(self) -> None:
        if self._memory is None:
            return
        oldest = self._clock.now() - _KEPT
        orders = self._account.orders
        for number in [n for n, order in orders.items() if order.resting.placed_at <= oldest]:
            del orders[number]
        text = json.dumps(_account_to(self._account))
        if text != self._stored:
            await self._memory.put(_KEY, text)
            self._stored = text


def _report(order: _Order) -> OrderReport[Krw]:
    filled = order.filled
    is_market = order.resting.kind is OrderKind.MARKET
    return OrderReport(
        broker_order_no=order.number,
        original_order_no=None,
        symbol=order.symbol,
        exchange=Exchange.KRX,
        side=order.resting.side,
        order_qty=order.qty,
        filled_qty=filled,
        open_qty=Qty(order.open_qty),
        avg_price=Krw(order.spent.amount / filled) if filled else None,
        limit=None if is_market else order.resting.limit,
        ordered_at=order.resting.placed_at,
        is_rejected=False,
        reject_reason="",
        by_api=True,
    )


def _account_to(account: _Account) -> dict[str, object]:
    return {
        "cash": str((account.cash or ZERO_KRW).amount),
        "qty": account.qty,
        "cost": {symbol: str(cost.amount) for symbol, cost in account.cost.items()},
        "counter": account.counter,
        "orders": [
            {
                "number": order.number,
                "symbol": order.symbol,
                "qty": order.qty,
                "spent": str(order.spent.amount),
                "cancelled": order.is_cancelled,
                "side": order.resting.side,
                "kind": order.resting.kind,
                "limit": str(order.resting.limit.amount),
                "open": order.resting.open_qty,
                "placed_at": order.resting.placed_at.isoformat(),
                "volume": order.resting.volume_at_start,
                "taken": order.resting.taken,
            }
            for order in account.orders.values()
        ],
    }


def _account_from(stored: dict[str, Any]) -> _Account:
    orders = [_order_from(row) for row in stored["orders"]]
    return _Account(
        cash=Krw(Decimal(stored["cash"])),
        qty={Symbol(symbol): int(qty) for symbol, qty in stored["qty"].items()},
        cost={Symbol(symbol): Krw(Decimal(cost)) for symbol, cost in stored["cost"].items()},
        orders={order.number: order for order in orders},
        counter=int(stored["counter"]),
    )


def _order_from(row: dict[str, Any]) -> _Order:
    resting = Resting(
        Side(row["side"]),
        OrderKind(row["kind"]),
        Krw(Decimal(row["limit"])),
        Qty(int(row["open"])),
        datetime.fromisoformat(row["placed_at"]),
        row["volume"],
        int(row["taken"]),
    )
    return _Order(
        BrokerOrderNo(row["number"]),
        Symbol(row["symbol"]),
        resting,
        Qty(int(row["qty"])),
        Krw(Decimal(row["spent"])),
        bool(row["cancelled"]),
    )
