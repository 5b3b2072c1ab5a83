"""Was a promise broken in Korea? The sandbox's books beside the book and the facts."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.model.ids import DeskState
from engine.model.krx_views import KrxDeskView
from sandbox.model import Server
from tests.faults.krx_matrix import BUY_TR, SELL_TR, Cell
from tests.faults.verdict import AHEAD, Verdict, booked, judge_troubles, short
from tests.harness.stage import Stage

NO_SHARES = "APBK0400"  # more than is sellable
NO_EFFECT = frozenset({"EGW00201", "EGW00121"})  # refused at the gateway: may be sent again
NEVER = ("SoldElsewhere", "MismatchSeen", "MismatchAsked")
ONCE_PER_ORDER = (
    *("EntryDecided", "OrderAccepted", "OrderUnresolved", "OrderResolved", "OrderRejected"),
    "OrderEnded",
)
FILLED = ("EntryFilled", "OrderFilled")


def krx_view(s: Stage) -> KrxDeskView:
    """The desk as the chat sees it."""
    view = s.assembly.control.status().krx
    assert view is not None
    return view


def krx_books(s: Stage) -> dict[str, Any]:
    """The sandbox's own books of the real account."""
    report: dict[str, Any] = s.world.krx.books.report()[Server.REAL.value]  # type: ignore[assignment]  # the report is typed for JSON
    return report


def own_orders(s: Stage) -> list[dict[str, Any]]:
    """What came through the API, cancels left out."""
    orders: list[dict[str, Any]] = krx_books(s)["orders"]
    return [o for o in orders if o["media"] == "OpenAPI" and o["action"] == "new"]


def judge(s: Stage, cell: Cell, expected_at: datetime) -> Verdict:
    """All promises, after a game in which everything bought had to be sold again."""
    verdict, row = Verdict(), cell.row
    struck = [hit for hit in s.world.faults.taken if hit.fault.kind != "slow" or row.name == "slow"]
    if not struck:
        verdict.stuck.append("the fault never struck")
    judge_books(s, verdict)
    fills = [fill for fill in krx_books(s)["fills"] if fill["side"] == "sell"]
    late = max((datetime.fromisoformat(fill["at"]) for fill in fills), default=expected_at)
    if late - expected_at > timedelta(seconds=row.late_s):
        verdict.lost.append(f"sold {(late - expected_at).total_seconds():.0f} s late")
    began = {fact["trouble"] for _, kind, fact in s.facts() if kind == "TroubleBegan"}
    verdict.told += [f"{trouble} was not told" for trouble in row.tells if trouble not in began]
    return verdict


def judge_books(s: Stage, verdict: Verdict) -> None:
    """The promises that hold whatever happened."""
    _judge_sending(s, verdict)
    _judge_shares(s, verdict)
    _judge_fills(s, verdict)
    _judge_order_of_things(s, verdict)
    _judge_telling(s, verdict)
    judge_troubles(s, verdict)
    _judge_end(s, verdict)


def _judge_sending(s: Stage, verdict: Verdict) -> None:
    """No order twice: each that the broker has is one of the book's, and each once."""
    calls = [call for call in s.world.request_log.since(s.started) if call.method == "POST"]
    sent = [c for c in calls if c.tr_id in (BUY_TR, SELL_TR) and c.msg_cd not in NO_EFFECT]
    oversold = [call for call in sent if call.tr_id == SELL_TR and call.msg_cd == NO_SHARES]
    if oversold:
        verdict.sold_twice.append(f"{len(oversold)} sales of shares already sold or in orders")
    decided = _rows(s, "SELECT client_order_id FROM orders")
    if len(sent) > len(decided):
        verdict.sold_twice.append(f"{len(decided)} orders decided, {len(sent)} sent")
    numbers = Counter(
        fact["broker_order_no"].zfill(10)
        for _, kind, fact in s.facts()
        if kind in ("OrderAccepted", "OrderResolved") and fact["broker_order_no"]
    )
    strangers = {order["order_no"] for order in own_orders(s)} - set(numbers)
    if strangers:
        verdict.sold_twice.append(f"at the broker, but nobody's: {sorted(strangers)}")


