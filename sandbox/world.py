"""One sandbox world: clock, market, books, faults, and the order in which they move."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from sandbox.books import Books
from sandbox.clock import SandboxClock
from sandbox.credentials import Approvals
from sandbox.faults import Faults
from sandbox.krx.books import KrxBooks
from sandbox.krx.side import KrxSide
from sandbox.market import Market
from sandbox.model import Credentials, Server
from sandbox.request_log import RequestLog

# Longest nap of the market task; a jump or a new order cuts it short anyway.
NAP = timedelta(seconds=30)
NEVER = datetime.max.replace(tzinfo=UTC)
TradeT = TypeVar("TradeT")
TradeT_contra = TypeVar("TradeT_contra", contravariant=True)


class Player(Protocol):
    """Something that has things to play at moments."""

    def next_at(self) -> datetime | None:
        """When the next thing is due; None if nothing is."""
        ...

    def play_next(self) -> None:
        """Play it."""
        ...


class _TapeSide(Protocol[TradeT]):
    """A market as the source of its trades."""

    def next_at(self) -> datetime: ...

    def pop(self) -> TradeT | None: ...

    def tell(self, trade: TradeT) -> None: ...


class _OrderSide(Protocol[TradeT_contra]):
    """Books as those who see a trade first."""

    def on_trade(self, trade: TradeT_contra) -> None: ...


class _TapePlayer(Generic[TradeT]):
    """Plays a market's trades to its books, then to everyone else."""

    def __init__(self, market: _TapeSide[TradeT], books: _OrderSide[TradeT]) -> None:
        self._market = market
        self._books = books

    def next_at(self) -> datetime:
        """When the next trade comes."""
        return self._market.next_at()

    def play_next(self) -> None:
        """Play it; the market may have had something else to do."""
        trade = self._market.pop()
        if trade is not None:
            self._books.on_trade(trade)
            self._market.tell(trade)


class World:
    """Everything the two KIS personalities share.

    ``market`` and ``books`` are the US side, ``krx`` holds those of the Korean one. Their
    ``on_trade`` and ``on_notice`` take listeners, which are called synchronously, in market-time
    order, from ``advance``.
    """

    def __init__(
        self,
        clock: SandboxClock,
        market: Market,
        books: Books,
        krx: KrxSide,
        credentials: dict[Server, Credentials],
        faults: Faults | None = None,
    ) -> None:
        self.clock = clock
        self.market = market
        self.books = books
        self.krx = krx
        self.credentials = credentials
        self.faults = faults or Faults()
        self.approvals = Approvals(clock.now)
        self.request_log = RequestLog()
        self.jumping = False
        self.frozen_prices: dict[str, Decimal] = {}
        start = clock.now()
        self._woken = asyncio.Event()
        # At the same moment US orders go before the print. The KRX print goes first: it may be the
        # auction that ends the session, and what is left of an order ends after it.
        self._players: tuple[Player, ...] = (
            books,
            _TapePlayer(market, books),
            _TapePlayer(krx.market, krx.books),
            krx.books,
        )
        market.start_at(start)
        # Nobody listens yet: a world that starts at noon has had its morning.
        self.advance(start)
        for scheduling in (books, krx.books, krx.market):
            scheduling.on_scheduled(self._woken.set)
        clock.on_change(self._woken.set)

    def all_books(self) -> tuple[Books, KrxBooks]:
        """The books of both markets."""
        return self.books, self.krx.books

    def advance(self, to: datetime) -> None:
        """Play every event up to ``to``: trades to the books, orders, notices, listeners."""
        while True:
            due = [player.next_at() or NEVER for player in self._players]
            first = min(due)
            if first > to:
                break
            self._players[due.index(first)].play_next()

    def catch_up(self) -> datetime:
        """Play up to the present; returns it."""
        now = self.clock.now()
        self.advance(now)
        return now

    async def run(self) -> None:
        """Play the market as its time passes, until cancelled."""
        while True:
            now = self.catch_up()
            self._woken.clear()
            upcoming = [player.next_at() or NEVER for player in self._players]
            await self._nap_until(min(*upcoming, now + NAP))

    async def jump(self, to: datetime) -> None:
        """Stop the clock, play the skipped stretch through the books, then move the clock.

        Raises:
            ValueError: ``to`` lies in the past; what was played cannot be unplayed.
        """
        if to < self.clock.now():
            raise ValueError(f"cannot jump back to {to.isoformat()}")
        was_frozen = self.clock.frozen
        self.clock.freeze()
        self.jumping = True
        try:
            self.advance(to)
        finally:
            self.jumping = False
        self.clock.jump(to)
        if not was_frozen:
            self.clock.resume()

    async def _nap_until(self, moment: datetime) -> None:
        """Return at ``moment``, or as soon as an order was scheduled or the clock was moved."""
        # Not wait_for: before Python 3.12 it loses a cancellation that meets the end of the wait.
        with suppress(TimeoutError):
            async with asyncio.timeout(self.clock.seconds_until(moment)):
                await self._woken.wait()
