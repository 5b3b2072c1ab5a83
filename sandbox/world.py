"""One sandbox world: clock, market, books, faults, and the order in which they move."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.books import Books
from sandbox.clock import SandboxClock
from sandbox.credentials import Approvals
from sandbox.faults import Faults
from sandbox.market import Market
from sandbox.model import Credentials, Server
from sandbox.request_log import RequestLog

# Longest nap of the market task; a jump or a new order cuts it short anyway.
NAP = timedelta(seconds=30)


class World:
    """Everything the two KIS personalities share.

    ``market.on_trade`` and ``books.on_notice`` take listeners; both are called synchronously, in
    market-time order, from ``advance``.
    """

    def __init__(
        self,
        clock: SandboxClock,
        market: Market,
        books: Books,
        credentials: dict[Server, Credentials],
        faults: Faults | None = None,
    ) -> None:
        self.clock = clock
        self.market = market
        self.books = books
        self.credentials = credentials
        self.faults = faults or Faults()
        self.approvals = Approvals(clock.now)
        self.request_log = RequestLog()
        self.jumping = False
        self.frozen_prices: dict[str, Decimal] = {}
        start = clock.now()
        self._woken = asyncio.Event()
        market.start_at(start)
        # Nobody listens yet: a world that starts at noon has had its morning.
        self.advance(start)
        books.on_scheduled(self._woken.set)
        clock.on_change(self._woken.set)

    def advance(self, to: datetime) -> None:
        """Play every event up to ``to``: trades to the books, orders, notices, listeners."""
        while True:
            trade_at, order_at = self.market.next_at(), self.books.next_at()
            if order_at is not None and order_at <= min(trade_at, to):
                self.books.play_next()
            elif trade_at <= to:
                self._play_trade()
            else:
                break

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
            upcoming = [self.market.next_at(), now + NAP]
            if (order_at := self.books.next_at()) is not None:
                upcoming.append(order_at)
            await self._nap_until(min(upcoming))

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

    def _play_trade(self) -> None:
        trade = self.market.pop()
        if trade is not None:
            self.books.on_trade(trade)
            self.market.tell(trade)

    async def _nap_until(self, moment: datetime) -> None:
        """Return at ``moment``, or as soon as an order was scheduled or the clock was moved."""
        try:
            await asyncio.wait_for(self._woken.wait(), self.clock.seconds_until(moment))
        except TimeoutError:
            return