def _judge_shares(s: Stage, verdict: Verdict) -> None:
    filled: Counter[str] = Counter()
    for order in own_orders(s):
        filled[order["side"]] += order["filled"]
    if filled["sell"] > filled["buy"]:
        verdict.sold_twice.append(f"{filled['sell']} of {filled['buy']} shares sold")
    if filled["sell"] < filled["buy"] or krx_books(s)["holdings"]:
        verdict.lost.append(f"{filled['sell']} of {filled['buy']} shares sold")


def _judge_fills(s: Stage, verdict: Verdict) -> None:
    """Shares and money of every order, to the won."""
    known: dict[str, tuple[int, Decimal]] = {}
    for number, qty, price in booked(s):
        before = known.get(number, (0, Decimal(0)))
        known[number] = (before[0] + qty, before[1] + price * qty)
    for order in own_orders(s):
        qty, value = known.pop(order["order_no"].lstrip("0"), (0, Decimal(0)))
        if qty != order["filled"] or abs(value - Decimal(order["filled_value"])) >= max(1, qty):
            verdict.lost.append(f"{order['order_no']}: booked {qty} for {value}, filled {order}")
    if known:
        verdict.sold_twice.append(f"booked, but never filled: {known}")


def _judge_order_of_things(s: Stage, verdict: Verdict) -> None:
    """No share is told filled before it was."""
    fills = [(fill["order_no"], fill["at"], fill["qty"]) for fill in krx_books(s)["fills"]]
    for at, kind, fact in s.facts():
        if kind not in FILLED:
            continue
        number, told = fact["fill"]["broker_order_no"].zfill(10), int(fact["fill"]["cum_qty"])
        done = sum(
            qty
            for order_no, when, qty in fills
            if order_no == number and datetime.fromisoformat(when) <= at + AHEAD
        )
        if told > done:
            verdict.sold_twice.append(f"{number}: {told} told at {at:%H:%M:%S}, {done} filled")


def _judge_telling(s: Stage, verdict: Verdict) -> None:
    facts = [(kind, fact) for _, kind, fact in s.facts()]
    kinds = Counter(kind for kind, _ in facts)
    verdict.told += [f"{kind} {kinds[kind]} x" for kind in NEVER if kinds[kind]]
    per_order = Counter(
        (kind, fact["order"]["client_order_id"]) for kind, fact in facts if kind in ONCE_PER_ORDER
    )
    verdict.told += [f"{kind} {n} x for {order}" for (kind, order), n in per_order.items() if n > 1]
    fills = Counter(
        (fact["fill"]["client_order_id"], fact["fill"]["cum_qty"])
        for kind, fact in facts
        if kind in FILLED
    )
    verdict.told += [f"fill {key} told {n} x" for key, n in fills.items() if n > 1]
    if kinds["OrderUnresolved"] != kinds["OrderResolved"]:
        verdict.told.append("a doubt was not resolved")


def _judge_end(s: Stage, verdict: Verdict) -> None:
    status, view = s.assembly.control.status(), krx_view(s)
    if view.state is not DeskState.RUNNING:
        verdict.stuck.append(f"desk {view.state}: {view.guard_reason}")
    if view.troubles or view.positions:
        verdict.stuck.append(f"left: {view.troubles} {view.positions}")
    if status.unresolved_orders:
        verdict.stuck.append(f"{status.unresolved_orders} orders unresolved")
    if any(not order.state.is_final for order in view.orders):
        verdict.stuck.append("an order is not at its end")
    supervisor = s.assembly.supervisor
    if supervisor is not None and supervisor.restarts:
        verdict.stuck.append(f"services restarted: {supervisor.restarts}")


def trace(s: Stage) -> list[str]:
    """For whoever looks into a failure."""
    facts = [f"{at:%H:%M:%S.%f} {kind} {short(fact)}" for at, kind, fact in s.facts()]
    return [*facts, *(str(order) for order in krx_books(s)["orders"])]


def _rows(s: Stage, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{s.data / 'live.db'}?mode=ro", uri=True)) as book:
        return book.execute(query).fetchall()
