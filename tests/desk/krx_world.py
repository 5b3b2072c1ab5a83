"""A scripted Korean market and account around a desk: from event to event, no task, no sleep."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from sys import maxsize
from typing import Any, TypeVar

from engine.desk.krx.book import KrxPosition
from engine.desk.krx.desk import KrxDesk
from engine.model.account import Cash, Holding
from engine.model.candles import DayCandle, MinuteCandle
from engine.model.commands import Command, CommandAnswered, Refusal
from engine.model.entry_facts import Phase
from engine.model.events import (
    CancelAnswered,
    CashSeen,
    ClockJumped,
    CommandGiven,
    Event,
    FetchFailed,
    FetchKind,
    HoldingsSeen,
    NoticeSeen,
    PlaceAnswered,
    ReportsSeen,
    Started,
    StreamChanged,
    StreamState,
    TickSeen,
    WakeUp,
)
from engine.model.facts import Fact
from engine.model.fills import NoticeKind, OrderNotice
from engine.model.ids import BrokerOrderNo, ClientOrderId, CommandId, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.intents import (
    Cancel,
    FetchCash,
    FetchDayCandles,
    FetchHoldings,
    FetchIndex,
    FetchListings,
    FetchMinuteCandles,
    FetchOpenDays,
    FetchPrice,
    FetchRanking,
    FetchReports,
    FetchRows,
    FetchState,
    Intent,
    Place,
    Watch,
)
from engine.model.krx_settings import KrxSettings
from engine.model.listing import Listing, SecurityKind, Segment
from engine.model.market_events import (
    DayCandlesSeen,
    Facilities,
    IndexSeen,
    ListingsSeen,
    MarketRow,
    MinuteCandlesSeen,
    OpenDaysSeen,
    OperationSeen,
    Ranking,
    RowsSeen,
    StateSeen,
)
from engine.model.money import Krw
from engine.model.orders import (
    Accepted,
    OrderKind,
    OrderReport,
    OutcomeUnknown,
    PlaceAnswer,
    Rejected,
    Side,
)
from engine.model.quota import NO_CAP, Quota
from engine.model.quotes import DayFigures, QuoteSource, Tick
from engine.rules.krx.price_steps import band, is_on_tick, step_up
from engine.rules.krx.sessions import SEOUL, KrxSessionTable, kst_date
from engine.rules.krx.universe import find

LATENCY = timedelta(milliseconds=200)
BRANCH, APP_BRANCH = "06010", "00950"
DAY = date(2026, 3, 10)
A, B, C = Symbol("000100"), Symbol("000200"), Symbol("000300")
F = TypeVar("F", bound=Fact[Any])
BASE = 10_000  # yesterday's close of every stock; its high was 10,100


def kst(text: str, day: date = DAY) -> datetime:
    """A Korean time of the test day."""
    return SEOUL.localize(datetime.combine(day, time.fromisoformat(text))).astimezone(UTC)


def krw(amount: int | str) -> Krw:
    return Krw(Decimal(amount))


def listing(symbol: str, **changes: Any) -> Listing:
    """A liquid ordinary share."""
    made = Listing(
        symbol=Symbol(symbol),
        name=f"주식{symbol}",
        segment=Segment.KOSPI,
        kind=SecurityKind.COMMON,
        base_price=krw(BASE),
        prev_volume=1_000_000,
        shares=10_000_000,
        market_cap=krw(100_000_000_000),
        listed_on=date(2010, 1, 4),
        is_halted=False,
        is_managed=False,
        is_liquidation=False,
        warning="00",
        is_overheated=False,
    )
    return replace(made, **changes)


@dataclass
class Booked:
    """An order at the broker."""

    report: OrderReport[Krw]
    kind: OrderKind


@dataclass
class KrxWorld:
    """Answers a desk's intents from a scripted market; broken on purpose by its switches."""

    now: datetime = field(default_factory=lambda: kst("08:20:00"))
    settings: KrxSettings = field(default_factory=KrxSettings)
    cash: int = 10_000_000
    unsettled: int = 0  # in the account, and not to be ordered with
    symbols: tuple[Symbol, ...] = (A, B, C)
    facilities: Facilities = field(
        default_factory=lambda: Facilities(frozenset(Ranking), 30, has_open_days=True)
    )
    has_notices: bool = True
    has_quotes: bool = True
    fills_orders: bool = True  # what reaches the other side is executed
    fill_part: int | None = None  # shares of the next match
    place_answers: list[str] = field(default_factory=list)  # see _place
    cancel_answers: list[str] = field(default_factory=list)
    failing: set[FetchKind] = field(default_factory=set)
    silent: set[FetchKind] = field(default_factory=set)  # asked, and never answered
    drops_notices: bool = False
    doubles_notices: bool = False
    notices_after: timedelta = LATENCY / 4
    index_pct: dict[Segment, str] = field(
        default_factory=lambda: {Segment.KOSPI: "0.8", Segment.KOSDAQ: "0.8"}
    )
    strength: str | None = "160"
    open_days: dict[date, bool] = field(default_factory=dict)
    quota: Quota = field(default_factory=lambda: Quota(0, 0, NO_CAP, NO_CAP, NO_CAP))

    def __post_init__(self) -> None:
        self.sessions = KrxSessionTable(self.settings)
        self.desk = KrxDesk(self.settings, self.sessions, self.facilities)
        self.listings = {symbol: listing(symbol) for symbol in self.symbols}
        self.shares: dict[Symbol, int] = {}
        self.by_hand: dict[Symbol, int] = {}
        self.costs: dict[Symbol, Krw] = {}  # what the account says, where it is wrong
        self.days: dict[Symbol, tuple[DayCandle, ...]] = {}
        self.ticks: dict[Symbol, Tick[Krw]] = {}
        self.orders: dict[BrokerOrderNo, Booked] = {}
        self.facts: list[tuple[datetime, Fact[Krw]]] = []
        self.intents: list[tuple[datetime, Intent[Krw]]] = []
        self.sent: list[ClientOrderId] = []
        self.watch = Watch((), notices=False)
        self.is_stream_up = True
        self.hidden: set[BrokerOrderNo] = set()  # not in the list of orders
        self.states: dict[Symbol, tuple[bool, bool]] = {}
        self.flows: list[Decimal] = []  # cash of each execution, without costs
        self._figures: dict[Symbol, DayFigures[Krw]] = {}
        self._volume: dict[Symbol, int] = {}
        self._heap: list[tuple[datetime, int, Callable[[], None]]] = []
        self._serial = iter(range(maxsize))
        self._market: set[Callable[[], None]] = set()
        self._jumps = 0
        self._seen: set[type[Any]] = set()
        self._numbers = iter(range(1000, maxsize))
        self._commands = iter(range(1, maxsize))
        self._wake: datetime | None = None

    # -- what a test says

    def start(self) -> None:
        self.give(Started())

    def restart(self, snapshot: Mapping[str, object] | None = None) -> None:
        """The process dies now: what was on its way comes to nobody."""
        snapshot = self.desk.snapshot() if snapshot is None else snapshot
        self._heap = [entry for entry in self._heap if entry[2] in self._market]
        heapq.heapify(self._heap)
        self.watch = Watch((), notices=False)
        self.sessions = KrxSessionTable(self.settings)
        self.desk = KrxDesk(self.settings, self.sessions, self.facilities, restored=snapshot)
        self._seen.clear()
        self.start()

    def price(
        self,
        symbol: Symbol,
        price: int,
        *,
        volume: int = 1_000,
        bid: int | None = -1,
        ask: int | None = -1,
        **flags: bool,
    ) -> None:
        """A trade now: matched against open orders, streamed where watched.

        ``bid`` and ``ask`` are the price and a tick more unless given; None: nobody is there.
        """
        tick = self._trade(symbol, price, volume, bid, ask, flags)
        self._match(symbol)
        if symbol in self.watched() and self.is_stream_up and self.has_quotes:
            self.give(TickSeen(tick))

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        """Have the market do something later."""

        def market() -> None:
            act()

        self._market.add(market)
        self._push(moment, market)

    def buy_by_hand(self, symbol: Symbol, qty: int, *, filled: int | None = None) -> None:
        """In the broker's app; ``filled``: of an order that waits for the rest."""
        self._by_hand(symbol, Side.BUY, qty, BASE if filled is None else BASE * 8 // 10)
        if filled != 0:
            self.fill_by_hand(self.number_of(), qty if filled is None else filled)

    def sell_by_hand(
        self, symbol: Symbol, qty: int, *, filled: int | None = None, are_his: bool = False
    ) -> None:
        """Shares of the desk unless they ``are_his``, in the broker's app."""
        self._by_hand(symbol, Side.SELL, qty, BASE if filled is None else BASE * 12 // 10)
        if filled != 0:
            some = qty if filled is None else filled
            self.fill_by_hand(self.number_of(), some, are_his=are_his)

    def fill_by_hand(self, number: BrokerOrderNo, qty: int, *, are_his: bool = False) -> None:
        """More of an order of the trader's is executed, whenever it was typed."""
        booked = self.orders[number]
        report, symbol = booked.report, booked.report.symbol
        if report.side is Side.BUY or are_his:
            sign = 1 if report.side is Side.BUY else -1
            self.by_hand[symbol] = self.by_hand.get(symbol, 0) + sign * qty
        else:
            self.shares[symbol] -= qty
        filled, left = report.filled_qty + qty, report.open_qty - qty
        booked.report = replace(report, filled_qty=Qty(filled), open_qty=Qty(left))
        told = (symbol, report.side, qty, krw(BASE), report.order_qty)
        self._notice(number, *told, branch=report.branch)

    def _by_hand(self, symbol: Symbol, side: Side, qty: int, limit: int) -> None:
        number = self._number()
        report = self._report(number, symbol, side, qty, krw(limit), by_api=False)
        self.orders[number] = Booked(report, OrderKind.LIMIT)

    def command(self, command: Command) -> CommandId:
        command_id = CommandId(f"c{next(self._commands)}")
        self.give(CommandGiven(command_id, command))
        return command_id

    def halt(self, symbol: Symbol, *, is_halted: bool = False, has_vi: bool = False) -> None:
        self.states[symbol] = (is_halted, has_vi)
        if symbol in self.watched():
            self.give(OperationSeen(symbol, is_halted, has_vi, self.now))

    def run_until(self, moment: datetime) -> None:
        """Deliver everything up to ``moment``."""
        while True:
            due = self._heap[0][0] if self._heap else None
            wake = self._wake
            if wake is not None and wake <= moment and (due is None or wake < due):
                self.now = max(self.now, wake)
                self._wake = None
                self.give(WakeUp())
            elif due is not None and due <= moment:
                at, _, act = heapq.heappop(self._heap)
                self.now = max(self.now, at)
                act()
            else:
                self.now = moment
                return

    def run_for(self, seconds: float) -> None:
        self.run_until(self.now + timedelta(seconds=seconds))

    def jump(self, to: datetime) -> None:
        """Market time moves by itself; what was read or asked for before comes to nobody."""
        before, self.now = self.now, to
        self._jumps += 1
        waiting, self._heap = self._heap, []
        for due, _, act in sorted(waiting, key=lambda entry: entry[:2]):
            self._push(due if act in self._market else due + (to - before), act)
        self.give(ClockJumped(before, to))

    def drop_stream(self, reason: str = "dropped") -> None:
        self.is_stream_up = False
        self.give(
            StreamChanged(
                StreamState.DISCONNECTED, has_notices=False, has_quotes=False, reason=reason
            )
        )

    def raise_stream(self) -> None:
        self.is_stream_up = True
        self._announce_stream()

    def give(self, event: Event[Krw]) -> None:
        """Hand an event to the desk and carry out what follows."""
        self._seen.add(type(event))
        outcome = self.desk.handle(event, self.now)
        self._wake = outcome.wake_at
        assert self._wake is None or self._wake > self.now
        self.facts += [(self.now, fact) for fact in outcome.facts]
        for intent in outcome.intents:
            self.intents.append((self.now, intent))
            self._carry_out(intent)

    # -- what a test asks

    def wake(self) -> datetime:
        """When the desk wants to be woken."""
        assert self._wake is not None
        return self._wake

    def told(self, kind: type[F]) -> list[F]:
        return [fact for _, fact in self.facts if isinstance(fact, kind)]

    def refusal_of(self, command_id: CommandId) -> Refusal | None:
        (answer,) = (f for f in self.told(CommandAnswered) if f.command_id == command_id)
        return answer.refusal

    def placed(self, side: Side | None = None) -> list[Place[Krw]]:
        found = [intent for _, intent in self.intents if isinstance(intent, Place)]
        return [place for place in found if side in (None, place.order.side)]

    def cancels(self) -> list[Cancel]:
        return [intent for _, intent in self.intents if isinstance(intent, Cancel)]

    def fetched(self, kind: type[Any]) -> list[datetime]:
        return [at for at, intent in self.intents if isinstance(intent, kind)]

    def watched(self) -> set[Symbol]:
        return {instrument.symbol for instrument in self.watch.instruments}

    def position(self, symbol: Symbol = A) -> KrxPosition:
        return self.desk._state.book.positions[symbol]

    @property
    def positions(self) -> dict[Symbol, KrxPosition]:
        return self.desk._state.book.positions

    @property
    def phase(self) -> Phase:
        return self.desk.view(self.now).phase

    def number_of(self, index: int = -1) -> BrokerOrderNo:
        """The broker's number of an order, the newest unless told otherwise."""
        return list(self.orders)[index]

    # -- the broker's side

    def fill(self, number: BrokerOrderNo, qty: int, price: int | None = None) -> None:
        """Execute so many shares of an order."""
        report = self.orders[number].report
        at = krw(price) if price is not None else report.limit or krw(BASE)
        before = report.avg_price * report.filled_qty if report.avg_price else krw(0)
        filled = report.filled_qty + qty
        self.orders[number].report = replace(
            report,
            filled_qty=Qty(filled),
            open_qty=Qty(report.open_qty - qty),
            avg_price=Krw((before + at * qty).amount / filled),
        )
        sign = 1 if report.side is Side.BUY else -1
        self.shares[report.symbol] = self.shares.get(report.symbol, 0) + sign * qty
        assert self.shares[report.symbol] >= 0, "oversold"
        self.cash -= sign * int(at.amount) * qty
        self.flows.append(-sign * at.amount * qty)
        assert self.cash >= 0, "more bought than paid for"
        self._notice(number, report.symbol, report.side, qty, at, report.order_qty)

    def end_orders(self) -> None:
        """The exchange ends what is open."""
        for order in self.orders.values():
            order.report = replace(order.report, open_qty=Qty(0))

    def _carry_out(self, intent: Intent[Krw]) -> None:
        match intent:
            case Place():
                self._place(intent)
            case Cancel():
                self._cancel(intent)
            case Watch():
                self._set_watch(intent)
            case FetchPrice():
                self._fetch(FetchKind.PRICE, self._price_of(intent), intent.instrument.symbol)
            case FetchHoldings():
                self._fetch(FetchKind.HOLDINGS, self._holdings())
            case FetchReports(_, since):
                self._fetch(FetchKind.REPORTS, self._reports(since))
            case FetchCash():
                self._fetch(FetchKind.CASH, self._cash())
            case _:
                kind, event = self._market_read(intent)
                self._fetch(kind, event)

    def _fetch(
        self, kind: FetchKind, event: Event[Krw] | None, symbol: Symbol | None = None
    ) -> None:
        """Answered a little later, with what was so when it was asked."""
        if kind in self.silent:
            return
        if event is None or kind in self.failing:
            event = FetchFailed(kind, "no answer", False, self.quota, symbol)
        self._later(partial(self._answer, event, self._jumps))

    def _answer(self, event: Event[Krw], asked_in: int) -> None:
        if asked_in == self._jumps:
            self.give(event)

    def _market_read(self, intent: Intent[Krw]) -> tuple[FetchKind, Event[Krw] | None]:
        match intent:
            case FetchListings():
                found = ListingsSeen(tuple(self.listings.values()), kst_date(self.now))
                return FetchKind.LISTINGS, found
            case FetchOpenDays():
                return FetchKind.OPEN_DAYS, OpenDaysSeen(tuple(self.open_days.items()))
            case FetchRanking(ranking):
                return FetchKind.RANKING, RowsSeen(self.rows(self.symbols), ranking, self.now)
            case FetchRows(symbols):
                return FetchKind.ROWS, RowsSeen(self.rows(symbols), None, self.now)
            case FetchDayCandles(symbol):
                return FetchKind.DAY_CANDLES, DayCandlesSeen(symbol, self._candles(symbol))
            case FetchMinuteCandles():
                return FetchKind.MINUTE_CANDLES, self._minutes(intent)
            case FetchIndex(segment):
                return FetchKind.INDEX, self._index(segment)
            case FetchState(symbol):
                return FetchKind.STATE, self._state(symbol)
            case _:
                raise AssertionError(intent)

    def rows(self, symbols: tuple[Symbol, ...]) -> tuple[MarketRow, ...]:
        """What a scan would show of them now."""
        rows: list[MarketRow] = []
        for symbol in symbols:
            tick = self.ticks.get(symbol)
            if tick is not None and tick.day is not None:
                rows.append(
                    MarketRow(
                        symbol,
                        tick.price,
                        open=tick.day.open,
                        high=tick.day.high,
                        low=tick.day.low,
                        bid=tick.bid,
                        ask=tick.ask,
                        cum_volume=tick.cum_volume,
                        cum_value=tick.day.cum_value,
                        strength=tick.day.strength,
                    )
                )
        return tuple(rows)

    def _candles(self, symbol: Symbol) -> tuple[DayCandle, ...]:
        """Thirty quiet days up to yesterday, slowly rising."""
        if symbol in self.days:
            return self.days[symbol]
        first = kst_date(self.now) - timedelta(days=30)
        return tuple(
            DayCandle(
                first + timedelta(days=i),
                krw(9_900 + i),
                krw(10_100),
                krw(9_800),
                krw(9_950 + i if i < 29 else BASE),
                1_000_000,
            )
            for i in range(30)
        )

    def _minutes(self, intent: FetchMinuteCandles) -> MinuteCandlesSeen:
        opens = kst("09:00:00", kst_date(self.now))
        candle = MinuteCandle(opens, krw(BASE), krw(10_050), krw(9_950), krw(10_000), 5_000)
        return MinuteCandlesSeen(intent.symbol, (candle,) if opens < intent.until else ())

    def _index(self, segment: Segment) -> IndexSeen | None:
        pct = self.index_pct.get(segment)
        if pct is None:
            return None
        return IndexSeen(segment, 1000 + 10 * Decimal(pct), Decimal(1000), self.now)

    def _state(self, symbol: Symbol) -> StateSeen:
        base = krw(BASE)
        lower, upper = band(base, kst_date(self.now), SecurityKind.COMMON)
        halted, vi = self.states.get(symbol, (False, False))
        return StateSeen(symbol, base, upper, lower, halted, vi, self.now)

    def _price_of(self, intent: FetchPrice) -> Event[Krw] | None:
        tick = self.ticks.get(intent.instrument.symbol)
        if tick is None:
            return None
        return TickSeen(replace(tick, at=self.now, source=QuoteSource.PRICE))

    def _holdings(self) -> HoldingsSeen[Krw]:
        rows = []
        for symbol in sorted({*self.shares, *self.by_hand}):
            ours, theirs = self.shares.get(symbol, 0), self.by_hand.get(symbol, 0)
            tick = self.ticks.get(symbol)
            if ours + theirs:
                rows.append(
                    Holding(
                        symbol,
                        Exchange.KRX,
                        f"주식{symbol}",
                        Qty(ours + theirs),
                        Qty(ours + theirs - self._open_sells(symbol)),
                        self.costs.get(symbol) or self._paid(symbol),
                        tick.price if tick is not None else None,
                    )
                )
        return HoldingsSeen(tuple(rows), self.now, self.quota)

    def _paid(self, symbol: Symbol) -> Krw:
        """The average of all that was ever bought."""
        rows = [order.report for order in self.orders.values() if order.report.symbol == symbol]
        bought = [row for row in rows if row.side is Side.BUY and row.filled_qty]
        qty = sum(row.filled_qty for row in bought)
        amounts = ((row.avg_price or krw(BASE)).amount * row.filled_qty for row in bought)
        paid = sum(amounts, Decimal(0))
        return Krw(paid / qty) if qty else krw(BASE)

    def _reports(self, since: date | None) -> ReportsSeen[Krw]:
        first = since or kst_date(self.now) - timedelta(days=1)
        shown = (order for number, order in self.orders.items() if number not in self.hidden)
        found = (order.report for order in shown)
        rows = tuple(r for r in found if kst_date(r.ordered_at or self.now) >= first)
        return ReportsSeen(rows, self.now, self.quota)

    def _cash(self) -> CashSeen[Krw]:
        tied = sum(
            int((order.report.limit or krw(0)).amount) * order.report.open_qty
            for order in self.orders.values()
            if order.report.side is Side.BUY
        )
        deposit = krw(self.cash + self.unsettled)
        return CashSeen(Cash(self.now, deposit, krw(max(0, self.cash - tied)), None))

    def _place(self, intent: Place[Krw]) -> None:
        order = intent.order
        assert order.client_order_id not in self.sent, "sent twice"
        read = {HoldingsSeen, ReportsSeen, CashSeen} <= self._seen
        assert read or order.side is Side.SELL, "entered before the account was read"
        self.sent.append(order.client_order_id)
        how = self.place_answers.pop(0) if self.place_answers else ""
        if how != "too_many":
            self._check(intent)
        answer: PlaceAnswer
        if how == "waiting":
            return  # still in the limiter: the broker knows nothing of it
        if how == "lost":
            answer = OutcomeUnknown("reset")
        elif how.startswith("reject"):
            answer = Rejected(how.partition(":")[2] or "APBK0000", "refused")
        elif how == "too_many":
            answer = Rejected("APBK0400", "주문 가능한 수량을 초과했습니다.")
        else:
            number = self._number()
            report = self._report(
                number, order.symbol, order.side, order.qty, order.limit, by_api=True
            )
            if order.kind is OrderKind.MARKET:
                report = replace(report, limit=None)
            self.orders[number] = Booked(report, order.kind)
            is_unclear = how in ("live_unknown", "hidden")
            answer = OutcomeUnknown("timeout") if is_unclear else Accepted(number, BRANCH)
            if how == "hidden":
                self.hidden.add(number)
            self.at(self.now + LATENCY / 2, lambda: self._match(order.symbol))
        if how != "silent":
            self._later(lambda: self.give(PlaceAnswered(order.client_order_id, answer)))

    def _check(self, intent: Place[Krw]) -> None:
        """What KRX and the broker would refuse; nothing of it may ever be sent."""
        order, today = intent.order, kst_date(self.now)
        assert is_on_tick(order.limit, today, SecurityKind.COMMON), order.limit
        lower, upper = band(krw(BASE), today, SecurityKind.COMMON)
        assert lower <= order.limit <= upper, order.limit
        session = self.sessions.session_on(today)
        assert session is not None, "the exchange is closed"
        assert session.open <= self.now < session.close, "outside the session"
        if order.side is Side.SELL:
            held = self.shares.get(order.symbol, 0)
            assert order.qty <= held - self._open_sells(order.symbol), "more than is free"

    def _cancel(self, intent: Cancel) -> None:
        how = self.cancel_answers.pop(0) if self.cancel_answers else ""
        order = self.orders.get(intent.order.broker_order_no)
        answer: PlaceAnswer = Accepted(self._number())
        if how == "refuse" or order is None:
            answer = Rejected("APBK0344", "cannot")
        elif how == "fill_first":
            self.fill(intent.order.broker_order_no, order.report.open_qty)
        elif how != "unheard":
            order.report = replace(order.report, open_qty=Qty(0))
        order_id = intent.order.client_order_id
        self._later(lambda: self.give(CancelAnswered(order_id, answer)))

    def _match(self, symbol: Symbol) -> None:
        tick = self.ticks.get(symbol)
        if tick is None or not self.fills_orders:
            return
        for number, order in list(self.orders.items()):
            report = order.report
            if report.symbol != symbol or not report.open_qty:
                continue
            price = self._deal(order, tick)
            if price is not None:
                part = min(report.open_qty, self.fill_part or report.open_qty)
                self.fill_part = None
                self.fill(number, part, int(price.amount))

    def _deal(self, order: Booked, tick: Tick[Krw]) -> Krw | None:
        """At what price the order executes now; None: it waits."""
        is_buy = order.report.side is Side.BUY
        if tick.day is not None and (tick.day.is_halted or tick.day.has_vi):
            return None
        if order.kind is OrderKind.MARKET:
            return tick.price
        shown, limit = tick.ask if is_buy else tick.bid, order.report.limit
        if shown is None or limit is None:
            return None
        return shown if (shown <= limit if is_buy else shown >= limit) else None

    def _trade(
        self,
        symbol: Symbol,
        price: int,
        volume: int,
        bid: int | None,
        ask: int | None,
        flags: Mapping[str, bool],
    ) -> Tick[Krw]:
        at = krw(price)
        before = self._figures.get(symbol)
        if before is None or kst_date(self.ticks[symbol].at) != kst_date(self.now):
            before = DayFigures(at, at, at, krw(0), None)
            self._volume[symbol] = 0
        self._volume[symbol] += volume
        figures: DayFigures[Krw] = DayFigures(
            before.open,
            max(before.high or at, at),
            min(before.low or at, at),
            (before.cum_value or krw(0)) + at * volume,
            None if self.strength is None else Decimal(self.strength),
            **flags,
        )
        self._figures[symbol] = figures
        above = step_up(at, 1, kst_date(self.now), SecurityKind.COMMON)
        tick = Tick(
            symbol,
            self.now,
            at,
            QuoteSource.STREAM,
            at if bid == -1 else None if bid is None else krw(bid),
            above if ask == -1 else None if ask is None else krw(ask),
            self._volume[symbol],
            krw(BASE),
            figures,
        )
        self.ticks[symbol] = tick
        return tick

    def _report(
        self,
        number: BrokerOrderNo,
        symbol: Symbol,
        side: Side,
        qty: int,
        limit: Krw,
        *,
        by_api: bool,
    ) -> OrderReport[Krw]:
        return OrderReport(
            number,
            None,
            symbol,
            Exchange.KRX,
            side,
            Qty(qty),
            Qty(0),
            Qty(qty),
            None,
            limit,
            self.now,
            False,
            "",
            by_api,
            branch=BRANCH if by_api else APP_BRANCH,
        )

    def _number(self) -> BrokerOrderNo:
        return BrokerOrderNo(str(next(self._numbers)))

    def _open_sells(self, symbol: Symbol) -> int:
        return sum(
            order.report.open_qty
            for order in self.orders.values()
            if order.report.symbol == symbol and order.report.side is Side.SELL
        )

    def notice(
        self, number: BrokerOrderNo, symbol: Symbol, side: Side, qty: int, price: Krw, of: int
    ) -> OrderNotice[Krw]:
        key = f"{number}/{self.now.isoformat()}/{qty}"
        what = (symbol, side, Qty(qty), price, Qty(of))
        return OrderNotice(NoticeKind.FILL, number, None, *what, self.now, key, BRANCH)

    def _notice(
        self,
        number: BrokerOrderNo,
        symbol: Symbol,
        side: Side,
        qty: int,
        price: Krw,
        of: int,
        *,
        branch: str = BRANCH,
    ) -> None:
        streams = self.watch.notices and self.is_stream_up and self.has_notices
        if not streams or self.drops_notices:
            return
        notice = replace(self.notice(number, symbol, side, qty, price, of), branch=branch)
        for _ in range(2 if self.doubles_notices else 1):
            self._push(self.now + self.notices_after, lambda: self.give(NoticeSeen(notice)))

    def _set_watch(self, watch: Watch) -> None:
        was_wanted = self.watch.notices
        self.watch = watch
        if watch.notices and not was_wanted:
            self._later(self._announce_stream)

    def _announce_stream(self) -> None:
        if self.is_stream_up and self.watch.notices:
            self.give(
                StreamChanged(
                    StreamState.CONNECTED, has_notices=self.has_notices, has_quotes=self.has_quotes
                )
            )

    def _later(self, act: Callable[[], None]) -> None:
        self._push(self.now + LATENCY, act)

    def _push(self, moment: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (moment, next(self._serial), act))


def named(world: KrxWorld, text: str) -> tuple[Listing, ...]:
    """Which listed names a text means, as the chat resolves them."""
    return find(world.desk.listings().values(), text)


_OPENED: list[tuple[object, KrxWorld]] = []  # played once, since half of all tests begin there


def opened(kind: type[KrxWorld] | None = None, **changes: Any) -> KrxWorld:
    """A world in the phase of entries: every stock opened at 10,000 and ranged up to 10,050."""
    wanted = kind, changes
    known = next((world for key, world in _OPENED if key == wanted), None)
    if known is None:
        known = newly_opened(kind, **changes)
        if any(isinstance(value, list | set | dict) for value in changes.values()):
            return known  # what it was made with changes as it is played
        _OPENED.append((wanted, known))
    constant = (known.settings, known.sessions, known.facilities)
    return deepcopy(known, {id(part): part for part in constant})


def newly_opened(kind: type[KrxWorld] | None = None, **changes: Any) -> KrxWorld:
    """The same, played and not copied."""
    world = (kind or KrxWorld)(**changes)
    world.start()
    world.run_until(kst("09:00:01"))
    for symbol in world.symbols:
        world.price(symbol, BASE, volume=300_000)
    world.run_until(kst("09:02:00"))
    for symbol in world.symbols:
        world.price(symbol, 10_050, volume=1_000)
    world.run_until(kst("09:05:30"))
    return world


def opened_late(**changes: Any) -> KrxWorld:
    """As ``opened``, in a program that was started half an hour before the close."""
    world = KrxWorld(now=kst("14:58:00"), **changes)
    world.start()
    for symbol in world.symbols:
        world.price(symbol, 10_050, volume=5_000_000)
    world.run_until(kst("15:00:00"))
    return world


def entered(world: KrxWorld | None = None, **changes: Any) -> KrxWorld:
    """A world that holds A, bought at 10,210 after all its levels were broken."""
    world = world or opened(**changes)
    world.price(A, 10_200)
    world.run_for(1)
    assert world.position().qty > 0
    return world
