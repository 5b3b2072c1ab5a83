"""Was a promise broken? The sandbox's own books beside the assistant's, after a run."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.model.ids import DeskState, Mode
from sandbox.model import Server

if TYPE_CHECKING:
    from tests.campaign.play import Run

# More than is sellable, refused by the broker.
_LACKS = frozenset({"APBK1234", "APBK0400"})
_ON_ITS_WAY = timedelta(seconds=15)
PROMISES = (
    *("oversold", "double_sent", "lost_fills", "book_mismatch", "exits_skipped"),
    "limits_exceeded",
)
Row = dict[str, Any]


@dataclass(slots=True)
class Findings:
    """Complaints by promise, and how much there was to judge."""

    broken: dict[str, list[str]] = field(default_factory=dict)
    orders: int = 0
    trace: list[str] = field(default_factory=list)

    def blame(self, promise: str, what: str) -> None:
        """One more complaint."""
        self.broken.setdefault(promise, []).append(what)

    def count(self, promise: str) -> int:
        """Complaints about a promise."""
        return len(self.broken.get(promise, ()))


def judge(run: Run, data: Path) -> Findings:
    """Every promise."""
    found = Findings()
    report: Row = run.hands.books().report()[Server.REAL.value]  # type: ignore[assignment]  # the report is typed for JSON
    own = [o for o in report["orders"] if o["media"] == "OpenAPI" and o["action"] == "new"]
    decided = _rows(data, "SELECT * FROM orders ORDER BY journalled_at, rowid")
    found.orders = len(own)
    _judge_shares(run, own, found)
    _judge_sending(own, decided, found)
    _judge_fills(data, own, found)
    _judge_book(run, report, own, found)
    _judge_exits(run, found)
    _judge_limits(run, own, found)
    if found.broken:
        found.trace = _trace(data, report)
    return found


def _judge_shares(run: Run, own: list[Row], found: Findings) -> None:
    """No sale of more than is there, but where the trader sold or took back meanwhile."""
    for call in run.world.request_log.since(run.started):
        symbol = call.params.get("PDNO", "")
        if call.msg_cd in _LACKS and symbol not in run.hands.may_lack:
            found.blame("oversold", f"{call.at:%H:%M:%S} {symbol} {call.params} {call.msg_cd}")
    if not run.plan.part.is_krx:
        return  # there the shares are the trader's own
    for symbol in {order["symbol"] for order in own}:
        filled = Counter[str]()
        for order in own:
            if order["symbol"] == symbol:
                filled[order["side"]] += order["filled"]
        if filled["sell"] > filled["buy"]:
            found.blame("oversold", f"{symbol}: {filled}")


def _judge_sending(own: list[Row], decided: list[Row], found: Findings) -> None:
    """Each order the broker has was decided shortly before it came, and sent once."""
    left = list(decided)
    for order in sorted(own, key=lambda o: o["placed_at"]):
        row = next((row for row in left if _may_be(row, order)), None)
        if row is None:
            found.blame("double_sent", f"nobody decided {order}")
        else:
            left.remove(row)


def _may_be(row: Row, order: Row) -> bool:
    """Whether the broker's order is the decided one."""
    late = datetime.fromisoformat(order["placed_at"]) - datetime.fromisoformat(row["journalled_at"])
    limit = Decimal(order["limit"])  # 0 of a market order
    return (
        (row["symbol"], row["side"], row["qty"]) == (order["symbol"], order["side"], order["qty"])
        and limit in {0, Decimal(row["limit_price"])}
        and timedelta(0) <= late <= _ON_ITS_WAY
    )


def _judge_fills(data: Path, own: list[Row], found: Findings) -> None:
    known: dict[str, tuple[int, Decimal]] = {}
    for row in _rows(data, "SELECT broker_order_no, qty, price FROM fills"):
        number, price = row["broker_order_no"].lstrip("0"), Decimal(row["price"])
        shares, value = known.get(number, (0, Decimal(0)))
        known[number] = (shares + row["qty"], value + price * row["qty"])
    for order in own:
        shares, value = known.pop(order["order_no"].lstrip("0"), (0, Decimal(0)))
        # An average is rounded to a won, or to a hundredth of a cent.
        noise = shares * (Decimal(1) if order["exchange"] == "KRX" else Decimal("0.0001"))
        is_close = abs(value - Decimal(order["filled_value"])) <= noise
        if shares != order["filled"] or not is_close:
            found.blame("lost_fills", f"booked {shares} for {value} of {order}")
    if known:
        found.blame("lost_fills", f"booked, but nobody's: {known}")


