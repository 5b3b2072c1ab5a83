"""The broker's back office: numbers, accepts, fills and closes the orders of both servers."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from itertools import count

from sandbox import matching
from sandbox.accounts import Account
from sandbox.market import Market
from sandbox.model import Notice, NoticeKind, NoticeListener, Server, Side, Trade
from sandbox.orders import BY_HAND, Action, Order, OrderRequest, OrderStatus
from sandbox.session import Phase, SessionDay, phase, session_day, us_date

ACCEPT_DELAY = timedelta(milliseconds=50)
# How long an opening order waits for the opening print.
OPENING_PATIENCE = timedelta(minutes=1)


class Reason(Enum):
    """Why the broker does not take an order."""

    UNKNOWN_SYMBOL = "unknown symbol"
    NOT_TRADING_DAY = "not a trading day"
    BEFORE_OPEN = "before the session"
    AFTER_CLOSE = "after the session"
    NO_CASH = "buying power exceeded"
    NO_SHARES = "not enough sellable shares"
    SELF_TRADE = "would trade against one's own order"
    NO_SUCH_ORDER = "no such order"
    NOTHING_OPEN = "nothing left to amend or cancel"


@dataclass(frozen=True, slots=True)
class Refused:
    """A business refusal."""

    reason: Reason


class Books:
    """Accounts of both servers; everything happens at a market time given by the caller."""

    def __init__(
        self,
        market: Market,
        accounts: dict[Server, Account],
        now: Callable[[], datetime],
        accept_delay: timedelta = ACCEPT_DELAY,
    ) -> None:
        self.accounts = accounts
        self._market = market
        self._now = now
        self._accept_delay = accept_delay
        self._numbers = count(37_501)
        self._ranks = count()
        self._scheduled: list[tuple[datetime, int, str, Callable[[datetime], None]]] = []
        self._live: dict[str, list[Order]] = {}
        self._taken: dict[tuple[Server, str, Side], tuple[datetime, int]] = {}
        self._listeners: list[NoticeListener] = []
        self._held: dict[str, list[Notice]] = {}
        self._on_scheduled: Callable[[], object] = lambda: None

    # -- listeners -----------------------------------------------------------------------------

    def on_notice(self, listener: NoticeListener) -> None:
        """Call ``listener`` with every order notice."""
        self._listeners.append(listener)

    def on_scheduled(self, wake: Callable[[], object]) -> None:
        """Call ``wake`` when a new event was scheduled, so that a sleeping player looks again."""
        self._on_scheduled = wake

    def hold_notices(self, order_no: str) -> None:
        """Keep this order's notices back while the answer to its call is being written."""
        self._held[order_no] = []

    def release_notices(self, order_no: str) -> None:
        """Let them out."""
        for notice in self._held.pop(order_no, ()):
            self._emit(notice)

    def settle_now(self, order_no: str) -> None:
        """Play at once what awaits this order, so that its notices overtake the answer."""
        horizon = self._now() + self._accept_delay
        due = sorted(e for e in self._scheduled if e[2] == order_no and e[0] <= horizon)
        self._scheduled = [entry for entry in self._scheduled if entry not in due]
        heapq.heapify(self._scheduled)
        for at, _rank, _no, action in due:
            action(at)

    # -- orders --------------------------------------------------------------------------------

    def place(self, request: OrderRequest, *, refuse_later: str = "") -> Order | Refused:
        """Take an order: sent now, at the exchange a moment later."""
        refusal = self._check(request)
        if refusal is not None:
            return Refused(refusal)
        order = self._number(request)
        hours = session_day(us_date(order.placed_at))
        self._notify_at(order.placed_at, NoticeKind.RECEIVED, order)
        if refuse_later:
            self._at(order.accept_at, order.no, lambda at: self._refuse(order, refuse_later, at))
            return order
        self._at(order.accept_at, order.no, lambda at: self._accept(order, at))
        self._schedule_auctions(order, hours)
        return order

    def hand_order(
        self, server: Server, side: Side, symbol: str, qty: int, limit: Decimal | None = None
    ) -> Order | Refused:
        """An order placed in the broker's app. Without a limit: one that trades at once."""
        if limit is None:
            book = self._market.last(symbol)
            if book is None:
                limit = self._market.price(symbol) if self._market.listing(symbol) else Decimal(1)
            else:
                limit = book.ask if side is Side.BUY else book.bid
        return self.place(OrderRequest(server, side, symbol, qty, limit, media=BY_HAND))

    def amend(self, server: Server, order_no: str, qty: int, limit: Decimal) -> Order | Refused:
        """Replace an open order by a new number with another limit and ``qty`` shares."""
        old = self._amendable(server, order_no)
        if isinstance(old, Refused):
            return old
        qty = min(qty, old.open_qty)
        if old.request.side is Side.BUY:
            account = self.accounts[server]
            freed = account.with_fee(old.request.limit * old.open_qty)
            if account.with_fee(limit * qty) > account.buying_power() + freed:
                return Refused(Reason.NO_CASH)
        new = self._number(replace(old.request, qty=qty, limit=limit), Action.AMEND, old)
        # Until the exchange has taken it, the old order is the one that holds the shares.
        new.withdrawn = qty
        self._notify_at(new.placed_at, NoticeKind.RECEIVED, new)
        self._at(new.accept_at, new.no, lambda at: self._replace(old, new, at))
        return new

    def cancel(self, server: Server, order_no: str, qty: int) -> Order | Refused:
        """Withdraw ``qty`` shares of an open order under a new number."""
        old = self._amendable(server, order_no)
        if isinstance(old, Refused):
            return old
        qty = min(qty, old.open_qty)
        new = self._number(replace(old.request, qty=qty), Action.CANCEL, old)
        self._notify_at(new.placed_at, NoticeKind.RECEIVED, new)
        self._at(new.accept_at, new.no, lambda at: self._withdraw(old, new, at))
        return new

    def report(self) -> dict[str, object]:
        """Both accounts exactly as they stand, for oracles."""
        return {server.value: account.report() for server, account in self.accounts.items()}

    # -- time ----------------------------------------------------------------------------------

    def next_at(self) -> datetime | None:
        """When the next scheduled event is due."""
        return self._scheduled[0][0] if self._scheduled else None

    def play_next(self) -> None:
        """Play the next scheduled event."""
        at, _rank, _no, action = heapq.heappop(self._scheduled)
        action(at)

    def on_trade(self, trade: Trade) -> None:
        """Match the resting orders of both accounts against a print."""
        orders = self._live.get(trade.symbol)
        if not orders:
            return
        for server in self.accounts:
            mine = [order for order in orders if order.request.server is server]
            for match in matching.on_print(mine, trade):
                self._fill(match, trade.at)

    # -- inside --------------------------------------------------------------------------------

    def _check(self, request: OrderRequest) -> Reason | None:
        listing = self._market.listing(request.symbol)
        if listing is None or request.qty <= 0:
            return Reason.UNKNOWN_SYMBOL
        closed = _closed_reason(self._now())
        if closed is not None:
            return closed
        account = self.accounts[request.server]
        if self._crosses_own(account, request):
            return Reason.SELF_TRADE
        if request.side is Side.SELL:
            return Reason.NO_SHARES if request.qty > account.sellable(request.symbol) else None
        cost = account.with_fee(request.limit * request.qty)
        return Reason.NO_CASH if cost > account.buying_power() else None

    def _crosses_own(self, account: Account, request: OrderRequest) -> bool:
        for order in self._live.get(request.symbol, ()):
            other = order.request
            if other.server is not account.server or other.side is request.side:
                continue
            buy, sell = (request, other) if request.side is Side.BUY else (other, request)
            if buy.limit >= sell.limit:
                return True
        return False

    def _number(
        self, request: OrderRequest, action: Action = Action.NEW, old: Order | None = None
    ) -> Order:
        now = self._now()
        listing = self._market.listing(request.symbol)
        order = Order(
            no=f"{next(self._numbers):010d}",
            request=request,
            exchange="" if listing is None else listing.exchange,
            placed_at=now,
            accept_at=now + self._accept_delay,
            action=action,
            original_no="" if old is None else old.no,
        )
        self.accounts[request.server].orders[order.no] = order
        if action is not Action.CANCEL:
            self._live.setdefault(request.symbol, []).append(order)
        return order

    def _amendable(self, server: Server, order_no: str) -> Order | Refused:
        order = self.accounts[server].orders.get(order_no.zfill(10))
        if order is None:
            return Refused(Reason.NO_SUCH_ORDER)
        if order.open_qty <= 0:
            return Refused(Reason.NOTHING_OPEN)
        return order

    def _schedule_auctions(self, order: Order, hours: SessionDay) -> None:
        division = order.request.division
        end = hours.close
        if division.at_open:
            order.active_from = max(hours.open, order.accept_at)
            end = order.active_from + OPENING_PATIENCE
        elif division.at_close:
            self._at(end, order.no, lambda at: self._close_auction(order, at))
        self._at(end, order.no, lambda _at: self._end(order, OrderStatus.EXPIRED))

    def _accept(self, order: Order, at: datetime) -> None:
        order.status = OrderStatus.OPEN
        self._notify(NoticeKind.CONFIRMED, order, at)
        self._match_arrival(order, at)

    def _match_arrival(self, order: Order, at: datetime) -> None:
        book = self._market.last(order.request.symbol)
        waits = order.request.division.at_open or order.request.division.at_close
        if book is None or waits or self._market.halted(order.request.symbol, at):
            return
        key = (order.request.server, order.request.symbol, order.request.side)
        book_at, taken = self._taken.get(key, (book.at, 0))
        if book_at != book.at:
            taken = 0
        match = matching.on_arrival(order, book, taken)
        if match is not None:
            self._taken[key] = (book.at, taken + match.qty)
            self._fill(match, at)

    def _close_auction(self, order: Order, at: datetime) -> None:
        book = self._market.last(order.request.symbol)
        if book is None or order.open_qty <= 0:
            return
        limit = order.request.limit
        sells = order.request.side is Side.SELL
        if book.price >= limit if sells else book.price <= limit:
            self._fill(matching.Match(order, order.open_qty, book.price), at)

    def _refuse(self, order: Order, reason: str, at: datetime) -> None:
        order.reject_reason = reason
        self._end(order, OrderStatus.REFUSED)
        self._notify(NoticeKind.REFUSED, order, at)

    def _replace(self, old: Order, new: Order, at: datetime) -> None:
        new.withdrawn = 0
        if old.open_qty < new.request.qty:
            # It traded while the amendment was under way.
            self._refuse(new, "정정가능수량 부족", at)
            return
        old.withdrawn += new.request.qty
        if old.open_qty == 0:
            self._end(old, OrderStatus.REPLACED)
        new.active_from = old.active_from
        new.status = OrderStatus.OPEN
        self._notify(NoticeKind.AMENDED, new, at)
        hours = session_day(us_date(at))
        self._at(hours.close, new.no, lambda _at: self._end(new, OrderStatus.EXPIRED))
        self._match_arrival(new, at)

    def _withdraw(self, old: Order, new: Order, at: datetime) -> None:
        if old.open_qty <= 0:
            self._refuse(new, "취소가능수량 없음", at)
            return
        old.withdrawn += min(new.request.qty, old.open_qty)
        new.status = OrderStatus.CANCELLED
        if old.open_qty == 0:
            self._end(old, OrderStatus.CANCELLED)
        self._notify(NoticeKind.CANCELLED, new, at)

    def _fill(self, match: matching.Match, at: datetime) -> None:
        order = match.order
        self.accounts[order.request.server].apply(order, match.qty, match.price, at)
        if order.open_qty == 0:
            self._end(order, OrderStatus.FILLED)
        self._notify(NoticeKind.FILL, order, at, match.qty, match.price)

    def _end(self, order: Order, status: OrderStatus) -> None:
        if order.status not in {OrderStatus.SENT, OrderStatus.OPEN}:
            return
        order.status = status
        live = self._live.get(order.request.symbol, [])
        if order in live:
            live.remove(order)

    def _at(self, at: datetime, order_no: str, action: Callable[[datetime], None]) -> None:
        heapq.heappush(self._scheduled, (at, next(self._ranks), order_no, action))
        self._on_scheduled()

    def _notify_at(self, at: datetime, kind: NoticeKind, order: Order) -> None:
        self._at(at, order.no, lambda moment: self._notify(kind, order, moment))

    def _notify(
        self,
        kind: NoticeKind,
        order: Order,
        at: datetime,
        qty: int | None = None,
        price: Decimal | None = None,
    ) -> None:
        request = order.request
        notice = Notice(
            kind=kind,
            server=request.server,
            account=self.accounts[request.server].number,
            order_no=order.no,
            original_no=order.original_no,
            side=request.side,
            symbol=request.symbol,
            exchange=order.exchange,
            qty=request.qty if qty is None else qty,
            price=request.limit if price is None else price,
            order_qty=request.qty,
            at=at,
        )
        if order.no in self._held:
            self._held[order.no].append(notice)
        else:
            self._emit(notice)

    def _emit(self, notice: Notice) -> None:
        for listener in self._listeners:
            listener(notice)


def _closed_reason(now: datetime) -> Reason | None:
    if phase(now) is not Phase.CLOSED:
        return None
    day = us_date(now)
    try:
        hours = session_day(day)
    except ValueError:
        return Reason.NOT_TRADING_DAY
    return Reason.BEFORE_OPEN if now < hours.premarket_open else Reason.AFTER_CLOSE
