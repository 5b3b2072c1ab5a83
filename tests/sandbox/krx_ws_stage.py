"""A scripted KRX for the socket, standing where the captured frames of 2026-07-13 stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.krx.divisions import Division, Lasts
from sandbox.krx.hours import KrxPhase
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import (
    BookLevels,
    EventKind,
    Expected,
    ExpectedListener,
    KrxTrade,
    KrxTradeListener,
    Level,
    MarketEvent,
    MarketEventListener,
    SymbolState,
)
from sandbox.krx.notices import KrxNotice
from sandbox.krx.ws_columns import Scene
from sandbox.model import NoticeKind, Server, Side
from sandbox.orders import Action

MORNING = datetime(2026, 7, 13, 1, 39, 25, tzinfo=UTC)  # 10:39:25 KST
BASE = Decimal(2_180_000)
LISTINGS = {
    "000660": KrxListing(
        "000660", "한빛메모리", "KOSPI", BASE, 4_800_000, 702_469_412, prev_volume=4_827_388
    ),
    "820430": KrxListing("820430", "두온시스템즈", "KOSDAQ", Decimal(13_150), 40_000, 7_000_000),
    "Q840010": KrxListing("Q840010", "한길 원유 ETN", "KOSPI", Decimal(12_385), 9, 9, group="EN"),
}


def at(hour: int, minute: int, second: int = 0) -> datetime:
    """A moment of the stage's day in KST."""
    return MORNING.replace(hour=(hour - 9) % 24, minute=minute, second=second)


def trade(**changes: Any) -> KrxTrade:
    made = KrxTrade(
        symbol="000660",
        at=MORNING,
        price=Decimal(1_996_000),
        size=20,
        side=Side.SELL,
        phase=KrxPhase.CONTINUOUS,
        is_auction=False,
        cum_volume=2_388_396,
        cum_value=Decimal(4_895_117_363_500),
        open=Decimal(2_113_000),
        high=Decimal(2_142_000),
        low=Decimal(1_985_000),
        open_at=at(9, 0, 27),
        high_at=at(9, 4, 23),
        low_at=at(10, 33, 24),
        bid=Decimal(1_996_000),
        ask=Decimal(1_997_000),
        bid_size=53,
        ask_size=516,
        bought_volume=1_000_333,
        sold_volume=1_308_408,
        bought_count=95_496,
        sold_count=102_204,
    )
    return replace(made, **changes)


def auction(**changes: Any) -> KrxTrade:
    """The print of the opening auction."""
    price = Decimal(2_113_000)
    opened = trade(
        at=at(9, 0, 27), price=price, size=79_564, side=None, is_auction=True,
        cum_volume=79_564, cum_value=79_564 * price, high=price, low=price,
        high_at=at(9, 0, 27), low_at=at(9, 0, 27),
        bought_volume=0, sold_volume=0, bought_count=0, sold_count=0,
    )  # fmt: skip
    return replace(opened, **changes)


def expected(phase: KrxPhase = KrxPhase.OPENING_AUCTION, **changes: Any) -> Expected:
    made = Expected("000660", at(8, 55), Decimal(2_100_000), 41_000, phase)
    return replace(made, **changes)


def book(best_ask: int = 1_996_000, best_bid: int = 1_995_000, size: int = 100) -> BookLevels:
    asks = [Level(Decimal(best_ask + 1000 * step), size + step) for step in range(10)]
    bids = [Level(Decimal(best_bid - 1000 * step), size - step) for step in range(10)]
    return BookLevels(MORNING, tuple(asks), tuple(bids))


def scene(**changes: Any) -> Scene:
    made = Scene(
        listing=LISTINGS["000660"],
        base=BASE,
        band=(Decimal(1_526_000), Decimal(2_834_000)),
        state=SymbolState(),
        book=book(),
        day=trade(),
        reference=Decimal(2_113_000),
        auction_volume=79_564,
    )
    return replace(made, **changes)


def notice(kind: NoticeKind = NoticeKind.FILL, **changes: Any) -> KrxNotice:
    made = KrxNotice(
        kind=kind,
        server=Server.REAL,
        account="6712345601",
        order_no="0000117057",
        original_no="",
        side=Side.BUY,
        symbol="820430",
        exchange="KRX",
        qty=3,
        price=Decimal(13_150),
        order_qty=10,
        at=at(9, 15, 2),
        action=Action.NEW,
        division=Division.LIMIT,
        lasts=Lasts.DAY,
        branch="06010",
        order_price=Decimal(13_200),
        trigger=Decimal(0),
        venue="KRX",
    )
    return replace(made, **changes)


class StageKrxMarket:
    """Prints, expects and tells what it is told; every book looks the same."""

    def __init__(self) -> None:
        self.trades: list[KrxTradeListener] = []
        self.expectations: list[ExpectedListener] = []
        self.events: list[MarketEventListener] = []
        self.lasts: dict[str, KrxTrade] = {}
        self.states: dict[str, SymbolState] = {}
        self.references: dict[str, Decimal] = {}
        self.books: dict[str, BookLevels] = {}

    def on_trade(self, listener: KrxTradeListener) -> None:
        self.trades.append(listener)

    def on_expected(self, listener: ExpectedListener) -> None:
        self.expectations.append(listener)

    def on_event(self, listener: MarketEventListener) -> None:
        self.events.append(listener)

    def listings(self) -> tuple[KrxListing, ...]:
        return tuple(LISTINGS.values())

    def listing(self, symbol: str) -> KrxListing | None:
        return LISTINGS.get(symbol)

    def last(self, symbol: str) -> KrxTrade | None:
        return self.lasts.get(symbol)

    def base(self, symbol: str) -> Decimal:
        return LISTINGS[symbol].base_price

    def band(self, symbol: str) -> tuple[Decimal, Decimal]:
        return self.base(symbol) * 7 // 10, self.base(symbol) * 13 // 10

    def state(self, symbol: str) -> SymbolState:
        return self.states.get(symbol, SymbolState())

    def reference(self, symbol: str) -> Decimal:
        return self.references.get(symbol, self.base(symbol))

    def book(self, symbol: str) -> BookLevels:
        return self.books.get(symbol, book())

    def print(self, *trades: KrxTrade) -> None:
        for each in trades:
            self.lasts[each.symbol] = each
            if each.is_auction:
                self.references[each.symbol] = each.price
            for listener in self.trades:
                listener(each)

    def expect(self, *expectations: Expected) -> None:
        for each in expectations:
            for listener in self.expectations:
                listener(each)

    def tell(self, kind: EventKind, symbol: str = "") -> None:
        for listener in self.events:
            listener(MarketEvent(kind, symbol, MORNING))
