"""Counts what executions and trades add up to. Pure; percentages as people write them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Generic

from engine.model.ids import Symbol
from engine.model.money import M, M_co
from engine.model.orders import OrderReason, Side
from reports.executions import Execution
from reports.periods import ZONES
from reports.trades import Trade, total

FEW_TRADES = 30
BAND = 10  # points of score
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Drawdown(Generic[M_co]):
    """The deepest fall of the equity curve, by marks at the end of days with sales.

    ``peak_on`` None: the curve fell from its beginning. ``recovered_on`` None: not yet.
    """

    amount: M_co
    peak_on: date | None
    trough_on: date
    recovered_on: date | None


@dataclass(frozen=True, slots=True)
class Part(Generic[M_co]):
    """What trades with something in common brought."""

    trades: int
    wins: int
    net: M_co


@dataclass(frozen=True, slots=True)
class Slippage(Generic[M_co]):
    """Decision price to execution; a positive ``amount`` was lost. ``pct`` of what was traded."""

    executions: int
    amount: M_co
    pct: Decimal | None


@dataclass(frozen=True, slots=True)
class Result(Generic[M_co]):
    """What own sales brought.

    ``lacks_entry_fee``: sales whose commission of the buy the book does not know. In none of the
    sums are ``lacks_cost``, sales of shares whose price nobody told, and ``apart``, sales by hand.
    """

    gain: M_co
    fees: M_co
    tax: M_co
    sales: int
    lacks_entry_fee: int
    lacks_cost: int
    apart: int

    @property
    def net(self) -> M_co:
        """After commission of both ways and taxes."""
        return self.gain - self.fees - self.tax


@dataclass(frozen=True, slots=True)
class Quality(Generic[M_co]):
    """How good trades were. A trade that brought nothing is no win and no loss.

    Ratios are None where they have no meaning: no trade, no loss, no win.
    """

    trades: int
    wins: int
    losses: int
    win_rate: Decimal | None
    payoff: Decimal | None
    profit_factor: Decimal | None
    expectancy: M_co | None
    best: Trade[M_co] | None
    worst: Trade[M_co] | None
    average_held: timedelta | None
    longest_held: timedelta | None

    @property
    def is_few(self) -> bool:
        """Too few to conclude from."""
        return self.trades < FEW_TRADES


def result(executions: Iterable[Execution[M]], zero: M) -> Result[M]:
    """Sums over sales."""
    sales = [one for one in executions if one.side is Side.SELL]
    own = [one for one in sales if one.is_ours]
    ours = [one for one in own if one.knows_cost]
    return Result(
        gain=total((one.gain for one in ours), zero),
        fees=total((one.fee for one in ours), zero) + total((one.entry_fee for one in ours), zero),
        tax=total((one.tax for one in ours), zero),
        sales=len({one.order for one in ours}),
        lacks_entry_fee=sum(one.entry_fee is None for one in ours),
        lacks_cost=len(own) - len(ours),
        apart=len(sales) - len(own),
    )


def quality(trades: Sequence[Trade[M]], zero: M) -> Quality[M]:
    """Ratios over trades."""
    nets = [trade.net for trade in trades]
    won = [net for net in nets if net > zero]
    lost = [net for net in nets if net < zero]
    gains, losses = total(won, zero), -total(lost, zero)
    held = [trade.held_for for trade in trades if trade.held_for is not None]
    by_net = sorted(trades, key=lambda trade: trade.net)
    both = bool(won and lost)
    return Quality(
        trades=len(trades),
        wins=len(won),
        losses=len(lost),
        win_rate=Decimal(len(won)) / len(trades) * _HUNDRED if trades else None,
        payoff=gains.ratio(losses) * len(lost) / len(won) if both else None,
        profit_factor=gains.ratio(losses) if lost else None,
        expectancy=(gains - losses) * (Decimal(1) / len(trades)) if trades else None,
        best=by_net[-1] if by_net else None,
        worst=by_net[0] if by_net else None,
        average_held=sum(held, timedelta()) / len(held) if held else None,
        longest_held=max(held, default=None),
    )


def daily(executions: Iterable[Execution[M]], zero: M) -> Mapping[date, M]:
    """Net of own sales by exchange date, in order; days without one are left out."""
    found: dict[date, M] = {}
    for one in executions:
        if one.side is Side.SELL and one.is_ours and one.knows_cost:
            found[one.day] = found.get(one.day, zero) + net_of(one, zero)
    return dict(sorted(found.items()))


def net_of(sale: Execution[M], zero: M) -> M:
    """What one sale brought after costs, as far as they are known."""
    gain = zero if sale.gain is None else sale.gain
    return gain - total((sale.fee, sale.tax, sale.entry_fee), zero)


def drawdown(days: Mapping[date, M], zero: M) -> Drawdown[M] | None:
    """The deepest fall; None where the curve never fell."""
    equity, peak, peak_on = zero, zero, None
    deepest: Drawdown[M] | None = None
    is_open = False
    for day, net in days.items():
        equity += net
        if equity >= peak:
            if is_open and deepest is not None:
                deepest, is_open = replace(deepest, recovered_on=day), False
            peak, peak_on = equity, day
        elif deepest is None or peak - equity > deepest.amount:
            deepest = Drawdown(peak - equity, peak_on, day, None)
            is_open = True
    return deepest


def by(
    trades: Iterable[Trade[M]], key: Callable[[Trade[M]], str | None], zero: M
) -> Mapping[str, Part[M]]:
    """Parts by what they have in common, best first; without the trades that do not have it."""
    groups: dict[str, list[Trade[M]]] = {}
    for trade in trades:
        name = key(trade)
        if name is not None:
            groups.setdefault(name, []).append(trade)
    parts = {name: _part(group, zero) for name, group in groups.items()}
    return dict(sorted(parts.items(), key=lambda item: item[1].net, reverse=True))


def symbol(trade: Trade[M]) -> Symbol:
    """Which stock."""
    return trade.symbol


def reason(trade: Trade[M]) -> OrderReason | None:
    """Why it was sold."""
    return trade.reason


def score_band(trade: Trade[M]) -> str | None:
    """Points of the entry, by tens; a full hundred is of the last ten."""
    if trade.score is None:
        return None
    low = min(trade.score // BAND * BAND, _HUNDRED - BAND)
    return f"{low}-{_HUNDRED if low + BAND == _HUNDRED else low + BAND - 1}"


def hour(trade: Trade[M]) -> str:
    """When it closed, by the exchange's clock."""
    return f"{trade.closed_at.astimezone(ZONES[trade.desk]):%H}"


def slippage(executions: Iterable[Execution[M]], zero: M) -> Slippage[M]:
    """Over own executions whose decision price is known."""
    count, lost, traded = 0, zero, zero
    for one in executions:
        if one.price is None or one.decision_price is None:
            continue
        worse = one.price - one.decision_price
        lost += (worse if one.side is Side.BUY else -worse) * one.qty
        traded += one.decision_price * one.qty
        count += 1
    return Slippage(count, lost, lost.ratio(traded) * _HUNDRED if traded else None)


def _part(trades: Sequence[Trade[M]], zero: M) -> Part[M]:
    nets = [trade.net for trade in trades]
    return Part(len(nets), sum(net > zero for net in nets), total(nets, zero))
