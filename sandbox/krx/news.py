"""Who is told what the Korean market does, and what its auctions promise at the moment."""

from __future__ import annotations

from datetime import datetime

from sandbox.krx.model import (
    EventKind,
    Expected,
    ExpectedListener,
    KrxTrade,
    KrxTradeListener,
    MarketEvent,
    MarketEventListener,
)


class News:
    """Listeners, called one after the other, and the last expected price of each auction."""

    def __init__(self) -> None:
        self.on_trade: list[KrxTradeListener] = []
        self.on_event: list[MarketEventListener] = []
        self.on_expected: list[ExpectedListener] = []
        self.expected: dict[str, Expected] = {}

    def trade(self, trade: KrxTrade) -> None:
        """Tell of a trade."""
        for listener in self.on_trade:
            listener(trade)

    def event(self, kind: EventKind, symbol: str, at: datetime) -> None:
        """Tell of an event; without a symbol it concerns the whole market."""
        event = MarketEvent(kind, symbol, at)
        for listener in self.on_event:
            listener(event)

    def expect(self, word: Expected) -> None:
        """Tell what an auction would trade."""
        self.expected[word.symbol] = word
        for listener in self.on_expected:
            listener(word)

    def forget(self, symbol: str) -> None:
        """The symbol's auction is over."""
        self.expected.pop(symbol, None)
