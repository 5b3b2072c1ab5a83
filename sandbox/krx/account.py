"""One customer's won account: cash that settles late, holdings, and what a fill does to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from sandbox.krx.orders import APP_BRANCH, BRANCH, KrxExecution, KrxOrder, OrderKey
from sandbox.krx.prices import FUND_GROUPS
from sandbox.model import Server, Side

WON = Decimal(1)
COST_STEP = Decimal("0.0001")
# BanKIS online commission, each way.
DEFAULT_FEE_PCT = Decimal("0.0140527")
# Transaction and rural tax on sales from 1 January of the year, KOSPI and KOSDAQ alike.
TAX_PCT = {2024: Decimal("0.18"), 2025: Decimal("0.15"), 2026: Decimal("0.20")}


def tax_pct(group: str, day: date) -> Decimal:
    """Per cent of a sale; nothing for ETF and ETN. Years outside the table: its nearest."""
    if group in FUND_GROUPS:
        return Decimal(0)
    return TAX_PCT[min(max(day.year, min(TAX_PCT)), max(TAX_PCT))]


@dataclass(slots=True)
class KrxHolding:
    """Shares of one symbol. ``average`` excludes costs and is kept to four decimals."""

    symbol: str
    qty: int
    average: Decimal


@dataclass(frozen=True, slots=True)
class Turnover:
    """What was traded of a symbol, or of all, on one day."""

    bought: int = 0
    sold: int = 0
    bought_value: Decimal = Decimal(0)
    sold_value: Decimal = Decimal(0)
    costs: Decimal = Decimal(0)


@dataclass(slots=True)
class KrxAccount:
    """Cash in won on trade dates (D+2), holdings by symbol, executions in order."""

    server: Server
    number: str
    cash: Decimal
    fee_pct: Decimal = DEFAULT_FEE_PCT
    holdings: dict[str, KrxHolding] = field(default_factory=dict)
    orders: dict[OrderKey, KrxOrder] = field(default_factory=dict)
    executions: list[KrxExecution] = field(default_factory=list)
    realised: Decimal = Decimal(0)

    def order(self, day: date, no: str, branch: str = "") -> KrxOrder | None:
        """An order of that day; without a branch, that of the API goes before that of the app."""
        branches = (branch,) if branch else (BRANCH[self.server], APP_BRANCH)
        found = (self.orders.get((day, each, no)) for each in branches)
        return next((order for order in found if order is not None), None)

    def held(self, symbol: str) -> int:
        """Shares held, committed ones included."""
        holding = self.holdings.get(symbol)
        return 0 if holding is None else holding.qty

    def sellable(self, symbol: str) -> int:
        """Shares not committed to a live sell."""
        return self.held(symbol) - sum(
            order.open_qty
            for order in self._live()
            if order.request.symbol == symbol and order.request.side is Side.SELL
        )

    def buying_power(self) -> Decimal:
        """Cash not committed to live buys, fees included. Proceeds count at once, credit never."""
        return self.cash - sum(
            (
                self.with_fee(order.reserve * order.open_qty) + order.extra_hold
                for order in self._live()
                if order.request.side is Side.BUY
            ),
            Decimal(0),
        )

    def deposit(self, on: date) -> Decimal:
        """Cash as it will have settled by ``on``: today D, the next two business days D+1, D+2."""
        late = Decimal(0)
        for execution in reversed(self.executions):
            if execution.settles_on <= on:
                break
            late += execution.flow
        return self.cash - late

    def turnover(self, day: date, symbol: str | None = None) -> Turnover:
        """What was traded on a Korean date."""
        bought, sold = 0, 0
        spent, earned, costs = Decimal(0), Decimal(0), Decimal(0)
        for execution in reversed(self.executions):
            if execution.day < day:
                break
            if execution.day != day or symbol not in {None, execution.symbol}:
                continue
            costs += execution.fee + execution.tax
            if execution.side is Side.BUY:
                bought, spent = bought + execution.qty, spent + execution.amount
            else:
                sold, earned = sold + execution.qty, earned + execution.amount
        return Turnover(bought, sold, spent, earned, costs)

    def sold_out(self, day: date) -> list[str]:
        """Symbols no longer held whose sale settles after ``day``, the latest first."""
        symbols: dict[str, None] = {}
        for execution in reversed(self.executions):
            if execution.settles_on <= day:
                break
            if execution.symbol not in self.holdings:
                symbols[execution.symbol] = None
        return list(symbols)

    def with_fee(self, amount: Decimal) -> Decimal:
        """What buying for ``amount`` costs."""
        return amount + self.fee(amount)

    def fee(self, amount: Decimal) -> Decimal:
        """Commission; fractions of a won are cut off."""
        return _cut(amount * self.fee_pct / 100)

    def put(self, symbol: str, qty: int, average: Decimal) -> None:
        """Set a holding by hand; quantity 0 removes it."""
        if qty < 0:
            raise ValueError(f"holding of {symbol} cannot be {qty}")
        self.holdings.pop(symbol, None)
        if qty:
            self.holdings[symbol] = KrxHolding(symbol, qty, average.quantize(COST_STEP))

    def apply(
        self,
        order: KrxOrder,
        qty: int,
        price: Decimal,
        at: datetime,
        taxed_pct: Decimal,
        settles_on: date,
    ) -> KrxExecution:
        """Book a fill of ``order``; ``taxed_pct`` of a sale is withheld."""
        symbol, side = order.request.symbol, order.request.side
        amount = price * qty
        fee, tax, realised = self.fee(amount), Decimal(0), Decimal(0)
        if side is Side.BUY:
            self._add(symbol, qty, price)
        else:
            tax = _cut(amount * taxed_pct / 100)
            realised = self._remove(symbol, qty, price) - fee - tax
        execution = KrxExecution(
            self.server, order.no, at, side, symbol, qty, price, fee, realised,
            tax, order.day, settles_on, order.branch,
        )  # fmt: skip
        self.cash += execution.flow
        self.realised += realised
        order.filled += qty
        order.filled_value += amount
        self.executions.append(execution)
        return execution

    def report(self) -> dict[str, object]:
        """The exact books, for oracles."""
        return {
            "cash": str(self.cash),
            "buying_power": str(self.buying_power()),
            "realised": str(self.realised),
            "holdings": {
                holding.symbol: {
                    "qty": holding.qty,
                    "average": str(holding.average),
                    "exchange": "KRX",
                    "sellable": self.sellable(holding.symbol),
                }
                for holding in self.holdings.values()
            },
            "orders": [order.as_json() for order in self.orders.values()],
            "fills": [execution.as_json() for execution in self.executions],
        }

    def _live(self) -> list[KrxOrder]:
        return [order for order in self.orders.values() if order.live]

    def _add(self, symbol: str, qty: int, price: Decimal) -> None:
        holding = self.holdings.get(symbol)
        if holding is None:
            self.put(symbol, qty, price)
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


def _cut(amount: Decimal) -> Decimal:
    return amount.quantize(WON, ROUND_FLOOR)
