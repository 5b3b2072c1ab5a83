"""One customer's account: dollars, holdings, and what a fill does to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from sandbox.model import Server, Side
from sandbox.orders import Execution, Order
from sandbox.session import us_date
from sandbox.us_levies import levies

CENT = Decimal("0.01")
COST_STEP = Decimal("0.0001")


@dataclass(slots=True)
class Holding:
    """Shares of one symbol. ``average`` excludes fees and is kept to four decimals."""

    symbol: str
    exchange: str
    qty: int
    average: Decimal


@dataclass(slots=True)
class Account:
    """Cash in USD, holdings by symbol, executions in order.

    ``has_levies``: whether a sale costs what the SEC and FINRA take, beside the commission.
    """

    server: Server
    number: str
    cash: Decimal
    fee_pct: Decimal
    has_levies: bool = True
    holdings: dict[str, Holding] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    executions: list[Execution] = field(default_factory=list)
    realised: Decimal = Decimal(0)

    def held(self, symbol: str) -> int:
        """Shares held, committed ones included."""
        holding = self.holdings.get(symbol)
        return 0 if holding is None else holding.qty

    def sellable(self, symbol: str) -> int:
        """Shares not committed to a live sell."""
        committed = sum(
            order.open_qty
            for order in self.orders.values()
            if order.request.symbol == symbol and order.request.side is Side.SELL
        )
        return self.held(symbol) - committed

    def buying_power(self) -> Decimal:
        """Cash not committed to a live buy, fees included."""
        committed = sum(
            (
                self.with_fee(order.request.limit * order.open_qty)
                for order in self.orders.values()
                if order.request.side is Side.BUY and order.open_qty
            ),
            Decimal(0),
        )
        return self.cash - committed

    def with_fee(self, amount: Decimal) -> Decimal:
        """What buying for ``amount`` costs."""
        return amount + self.fee(amount)

    def fee(self, amount: Decimal) -> Decimal:
        """Commission on one fill, to the cent, halves up."""
        return (amount * self.fee_pct / 100).quantize(CENT, ROUND_HALF_UP)

    def _fee_of(self, side: Side, amount: Decimal, qty: int, at: datetime) -> Decimal:
        if side is Side.BUY or not self.has_levies:
            return self.fee(amount)
        whole = amount * self.fee_pct / 100 + levies(amount, qty, us_date(at))
        return whole.quantize(CENT, ROUND_HALF_UP)

    def put(self, symbol: str, exchange: str, qty: int, average: Decimal) -> None:
        """Set a holding by hand; quantity 0 removes it."""
        if qty < 0:
            raise ValueError(f"holding of {symbol} cannot be {qty}")
        self.holdings.pop(symbol, None)
        if qty:
            self.holdings[symbol] = Holding(symbol, exchange, qty, average.quantize(COST_STEP))

    def apply(self, order: Order, qty: int, price: Decimal, at: datetime) -> Execution:
        """Book a fill of ``order``."""
        amount = price * qty
        fee = self._fee_of(order.request.side, amount, qty, at)
        if order.request.side is Side.BUY:
            realised = Decimal(0)
            self.cash -= amount + fee
            self._add(order.request.symbol, order.exchange, qty, price)
        else:
            realised = self._remove(order.request.symbol, qty, price) - fee
            self.cash += amount - fee
        self.realised += realised
        order.filled += qty
        order.filled_value += amount
        execution = Execution(
            self.server, order.no, at, order.request.side, order.request.symbol, qty, price, fee,
            realised,
        )  # fmt: skip
        self.executions.append(execution)
        return execution

    def report(self) -> dict[str, object]:
        """The exact books, for oracles."""
        return {
            "cash": str(self.cash),
            "realised": str(self.realised),
            "holdings": {
                holding.symbol: {
                    "qty": holding.qty,
                    "average": str(holding.average),
                    "exchange": holding.exchange,
                    "sellable": self.sellable(holding.symbol),
                }
                for holding in self.holdings.values()
            },
            "orders": [order.as_json() for order in self.orders.values()],
            "fills": [execution.as_json() for execution in self.executions],
        }

    def _add(self, symbol: str, exchange: str, qty: int, price: Decimal) -> None:
        holding = self.holdings.get(symbol)
        if holding is None:
            self.put(symbol, exchange, qty, price)
            return
        cost = holding.average * holding.qty + price * qty
        holding.qty += qty
        holding.average = (cost / holding.qty).quantize(COST_STEP, ROUND_HALF_UP)

    def _remove(self, symbol: str, qty: int, price: Decimal) -> Decimal:
        holding = self.holdings[symbol]
        holding.qty -= qty
        if holding.qty == 0:
            del self.holdings[symbol]
        return (price - holding.average) * qty
