"""A won account that exists nowhere: orders wait in it for what the market shows. Without I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Protocol

from engine.model.account import Cash, Holding
from engine.model.fills import NoticeKind, OrderNotice
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
from engine.model.quotes import Tick
from engine.rules.krx.matching import LATENCY, Match, Resting, best_price, match, meet


class Costs(Protocol):
    """What a trade costs; the desk's own rules."""

    def __call__(self, side: Side, amount: Krw, day: date, symbol: Symbol) -> Krw:
        """Fee and tax of one execution."""
        ...


@dataclass(slots=True)
class SimOrder:
    """An accepted order. ``spent``: what its executions amount to, without costs.

    ``has_met``: it arrived and met the standing book.
    """

    number: BrokerOrderNo
    symbol: Symbol
    resting: Resting
    qty: Qty
    spent: Krw = ZERO_KRW
    is_cancelled: bool = False
    has_met: bool = False

    @property
    def filled(self) -> Qty:
        """Shares executed so far."""
        return Qty(self.resting.taken)

    @property
    def open_qty(self) -> int:
        """Shares that may still be executed."""
        return 0 if self.is_cancelled else int(self.resting.open_qty)


@dataclass(slots=True)
class SimBooks:
    """What the account must remember. ``cost`` of the shares held, without fees."""

    cash: Krw = ZERO_KRW
    qty: dict[Symbol, int] = field(default_factory=dict)
    cost: dict[Symbol, Krw] = field(default_factory=dict)
    orders: dict[BrokerOrderNo, SimOrder] = field(default_factory=dict)
    counter: int = 0


