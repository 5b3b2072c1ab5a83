"""Looks over a replayed desk's shoulder: every order against the market's rules and the limits.

It trusts nothing of the desk: price steps, hours, price limits and tax are written down here once
more, and position, cash and loss are reckoned from what was told as executed. Whoever changes a
rule of the desk has to change it here too, which is the point.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal

from engine.model.entry_facts import EntryFilled
from engine.model.facts import Fact
from engine.model.ids import ClientOrderId, Symbol
from engine.model.krx_settings import KrxSettings
from engine.model.money import Krw
from engine.model.order_facts import OrderEnded, OrderFilled, OrderRejected, OrderResolved
from engine.model.orders import OrderIntent, Side
from engine.rules.krx.sessions import SEOUL

_STEPS = (
    *((500_000, 1_000), (200_000, 500), (50_000, 100), (20_000, 50)),
    *((5_000, 10), (2_000, 5), (0, 1)),
)
_USUAL = (time(9), time(15, 30))
_HOURS = {
    date(2025, 11, 13): (time(10), time(16, 30)),  # exam day
    date(2026, 1, 2): (time(10), time(15, 30)),  # first session of the year
}
_TAX_PCT = {2025: Decimal("0.15"), 2026: Decimal("0.20")}
_LOWEST, _HIGHEST = Decimal("0.7"), Decimal("1.3")
_MINUTE = timedelta(minutes=1)
_WON_AN_ORDER = 3


@dataclass(slots=True)
class _Held:
    qty: int = 0
    paid: Decimal = Decimal(0)  # with fees, for the shares still there


class Inspector:
    """One day. ``violations`` says what went wrong, in the order in which it happened.

    ``price_of``: the last price of a stock; ``base_of``: its previous close, both in won.
    """

    def __init__(
        self,
        day: date,
        cash: Krw,
        settings: KrxSettings,
        price_of: Callable[[Symbol], Decimal],
        base_of: Callable[[Symbol], Decimal],
    ) -> None:
        self.violations: list[str] = []
        self.cash = cash.amount
        self.opened = 0
        self.orders = 0
        self._day = day
        self._start = cash.amount
        self._settings = settings
        self._price_of = price_of
        self._base_of = base_of
        self._held: dict[Symbol, _Held] = {}
        self._open: dict[ClientOrderId, tuple[OrderIntent[Krw], int]] = {}
        self._entries: deque[datetime] = deque()

    def on_fact(self, fact: Fact[Krw]) -> None:
        """Executions move cash and shares, ends free what orders held."""
        match fact:
            case EntryFilled() | OrderFilled():
                self._fill(fact.order, int(fact.fill.qty), fact.fill.price.amount)
            case OrderEnded() | OrderRejected():
                self._open.pop(fact.order.client_order_id, None)
            case OrderResolved() if fact.broker_order_no is None:
                self._open.pop(fact.order.client_order_id, None)
            case _:
                pass

    def on_order(self, order: OrderIntent[Krw], now: datetime) -> None:
        """A decided order, before it is sent."""
        self.orders += 1
        self._check_market(order, now)
        if order.side is Side.BUY:
            self._check_entry(order, now)
        else:
            free = self._of(order.symbol).qty - self._tied(order.symbol)
            self._must(order.qty <= free, order, now, f"sells {order.qty} of {free}")
        self._open[order.client_order_id] = order, int(order.qty)

    def on_end(self, cash: Krw) -> None:
        """The account must hold what the executions say, but for fractions cut per execution."""
        apart = abs(cash.amount - self.cash)
        if apart > self._slack():
            self.violations.append(f"cash of the account lies {apart} won apart")

    def _slack(self) -> int:
        """Won by which two reckonings may differ: fractions are cut from parts or from sums."""
        return _WON_AN_ORDER * self.orders

    def _check_market(self, order: OrderIntent[Krw], now: datetime) -> None:
        price, base = order.limit.amount, self._base_of(order.symbol)
        step = next(step for begin, step in _STEPS if price >= begin)
        self._must(price % step == 0, order, now, f"{price} is off the price step {step}")
        inside = base * _LOWEST <= price <= base * _HIGHEST
        self._must(inside, order, now, f"{price} is outside the band around {base}")
        opens, closes = _HOURS.get(self._day, _USUAL)
        at = now.astimezone(SEOUL)
        is_open = at.date() == self._day and opens <= at.time() < closes
        self._must(is_open, order, now, "outside the session")

    def _check_entry(self, order: OrderIntent[Krw], now: datetime) -> None:
        risk, symbol = self._settings.risk, order.symbol
        value = order.limit.amount * order.qty
        self._must(value <= risk.max_order_krw, order, now, f"is worth {value}")
        fee = value * self._settings.fee_pct / 100
        wanted = value + fee + self._reserved()
        self._must(wanted <= self.cash, order, now, f"needs {wanted} of {self.cash}")
        begun = {held for held, state in self._held.items() if state.qty}
        begun |= {o.symbol for o, _ in self._open.values() if o.side is Side.BUY}
        if symbol not in begun:
            opened = self.opened + len(begun - {h for h, s in self._held.items() if s.qty})
            self._must(opened < risk.max_trades, order, now, f"is trade {opened + 1}")
            self._must(len(begun) < risk.max_positions, order, now, f"opens {len(begun) + 1}")
        while self._entries and now - self._entries[0] >= _MINUTE:
            self._entries.popleft()
        self._entries.append(now)
        in_a_minute = len(self._entries)
        self._must(
            in_a_minute <= risk.max_orders_per_minute, order, now, f"is {in_a_minute} a minute"
        )
        lost, limit = self._lost(), self._loss_limit()
        keeps = limit is None or lost < limit + self._slack()
        self._must(keeps, order, now, f"after a loss of {lost}")

    def _must(self, holds: bool, order: OrderIntent[Krw], now: datetime, what: str) -> None:  # noqa: FBT001 - reads as a sentence
        if not holds:
            at = now.astimezone(SEOUL).strftime("%H:%M:%S")
            self.violations.append(f"{self._day} {at} {order.side} {order.symbol}: {what}")

    def _fill(self, order: OrderIntent[Krw], qty: int, price: Decimal) -> None:
        known = self._open.get(order.client_order_id)
        if known is not None:
            self._open[order.client_order_id] = order, known[1] - qty
            if known[1] == qty:
                del self._open[order.client_order_id]
        held, amount = self._of(order.symbol), price * qty
        fee = _cut(amount, self._settings.fee_pct)
        if order.side is Side.BUY:
            self.opened += held.qty == 0
            held.qty += qty
            held.paid += amount + fee
            self.cash -= amount + fee
            return
        held.paid -= held.paid * qty / held.qty if held.qty else 0
        held.qty -= qty
        self.cash += amount - fee - _cut(amount, _TAX_PCT[self._day.year])

    def _lost(self) -> Decimal:
        """Of the day: realised and open, as if everything were sold now."""
        worth = self.cash
        for symbol, held in self._held.items():
            if held.qty:
                amount = self._price_of(symbol) * held.qty
                costs = _cut(amount, self._settings.fee_pct)
                worth += amount - costs - _cut(amount, _TAX_PCT[self._day.year])
        return self._start - worth

    def _loss_limit(self) -> Decimal | None:
        risk = self._settings.risk
        limits: list[Decimal] = []
        if risk.max_daily_loss_krw is not None:
            limits.append(Decimal(risk.max_daily_loss_krw))
        if risk.max_daily_loss_pct is not None:
            limits.append(_cut(self._start, risk.max_daily_loss_pct))
        return min(limits, default=None)

    def _of(self, symbol: Symbol) -> _Held:
        return self._held.setdefault(symbol, _Held())

    def _tied(self, symbol: Symbol) -> int:
        sells = (o for o in self._open.values() if o[0].side is Side.SELL)
        return sum(left for order, left in sells if order.symbol == symbol)

    def _reserved(self) -> Decimal:
        buys = (o for o in self._open.values() if o[0].side is Side.BUY)
        with_fee = 1 + self._settings.fee_pct / 100
        return sum((order.limit.amount * left * with_fee for order, left in buys), Decimal(0))


def _cut(amount: Decimal, pct: Decimal) -> Decimal:
    return (amount * pct / 100).to_integral_value(ROUND_FLOOR)
