"""One desk's report of one period, put together from a book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Generic

from engine.model.ids import DeskName, Mode, Symbol
from engine.model.money import ZERO_KRW, ZERO_USD, M, M_co, Money
from engine.model.realised import Realised
from reports import broker, queries, stats
from reports.executions import Execution
from reports.periods import Period, Span, between, exchange_date, period
from reports.trades import Trade, total, trades
from reports.uptime import Uptime, uptime
from reports.us_tax import TaxYear, is_taxed, tax_year

ZERO: Mapping[DeskName, Money] = {DeskName.KRX: ZERO_KRW, DeskName.US: ZERO_USD}


@dataclass(frozen=True, slots=True)
class Report(Generic[M_co]):
    """What is counted, and what it is counted from; ``executions`` and ``trades`` of the period.

    ``fifo_gain``: of the same trades, before costs; None where FIFO is not known of all.
    ``first`` and ``last``: days of the whole book. ``tax``: of a year of the US desk, LIVE only.
    ``uptime`` None: nobody asked, or nothing is known. ``broker``: how it agrees with the broker's
    own figures; None where the mode has none.
    """

    desk: DeskName
    mode: Mode
    period: Period
    first: date
    last: date
    executions: tuple[Execution[M_co], ...]
    trades: tuple[Trade[M_co], ...]
    names: Mapping[Symbol, str]
    result: stats.Result[M_co]
    quality: stats.Quality[M_co]
    days: Mapping[date, M_co]
    drawdown: stats.Drawdown[M_co] | None
    slippage: stats.Slippage[M_co]
    by_symbol: Mapping[str, stats.Part[M_co]]
    by_reason: Mapping[str, stats.Part[M_co]]
    by_score: Mapping[str, stats.Part[M_co]]
    by_hour: Mapping[str, stats.Part[M_co]]
    fifo_gain: M_co | None
    tax: TaxYear | None = None
    uptime: Uptime | None = None
    broker: broker.Agreement[M_co] | None = None

    def is_of(self, now: datetime) -> bool:
        """Whether it goes up to the exchange's present day."""
        return self.period.span is Span.ALL or exchange_date(self.desk, now) in self.period


_Rows = tuple[Execution[Money], ...]


def read(
    data: Path,
    desk: DeskName,
    mode: Mode,
    span: Span,
    until: date | None = None,
    since: date | None = None,
    *,
    now: datetime | None = None,
) -> Report[Money] | None:
    """The period that ``until`` is in, None: the last day with an execution; ``since`` of a range.

    Returns None for a book without any. ``now``: market time, to say how long the desk ran.

    Raises:
        OldBook: the book was last opened by an older version.
        ValueError: ``until`` is before ``since``.
        sqlite3.Error: it cannot be read.
    """
    rows, names, told = book(data, desk, mode)
    if not rows:
        return None
    wanted = _wanted(rows, span, until, since)
    made = make(desk, rows, names, mode, wanted)
    if mode is Mode.LIVE:
        agreed = broker.agreement(made.executions, told, ZERO[desk])
        made = replace(made, broker=agreed)
    if now is None:
        return made
    spans = queries.spans(data / "state.db", desk, mode)
    return replace(made, uptime=uptime(spans, desk, _up_to(wanted, desk, now), now))


def day_of_all(found: Sequence[Report[Money]], until: date | None) -> date | None:
    """Which day to ask every desk for where none was named: the last of all with an execution.

    None where that changes nothing: it was named, or all speak of the same period.
    """
    periods = {one.period for one in found if one.period.span is not Span.ALL}
    return None if until is not None or len(periods) <= 1 else max(one.last for one in found)


def read_each(
    data: Path, desk: DeskName, mode: Mode, periods: Sequence[Period]
) -> tuple[Report[Money], ...]:
    """Several periods of one reading; none for a book without an execution. Raises as ``read``."""
    rows, names, _ = book(data, desk, mode)
    return tuple(make(desk, rows, names, mode, wanted) for wanted in periods) if rows else ()


def book(
    data: Path, desk: DeskName, mode: Mode
) -> tuple[_Rows, Mapping[Symbol, str], Mapping[date, Sequence[Realised[Money]]]]:
    """A desk's executions, names of its stocks, what the broker told by day. Raises as ``read``."""
    path = data / f"{mode}.db"
    if not path.exists() or not path.stat().st_size:
        return (), {}, {}
    with queries.opened(path) as connection:
        rows, names = queries.executions(connection, desk), queries.names(connection, desk)
        return rows, names, queries.broker_days(connection, desk)


def _wanted(rows: _Rows, span: Span, until: date | None, since: date | None) -> Period:
    first, last = min(row.day for row in rows), max(row.day for row in rows)
    if span is Span.ALL:
        return Period(span, first, last)
    if span is Span.RANGE:
        return between(since or first, until or last)
    return period(span, until or last)


def make(
    desk: DeskName,
    rows: Sequence[Execution[Money]],
    names: Mapping[Symbol, str],
    mode: Mode,
    wanted: Period,
) -> Report[Money]:
    """Count it; ``rows``: the whole book of the desk."""
    zero = ZERO[desk]
    within = tuple(row for row in rows if row.day in wanted)
    closed = trades(rows, zero, wanted)
    days = stats.daily(within, zero)
    return Report(
        desk=desk,
        mode=mode,
        period=wanted,
        first=min((row.day for row in rows), default=wanted.first),
        last=max((row.day for row in rows), default=wanted.last),
        executions=within,
        trades=closed,
        names=names,
        result=stats.result(within, zero),
        quality=stats.quality(closed, zero),
        days=days,
        drawdown=stats.drawdown(days, zero),
        slippage=stats.slippage(within, zero),
        by_symbol=stats.by(closed, stats.symbol, zero),
        by_reason=stats.by(closed, stats.reason, zero),
        by_score=stats.by(closed, stats.score_band, zero),
        by_hour=stats.by(closed, stats.hour, zero),
        fifo_gain=_fifo(closed, zero),
        tax=tax_year(rows, wanted.first.year)
        if wanted.span is Span.YEAR and is_taxed(desk, mode)
        else None,
    )


def _fifo(closed: Sequence[Trade[M]], zero: M) -> M | None:
    gains = [trade.fifo_gain for trade in closed]
    return None if None in gains else total(gains, zero)


def _up_to(wanted: Period, desk: DeskName, now: datetime) -> Period:
    """All of a book goes on after its last trade."""
    if wanted.span is not Span.ALL:
        return wanted
    return replace(wanted, last=max(wanted.last, exchange_date(desk, now)))
