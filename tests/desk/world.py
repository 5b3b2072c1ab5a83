"""A scripted market and account around a desk: from event to event, no task, no sleep."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from operator import itemgetter
from typing import TypeVar

from engine.desk.us.desk import UsDesk
from engine.model.account import Cash, Holding
from engine.model.commands import Command
from engine.model.day_facts import Window
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
    FetchHoldings,
    FetchPrice,
    FetchReports,
    Intent,
    Place,
    Watch,
)
from engine.model.money import FxRate, Usd
from engine.model.orders import (
    Accepted,
    OrderReport,
    OutcomeUnknown,
    PlaceAnswer,
    Rejected,
    Side,
)
from engine.model.quota import Priority, Quota
from engine.model.quotes import QuoteSource, Tick
from engine.model.settings import UsSettings
from engine.rules.rate_limit import refusal
from engine.rules.safety import BLIND_FOR
from engine.rules.sessions import NEW_YORK, SessionTable, exchange_date

LATENCY = timedelta(milliseconds=200)
F = TypeVar("F", bound=Fact)


def et(text: str, day: str = "2026-03-10") -> datetime:
    """A New York time of the test day."""
    return NEW_YORK.localize(datetime.fromisoformat(f"{day}T{text}")).astimezone(UTC)


def usd(text: str | int) -> Usd:
    return Usd(Decimal(text))


@dataclass
class Share:
    """What the account holds of a symbol."""

    qty: int
    cost: Usd
    exchange: Exchange | None = Exchange.NASD
    tied: int = 0


@dataclass
class BookedOrder:
    """An order at the broker."""

    report: OrderReport
    is_live: bool = True


@dataclass
class World:
    """Answers a desk's intents from a scripted market; broken on purpose by its switches."""

    now: datetime = field(default_factory=lambda: et("03:45:00"))
    settings: UsSettings = field(default_factory=UsSettings)
    sessions: SessionTable = field(default_factory=SessionTable)
    has_notices: bool = True
    has_quotes: bool = True
    has_book: bool = True
    frozen: dict[Symbol, Usd] = field(default_factory=dict)
    place_answers: list[str] = field(default_factory=list)  # see _place
    cancel_answers: list[str] = field(default_factory=list)
    failing: set[FetchKind] = field(default_factory=set)
    fill_part: int | None = None  # shares of the next order that are executed at once
    safe_per_day: int = 4500
    daily_limit: int = 5000
    drops_notices: bool = False

    def __post_init__(self) -> None:
        self.desk = UsDesk(self.settings, self.sessions)
        self.shares: dict[Symbol, Share] = {}
        self.ticks: dict[Symbol, Tick] = {}
        self.orders: dict[BrokerOrderNo, BookedOrder] = {}
        self.facts: list[tuple[datetime, Fact]] = []
        self.intents: list[tuple[datetime, Intent]] = []
        self.calls: list[tuple[datetime, str]] = []
        self.used: Counter[date] = Counter()
        self.volume: Counter[Symbol] = Counter()
        self.sent: list[ClientOrderId] = []
        self.watch = Watch((), notices=False)
        self.is_stream_up = True
        self._heap: list[tuple[datetime, int, Callable[[], None]]] = []
        self._serial = count()
        self._market: set[Callable[[], None]] = set()
        self._jumps = 0
        self._seen: set[type[Event]] = set()
        self.begun = self.now
        self._numbers = count(1000)
        self._wake: datetime | None = None
        self._commands = count(1)

    # -- what a test says

    def start(self) -> None:
        self.begun = self.now
        self.give(Started())

    def restart(self) -> None:
        """The process dies now: what was on its way comes to nobody."""
        snapshot = self.desk.snapshot()
        self._heap = [entry for entry in self._heap if entry[2] in self._market]
        heapq.heapify(self._heap)
        self.watch = Watch((), notices=False)
        self.desk = UsDesk(self.settings, self.sessions, restored=snapshot)
        self._seen.clear()
        self.start()

    def hold(self, symbol: str, qty: int, cost: str) -> None:
        self.shares[Symbol(symbol)] = Share(qty, usd(cost))

    def price(self, symbol: str, price: str, bid: str | None = None) -> None:
        """A trade now: streamed where watched, matched against open orders."""
        name = Symbol(symbol)
        best = usd(bid or price)
        self.volume[name] += 100
        tick = Tick(
            name,
            self.now,
            usd(price),
            QuoteSource.STREAM,
            bid=best,
            ask=Usd(best.amount + Decimal("0.01")),
            cum_volume=self.volume[name],
        )
        self.ticks[name] = tick
        self._match(name)
        if name in {i.symbol for i in self.watch.instruments} and self._streams(self.has_quotes):
            self.give(TickSeen(tick))

    def at(self, moment: datetime, act: Callable[[], None]) -> None:
        """Have the market do something later."""

        def market() -> None:
            act()

        self._market.add(market)
        self._push(moment, market)

    def buy(self, symbol: str, qty: int, price: str, *, by_api: bool = False) -> None:
        """The trader buys in the broker's app."""
        name = Symbol(symbol)
        share = self.shares.setdefault(name, Share(0, usd(price)))
        total = share.cost * share.qty + usd(price) * qty
        share.qty += qty
        share.cost = Usd((total.amount / share.qty).quantize(Decimal("0.0001")))
        number = self._book(name, Side.BUY, qty, usd(price), filled=qty, by_api=by_api)
        self._notice(number, name, Side.BUY, qty, usd(price), qty)

    def sell_elsewhere(self, symbol: str, qty: int, price: str) -> None:
        name = Symbol(symbol)
        self._take(name, qty)
        number = self._book(name, Side.SELL, qty, usd(price), filled=qty, by_api=False)
        self._notice(number, name, Side.SELL, qty, usd(price), qty)

    def command(self, command: Command) -> CommandId:
        command_id = CommandId(f"c{next(self._commands)}")
        self.give(CommandGiven(command_id, command))
        return command_id

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
        """Market time moves by itself; the market's own plans up to then are carried out first.

        As the runner does it: what was read or asked for before comes to nobody after it. Set
        back, the desk's clock was ahead and the broker's right: its records carry earlier times.
        """
        before, self.now = self.now, to
        self.begun = to
        self._jumps += 1
        self._seen.clear()
        waiting, self._heap = sorted(self._heap, key=itemgetter(0, 1)), []
        for due, _, act in waiting:
            is_ours = act not in self._market
            self._push(due + (to - before) if is_ours else due, act)
        for order in self.orders.values():
            at = order.report.ordered_at
            if at is not None and at > to:
                order.report = replace(order.report, ordered_at=at + (to - before))
        self.give(ClockJumped(before, to))

    def drop_stream(self) -> None:
        self.is_stream_up = False
        self.give(
            StreamChanged(
                StreamState.DISCONNECTED, has_notices=False, has_quotes=False, reason="dropped"
            )
        )

    def raise_stream(self) -> None:
        self.is_stream_up = True
        self._announce_stream()

    def give(self, event: Event) -> None:
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

    def told_at(self, kind: type[F]) -> list[datetime]:
        return [at for at, fact in self.facts if isinstance(fact, kind)]

    def placed(self) -> list[Place]:
        return [intent for _, intent in self.intents if isinstance(intent, Place)]

    def placed_at(self) -> list[datetime]:
        return [at for at, intent in self.intents if isinstance(intent, Place)]

    def cancels(self) -> list[Cancel]:
        return [intent for _, intent in self.intents if isinstance(intent, Cancel)]

    def calls_between(self, first: datetime, last: datetime, kind: str = "") -> int:
        return sum(first <= at < last and kind in name for at, name in self.calls)

    def window(self) -> Window:
        return self.desk.view(self.now).window

    def quota(self) -> Quota:
        hour = self.now.replace(second=0, microsecond=0) - timedelta(hours=1)  # by full minutes
        used = len(self.calls) - bisect_right(self.calls, hour, key=itemgetter(0))
        return Quota(
            used_today=self.used[exchange_date(self.now)],
            used_last_hour=used,
            safe_per_day=self.safe_per_day,
            safe_per_hour=self.settings.safe_per_hour,
            daily_limit=self.daily_limit,
        )

    # -- the broker's side

    def _carry_out(self, intent: Intent) -> None:
        match intent:
            case Place():
                self._count("order")
                self._place(intent)
            case Cancel():
                self._count("cancel")
                self._cancel(intent)
            case FetchHoldings():
                self._fetch(FetchKind.HOLDINGS, self._holdings, intent.priority)
            case FetchReports():
                self._fetch(
                    FetchKind.REPORTS, lambda at: self._reports(at, intent.since), intent.priority
                )
            case FetchCash():
                self._fetch(FetchKind.CASH, self._cash, intent.priority)
            case FetchPrice():
                self._fetch_price(intent)
            case Watch():
                self._set_watch(intent)

    def _count(self, name: str) -> None:
        self.calls.append((self.now, name))
        self.used[exchange_date(self.now)] += 1

    def _fetch(
        self, kind: FetchKind, answer: Callable[[datetime], Event], priority: Priority
    ) -> None:
        if self._is_refused(priority):
            self._answer(lambda: self._failed(kind, is_quota=True))
            return
        self._count(kind.value)
        asked_at = self.now
        if kind in self.failing:
            self._answer(lambda: self._failed(kind))
            return
        event = answer(asked_at)
        self._answer(lambda: self.give(event))

    def _is_refused(self, priority: Priority) -> bool:
        """Whether the caps let the call go out (``daily_limit``: exits and cancels only)."""
        return refusal(self.quota(), priority) is not None

    def _failed(
        self, kind: FetchKind, symbol: Symbol | None = None, *, is_quota: bool = False
    ) -> None:
        self.give(FetchFailed(kind, "no answer", is_quota, self.quota(), symbol))

    def _fetch_price(self, intent: FetchPrice) -> None:
        if self._is_refused(intent.priority):
            refused = intent.instrument.symbol
            self._answer(lambda: self._failed(FetchKind.PRICE, refused, is_quota=True))
            return
        self._count("price")
        if intent.with_book:
            self._count("book")
        symbol = intent.instrument.symbol
        tick = self.ticks.get(symbol)
        if tick is None or FetchKind.PRICE in self.failing:
            self._answer(lambda: self._failed(FetchKind.PRICE, symbol))
            return
        shows = intent.with_book and self.has_book
        seen = replace(
            tick,
            at=self.now,
            source=QuoteSource.PRICE,
            bid=tick.bid if shows else None,
            ask=tick.ask if shows else None,
        )
        self._answer(lambda: self.give(TickSeen(seen)))

    def _holdings(self, asked_at: datetime) -> Event:
        rows = []
        for symbol, share in self.shares.items():
            tick = self.ticks.get(symbol)
            shown = self.frozen.get(symbol, tick.price if tick else None)
            tied = share.tied + self.open_sells(symbol)
            if share.qty:
                rows.append(
                    Holding(
                        symbol,
                        share.exchange,
                        f"{symbol} Inc",
                        Qty(share.qty),
                        Qty(share.qty - tied),
                        share.cost,
                        shown,
                    )
                )
        return HoldingsSeen(tuple(rows), asked_at, self.quota())

    def _reports(self, asked_at: datetime, since: date | None = None) -> Event:
        """From ``since`` to today, from yesterday at the latest."""
        first = exchange_date(asked_at) - timedelta(days=1)
        first = first if since is None else min(first, since)
        reports = (order.report for order in self.orders.values())
        rows = tuple(r for r in reports if exchange_date(r.ordered_at or asked_at) >= first)
        return ReportsSeen(rows, asked_at, self.quota())

    def _cash(self, asked_at: datetime) -> Event:
        rate = FxRate(Decimal("1380.5"), "KIS", asked_at)
        return CashSeen(Cash(asked_at, usd(1000), usd(1000), rate))

    def _place(self, intent: Place) -> None:
        order = intent.order
        assert order.client_order_id not in self.sent, "sent twice"
        is_blind = self.now - self.begun >= BLIND_FOR
        assert is_blind or {HoldingsSeen, ReportsSeen} <= self._seen, "the account was not read"
        self.sent.append(order.client_order_id)
        how = self.place_answers.pop(0) if self.place_answers else ""
        share = self.shares.get(order.symbol)
        free = share.qty - share.tied - self.open_sells(order.symbol) if share else 0
        answer: PlaceAnswer
        if how == "lost":
            answer = OutcomeUnknown("reset")
        elif how == "not_sent":
            answer = Rejected("NOT_SENT", "not sent: no token")
        elif how == "reject" or free < order.qty:
            answer = Rejected("APBK1234", "refused")
        else:
            number = self._book(
                order.symbol, Side.SELL, order.qty, order.limit, filled=0, by_api=True
            )
            answer = OutcomeUnknown("timeout") if how == "live_unknown" else Accepted(number)
            self._push(self.now + LATENCY / 2, lambda: self._match(order.symbol))
        self._later(lambda: self.give(PlaceAnswered(order.client_order_id, answer)))

    def _cancel(self, intent: Cancel) -> None:
        how = self.cancel_answers.pop(0) if self.cancel_answers else ""
        number = intent.order.broker_order_no
        answer: PlaceAnswer = Accepted(BrokerOrderNo(str(next(self._numbers))))
        if how == "refuse" or number not in self.orders:
            answer = Rejected("APBK0000", "cannot")
        else:
            order = self.orders[number]
            if how != "fill_first":
                order.report = replace(order.report, open_qty=Qty(0))
            else:
                self.fill(number, order.report.open_qty)
        order_id = intent.order.client_order_id
        self._later(lambda: self.give(CancelAnswered(order_id, answer)))

    def _book(
        self, symbol: Symbol, side: Side, qty: int, limit: Usd, *, filled: int, by_api: bool
    ) -> BrokerOrderNo:
        number = BrokerOrderNo(str(next(self._numbers)))
        self.orders[number] = BookedOrder(
            OrderReport(
                number,
                None,
                symbol,
                Exchange.NASD,
                side,
                Qty(qty),
                Qty(filled),
                Qty(qty - filled),
                limit if filled else None,
                limit,
                self.now,
                False,
                "",
                by_api,
            )
        )
        return number

    def open_sells(self, symbol: Symbol) -> int:
        return sum(
            o.report.open_qty
            for o in self.orders.values()
            if o.report.symbol == symbol and o.report.side is Side.SELL
        )

    def _match(self, symbol: Symbol) -> None:
        tick = self.ticks.get(symbol)
        if tick is None or tick.bid is None:
            return
        for number, order in list(self.orders.items()):
            report = order.report
            if report.symbol != symbol or report.side is not Side.SELL or not report.open_qty:
                continue
            if report.limit is not None and report.limit <= tick.bid:
                part = min(report.open_qty, self.fill_part or report.open_qty)
                self.fill_part = None
                self.fill(number, part)

    def fill(self, number: BrokerOrderNo, qty: int) -> None:
        """Execute so many shares of an order."""
        order = self.orders[number]
        report = order.report
        price = report.limit or usd(1)
        order.report = replace(
            report,
            filled_qty=Qty(report.filled_qty + qty),
            open_qty=Qty(report.open_qty - qty),
            avg_price=price,
        )
        self._take(report.symbol, qty)
        self._notice(number, report.symbol, Side.SELL, qty, price, report.order_qty)

    def _take(self, symbol: Symbol, qty: int) -> None:
        share = self.shares[symbol]
        share.qty -= qty
        assert share.qty >= 0, "oversold"

    def _notice(
        self, number: BrokerOrderNo, symbol: Symbol, side: Side, qty: int, price: Usd, of: int
    ) -> None:
        if not (self.watch.notices and self._streams(self.has_notices)) or self.drops_notices:
            return
        notice = OrderNotice(
            NoticeKind.FILL,
            number,
            None,
            symbol,
            side,
            Qty(qty),
            price,
            Qty(of),
            self.now,
            f"{number}/{self.now.isoformat()}/{qty}",
        )
        self._push(self.now + LATENCY / 4, lambda: self.give(NoticeSeen(notice)))

    def _streams(self, what: bool) -> bool:
        return self.is_stream_up and what

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

    def _answer(self, act: Callable[[], None]) -> None:
        """A read brings this, unless the clock jumps meanwhile."""
        asked_in = self._jumps
        self._later(lambda: act() if asked_in == self._jumps else None)

    def _later(self, act: Callable[[], None]) -> None:
        self._push(self.now + LATENCY, act)

    def _push(self, moment: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (moment, next(self._serial), act))
