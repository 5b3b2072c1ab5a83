"""The KRX on the socket: prints, expected prices, books, market operation and order notices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from sandbox.krx.hours import KrxPhase, kst_date
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import (
    BookLevels,
    Expected,
    ExpectedListener,
    KrxTrade,
    KrxTradeListener,
    MarketEvent,
    MarketEventListener,
    SymbolState,
)
from sandbox.krx.notices import KrxNotice
from sandbox.krx.ws_columns import (
    MARKET_CODES,
    Scene,
    book_columns,
    expected_columns,
    market_columns,
    session_of,
    totals_of,
    trade_columns,
)
from sandbox.krx.ws_notices import forge_fill, notice_columns
from sandbox.model import Credentials, Notice, NoticeListener
from sandbox.ws_feed import Outlet, Record
from sandbox.ws_requests import KRX_NOTICES

TRADES = "H0STCNT0"
BOOKS = "H0STASP0"
OPERATION = "H0STMKO0"


class KrxMarketSide(Protocol):
    """What the socket asks of the KRX market."""

    def on_trade(self, listener: KrxTradeListener) -> None:
        """Call ``listener`` at each print."""
        ...

    def on_expected(self, listener: ExpectedListener) -> None:
        """Call ``listener`` with what a running auction would trade."""
        ...

    def on_event(self, listener: MarketEventListener) -> None:
        """Call ``listener`` when the market or a symbol changes its state."""
        ...

    def listings(self) -> tuple[KrxListing, ...]:
        """All of them, as they stand today."""
        ...

    def listing(self, symbol: str) -> KrxListing | None:
        """The listing as it stands today."""
        ...

    def last(self, symbol: str) -> KrxTrade | None:
        """Today's last print."""
        ...

    def base(self, symbol: str) -> Decimal:
        """What today's change and band are computed from."""
        ...

    def band(self, symbol: str) -> tuple[Decimal, Decimal]:
        """Lower and upper price limit."""
        ...

    def state(self, symbol: str) -> SymbolState:
        """Whether it is halted or in a volatility auction."""
        ...

    def reference(self, symbol: str) -> Decimal:
        """What a static interruption is measured from."""
        ...

    def book(self, symbol: str) -> BookLevels:
        """Up to ten levels a side."""
        ...


class KrxBooksSide(Protocol):
    """Where KRX order notices come from."""

    def on_notice(self, listener: NoticeListener) -> None:
        """Call ``listener`` at each notice, of both servers."""
        ...


class KrxFeed:
    """Writes the KRX to one server's outlet. H0UNCNT0 and H0NXCNT0 stay silent: no NXT here."""

    def __init__(
        self,
        market: KrxMarketSide,
        books: KrxBooksSide,
        customer: Credentials,
        outlet: Outlet,
    ) -> None:
        self._market = market
        self._customer = customer
        self._outlet = outlet
        self._auctions: dict[str, tuple[date, int]] = {}
        self._totals: dict[str, tuple[int, int]] = {}
        self.notices = KRX_NOTICES[customer.server]
        market.on_trade(self._on_trade)
        market.on_expected(self._on_expected)
        market.on_event(self._on_event)
        books.on_notice(self._on_notice)

    def latest(self, tr_id: str, tr_key: str) -> Record | None:
        """The day's last print once more, as it was, to whoever registers its trades."""
        last = self._market.last(tr_key) if tr_id == TRADES else None
        if last is None:
            return None
        scene = replace(self._scene(tr_key, last.at), day=last)
        return Record(TRADES, tr_key, trade_columns(last, scene))

    def forge(self, symbol: str, now: datetime) -> Record:
        """A buy that never happened; of the first listing unless a symbol is given."""
        listed = (listing.symbol for listing in self._market.listings())
        forged = forge_fill(symbol or next(listed, "000000"), self._customer, now)
        return self._notice_record(forged)

    def _on_trade(self, trade: KrxTrade) -> None:
        if trade.is_auction:
            self._auctions[trade.symbol] = (kst_date(trade.at), trade.size)
        wants_trades, wants_books = self._wanted(trade.symbol)
        if not (wants_trades or wants_books):
            return
        scene = replace(self._scene(trade.symbol, trade.at), day=trade)
        if wants_trades:
            self._quote(TRADES, trade.symbol, trade_columns(trade, scene))
        if wants_books:
            self._book(scene, trade.at, session_of(trade), None)

    def _on_expected(self, expected: Expected) -> None:
        wants_trades, wants_books = self._wanted(expected.symbol)
        if not (wants_trades or wants_books):
            return
        scene = self._scene(expected.symbol, expected.at)
        if wants_trades:
            self._quote(TRADES, expected.symbol, expected_columns(expected, scene))
        if wants_books:
            self._book(scene, expected.at, expected.phase, expected)

    def _on_event(self, event: MarketEvent) -> None:
        """A symbol's event goes to who watches the symbol, the market's to all."""
        if not event.symbol and event.kind not in MARKET_CODES:
            return
        for symbol in sorted(self._outlet.keys(OPERATION)):
            listing = self._market.listing(symbol)
            if listing is not None and event.symbol in {"", symbol}:
                columns = market_columns(listing, event.kind, self._market.state(symbol))
                self._quote(OPERATION, symbol, columns)

    def _on_notice(self, notice: Notice) -> None:
        if notice.server is self._customer.server and isinstance(notice, KrxNotice):
            self._outlet.notice(self._notice_record(notice))

    def _wanted(self, symbol: str) -> tuple[bool, bool]:
        return self._outlet.wants(TRADES, symbol), self._outlet.wants(BOOKS, symbol)

    def _scene(self, symbol: str, at: datetime) -> Scene:
        listing = self._market.listing(symbol)
        if listing is None:
            raise LookupError(f"{symbol} trades and is not listed")
        day, volume = self._auctions.get(symbol, (None, 0))
        return Scene(
            listing=listing,
            base=self._market.base(symbol),
            band=self._market.band(symbol),
            state=self._market.state(symbol),
            book=self._market.book(symbol),
            day=self._market.last(symbol),
            reference=self._market.reference(symbol),
            auction_volume=volume if day == kst_date(at) else 0,
            totals=self._totals.get(symbol),
        )

    def _book(self, scene: Scene, at: datetime, phase: KrxPhase, expected: Expected | None) -> None:
        symbol = scene.listing.symbol
        self._quote(BOOKS, symbol, book_columns(scene, at, phase, expected))
        self._totals[symbol] = totals_of(scene.book)

    def _quote(self, tr_id: str, symbol: str, columns: tuple[str, ...]) -> None:
        self._outlet.quote(Record(tr_id, symbol, columns))

    def _notice_record(self, notice: KrxNotice) -> Record:
        listing = self._market.listing(notice.symbol)
        columns = notice_columns(notice, self._customer, listing)
        return Record(self.notices, self._customer.hts_id, columns)
