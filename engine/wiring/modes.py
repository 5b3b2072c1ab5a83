"""The mode table: which broker, quotes, stream and book each mode is made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.adapters.sim.broker import SimBroker
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.journal import SqliteJournal
from engine.adapters.sqlite.schema import BOOK
from engine.flow.desk_engine import Parts
from engine.flow.feeds import NoFeed, QuotesOnly
from engine.model.ids import Mode
from engine.model.money import Usd
from engine.ports.chat_store import ChatValues
from engine.ports.clock import Clock
from engine.ports.feed import Feed
from engine.rules.sessions import exchange_date
from engine.wiring.kis import KisSide


@dataclass(frozen=True, slots=True)
class Sides:
    """The KIS sides whose keys are given."""

    real: KisSide | None
    paper: KisSide | None

    def refusal(self, mode: Mode, *, is_loopback: bool) -> str:
        """Why a mode cannot be had; empty when it can."""
        if mode is Mode.LIVE and not is_loopback:
            return "not_loopback"
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

    def __init__(self, sides: Sides, data: Path, clock: Clock, memory: ChatValues) -> None:
        self._sides = sides
        self._data = data
        self._clock = clock
        self._memory = memory
        self._books: dict[Mode, Database] = {}
        self._opening: Database | None = None

    async def build(self, mode: Mode) -> Parts[Usd]:
        """The parts of ``mode``; raises ValueError for a mode without keys."""
        side = self._sides.paper if mode is Mode.PAPER else self._sides.real
        if side is None:
            raise ValueError(f"no keys for {mode}")
        journal = SqliteJournal(await self._book(mode), account_hash=side.account_hash, mode=mode)
        if mode is Mode.LIVE:
            return Parts(mode, side.broker, side.quotes, stream_of(side), journal)
        if mode is Mode.DRY_RUN:
            sim = SimBroker(side.broker, self._clock, self._memory, exchange_date)
            return Parts(mode, sim, side.quotes, stream_of(side), journal, sim.on_tick)
        if self._sides.real is None:
            return Parts(mode, side.broker, side.quotes, NoFeed(), journal)
        real = self._sides.real
        # Notices of the real account are not the paper account's.
        return Parts(mode, side.broker, real.quotes, QuotesOnly(real.socket.us), journal)

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
        if mode not in self._books:
            self._opening = Database(self._data / f"{mode}.db", BOOK)
            await self._opening.open()
            self._books[mode] = self._opening
        return self._books[mode]


def stream_of(side: KisSide) -> Feed:
    """The side's stream; without an HTS ID there are no notices to register for."""
    return side.socket.us if side.has_notices else QuotesOnly(side.socket.us)
