"""Executions put together to trades: what was bought and sold again, with what was left of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Generic

from engine.model.ids import ClientOrderId, DeskName, Symbol
from engine.model.money import M, M_co
from engine.model.orders import OrderReason, Side
from reports.executions import Execution
from reports.periods import Period

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Trade(Generic[M_co]):
    """Shares bought and sold again (docs/adr/0022 says what is one trade).

    ``cost`` without fees, ``fees`` of both ways. ``opened_at`` None: bought before the book begins.
    ``reason``: of the last sale, ``score``: of the first entry. ``lacks_entry_fee``: the book is
    older than that figure, so ``net`` is too high by it. ``fifo_gain`` before costs; None where
    single buys are not known. ``by_hand``: shares of it that the trader sold, in no figure here.
    """

    desk: DeskName
    symbol: Symbol
    opened_at: datetime | None
    closed_at: datetime
    day: date
    qty: int
    cost: M_co
    proceeds: M_co
    fees: M_co
    tax: M_co
    reason: OrderReason | None
    score: int | None
    lacks_entry_fee: bool
    fifo_gain: M_co | None
    by_hand: int
    krw_per_usd: Decimal | None

    @property
    def gain(self) -> M_co:
        """Before costs."""
        return self.proceeds - self.cost

    @property
    def net(self) -> M_co:
        """After commission of both ways, as far as known, and taxes."""
        return self.proceeds - self.cost - self.fees - self.tax

    @property
    def net_pct(self) -> Decimal:
        """Of what the shares cost; zero where they cost nothing."""
        return self.net.ratio(self.cost) * _HUNDRED if self.cost else Decimal(0)

    @property
    def held_for(self) -> timedelta | None:
        """From the first share in to the last out."""
        return None if self.opened_at is None else self.closed_at - self.opened_at


@dataclass(slots=True)
class _Lot(Generic[M]):
    """Shares of one buy that are still there. ``price`` None: the book does not know it."""

    qty: int
    price: M | None
    at: datetime


@dataclass(frozen=True, slots=True)
class _Sale(Generic[M_co]):
    """A sale with what FIFO says of its shares: since when they were held, what they cost."""

    row: Execution[M_co]
    bought_at: datetime | None
    fifo_cost: M_co | None


@dataclass(slots=True)
class _Group(Generic[M]):
    """Sales that are one trade. ``opened_at``: when the first of its shares came.

    ``ended``: the sale after which none were left, perhaps by hand; None: the last of ``sales``.
    """

    opened_at: datetime | None = None
    sales: list[_Sale[M]] = field(default_factory=list)
    by_hand: int = 0
    score: int | None = None
    ended: Execution[M] | None = None

    @property
    def last(self) -> Execution[M]:
        """What closed it."""
        return self.sales[-1].row if self.ended is None else self.ended

    def is_counted_in(self, days: Period | None) -> bool:
        """Whether there is something to count, and it is known what all of it cost."""
        if not self.sales or (days is not None and self.last.day not in days):
            return False
        return all(sale.row.knows_cost for sale in self.sales)


def trades(
    executions: Iterable[Execution[M]], zero: M, within: Period | None = None
) -> tuple[Trade[M], ...]:
    """Trades in the order in which they closed; of what is still held only what was sold.

    A trade with shares of unknown cost is none: nobody can say whether it was won. ``within``:
    when they closed; None: ever.
    """
    by_symbol: dict[tuple[DeskName, str, Symbol], list[Execution[M]]] = {}
    for one in executions:
        by_symbol.setdefault((one.desk, one.account, one.symbol), []).append(one)
    found: list[Trade[M]] = []
    for (desk, *_), rows in by_symbol.items():
        groups = _positions(rows, zero) if desk is DeskName.KRX else _orders(rows, zero)
        found += [_trade(group, zero) for group in groups if group.is_counted_in(within)]
    return tuple(sorted(found, key=lambda trade: trade.closed_at))


def _positions(rows: Sequence[Execution[M]], zero: M) -> Iterator[_Group[M]]:
    """From the first share to the last. A position that is still open is no trade yet."""
    group = _Group[M]()
    for row, sale in _with_lots(rows, zero):
        if sale is None:
            group.opened_at = group.opened_at or row.at
            group.score = row.score if group.score is None else group.score
        elif row.is_ours:
            group.sales.append(sale)
        else:
            group.by_hand += row.qty
        if sale is not None and not row.held_after:
            group.ended = row
            yield group
            group = _Group()


def _orders(rows: Sequence[Execution[M]], zero: M) -> Iterable[_Group[M]]:
    """Each sell order with all its executions."""
    groups: dict[ClientOrderId, _Group[M]] = {}
    for row, sale in _with_lots(rows, zero):
        if sale is not None and row.order is not None:
            groups.setdefault(row.order, _Group(sale.bought_at)).sales.append(sale)
    return groups.values()


def _with_lots(
    rows: Sequence[Execution[M]], zero: M
) -> Iterator[tuple[Execution[M], _Sale[M] | None]]:
    """Every execution; with a sale the oldest shares there are."""
    lots: deque[_Lot[M]] = deque()
    for row in rows:
        if row.side is Side.BUY:
            lots.append(_Lot(row.qty, row.price, row.at))
            yield row, None
            continue
        bought_at = lots[0].at if lots else None
        cost = _take(lots, row.qty, zero)
        if not row.held_after:
            lots.clear()
        yield row, _Sale(row, bought_at, cost)


def _take(lots: deque[_Lot[M]], qty: int, zero: M) -> M | None:
    """What the oldest shares cost; None where that is not known of every one."""
    cost: M | None = zero
    while qty and lots:
        oldest = lots[0]
        taken = min(qty, oldest.qty)
        if cost is not None:
            cost = None if oldest.price is None else cost + oldest.price * taken
        oldest.qty -= taken
        qty -= taken
        if not oldest.qty:
            lots.popleft()
    return None if qty else cost


def _trade(group: _Group[M], zero: M) -> Trade[M]:
    rows = [sale.row for sale in group.sales]
    last = rows[-1]
    costs = [sale.fifo_cost for sale in group.sales]
    proceeds = total((row.price * row.qty for row in rows if row.price is not None), zero)
    gain = total((row.gain for row in rows), zero)
    fifo = None if None in costs else proceeds - total(costs, zero)
    return Trade(
        desk=last.desk,
        symbol=last.symbol,
        opened_at=group.opened_at,
        closed_at=group.last.at,
        day=group.last.day,
        qty=sum(row.qty for row in rows),
        cost=proceeds - gain,
        proceeds=proceeds,
        fees=total((row.fee for row in rows), zero) + total((row.entry_fee for row in rows), zero),
        tax=total((row.tax for row in rows), zero),
        reason=last.reason,
        score=group.score,
        lacks_entry_fee=any(row.entry_fee is None for row in rows),
        fifo_gain=fifo,
        by_hand=group.by_hand,
        krw_per_usd=last.krw_per_usd,
    )


def total(amounts: Iterable[M | None], zero: M) -> M:
    """The sum of what is known."""
    return zero.plus(amount for amount in amounts if amount is not None)
