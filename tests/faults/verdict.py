"""Was a promise broken? The sandbox's books beside what the assistant wrote down and told."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.model.ids import DeskState
from engine.model.state_facts import Trouble
from tests.faults.matrix import Row
from tests.harness.stage import Stage

SHARES = 10  # what the trader buys in a game
NO_SHARES = "APBK1234"  # the broker's refusal of more than is sellable
AHEAD = timedelta(milliseconds=50)  # a notice that overtakes its reply bears the exchange's time
ONCE_PER_ORDER = ("OrderAccepted", "OrderUnresolved", "OrderResolved", "OrderRejected")
NEVER = (
    "SoldElsewhere",
    "MismatchSeen",
    "MismatchAsked",
    "QuestionAsked",
    "PriceBreak",
    "HoldingExcluded",
)


@dataclass(slots=True)
class Verdict:
    """What went wrong, by promise; nothing: kept."""

    sold_twice: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """ok, or the initials of the broken promises."""
        broken = {"S": self.sold_twice, "L": self.lost, "T": self.told, "R": self.stuck}
        return "".join(mark for mark, faults in broken.items() if faults) or "ok"

    def complaints(self) -> list[str]:
        """All of them."""
        return [*self.sold_twice, *self.lost, *self.told, *self.stuck]


def judge(s: Stage, row: Row, due_at: datetime) -> Verdict:
    """All promises, after a game for ``SHARES`` shares whose sale was due at ``due_at``."""
    verdict = Verdict()
    struck = [hit for hit in s.world.faults.taken if hit.fault.kind != "slow" or row.name == "slow"]
    if not struck:
        verdict.stuck.append("the fault never struck")
    judge_books(s, verdict)
    _judge_time(s, row, due_at, verdict)
    verdict.told += [f"{trouble} was not told" for trouble in row.tells if not _began(s)[trouble]]
    return verdict


def judge_books(s: Stage, verdict: Verdict) -> None:
    """The promises that hold whatever happened."""
    _judge_orders(s, verdict)
    _judge_fills(s, verdict)
    _judge_order_of_things(s, verdict)
    _judge_telling(s, verdict)
    judge_troubles(s, verdict)
    _judge_end(s, verdict)


def _judge_orders(s: Stage, verdict: Verdict) -> None:
    too_many = [call for call in s.world.request_log.since(s.started) if call.msg_cd == NO_SHARES]
    if too_many:
        verdict.sold_twice.append(f"{len(too_many)} orders for shares already sold or in orders")
    sold = sum(order["filled"] for order in s.own_sells())
    if sold > SHARES:
        verdict.sold_twice.append(f"{sold} of {SHARES} shares sold")
    if sold < SHARES or s.books()["holdings"]:
        verdict.lost.append(f"{sold} of {SHARES} shares sold, held: {s.books()['holdings']}")


def _judge_time(s: Stage, row: Row, due_at: datetime, verdict: Verdict) -> None:
    last = max(datetime.fromisoformat(fill["at"]) for fill in s.books()["fills"])
    late = last - due_at
    if late > timedelta(seconds=row.late_s):
        verdict.lost.append(f"sold {late.total_seconds():.0f} s late")


def _judge_fills(s: Stage, verdict: Verdict) -> None:
    """Shares and money of every order, to the cent."""
    known: dict[str, tuple[int, Decimal]] = {}
    for number, qty, price in booked(s):
        before = known.get(number, (0, Decimal(0)))
        known[number] = (before[0] + qty, before[1] + price * qty)
    for order in s.own_sells():
        qty, value = known.pop(order["order_no"].lstrip("0"), (0, Decimal(0)))
        if (qty, round(value, 2)) != (order["filled"], Decimal(order["filled_value"])):
            verdict.lost.append(f"{order['order_no']}: booked {qty} for {value}, sold {order}")
    if known:
        verdict.sold_twice.append(f"booked, but never sold: {known}")


def _judge_order_of_things(s: Stage, verdict: Verdict) -> None:
    """No share is told sold before it was."""
    fills = [(fill["order_no"], fill["at"], fill["qty"]) for fill in s.books()["fills"]]
    for at, kind, fact in s.facts():
        if kind != "OrderFilled":
            continue
        number, told = fact["fill"]["broker_order_no"].zfill(10), int(fact["fill"]["cum_qty"])
        until = at + AHEAD
        sold = sum(
            qty
            for order_no, when, qty in fills
            if order_no == number and datetime.fromisoformat(when) <= until
        )
        if told > sold:
            verdict.sold_twice.append(f"{number}: {told} told at {at:%H:%M:%S}, {sold} sold")


def booked(s: Stage) -> list[tuple[str, int, Decimal]]:
    """Fills in the live book: order number without zeros, shares, price."""
    with closing(sqlite3.connect(f"file:{s.data / 'live.db'}?mode=ro", uri=True)) as book:
        rows = book.execute("SELECT broker_order_no, qty, price FROM fills ORDER BY seq").fetchall()
    return [(number.lstrip("0"), qty, Decimal(price)) for number, qty, price in rows]


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
        if kind == "OrderFilled"
    )
    verdict.told += [f"fill {key} told {n} x" for key, n in fills.items() if n > 1]
    bought = sum(int(fact["qty"]) for kind, fact in facts if kind == "BuySeen")
    if bought != SHARES:
        verdict.told.append(f"{bought} of {SHARES} bought shares told")
    if kinds["OrderUnresolved"] != kinds["OrderResolved"]:
        verdict.told.append("a doubt was not resolved")


def _began(s: Stage) -> Counter[str]:
    return Counter(fact["trouble"] for _, kind, fact in s.facts() if kind == "TroubleBegan")


def judge_troubles(s: Stage, verdict: Verdict) -> None:
    """Each trouble begins once and ends once."""
    began = _began(s)
    ended = Counter(fact["trouble"] for _, kind, fact in s.facts() if kind == "TroubleEnded")
    for trouble in Trouble:
        if began[trouble] > 1 or began[trouble] != ended[trouble]:
            verdict.told.append(f"{trouble}: began {began[trouble]} x, ended {ended[trouble]} x")


def _judge_end(s: Stage, verdict: Verdict) -> None:
    status = s.assembly.control.status()
    view = status.us
    assert view is not None
    if view.state is not DeskState.RUNNING:
        verdict.stuck.append(f"desk {view.state}: {view.guard_reason}")
    if view.troubles or view.positions or view.questions:
        verdict.stuck.append(f"left: {view.troubles} {view.positions} {view.questions}")
    if status.unresolved_orders:
        verdict.stuck.append(f"{status.unresolved_orders} orders unresolved")
    if any(not order.state.is_final for order in view.orders):
        verdict.stuck.append("an order is not at its end")
    supervisor = s.assembly.supervisor
    if supervisor is not None and supervisor.restarts:
        verdict.stuck.append(f"services restarted: {supervisor.restarts}")


def trace(s: Stage) -> list[str]:
    facts = [f"{at:%H:%M:%S.%f} {kind} {short(fact)}" for at, kind, fact in s.facts()]
    return [*facts, *(str(order) for order in s.books()["orders"])]


def short(fact: dict[str, Any]) -> str:
    """What a trace shows of a fact."""
    keep = ("reason", "trouble", "qty", "broker_order_no", "state", "text", "fill", "lasted_s")
    return str({key: fact[key] for key in keep if key in fact})