def _judge_book(run: Run, report: Row, own: list[Row], found: Findings) -> None:
    assembly = run.lives.assembly
    if assembly is None or run.lives.is_dead:
        found.blame("book_mismatch", "the engine is not up")
        return
    status = assembly.control.status()
    view = status.krx if run.plan.part.is_krx else status.us
    assert view is not None
    if status.modes[run.hands.desk] is not Mode.LIVE:
        found.blame("book_mismatch", f"mode {status.modes}")
    if status.unresolved_orders:
        found.blame("book_mismatch", f"{status.unresolved_orders} orders in doubt")
    live = {o.broker_order_no for o in view.orders if not o.state.is_final}
    open_there = {o["order_no"].lstrip("0") for o in own if o["open"]}
    if live != open_there:
        found.blame("book_mismatch", f"open here {live}, there {open_there}")
    believed = {p.symbol: p.qty for p in view.positions}
    there = {symbol: holding["qty"] for symbol, holding in report["holdings"].items()}
    for symbol in believed.keys() | there.keys():
        here = believed.get(symbol, 0)
        exact = symbol not in run.hands.by_hand or not run.plan.part.is_krx
        if here > there.get(symbol, 0) or (exact and here != there.get(symbol, 0)):
            found.blame("book_mismatch", f"{symbol}: {here} here, {there.get(symbol, 0)} there")


def _judge_exits(run: Run, found: Findings) -> None:
    assembly = run.lives.assembly
    if assembly is None:
        return
    status = assembly.control.status()
    view = status.krx if run.plan.part.is_krx else status.us
    if view is None or view.state is DeskState.HALTED:
        return  # the user's word, which Resume could not take back
    for symbol, (qty, cost) in run.held().items():
        price = run.hands.price(symbol)
        found.blame("exits_skipped", f"{qty} of {symbol} at {cost} are held at {price}: {view}")


def _judge_limits(run: Run, own: list[Row], found: Findings) -> None:
    entries = [order for order in own if order["side"] == "buy"]
    for order in entries:
        placed = datetime.fromisoformat(order["placed_at"])
        for since, until in run.hands.latched.spans:
            if since + timedelta(seconds=2) < placed < until:
                found.blame("limits_exceeded", f"entered while stopped: {order}")
    if not run.plan.part.is_krx:
        return
    limits = dict(run.plan.limits)
    _judge_counts(run, limits, found)
    for order in entries:
        if Decimal(order["limit"]) * order["qty"] > limits["max_order_krw"]:
            found.blame("limits_exceeded", f"too large: {order}")
        last = [
            o for o in entries
            if timedelta(0)
            <= datetime.fromisoformat(order["placed_at"]) - datetime.fromisoformat(o["placed_at"])
            < timedelta(seconds=57)
        ]  # fmt: skip
        if len(last) > limits["max_orders_per_minute"]:
            found.blame("limits_exceeded", f"{len(last)} orders in a minute up to {order}")


def _judge_counts(run: Run, limits: dict[str, int], found: Findings) -> None:
    """Stocks the desk held at once, and how often it went into one, by its own executions.

    What the trader sold by hand of the desk's shares frees a place that no execution of the desk
    shows, so such runs are not judged.
    """
    report: Row = run.hands.books().report()[Server.REAL.value]  # type: ignore[assignment]  # the report is typed for JSON
    # Each branch numbers its own orders.
    own = {(o["branch"], o["order_no"]) for o in report["orders"] if o["media"] == "OpenAPI"}
    fills = [((f["branch"], f["order_no"]) in own, f) for f in report["fills"]]
    if any(fill["side"] == "sell" and not is_own for is_own, fill in fills):
        return
    held, trips, most = Counter[str](), 0, 0
    for fill in (fill for is_own, fill in fills if is_own):
        is_buy, symbol = fill["side"] == "buy", fill["symbol"]
        trips += is_buy and not held[symbol]
        held[symbol] += fill["qty"] if is_buy else -fill["qty"]
        most = max(most, sum(qty > 0 for qty in held.values()))
    if trips > limits["max_trades"] or most > limits["max_positions"]:
        found.blame("limits_exceeded", f"{trips} trades, {most} at once, allowed {limits}")


def _trace(data: Path, report: Row) -> list[str]:
    facts = [f"{row['at']} {row['kind']} {row['json'][:300]}" for row in _rows(
        data, "SELECT at, kind, json FROM facts ORDER BY seq")]  # fmt: skip
    return [*facts, *(str(order) for order in report["orders"])]


def _rows(data: Path, query: str) -> list[Row]:
    with closing(sqlite3.connect(f"file:{data / 'live.db'}?mode=ro", uri=True)) as book:
        book.row_factory = sqlite3.Row
        return [dict(row) for row in book.execute(query).fetchall()]
