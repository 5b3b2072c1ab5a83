"""All state of the KRX desk: the durable book and what may be lost in a restart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from engine.desk import blotter, latches
from engine.desk.calls import Call, PriceCall
from engine.desk.krx.book import DayRecord, KrxBook, KrxPosition
from engine.desk.krx.counted import Balance, Count, Still
from engine.desk.krx.names import Name, Names
from engine.desk.own_order import OwnOrder
from engine.desk.vendor import Vendor
from engine.errors import InvariantBroken
from engine.model.account import Cash, Holding
from engine.model.commands import SellNow
from engine.model.events import FetchKind
from engine.model.fills import OrderNotice
from engine.model.ids import CommandId, DeskState, Symbol
from engine.model.instrument import Exchange, Instrument
from engine.model.intents import Watch
from engine.model.krx_settings import KrxSettings
from engine.model.listing import SecurityKind, Segment
from engine.model.market_events import Facilities
from engine.model.money import Krw
from engine.model.orders import OrderIntent, OrderReport, OrderState, Side
from engine.model.quota import Quota
from engine.rules.krx import scan_plan
from engine.rules.krx.indicators import OpeningRange
from engine.rules.krx.scan_plan import Plan
from engine.rules.krx.sessions import KrxSession, KrxSessionTable, kst, kst_date
from engine.rules.krx.volume_curve import VolumeCurve


@dataclass(slots=True)
class PendingSale:
    """A sale by hand that waits for its price, or for orders that hold the shares to end."""

    command_id: CommandId
    wish: SellNow
    deadline: datetime
    is_taking_back: bool = False


@dataclass(slots=True)
class Pace:
    """When a repeated market read is due next."""

    due: datetime | None = None


@dataclass(slots=True)
class Run:
    """What is lost in a restart and found again by reading."""

    is_started: bool = False
    started_at: datetime | None = None
    names: Names = field(default_factory=Names)
    listings_at: datetime | None = None
    universe_day: date | None = None
    holdings_at: datetime | None = None
    reports_at: datetime | None = None
    account: dict[Symbol, Holding[Krw]] = field(default_factory=dict)
    strangers: tuple[OrderReport[Krw], ...] = ()  # orders of the last list that are not ours
    reports_from: date | None = None  # where that list begins
    balance: Balance | None = None  # that no list came after yet
    uncounted: Balance | None = None  # that is to be counted with a list some time after
    moving: set[Symbol] = field(default_factory=set)  # what orders of ours changed around it
    still: dict[Symbol, Still] = field(default_factory=dict)
    limited: dict[Symbol, datetime] = field(default_factory=dict)  # see sellable
    cash: Cash[Krw] | None = None
    cash_asked_at: datetime | None = None
    holdings: Call = field(default_factory=Call)
    reports: Call = field(default_factory=Call)
    cash_call: Call = field(default_factory=Call)
    prices: dict[Symbol, PriceCall] = field(default_factory=dict)
    sales: list[PendingSale] = field(default_factory=list)
    parked: list[OrderNotice[Krw]] = field(default_factory=list)
    paces: dict[str, Pace] = field(default_factory=dict)
    sweep_at: int = 0  # where in the universe the next thirty begin
    wants_charts: bool = True  # a name without one may have become a candidate
    is_connected: bool = False
    has_notices: bool = False
    watch: Watch | None = None
    watch_due: datetime | None = None
    needed: tuple[Symbol, ...] = ()  # what was registered as a must
    index_at: dict[Segment, datetime] = field(default_factory=dict)
    evaluated_at: datetime | None = None
    quota: Quota | None = None
    curves: dict[Symbol, VolumeCurve] = field(default_factory=dict)
    reconciled_at: datetime | None = None
    failed_reads: int = 0
    first_failed_at: datetime | None = None
    failing: set[FetchKind] = field(default_factory=set)
    hold_until: datetime | None = None
    vendor: Vendor = field(default_factory=Vendor)
    is_leaving: bool = False  # the program ends: nothing is entered any more


@dataclass(slots=True)
class State:
    """The desk's whole state, handed to the functions that decide."""

    settings: KrxSettings
    sessions: KrxSessionTable
    facilities: Facilities
    plan: Plan
    ids: str
    is_shadow: bool = False  # dry run: the account is beside KIS
    book: KrxBook = field(default_factory=KrxBook)
    run: Run = field(default_factory=Run)
    _today: tuple[datetime, datetime, date] | None = None
    _live: list[OwnOrder[Krw]] | None = None
    _session: tuple[date, KrxSession | None] | None = None

    @property
    def desk_state(self) -> DeskState:
        """The stricter of the two latches."""
        return DeskState.RUNNING if self.is_running else latches.desk_state(self.book)

    @property
    def day(self) -> DayRecord:
        """Today's record. Raises InvariantBroken before the first start."""
        if self.book.day is None:
            raise InvariantBroken("no day was begun")
        return self.book.day

    @property
    def is_running(self) -> bool:
        """Whether neither latch is set."""
        return self.book.user_latch is DeskState.RUNNING and not self.book.causes

    @property
    def is_ready(self) -> bool:
        """Whether the account was read since the start; nothing is entered before."""
        run = self.run
        return None not in (run.holdings_at, run.reports_at, run.cash)

    def today(self, now: datetime) -> date:
        """The date in Korea."""
        return self._span(now)[2]

    def _span(self, now: datetime) -> tuple[datetime, datetime, date]:
        """Asked for all the time, so the last day is kept with its ends."""
        known = self._today
        if known is None or not known[0] <= now < known[1]:
            day = kst_date(now)
            begins, ends = kst(day, time(0)), kst(day + timedelta(days=1), time(0))
            self._today = known = begins, ends, day
        return known

    def session(self, now: datetime) -> KrxSession | None:
        """Today's session, None when the exchange is closed."""
        today = self.today(now)
        if self._session is None or self._session[0] != today:
            self._session = today, self.sessions.session_on(today)
        return self._session[1]

    def forget_session(self) -> None:
        """Hours or confirmed days changed."""
        self._session = None

    def apply_settings(self, settings: KrxSettings) -> None:
        """Take new settings; hours and the plan follow, a new universe with the next list."""
        old, self.settings = self.settings, settings
        self.sessions.use(settings)
        self.forget_session()
        self.make_plan()
        if (old.universe, old.locks) != (settings.universe, settings.locks):
            self.run.universe_day = None
        if old.stages != settings.stages:
            self._chart_anew()

    def _chart_anew(self) -> None:
        """Levels and averages by other settings need the charts again."""
        self.run.wants_charts = True
        for name in self.run.names.by_symbol.values():
            name.levels_until = name.charts_asked_at = None
            name.is_charted = name.has_range = False
            ends_at = name.range.opens_at + timedelta(
                minutes=self.settings.stages.opening_range_min
            )
            name.range = OpeningRange(name.range.opens_at, ends_at)

    def make_plan(self) -> None:
        """Count the calls anew for the universe of today."""
        size = len(self.run.names.by_symbol)
        self.plan = scan_plan.plan(self.settings.scan, self.facilities, universe=size)

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

    def revive(self) -> None:
        """An order that had ended is alive again."""
        self._live = None

    def live(
        self, symbol: Symbol | None = None, side: Side | None = None
    ) -> Iterator[OwnOrder[Krw]]:
        """Own orders that are not at their end; what ended is not looked at again."""
        if self._live is None:
            self._live = list(self.book.orders.values())
        if any(order.state.is_final for order in self._live):
            self._live = [order for order in self._live if not order.state.is_final]
        for order in self._live:
            intent = order.intent
            if order.state.is_final or (symbol is not None and intent.symbol != symbol):
                continue
            if side is None or intent.side is side:
                yield order

    def add_order(self, intent: OrderIntent[Krw], avg_cost: Krw, now: datetime) -> None:
        """Enter a decided order; it counts as live from here on."""
        order = blotter.add_order(self.book.orders, intent, avg_cost, now, self.today(now))
        # Another branch may give the same number again, so only what looks alike is kept.
        rows = self.run.strangers
        alike = (row for row in rows if blotter.is_alike(order, row, blotter.WORST_CLOCK))
        order.known = [row.broker_order_no for row in alike]
        self._live = None

    def count_of(self, symbol: Symbol) -> Count | None:
        """What the account held when it was counted, and our executions since."""
        book = self.book
        missing = Count(0, book.counted_on, 0, 0) if book.counted_on is not None else None
        return book.counts.get(symbol, missing)

    def count_fill(self, symbol: Symbol, qty: int) -> None:
        """An execution of ours changed the account; ``qty`` is negative for a sale."""
        if (count := self.count_of(symbol)) is not None:
            self.book.counts[symbol] = replace(count, qty=count.qty + qty)
        self.run.moving.add(symbol)  # the balance that waits may show it, or not

    def free_qty(self, position: KrxPosition) -> int:
        """Shares no sell order of ours holds."""
        tied = sum(order.left_qty for order in self.live(position.symbol, Side.SELL))
        return max(0, position.qty - tied)

    def is_in_doubt(self, symbol: Symbol) -> bool:
        """Whether an order of the symbol has no known outcome."""
        return any(order.is_doubtful for order in self.live(symbol))

    def is_unresolved(self, symbol: Symbol) -> bool:
        """Whether an order of the symbol was sent, and no answer came in time."""
        return any(order.state is OrderState.UNRESOLVED for order in self.live(symbol))

    def first_report_day(self, now: datetime) -> date:
        """How far back the broker's list is read: to yesterday, or the oldest open order."""
        return min([self.today(now) - timedelta(days=1), *(order.day for order in self.live())])

    def is_due(self, what: str, now: datetime, every: timedelta) -> bool:
        """Whether a paced read is due; saying so counts as having asked."""
        pace = self.run.paces.setdefault(what, Pace())
        if pace.due is not None and now < pace.due:
            return False
        pace.due = now + every
        return True

    def price_of(self, symbol: Symbol) -> Krw | None:
        """The newest price of a name, else what the account showed."""
        name = self.run.names.get(symbol)
        if name is not None and name.price is not None:
            return name.price
        held = self.run.account.get(symbol)
        return held.last_price if held is not None else None

    def kind_of(self, symbol: Symbol) -> SecurityKind:
        """What is taxed and has which ticks; an unknown name is taken for a share."""
        listing = self.run.names.listings.get(symbol)
        return listing.kind if listing is not None else SecurityKind.COMMON

    def name_of(self, symbol: Symbol) -> str:
        """What people call it."""
        listing = self.run.names.listings.get(symbol)
        if listing is not None:
            return listing.name
        position = self.book.positions.get(symbol)
        return position.name if position is not None else symbol


def instrument_of(name: Name | KrxPosition) -> Instrument:
    """Where it trades: KRX is our venue, not NXT and not the router between them."""
    if isinstance(name, KrxPosition):
        return Instrument(name.symbol, Exchange.KRX, name.name)
    return Instrument(name.symbol, Exchange.KRX, name.listing.name)