class KrxSimAccount:
    """Takes orders that ``books`` can carry and fills them from ticks; knows no credit.

    ``latency``: how long an order is on its way.
    """

    def __init__(
        self,
        books: SimBooks,
        date_of: Callable[[datetime], date],
        costs: Costs,
        latency: timedelta = LATENCY,
    ) -> None:
        self.books = books
        self._latency = latency
        self._date_of = date_of
        self._costs = costs
        self._tell: Callable[[OrderNotice[Krw]], None] | None = None
        self._last: dict[Symbol, Tick[Krw]] = {}
        self._size: dict[Symbol, int] = {}  # shares of the last trade
        self._open: dict[Symbol, list[SimOrder]] = {}
        for order in books.orders.values():
            if order.open_qty:
                self._open.setdefault(order.symbol, []).append(order)

    def listen(self, listener: Callable[[OrderNotice[Krw]], None]) -> None:
        """Call ``listener`` with every fill from now on, as the broker's stream would."""
        self._tell = listener

    def on_tick(self, tick: Tick[Krw], now: datetime) -> None:
        """Every price may fill what rests here."""
        symbol = tick.symbol
        waiting = self._open.get(symbol)
        if waiting:
            self._arrive(symbol, waiting, now)
        before = self._last.get(symbol)
        if tick.cum_volume is not None:
            known = before.cum_volume if before is not None else None
            self._size[symbol] = max(0, tick.cum_volume - (known or 0))
        self._last[symbol] = tick
        if waiting:
            for order in waiting:
                if order.has_met:
                    self._fill(order, match(order.resting, tick), now)
            self._open[symbol] = [order for order in waiting if order.open_qty]

    def place(self, order: OrderIntent[Krw], now: datetime) -> PlaceAnswer:
        """Take an order that the account can carry; anything else is refused."""
        self.settle(now)
        refused = self._refusal(order, now)
        if refused is not None:
            return refused
        books, tick = self.books, self._last.get(order.symbol)
        books.counter += 1
        number = BrokerOrderNo(f"SIM{books.counter}")
        volume = tick.cum_volume if tick is not None else None
        resting = Resting(order.side, order.kind, order.limit, order.qty, now, volume)
        books.orders[number] = taken = SimOrder(number, order.symbol, resting, order.qty)
        self._open.setdefault(order.symbol, []).append(taken)
        return Accepted(number)

    def cancel(self, order: CancelIntent, now: datetime) -> PlaceAnswer:
        """End the open part."""
        self.settle(now)
        known = self.books.orders.get(order.broker_order_no)
        if known is None or not known.open_qty:
            return Rejected("SIM_GONE", "nothing open under this number")
        known.is_cancelled = True
        return Accepted(known.number)

    def holdings(self, now: datetime) -> tuple[Holding[Krw], ...]:
        """What was bought here and not sold."""
        self.settle(now)
        return tuple(self._holding(symbol, qty) for symbol, qty in self.books.qty.items() if qty)

    def reports(self, first: date, last: date, now: datetime) -> tuple[OrderReport[Krw], ...]:
        """The orders of these dates."""
        self.settle(now)
        return tuple(
            _report(order)
            for order in self.books.orders.values()
            if first <= self._date_of(order.resting.placed_at) <= last
        )

    def cash(self, now: datetime) -> Cash[Krw]:
        """Cash, and what open buys leave of it."""
        self.settle(now)
        left = max(self.books.cash - self._reserved(), ZERO_KRW)
        return Cash(now, self.books.cash, left, None)

    def settle(self, now: datetime) -> None:
        """What time alone did: orders arrived, those of an earlier date ended."""
        today = self._date_of(now)
        for symbol, waiting in self._open.items():
            for order in waiting:
                if self._date_of(order.resting.placed_at) < today:
                    order.is_cancelled = True
            self._arrive(symbol, waiting, now)

    def _arrive(self, symbol: Symbol, waiting: list[SimOrder], now: datetime) -> None:
        for order in waiting:
            arrives_at = order.resting.placed_at + self._latency
            if order.has_met or not order.open_qty or now < arrives_at:
                continue
            order.has_met = True
            last = self._last.get(symbol)
            order.resting = replace(order.resting, best=best_price(order.resting, last))
            if last is not None:
                found = meet(order.resting, last, self._size.get(symbol, 0))
                self._fill(order, found, arrives_at)

    def _refusal(self, order: OrderIntent[Krw], now: datetime) -> Rejected | None:
        if order.side is Side.SELL:
            free = self.books.qty.get(order.symbol, 0) - self._committed(order.symbol)
            if order.qty > free:
                return Rejected("SIM_QTY", f"{order.qty} of {free} shares")
            return None
        amount = order.limit * order.qty
        wanted = amount + self._costs(Side.BUY, amount, self._date_of(now), order.symbol)
        free_cash = self.books.cash - self._reserved()
        if wanted > free_cash:
            return Rejected("SIM_CASH", f"{wanted.amount} of {free_cash.amount}")
        return None

    def _fill(self, order: SimOrder, found: Match | None, at: datetime) -> None:
        today = self._date_of(at)
        if found is None or not order.open_qty or self._date_of(order.resting.placed_at) != today:
            return
        amount = found.price * found.qty
        order.spent += amount
        order.resting = replace(
            order.resting,
            open_qty=Qty(order.resting.open_qty - found.qty),
            taken=order.resting.taken + found.qty,
        )
        self._book(order, int(found.qty), amount, today)
        if self._tell is not None:
            self._tell(_notice(order, found, at))

    def _book(self, order: SimOrder, qty: int, amount: Krw, today: date) -> None:
        books, symbol, side = self.books, order.symbol, order.resting.side
        costs = self._costs(side, amount, today, symbol)
        held, cost = books.qty.get(symbol, 0), books.cost.get(symbol, ZERO_KRW)
        if side is Side.BUY:
            books.cash = books.cash - amount - costs
            books.qty[symbol], books.cost[symbol] = held + qty, cost + amount
            return
        books.cash = books.cash + amount - costs
        books.qty[symbol] = held - qty
        books.cost[symbol] = Krw(cost.amount * (held - qty) / held)

    def _reserved(self) -> Krw:
        total = ZERO_KRW
        for waiting in self._open.values():
            for order in waiting:
                if order.resting.side is Side.BUY and order.open_qty:
                    amount = order.resting.limit * order.open_qty
                    day = self._date_of(order.resting.placed_at)
                    total += amount + self._costs(Side.BUY, amount, day, order.symbol)
        return total

    def _committed(self, symbol: Symbol) -> int:
        return sum(
            order.open_qty
            for order in self._open.get(symbol, ())
            if order.resting.side is Side.SELL
        )

    def _holding(self, symbol: Symbol, qty: int) -> Holding[Krw]:
        tick = self._last.get(symbol)
        return Holding(
            symbol=symbol,
            exchange=Exchange.KRX,
            name=symbol,
            qty=Qty(qty),
            sellable_qty=Qty(qty - self._committed(symbol)),
            avg_cost=Krw(self.books.cost[symbol].amount / qty),
            last_price=tick.price if tick is not None else None,
        )


def _notice(order: SimOrder, found: Match, at: datetime) -> OrderNotice[Krw]:
    return OrderNotice(
        kind=NoticeKind.FILL,
        broker_order_no=order.number,
        original_order_no=None,
        symbol=order.symbol,
        side=order.resting.side,
        qty=found.qty,
        price=found.price,
        order_qty=order.qty,
        at=at,
        key=f"{order.number}:{order.filled}",
    )


def _report(order: SimOrder) -> OrderReport[Krw]:
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
