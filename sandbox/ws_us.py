"""The US market on the socket: trades, books and order notices as records."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sandbox.model import Credentials, Notice, NoticeKind, Server, Side, Trade
from sandbox.ws_columns import book_columns, notice_columns, quote_key, trade_columns
from sandbox.ws_feed import Outlet, Record
from sandbox.ws_requests import US_NOTICES
from sandbox.ws_ticks import Ticker
from sandbox.ws_world import BooksSide, MarketSide

TRADES = "HDFSCNT0"
BOOKS = "HDFSASP0"


class UsFeed:
    """Writes the US market to one server's outlet; quotes exist on the real one only."""

    def __init__(
        self, market: MarketSide, books: BooksSide, customer: Credentials, outlet: Outlet
    ) -> None:
        self._market = market
        self._customer = customer
        self._outlet = outlet
        self._ticker = Ticker()
        self.notices = US_NOTICES[customer.server]
        if customer.server is Server.REAL:
            market.on_trade(self._on_trade)
        books.on_notice(self._on_notice)

    def latest(self, tr_id: str, tr_key: str) -> Record | None:  # noqa: ARG002 - as all feeds
        """Nothing: no such greeting was seen on US quotes."""
        return None

    def forge(self, symbol: str, now: datetime) -> Record:
        """A buy that never happened; of AAPL unless a symbol is given."""
        return self._notice_record(forge_fill(symbol or "AAPL", self._customer, now))

    def _on_trade(self, trade: Trade) -> None:
        listing = self._market.listing(trade.symbol)
        if listing is None:
            return
        tick = self._ticker.read(trade, listing)
        key = quote_key(listing, trade.at)
        if key is None:
            return
        for tr_id, columns in ((TRADES, trade_columns), (BOOKS, book_columns)):
            if self._outlet.wants(tr_id, key):
                self._outlet.quote(Record(tr_id, key, columns(key, tick)))

    def _on_notice(self, notice: Notice) -> None:
        if notice.server is self._customer.server:
            self._outlet.notice(self._notice_record(notice))

    def _notice_record(self, notice: Notice) -> Record:
        listing = self._market.listing(notice.symbol)
        columns = notice_columns(notice, self._customer, listing)
        return Record(self.notices, self._customer.hts_id, columns)


def forge_fill(symbol: str, customer: Credentials, at: datetime) -> Notice:
    """A buy that never happened, as somebody on the path would write it."""
    return Notice(
        kind=NoticeKind.FILL,
        server=customer.server,
        account=customer.account,
        order_no="0099999999",
        original_no="",
        side=Side.BUY,
        symbol=symbol,
        exchange="NASD",
        qty=100,
        price=Decimal(1),
        order_qty=100,
        at=at,
    )
