"""The mode table: which broker, quotes, stream and book each mode is made of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from engine.adapters.sim.broker import SimBroker
from engine.adapters.sim.krx import Costs, KrxSimBroker
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
class Sides:
    """The KIS sides whose keys are given."""

    real: KisSide | None
    paper: KisSide | None

    def refusal(self, mode: Mode) -> str:
        """Why a mode cannot be had; empty when it can."""
        has_keys = self.paper if mode is Mode.PAPER else self.real
        return "" if has_keys is not None else "no_keys"

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
        side = self._side(mode)
        journal, calls = await self._journal(mode, side), side.budgets.us.meter
        if mode is Mode.LIVE:
            return Parts(mode, side.broker, side.quotes, us_stream(side), journal, calls=calls)
        if mode is Mode.DRY_RUN:
            sim = SimBroker(side.broker, self._clock, self._memory, exchange_date)
            return Parts(mode, sim, side.quotes, us_stream(side), journal, sim.on_tick, calls=calls)
        if self._sides.real is None:
            return Parts(mode, side.broker, side.quotes, NoFeed(), journal, calls=calls)
        real = self._sides.real
        # Notices of the real account are not the paper account's.
        feed = QuotesOnly(real.socket.us)
        return Parts(mode, side.broker, real.quotes, feed, journal, calls=calls)

    async def build_krx(self, mode: Mode) -> Parts[Krw]:
        """As ``build_us``. Paper sees the real market where a real key is given."""
        side = self._side(mode)
        journal, calls = await self._journal(mode, side), side.budgets.krx.meter
        seen = side if mode is not Mode.PAPER else self._sides.real or side
        part, feed = seen.krx, krx_stream(seen)
        if mode is Mode.DRY_RUN:
            sim = self._krx_sim(side)
            return Parts(mode, sim, part.quotes, feed, journal, sim.on_tick, part.market, calls)
        if seen is not side:
            feed = QuotesOnly(seen.socket.krx)
        broker = side.krx.broker
        return Parts(mode, broker, part.quotes, feed, journal, market=part.market, calls=calls)

    def _side(self, mode: Mode) -> KisSide:
        side = self._sides.paper if mode is Mode.PAPER else self._sides.real
        if side is None:
            raise ValueError(f"no keys for {mode}")
        return side

    async def _journal(self, mode: Mode, side: KisSide) -> SqliteJournal:
        return SqliteJournal(await self._book(mode), account_hash=side.account_hash, mode=mode)

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


def us_stream(side: KisSide) -> Feed[Usd]:
    """The side's stream; without an HTS ID there are no notices to register for."""
    return side.socket.us if side.has_notices else QuotesOnly(side.socket.us)


def krx_stream(side: KisSide) -> Feed[Krw]:
    """As ``us_stream``."""
    return side.socket.krx if side.has_notices else QuotesOnly(side.socket.krx)


def krx_costs(fee_pct: Callable[[], Decimal]) -> Costs:
    """Fee and tax as the desk reckons them; funds are taken for shares, so never too little."""

    def costs(side: Side, amount: Krw, day: date, symbol: Symbol) -> Krw:
        del symbol
        paid = fee(amount, fee_pct())
        return paid if side is Side.BUY else paid + tax(amount, day, SecurityKind.COMMON)

    return costs
