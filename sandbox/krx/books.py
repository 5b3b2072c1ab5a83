"""The broker's back office for the KRX: checks and numbers orders, and sends them on.

An order that was sent reaches the exchange a moment later. There it meets the book at once in
continuous trading, or waits for the print of an auction: at the open, at the close, after a
volatility interruption. The closing auction prints at the close and goes
before the end of the orders it leaves: who plays market and books lets prints go first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

from sandbox.agenda import Agenda
from sandbox.krx.acceptance import (
    Reason,
    Refused,
    closed_reason,
    division_reason,
    market_reason,
    price_reason,
    shortage,
)
from sandbox.krx.account import KrxAccount
from sandbox.krx.divisions import Division, Pricing, lives_until
from sandbox.krx.exchange import KrxExchange
from sandbox.krx.floor import Floor
from sandbox.krx.hours import KrxPhase, krx_day, kst_date, phase
from sandbox.krx.model import KrxTrade
from sandbox.krx.notices import KrxNoticePost
from sandbox.krx.orders import KrxOrder, KrxOrderRequest
from sandbox.model import NoticeKind, NoticeListener, Server, Side
from sandbox.orders import BY_HAND, Action

ACCEPT_DELAY = timedelta(milliseconds=50)
FIRST_NUMBER = 117_057


class KrxBooks:
    """Accounts of both servers; everything happens at a market time given by the caller."""

    def __init__(
        self,
        floor: Floor,
        accounts: dict[Server, KrxAccount],
        now: Callable[[], datetime],
        accept_delay: timedelta = ACCEPT_DELAY,
    ) -> None:
        self.accounts = accounts
        self._floor = floor
        self._now = now
        self._accept_delay = accept_delay
        self._numbers: dict[tuple[Server, date, str], Iterator[int]] = defaultdict(
            lambda: count(FIRST_NUMBER)
        )
        self._agenda = Agenda()
        self._post = KrxNoticePost(accounts)
        self._exchange = KrxExchange(floor, accounts, self._post)

    # -- listeners -----------------------------------------------------------------------------

    def on_notice(self, listener: NoticeListener) -> None:
        """Call ``listener`` with every order notice (each a ``KrxNotice``)."""
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

    def place(self, request: KrxOrderRequest, *, refuse_later: str = "") -> KrxOrder | Refused:
        """Take an order: sent now, at the exchange a moment later."""
        refusal = self._check(request)
        if refusal is not None:
            return Refused(refusal)
        limit, reserve = self._prices(request)
        account = self.accounts[request.server]
        lack = shortage(account, request.side, request.symbol, request.qty, reserve)
        if lack is not None:
            return Refused(lack)
        order = self._number(request, limit, reserve)
        self._receive(order)
        if refuse_later:
            self._agenda.add(
                order.accept_at, order.no, lambda at: self._exchange.refuse(order, refuse_later, at)
            )
            return order
        self._agenda.add(order.accept_at, order.no, lambda at: self._exchange.accept(order, at))
        self._schedule_end(order)
        return order

    def hand_order(
        self, server: Server, side: Side, symbol: str, qty: int, limit: Decimal | None = None
    ) -> KrxOrder | Refused:
        """An order placed in the broker's app. Without a limit: one that trades at once."""
        after = phase(self._now()) is KrxPhase.AFTER
        if limit is None:
            division = Division.AFTER_BEST if after else Division.MARKET
        else:
            division = Division.AFTER_LIMIT if after else Division.LIMIT
        return self.place(
            KrxOrderRequest(server, side, symbol, qty, limit or Decimal(0), division, media=BY_HAND)
        )

    def amend(
        self,
        server: Server,
        order_no: str,
        qty: int | None,
        limit: Decimal,
        division: str | None = None,
        trigger: Decimal | None = None,
        *,
        branch: str = "",
    ) -> KrxOrder | Refused:
        """Replace ``qty`` shares (None: all that is open) of today's order by a new number.

        ``division`` and ``trigger`` stay as they are unless given.
        """
        old = self._changeable(server, order_no, qty, branch)
        if isinstance(old, Refused):
            return old
        request = replace(
            old.request,
            qty=old.open_qty if qty is None else qty,
            limit=limit,
            division=old.division if division is None else division,
            trigger=old.request.trigger if trigger is None else trigger,
        )
        refusal = self._check(request)
        if refusal is not None:
            return Refused(refusal)
        best, reserve = self._prices(request)
        extra = self._extra_hold(old, request.qty, reserve)
        if extra > self.accounts[server].buying_power():
            return Refused(Reason.NO_CASH)
        new = self._number(request, best, reserve, Action.AMEND, old)
        # Until the exchange has taken it, the old order is the one that holds shares and cash.
        new.withdrawn, new.extra_hold = request.qty, extra
        self._receive(new)
        self._agenda.add(new.accept_at, new.no, lambda at: self._exchange.replace(old, new, at))
        self._schedule_end(new)
        return new

    def cancel(
        self, server: Server, order_no: str, qty: int | None = None, *, branch: str = ""
    ) -> KrxOrder | Refused:
        """Withdraw ``qty`` shares (None: all that is open) of today's order, by a new number."""
        old = self._changeable(server, order_no, qty, branch)
        if isinstance(old, Refused):
            return old
        request = replace(old.request, qty=old.open_qty if qty is None else qty)
        new = self._number(request, old.limit, old.reserve, Action.CANCEL, old)
        self._receive(new)
        self._agenda.add(new.accept_at, new.no, lambda at: self._exchange.withdraw(old, new, at))
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

    def on_trade(self, trade: KrxTrade) -> None:
        """Match the orders of both accounts against a print."""
        self._exchange.on_trade(trade)

    # -- inside --------------------------------------------------------------------------------

    def _check(self, request: KrxOrderRequest) -> Reason | None:
        listing = self._floor.listing(request.symbol)
        if listing is None:
            return Reason.UNKNOWN_SYMBOL
        now = self._now()
        return (
            division_reason(request, listing)
            or closed_reason(Division(request.division), now)
            or market_reason(request, self._floor, now)
            or price_reason(request, listing, self._floor.band(request.symbol))
        )

    def _prices(self, request: KrxOrderRequest) -> tuple[Decimal | None, Decimal]:
        """The price it trades at best, None for any, and the won a share a buy holds back."""
        upper = self._floor.band(request.symbol)[1]
        match Division(request.division).pricing:
            case Pricing.LIMIT | Pricing.STOP:
                return request.limit, request.limit
            case Pricing.CONDITIONAL:
                return request.limit, upper
            case Pricing.CLOSE:
                base = self._floor.base(request.symbol)
                return base, base
            case Pricing.MARKET | Pricing.BEST | Pricing.FIRST:
                return None, upper

    def _extra_hold(self, old: KrxOrder, qty: int, reserve: Decimal) -> Decimal:
        if old.request.side is Side.SELL:
            return Decimal(0)
        account = self.accounts[old.request.server]
        more = account.with_fee(reserve * qty) - account.with_fee(old.reserve * qty)
        return max(Decimal(0), more)

    def _number(
        self,
        request: KrxOrderRequest,
        limit: Decimal | None,
        reserve: Decimal,
        action: Action = Action.NEW,
        old: KrxOrder | None = None,
    ) -> KrxOrder:
        now = self._now()
        day = kst_date(now)
        division = Division(request.division)
        order = KrxOrder(
            no=f"{next(self._numbers[request.server, day, request.branch]):010d}",
            request=request,
            division=division,
            day=day,
            placed_at=now,
            accept_at=now + self._accept_delay,
            ends_at=lives_until(division.terms.window, krx_day(day)),
            limit=limit,
            reserve=reserve,
            action=action,
            original_no="" if old is None else old.no,
        )
        self.accounts[request.server].orders[order.key] = order
        return order

    def _changeable(
        self, server: Server, order_no: str, qty: int | None, branch: str
    ) -> KrxOrder | Refused:
        order = self.accounts[server].order(kst_date(self._now()), order_no.zfill(10), branch)
        if order is None:
            return Refused(Reason.NO_SUCH_ORDER)
        if order.open_qty <= 0:
            return Refused(Reason.NOTHING_OPEN)
        if qty is not None and qty > order.open_qty:
            return Refused(Reason.TOO_MANY)
        if qty is not None and qty <= 0:
            return Refused(Reason.BAD_QTY)
        return order

    def _receive(self, order: KrxOrder) -> None:
        """Let the notice of receipt go out as the next thing."""
        self._agenda.add(
            order.placed_at, order.no, lambda at: self._post.send(NoticeKind.RECEIVED, order, at)
        )

    def _schedule_end(self, order: KrxOrder) -> None:
        if order.division.pricing is Pricing.CONDITIONAL:
            turns_at = max(krx_day(order.day).close_auction, order.accept_at)
            self._agenda.add(turns_at, order.no, lambda _at: self._exchange.to_market(order))
        self._agenda.add(order.ends_at, order.no, lambda _at: self._exchange.expire(order))
