"""The exchange's side of KRX orders: taking them, matching them, changing and ending them.

Real and paper are two customers; they share neither a print nor a book.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from sandbox.krx import matching
from sandbox.krx.account import KrxAccount, tax_pct
from sandbox.krx.divisions import Lasts, Pricing, Window
from sandbox.krx.floor import Floor, trades_now
from sandbox.krx.hours import next_trading_day
from sandbox.krx.model import KrxTrade, Level
from sandbox.krx.notices import KrxNoticePost
from sandbox.krx.orders import KrxOrder
from sandbox.model import NoticeKind, Server, Side
from sandbox.orders import OrderStatus

# What one customer took of the book that stood after a print, by side and price.
Stamp = tuple[datetime, int]


class KrxExchange:
    """Live orders of all accounts against the market."""

    def __init__(
        self, floor: Floor, accounts: Mapping[Server, KrxAccount], post: KrxNoticePost
    ) -> None:
        self._floor = floor
        self._accounts = accounts
        self._post = post
        self._live: dict[str, list[KrxOrder]] = {}
        self._taken: dict[tuple[Server, str, Side], tuple[Stamp | None, dict[Decimal, int]]] = {}

    # -- orders --------------------------------------------------------------------------------

    def accept(self, order: KrxOrder, at: datetime) -> None:
        """Take an order, and match it if the symbol trades continuously."""
        refusal = self._late_refusal(order, at) or self._name_price(order)
        if refusal:
            self.refuse(order, refusal, at)
            return
        order.status = OrderStatus.OPEN
        self._enter(order)
        self._post.send(NoticeKind.CONFIRMED, order, at)
        self._meet_book(order, at)

    def refuse(self, order: KrxOrder, reason: str, at: datetime) -> None:
        """Do not take an order, an amendment or a cancellation."""
        if order.status is not OrderStatus.SENT:
            return
        order.reject_reason = reason
        order.status = OrderStatus.REFUSED
        self._post.send(NoticeKind.REFUSED, order, at)

    def replace(self, old: KrxOrder, new: KrxOrder, at: datetime) -> None:
        """Let an amendment take the place of (a part of) an order."""
        refusal = self._late_refusal(new, at) or self._name_price(new)
        if not refusal and old.open_qty < new.request.qty:
            # It traded while the amendment was under way.
            refusal = "정정가능수량 부족"
        if refusal:
            self.refuse(new, refusal, at)
            return
        old.withdrawn += new.request.qty
        if old.open_qty == 0:
            self._end(old, OrderStatus.REPLACED)
        new.withdrawn, new.extra_hold = 0, Decimal(0)
        new.triggered_at = old.triggered_at
        new.status = OrderStatus.OPEN
        self._enter(new)
        self._post.send(NoticeKind.AMENDED, new, at)
        self._meet_book(new, at)

    def withdraw(self, old: KrxOrder, new: KrxOrder, at: datetime) -> None:
        """Cancel (a part of) an order, or what a fill that came first has left of it."""
        qty = min(new.request.qty, old.open_qty)
        if qty <= 0:
            self.refuse(new, "취소가능수량 없음", at)
            return
        old.withdrawn += qty
        old.cancelled += qty
        new.status = OrderStatus.CANCELLED
        if old.open_qty == 0:
            self._end(old, OrderStatus.CANCELLED)
        self._post.send(NoticeKind.CANCELLED, new, at, qty)

    def to_market(self, order: KrxOrder) -> None:
        """The closing auction begins: a conditional limit takes any price from here on."""
        order.limit = None

    def expire(self, order: KrxOrder) -> None:
        """The session ends. An order still on its way is refused when it arrives."""
        if order.status is OrderStatus.OPEN:
            self._end(order, OrderStatus.EXPIRED)

    # -- market --------------------------------------------------------------------------------

    def on_trade(self, trade: KrxTrade) -> None:
        """Match both accounts' orders against a print."""
        orders = self._live.get(trade.symbol)
        if not orders:
            return
        for server in self._accounts:
            mine = [order for order in orders if order.request.server is server]
            ready = [order for order in mine if not order.waits_for_trigger]
            if trade.is_auction:
                self._fill_all(matching.on_auction(ready, trade), trade.at)
                # What an auction leaves meets the book that comes after it anew.
                for order in ready:
                    order.met_book = False
            else:
                resting = [order for order in ready if order.met_book]
                self._fill_all(matching.on_print(resting, trade), trade.at)
                for order in ready:
                    if not order.met_book:
                        self._meet_book(order, trade.at)
            for order in mine:
                if order.waits_for_trigger and matching.triggers(order, trade.price):
                    order.triggered_at = trade.at
                    self._meet_book(order, trade.at)

    # -- inside --------------------------------------------------------------------------------

    def _enter(self, order: KrxOrder) -> None:
        # Nobody here trades at a closing price. The after-market's first print comes at the very
        # moment at which such orders end.
        if order.division.pricing is not Pricing.CLOSE:
            self._live.setdefault(order.request.symbol, []).append(order)

    def _end(self, order: KrxOrder, status: OrderStatus) -> None:
        """Close an order that is still alive."""
        if not order.live:
            return
        order.status = status
        live = self._live.get(order.request.symbol, [])
        if order in live:
            live.remove(order)

    def _late_refusal(self, order: KrxOrder, at: datetime) -> str:
        """What changed between the broker's check and the exchange's."""
        symbol = order.request.symbol
        if at >= order.ends_at:
            return "장종료"
        if self._floor.state(symbol).halted:
            return "거래정지 종목"
        continuous_only = order.division.terms.window is Window.CONTINUOUS
        if continuous_only and not trades_now(self._floor, symbol, at):
            return "단일가매매 시간 주문 불가"
        return ""

    def _name_price(self, order: KrxOrder) -> str:
        """Give best and first-in-line orders the price they found; say what is missing."""
        pricing = order.division.pricing
        if pricing not in {Pricing.BEST, Pricing.FIRST}:
            return ""
        other_side = pricing is Pricing.BEST
        levels = self._levels(order, other_side=other_side)
        if not levels:
            return "상대호가 없음" if other_side else "우선호가 없음"
        order.limit = order.reserve = levels[0].price
        return ""

    def _levels(self, order: KrxOrder, *, other_side: bool) -> tuple[Level, ...]:
        book = self._floor.book(order.request.symbol)
        wants_asks = (order.request.side is Side.BUY) is other_side
        return book.asks if wants_asks else book.bids

    def _meet_book(self, order: KrxOrder, at: datetime) -> None:
        """Take what the book gives. A market order's rest meets the next book as well."""
        if order.waits_for_trigger or not trades_now(self._floor, order.request.symbol, at):
            return
        taken = self._taken_of(order)
        levels = self._levels(order, other_side=True)
        matches = matching.on_arrival(order, levels, taken)
        order.met_book = order.limit is not None
        if order.lasts is Lasts.FOK and sum(m.qty for m in matches) < order.open_qty:
            matches = []
        for match in matches:
            taken[match.price] = taken.get(match.price, 0) + match.qty
        self._fill_all(matches, at)
        if order.lasts is not Lasts.DAY and order.open_qty:
            self._lapse(order, at)

    def _taken_of(self, order: KrxOrder) -> dict[Decimal, int]:
        """What this customer has taken of the book that stands now."""
        request = order.request
        last = self._floor.last(request.symbol)
        stamp = None if last is None else (last.at, last.cum_volume)
        key = (request.server, request.symbol, request.side)
        known = self._taken.get(key)
        if known is None or known[0] != stamp:
            known = self._taken[key] = (stamp, {})
        return known[1]

    def _lapse(self, order: KrxOrder, at: datetime) -> None:
        rest = order.open_qty
        order.withdrawn += rest
        order.cancelled += rest
        self._end(order, OrderStatus.CANCELLED)
        self._post.send(NoticeKind.LAPSED, order, at, rest)

    def _fill_all(self, matches: Iterable[matching.Match], at: datetime) -> None:
        for match in matches:
            self._fill(match, at)

    def _fill(self, match: matching.Match, at: datetime) -> None:
        order = match.order
        listing = self._floor.listing(order.request.symbol)
        group = "" if listing is None else listing.group
        settles_on = next_trading_day(order.day, 2)
        self._accounts[order.request.server].apply(
            order, match.qty, match.price, at, tax_pct(group, order.day), settles_on
        )
        if order.open_qty == 0:
            self._end(order, OrderStatus.FILLED)
        self._post.send(NoticeKind.FILL, order, at, match.qty, match.price)
