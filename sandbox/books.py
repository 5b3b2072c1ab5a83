"""The broker's back office: numbers, accepts, fills and closes the orders of both servers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count

from sandbox import matching
from sandbox.acceptance import Reason, Refused, closed_reason, shortage
from sandbox.accounts import Account
from sandbox.agenda import Agenda
from sandbox.market import Market
from sandbox.model import NoticeKind, NoticeListener, Server, Side, Trade
from sandbox.notices import NoticePost
from sandbox.orders import BY_HAND, Action, Order, OrderRequest, OrderStatus
from sandbox.session import SessionDay, session_day, us_date

ACCEPT_DELAY = timedelta(milliseconds=50)
# How long an opening order waits for the opening print.
OPENING_PATIENCE = timedelta(minutes=1)


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
        self._agenda = Agenda()
        self._post = NoticePost(accounts)
        self._live: dict[str, list[Order]] = {}
        self._taken: dict[tuple[Server, str, Side], tuple[datetime, int]] = {}

    # -- listeners -----------------------------------------------------------------------------

    def on_notice(self, listener: NoticeListener) -> None:
        """Call ``listener`` with every order notice."""
        self._post.subscribe(listener)

    def on_scheduled(self, wake: Callable[[], object]) -> None:
        """Call ``wake`` when a new event was scheduled, so that a sleeping player looks again."""
        self._agenda.wake = wake

    def hold_notices(self, order_no: str) -> None:
        """Keep this order's notices back while the answer to its call is being written."""
        self._post.hold(order_no)

    def release_notices(self, order_no: str) -> None:
        """Let them out."""
        self._post.release(order_no)

    def settle_now(self, order_no: str) -> None:
        """Play at once what awaits this order, so that its notices overtake the answer."""
        self._agenda.play_ahead(order_no, self._now() + self._accept_delay)

    # -- orders --------------------------------------------------------------------------------

    def place(self, request: OrderRequest, *, refuse_later: str = "") -> Order | Refused:
        """Take an order: sent now, at the exchange a moment later."""
        refusal = self._check(request)
        if refusal is not None:
            return Refused(refusal)
        order = self._number(request)
        hours = session_day(us_date(order.placed_at))
        self._receive(order)
        if refuse_later:
            self._agenda.add(
                order.accept_at, order.no, lambda at: self._refuse(order, refuse_later, at)
            )
            return order
        self._agenda.add(order.accept_at, order.no, lambda at: self._accept(order, at))
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
        self._receive(new)
        self._agenda.add(new.accept_at, new.no, lambda at: self._replace(old, new, at))
        return new

    def cancel(self, server: Server, order_no: str, qty: int) -> Order | Refused:
        """Withdraw ``qty`` shares of an open order under a new number."""
        old = self._amendable(server, order_no)
        if isinstance(old, Refused):
            return old
        qty = min(qty, old.open_qty)
        new = self._number(replace(old.request, qty=qty), Action.CANCEL, old)
        self._receive(new)
        self._agenda.add(new.accept_at, new.no, lambda at: self._withdraw(old, new, at))
        return new

    def report(self) -> dict[str, object]:
        """Both accounts exactly as they stand, for oracles."""
        return {server.value: account.report() for server, account in self.accounts.items()}

    # -- time ----------------------------------------------------------------------------------

    def next_at(self) -> datetime | None:
        """When the next scheduled event is due."""
        return self._agenda.next_at()

    def play_next(self) -> None:
        """Play the next scheduled event."""
        self._agenda.play_next()

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
        if self._market.listing(request.symbol) is None:
            return Reason.UNKNOWN_SYMBOL
        account = self.accounts[request.server]
        return closed_reason(self._now()) or shortage(
            account, request, self._live.get(request.symbol, ())
        )

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
            self._agenda.add(end, order.no, lambda at: self._close_auction(order, at))
        self._agenda.add(end, order.no, lambda _at: self._end(order, OrderStatus.EXPIRED))

    def _accept(self, order: Order, at: datetime) -> None:
        order.status = OrderStatus.OPEN
        self._post.send(NoticeKind.CONFIRMED, order, at)
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
        self._post.send(NoticeKind.REFUSED, order, at)

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
        self._post.send(NoticeKind.AMENDED, new, at)
        hours = session_day(us_date(at))
        self._agenda.add(hours.close, new.no, lambda _at: self._end(new, OrderStatus.EXPIRED))
        self._match_arrival(new, at)

    def _withdraw(self, old: Order, new: Order, at: datetime) -> None:
        if old.open_qty <= 0:
            self._refuse(new, "취소가능수량 없음", at)
            return
        old.withdrawn += min(new.request.qty, old.open_qty)
        new.status = OrderStatus.CANCELLED
        if old.open_qty == 0:
            self._end(old, OrderStatus.CANCELLED)
        self._post.send(NoticeKind.CANCELLED, new, at)

    def _fill(self, match: matching.Match, at: datetime) -> None:
        order = match.order
        self.accounts[order.request.server].apply(order, match.qty, match.price, at)
        if order.open_qty == 0:
            self._end(order, OrderStatus.FILLED)
        self._post.send(NoticeKind.FILL, order, at, match.qty, match.price)

    def _end(self, order: Order, status: OrderStatus) -> None:
        if order.status not in {OrderStatus.SENT, OrderStatus.OPEN}:
            return
        order.status = status
        live = self._live.get(order.request.symbol, [])
        if order in live:
            live.remove(order)

    def _receive(self, order: Order) -> None:
        """Let the notice of receipt go out as the next thing."""
        self._agenda.add(
            order.placed_at, order.no, lambda at: self._post.send(NoticeKind.RECEIVED, order, at)
        )
