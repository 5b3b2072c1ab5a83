"""The mode table: which broker, quotes, stream and book each mode is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.adapters.kis.endpoint import Server
from engine.adapters.sim.broker import SimBroker
from engine.adapters.sim.krx import Costs, KrxSimBroker
from engine.adapters.sqlite.broker_days import SqliteBrokerDays
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.journal import SqliteJournal
from engine.adapters.sqlite.schema import BOOK
from engine.flow.feeds import NoFeed, QuotesOnly
from engine.flow.session import Parts
from engine.model.ids import Mode, Symbol
from engine.model.listing import SecurityKind
from engine.model.money import Krw, Usd
from engine.model.orders import Side
from engine.model.quota import Priority
from engine.ports.chat_store import ChatValues
from engine.ports.clock import Clock
from engine.ports.feed import Feed
from engine.rules.krx.costs import fee, tax
from engine.rules.krx.sessions import kst_date
from engine.rules.sessions import exchange_date
from engine.wiring.kis import KisSide


@dataclass(frozen=True, slots=True)
class Row:
    """What a mode is made of, on either desk; the book is the mode's own.

    ``account``: whose account is read and traded. ``sees``: whose market, the first that has keys.
    ``is_simulated``: orders go to a simulator beside the account.
    """

    account: Server
    sees: tuple[Server, ...]
    is_simulated: bool = False


ROWS: Mapping[Mode, Row] = {
    Mode.DRY_RUN: Row(Server.REAL, (Server.REAL,), is_simulated=True),
    Mode.PAPER: Row(Server.PAPER, (Server.REAL, Server.PAPER)),
    Mode.LIVE: Row(Server.REAL, (Server.REAL,)),
}


@dataclass(frozen=True, slots=True)
class Sides:
    """The KIS sides whose keys are given."""

    real: KisSide | None
    paper: KisSide | None

    def of(self, server: Server) -> KisSide | None:
        """The side of a server."""
        return self.real if server is Server.REAL else self.paper

    def refusal(self, mode: Mode) -> str:
        """Why a mode cannot be had; empty when it can."""
        return "" if self.of(ROWS[mode].account) is not None else "no_keys"

    def badge_note(self, mode: Mode) -> str:
        """Where quotes and fills come from when that is not the obvious."""
        if mode is Mode.PAPER:
            return "paper_real_quotes" if self.real is not None else "paper_polling"
        return ""

    def all(self) -> tuple[KisSide, ...]:
        """Those that exist."""
        return tuple(side for side in (self.real, self.paper) if side is not None)


class ModeTable:
    """Builds the parts of a mode; opens each book once."""

    def __init__(
        self, sides: Sides, data: Path, clock: Clock, memory: ChatValues, costs: Costs
    ) -> None:
        self._sides = sides
        self._data = data
        self._clock = clock
        self._memory = memory
        self._krx_costs = costs
        self._books: dict[Mode, Database] = {}
        self._one_at_a_time = asyncio.Lock()
        self._opening: Database | None = None

    async def build_us(self, mode: Mode) -> Parts[Usd]:
        """The parts of ``mode``; raises ValueError for a mode without keys."""
        side, seen = self._sides_of(mode)
        journal = await self._journal(mode, side)
        feed, calls = us_feed(side, seen), side.budgets.us.meter
        if ROWS[mode].is_simulated:
            sim = SimBroker(side.broker, self._clock, self._memory, exchange_date)
            return Parts(mode, sim, seen.quotes, feed, journal, calls, sim.on_tick)
        days = await self._broker_days(mode, side)
        profits = None if days is None else side.profits
        return Parts(
            *(mode, side.broker, seen.quotes, feed, journal, calls),
            profits=profits,
            broker_days=days,
        )

    async def build_krx(self, mode: Mode) -> Parts[Krw]:
        """As ``build_us``."""
        side, seen = self._sides_of(mode)
        journal = await self._journal(mode, side)
        part, feed, calls = seen.krx, krx_feed(side, seen), side.budgets.krx.meter
        if ROWS[mode].is_simulated:
            sim = self._krx_sim(side)
            return Parts(mode, sim, part.quotes, feed, journal, calls, sim.on_tick, part.market)
        days = await self._broker_days(mode, side)
        profits = None if days is None else side.krx.profits
        return Parts(
            *(mode, side.krx.broker, part.quotes, feed, journal, calls),
            market=part.market,
            profits=profits,
            broker_days=days,
        )

    def _sides_of(self, mode: Mode) -> tuple[KisSide, KisSide]:
        """Whose account the mode trades, and whose market it sees."""
        row = ROWS[mode]
        side = self._sides.of(row.account)
        seen = next((one for one in map(self._sides.of, row.sees) if one is not None), None)
        if side is None or seen is None:
            raise ValueError(f"no keys for {mode}")
        return side, seen

    async def _journal(self, mode: Mode, side: KisSide) -> SqliteJournal:
        return SqliteJournal(await self._book(mode), account_hash=side.account_hash, mode=mode)

    async def _broker_days(self, mode: Mode, side: KisSide) -> SqliteBrokerDays | None:
        """Only a real account has the inquiry, and a simulator's orders are not in it."""
        if side.server is not Server.REAL or ROWS[mode].is_simulated:
            return None
        book = await self._book(mode)
        return SqliteBrokerDays(book, account_hash=side.account_hash, mode=mode)

    def _krx_sim(self, side: KisSide) -> KrxSimBroker:
        """Begins with the won the real account could spend when it was first asked."""
        broker = side.krx.broker

        async def opening_cash() -> Krw:
            return (await broker.fetch_cash(Priority.RECONCILE)).orderable

        return KrxSimBroker(
            self._clock,
            kst_date,
            self._krx_costs,
            opening_cash=opening_cash,
            quota=broker.quota,
            memory=self._memory,
        )

    async def close(self) -> None:
        """Close every book."""
        for database in self._books.values():
            await database.close()
        self._books.clear()

    def pending(self) -> int:
        """Operations in flight in the books' threads."""
        opening = self._opening.pending if self._opening is not None else 0
        return opening + sum(database.pending for database in self._books.values())

    async def _book(self, mode: Mode) -> Database:
        async with self._one_at_a_time:  # both desks may ask for the same book
            if mode not in self._books:
                self._opening = Database(self._data / f"{mode}.db", BOOK)
                await self._opening.open()
                self._books[mode] = self._opening
            return self._books[mode]


def us_feed(side: KisSide, seen: KisSide) -> Feed[Usd]:
    """The stream of the market that is seen; notices only of the account that is traded."""
    if seen is side and side.server is Server.PAPER:
        return NoFeed()  # KIS streams no US quotes to a paper key
    has_notices = seen is side and side.has_notices
    return seen.socket.us if has_notices else QuotesOnly(seen.socket.us)


def krx_feed(side: KisSide, seen: KisSide) -> Feed[Krw]:
    """As ``us_feed``; a paper key has a Korean stream."""
    has_notices = seen is side and side.has_notices
    return seen.socket.krx if has_notices else QuotesOnly(seen.socket.krx)


def krx_costs(fee_pct: Callable[[], Decimal]) -> Costs:
    """Fee and tax as the desk reckons them; funds are taken for shares, so never too little."""

    def costs(side: Side, amount: Krw, day: date, symbol: Symbol) -> Krw:
        del symbol
        paid = fee(amount, fee_pct())
        return paid if side is Side.BUY else paid + tax(amount, day, SecurityKind.COMMON)

    return costs
