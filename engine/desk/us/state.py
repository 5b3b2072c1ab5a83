"""All state of the US desk: the durable book and what may be lost in a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.desk import latches
from engine.desk.calls import Call, PriceCall
from engine.desk.own_order import OwnOrder
from engine.desk.us.book import Position, Standing, UsBook
from engine.desk.vendor import Vendor
from engine.model.day_facts import Window
from engine.model.events import FetchKind
from engine.model.fills import OrderNotice
from engine.model.ids import CommandId, DeskState, Qty, QuestionId, Symbol
from engine.model.instrument import Exchange, Instrument
from engine.model.intents import Watch
from engine.model.money import Usd
from engine.model.quota import Quota
from engine.model.quotes import Tick
from engine.model.settings import UsSettings
from engine.rules.autosell import target_price
from engine.rules.polling import Bucket
from engine.rules.safety import BLIND_FOR
from engine.rules.sessions import SessionTable, exchange_date


@dataclass(slots=True)
class Reading:
    """Prices of one symbol.

    ``streak``: believable readings in a row; ``odd``: the last that was not. ``balance``: what
    the balance call showed; ``called``: the last price call.
    """

    good: Tick | None = None
    streak: int = 0
    odd: Tick | None = None
    balance: Tick | None = None
    called: Tick | None = None
    called_at: datetime | None = None
    prev_close: Usd | None = None
    struck: Tick | None = None
    strikes: int = 0
    wished_at: datetime | None = None

    @property
    def latest(self) -> Tick | None:
        """The newest believable price, whoever showed it."""
        seen = [tick for tick in (self.good, self.balance) if tick is not None]
        return max(seen, key=lambda tick: tick.at, default=None)


@dataclass(slots=True)
class PendingSale:
    """A sale by hand that waits for its price.

    ``question``: what it answers, open until the order is decided. ``took_back``: own orders held
    the shares, the rules leave them alone now. ``is_taking_back``: those must end first.
    """

    command_id: CommandId
    symbol: Symbol
    qty: Qty | None
    deadline: datetime
    question: QuestionId | None = None
    took_back: bool = False
    is_taking_back: bool = False


@dataclass(slots=True)
class Run:
    """What is lost in a restart and found again by reading."""

    is_started: bool = False
    started_at: datetime | None = None
    holdings_at: datetime | None = None
    reports_at: datetime | None = None
    readings: dict[Symbol, Reading] = field(default_factory=dict)
    holdings: Call = field(default_factory=Call)
    reports: Call = field(default_factory=Call)
    cash: Call = field(default_factory=Call)
    prices: dict[Symbol, PriceCall] = field(default_factory=dict)
    sales: list[PendingSale] = field(default_factory=list)
    parked: list[OrderNotice] = field(default_factory=list)
    his_open: dict[Symbol, int] = field(default_factory=dict)  # in open sales of the last list
    is_connected: bool = False
    has_notices: bool = False
    has_quotes: bool = False
    watch: Watch | None = None
    watch_key: tuple[Window, list[tuple[Symbol, Exchange | None, str]]] | None = None
    quota: Quota | None = None
    bucket: Bucket | None = None
    interval_s: Decimal | None = None
    cycle_at: datetime | None = None
    cycles: int = 0
    quiet_cycles: int = 0
    hold_until: datetime | None = None
    reconciled_at: datetime | None = None
    called_at: datetime | None = None
    failed_reads: int = 0
    first_failed_at: datetime | None = None
    failing: set[FetchKind] = field(default_factory=set)
    rotated_at: datetime | None = None
    vendor: Vendor = field(default_factory=Vendor)


@dataclass(slots=True)
class State:
    """The desk's whole state, handed to the functions that decide."""

    settings: UsSettings
    sessions: SessionTable
    ids: str
    book: UsBook = field(default_factory=UsBook)
    run: Run = field(default_factory=Run)
    _today: tuple[datetime, date] | None = None

    @property
    def guard_latch(self) -> DeskState:
        """The guard's latch: set as long as it has a cause."""
        return latches.guard_latch(self.book)

    @property
    def desk_state(self) -> DeskState:
        """The stricter of the two latches."""
        return latches.desk_state(self.book)

    @property
    def is_ready(self) -> bool:
        """Whether the account was read since the start."""
        return self.run.holdings_at is not None and self.run.reports_at is not None

    def may_sell(self, now: datetime) -> bool:
        """Whether what the book says is enough for an exit: the account was read, or is silent."""
        begun = self.run.started_at
        return self.is_ready or (begun is not None and now - begun >= BLIND_FOR)

    def may_arm(self, now: datetime) -> bool:
        """Whether new lots may be armed: no latch, and the session table knows the day."""
        return self.desk_state is DeskState.RUNNING and self.sessions.covers(exchange_date(now))

    def next_id(self, kind: str) -> str:
        """A fresh id; the counter is durable."""
        number = self.book.next_number
        self.book.next_number += 1
        return f"{self.ids}{kind}{number}"

    def skip_id(self, known: str) -> None:
        """Give no id again that the journal has and this book did not know."""
        digits = known.removeprefix(self.ids)[1:]
        if digits.isdecimal():
            self.book.next_number = max(self.book.next_number, int(digits) + 1)

    def reading(self, symbol: Symbol) -> Reading:
        """The symbol's prices, empty at first."""
        found = self.run.readings.get(symbol)
        if found is None:
            found = self.run.readings[symbol] = Reading()
        return found

    def live(self, symbol: Symbol | None = None) -> Iterator[OwnOrder]:
        """Own orders that are not at their end."""
        for order in self.book.orders.values():
            if not order.state.is_final and symbol in (None, order.intent.symbol):
                yield order

    def live_qty(self, symbol: Symbol) -> int:
        """Shares in own orders that are open or in doubt."""
        return sum(order.left_qty for order in self.live(symbol))

    def is_in_doubt(self, symbol: Symbol) -> bool:
        """Whether an order of the symbol has no known outcome."""
        return any(order.is_doubtful for order in self.live(symbol))

    def free_qty(self, position: Position) -> int:
        """Shares no order holds."""
        tied = position.blocked_qty + self.live_qty(position.symbol)
        return max(0, position.qty - tied)

    def target_of(self, position: Position) -> Usd:
        """The price at which the position is sold."""
        return target_price(position.avg_cost, position.target_pct, self.settings)

    def pct_for(self, symbol: Symbol) -> Decimal:
        """The target percentage the settings have for a symbol."""
        return self.settings.target_overrides.get(symbol, self.settings.target_pct)

    def is_stale(self, symbol: Symbol) -> bool:
        """Whether the balance's price of the symbol is not trusted today."""
        return self.book.day is not None and symbol in self.book.day.stale

    @property
    def is_exit_blind(self) -> bool:
        """Whether an exit waits for the account: its order is out, or it was not read yet."""
        if any(True for _ in self.live()):
            return True
        armed = [p for p in self.book.positions.values() if p.standing is Standing.ARMED]
        return any(not self.is_ready or not position.is_confirmed for position in armed)

    def first_report_day(self, now: datetime) -> date:
        """How far back the broker's list is read: to yesterday, or the oldest open order."""
        days = [order.day for order in self.live()]
        return min([self.today(now) - timedelta(days=1), *days])

    def today(self, now: datetime) -> date:
        """The date in New York. Asked for many times at one moment, so the last is kept."""
        if self._today is None or self._today[0] != now:
            self._today = now, exchange_date(now)
        return self._today[1]


def instrument_of(position: Position) -> Instrument | None:
    """Where the position trades; None while the exchange is not known."""
    if position.exchange is None:
        return None
    return Instrument(position.symbol, position.exchange, position.name)
