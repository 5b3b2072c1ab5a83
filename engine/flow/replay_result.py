"""What a replayed day brought, gathered from the facts the desk told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from engine.desk.base import Outcome
from engine.flow.replay_check import Inspector
from engine.model.entry_facts import EntryFilled, EntryRefused
from engine.model.facts import Fact
from engine.model.ids import Symbol
from engine.model.intents import Place
from engine.model.krx_views import ScanView, WhyView
from engine.model.money import ZERO_KRW, Krw
from engine.model.order_facts import OrderFilled
from engine.model.orders import OrderIntent, OrderReason
from engine.model.score import Bucket


@dataclass(frozen=True, slots=True)
class Trip:
    """A position from its first share to its last. ``net`` after fees of both ways and tax."""

    symbol: Symbol
    name: str
    opened_at: datetime
    closed_at: datetime
    qty: int
    paid: Krw  # average a share
    got: Krw
    reasons: tuple[OrderReason, ...]
    score: int | None
    net: Krw


@dataclass(frozen=True, slots=True)
class Deal:
    """An order as the desk decided it."""

    at: datetime
    order: OrderIntent[Krw]


@dataclass(frozen=True, slots=True)
class DayResult:
    """One day. ``net``: what the account gained, shares left over at their last price.

    ``left``: symbols still held. ``refusals``: entries held back at the score, by gate, each
    stock and gate once; ``last_gates``: of each charted name the last gate it met. ``absent``:
    stages without an input, counted over the charted names' last scores, ``scored`` of them.
    """

    day: date
    stocks: int
    ticks: int
    trips: tuple[Trip, ...]
    deals: tuple[Deal, ...]
    left: tuple[Symbol, ...]
    gross: Krw
    fees: Krw
    tax: Krw
    net: Krw
    refusals: Counter[str]
    last_gates: Counter[str]
    absent: Counter[str]
    scored: int
    buckets: Counter[str]
    unfit: Counter[str]
    violations: tuple[str, ...]


@dataclass(slots=True)
class _Open:
    name: str
    opened_at: datetime
    score: int | None
    bought: int = 0
    paid: Krw = ZERO_KRW
    sold: int = 0
    got: Krw = ZERO_KRW
    costs: Krw = ZERO_KRW
    reasons: list[OrderReason] = field(default_factory=list)


class Diary:
    """Implements simulated.Witness; hands everything to the inspector on the way."""

    def __init__(self, inspector: Inspector) -> None:
        self.trips: list[Trip] = []
        self.deals: list[Deal] = []
        self.refusals: Counter[str] = Counter()
        self.gross = self.fees = self.tax = ZERO_KRW
        self._inspector = inspector
        self._open: dict[Symbol, _Open] = {}

    def result(
        self,
        day: date,
        *,
        stocks: int,
        ticks: int,
        net: Krw,
        names: Sequence[WhyView],
        scan: ScanView,
    ) -> DayResult:
        """The day in one value; ``names`` as the desk explains them after the close."""
        cards = [name.card for name in names if name.card is not None]
        absent = (stage for card in cards for stage in card.stages if stage.points is None)
        return DayResult(
            day=day,
            stocks=stocks,
            ticks=ticks,
            trips=tuple(self.trips),
            deals=tuple(self.deals),
            left=tuple(self._open),
            gross=self.gross,
            fees=self.fees,
            tax=self.tax,
            net=net,
            refusals=self.refusals,
            last_gates=Counter(name.detail for name in names if name.bucket is not Bucket.UNFIT),
            absent=Counter(stage.stage.value for stage in absent),
            scored=len(cards),
            buckets=Counter({bucket.value: count for bucket, count in scan.counts if count}),
            unfit=Counter(dict(scan.unfit)),
            violations=tuple(self._inspector.violations),
        )

    def on_outcome(self, outcome: Outcome[Krw], now: datetime) -> None:
        """Facts first: they happened before what was decided on them."""
        for fact in outcome.facts:
            self._inspector.on_fact(fact)
            self._note(fact, now)
        for intent in outcome.intents:
            if isinstance(intent, Place):
                self._inspector.on_order(intent.order, now)
                self.deals.append(Deal(now, intent.order))

    def _note(self, fact: Fact[Krw], now: datetime) -> None:
        match fact:
            case EntryRefused():
                self.refusals[fact.refused.gate.value] += 1
            case EntryFilled():
                self._bought(fact, now)
            case OrderFilled():
                self._sold(fact, now)
            case _:
                pass

    def _bought(self, fact: EntryFilled, now: datetime) -> None:
        symbol = fact.fill.symbol
        trip = self._open.setdefault(symbol, _Open(fact.name, now, fact.order.score))
        trip.bought += fact.fill.qty
        trip.paid += fact.fill.price * fact.fill.qty
        trip.costs += fact.fee
        self.fees += fact.fee

    def _sold(self, fact: OrderFilled[Krw], now: datetime) -> None:
        trip, tax = self._open[fact.fill.symbol], fact.tax or ZERO_KRW
        trip.sold += fact.fill.qty
        trip.got += fact.fill.price * fact.fill.qty
        trip.costs += fact.fee + tax
        if fact.order.reason not in trip.reasons:
            trip.reasons.append(fact.order.reason)
        self.fees += fact.fee
        self.tax += tax
        self.gross += fact.gain
        if fact.left_qty == 0:
            del self._open[fact.fill.symbol]
            self.trips.append(
                Trip(
                    symbol=fact.fill.symbol,
                    name=trip.name,
                    opened_at=trip.opened_at,
                    closed_at=now,
                    qty=trip.bought,
                    paid=_each(trip.paid, trip.bought),
                    got=_each(trip.got, trip.sold),
                    reasons=tuple(trip.reasons),
                    score=trip.score,
                    net=trip.got - trip.paid - trip.costs,
                )
            )


def _each(amount: Krw, qty: int) -> Krw:
    return Krw((amount.amount / qty).quantize(Decimal("0.1")))
