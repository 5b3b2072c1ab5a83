"""The assistant's own way of a price to an order: socket, desk, journal, execution, HTTP client.

The desk's book is put back after each crossing, outside what is measured.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from engine.adapters.clocks import LoopClock
from engine.adapters.kis.auth import ApprovalKeeper, TokenKeeper
from engine.adapters.kis.broker_us import KisUsBroker
from engine.adapters.kis.budget import CallBudget, CallCaps
from engine.adapters.kis.endpoint import KisEndpoint, KisKeys, Server
from engine.adapters.kis.http import KisHttp
from engine.adapters.kis.limiter import RateLimiter
from engine.adapters.kis.meter import CallMeter
from engine.adapters.kis.quotes import US_QUOTES, KisQuotes
from engine.adapters.kis.stream import KisSocket
from engine.adapters.kis.transport import KisTransport
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.journal import SqliteJournal
from engine.adapters.sqlite.schema import BOOK
from engine.desk.us.book import Position, Standing, UsBook
from engine.desk.us.desk import UsDesk
from engine.desk.us.restore import from_snapshot, to_snapshot
from engine.flow.session import Parts, Session
from engine.model.events import Started
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.instrument import Exchange
from engine.model.money import Usd
from engine.model.quota import NO_CAP
from engine.model.settings import UsSettings
from engine.ports.journal import Entry, Journal, NumberedFact
from engine.rules.rate_limit import Rate
from engine.rules.sessions import SessionTable, exchange_date

START = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # Friday, 10:00 in New York
SYMBOLS = tuple(Symbol(f"T{chr(65 + i // 26)}{chr(65 + i % 26)}") for i in range(39))
QTY, COST = 10, "100.00"
# The others have no limit of calls, so ours must not be what is measured.
_NO_LIMIT = Rate(1_000_000, timedelta(seconds=1), timedelta(0))
_NO_CAPS = CallCaps(NO_CAP, NO_CAP, NO_CAP)
_SETTLED_S = 10


def holdings() -> list[dict[str, str]]:
    """Rows of inquire-balance."""
    rest = {"ovrs_excg_cd": "NASD", "prdt_type_cd": "512", "pchs_avg_pric": COST}
    quantity = {"ovrs_cblc_qty": str(QTY), "ord_psbl_qty": str(QTY), "now_pric2": "102.9"}
    return [{"ovrs_pdno": each, "ovrs_item_name": each, **quantity, **rest} for each in SYMBOLS]


class NoJournal:
    """Implements ports.journal.Journal and keeps nothing."""

    def __init__(self) -> None:
        self._numbers = count(1)

    async def append(self, entry: Entry) -> tuple[NumberedFact, ...]:
        """Number the facts."""
        facts = entry.facts
        return tuple(NumberedFact(next(self._numbers), entry.at, entry.desk, one) for one in facts)

    async def record_answer(self, *_: object) -> None:
        """Nothing."""

    async def load_snapshot(self, _desk: DeskName) -> Mapping[str, object] | None:
        """Nothing."""
        return None

    async def unsettled(self, _desk: DeskName) -> tuple[()]:
        """Nothing."""
        return ()

    async def last_seq(self) -> int:
        """Nothing."""
        return 0

    async def facts_after(self, _seq: int, _since: datetime | None = None) -> tuple[()]:
        """Nothing."""
        return ()

    async def sales(self, _desk: DeskName, _since: date | None, _limit: int) -> tuple[()]:
        """Nothing."""
        return ()


class _Nothing:
    """No token is kept and no call is counted beyond the run."""

    def load(self, *_: object) -> Any:
        return _no_counts() if len(_) > 1 else None

    def save(self, *_: object) -> None:
        return None

    def add(self, *_: object) -> None:
        return None


async def _no_counts() -> Mapping[datetime, int]:
    return {}


@asynccontextmanager
async def dolpa(
    url: str, socket_url: str, book: Path | None
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """The running desk; what is yielded waits for the answer's end and puts the book back."""
    async with AsyncExitStack() as stack:
        clock = LoopClock(START, asyncio.get_running_loop().time)
        journal: Journal = NoJournal()
        if book is not None:
            database = await stack.enter_async_context(Database(book, BOOK))
            journal = SqliteJournal(database, account_hash="bench", mode=Mode.LIVE)
        http = await stack.enter_async_context(KisHttp(url))
        session, socket = _session(http, url, socket_url, journal, clock)
        desk = session.desk
        desk._state.book = _book(clock.now())
        group = await stack.enter_async_context(asyncio.TaskGroup())
        tasks = [group.create_task(socket.run()), group.create_task(session.run())]
        session.receive(Started())
        async with asyncio.timeout(30):
            while not (desk._state.is_ready and desk._state.run.has_quotes):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)
        saved = to_snapshot(desk._state.book)

        async def put_back() -> None:
            async with asyncio.timeout(_SETTLED_S):
                while not any(o.broker_order_no for o in desk._state.book.orders.values()):  # noqa: ASYNC110
                    await asyncio.sleep(0.001)
                await session.runner.settle()
            old, fresh = desk._state.book, from_snapshot(saved)
            fresh.next_number = old.next_number
            # The lots whose price never came are as they were, as on any day.
            fresh.positions = old.positions | {SYMBOLS[0]: fresh.positions[SYMBOLS[0]]}
            desk._state.book = fresh

        yield put_back
        for task in tasks:
            task.cancel()


def _session(
    http: KisHttp, url: str, socket_url: str, journal: Journal, clock: LoopClock
) -> tuple[Session[Usd, UsDesk], KisSocket]:
    keys = KisKeys("p" * 36, "s" * 180, "1234567801", "bench")
    endpoint = KisEndpoint(Server.REAL, url, socket_url, keys)
    nothing = _Nothing()
    tokens = TokenKeeper(endpoint, http, clock, nothing)
    limiter = RateLimiter(clock, _NO_LIMIT)
    transport = KisTransport(endpoint, http, tokens, limiter, clock)
    budget = CallBudget(DeskName.US, _NO_CAPS, nothing, clock, exchange_date)
    socket = KisSocket(endpoint, ApprovalKeeper(endpoint, http, clock), clock)
    parts = Parts(
        Mode.LIVE,
        KisUsBroker(transport, budget, clock),
        KisQuotes(transport, budget, clock, US_QUOTES),
        socket.us,
        journal,
        calls=CallMeter(clock),
    )

    async def tell(_facts: tuple[NumberedFact, ...]) -> None:
        """The chat is not part of it."""

    desk = UsDesk(UsSettings(), SessionTable())
    session = Session(DeskName.US, parts, desk, clock=clock, tell=tell, date_of=exchange_date)
    return session, socket


def _book(now: datetime) -> UsBook:
    positions = {
        each: Position(
            symbol=each,
            exchange=Exchange.NASD,
            name=each,
            qty=QTY,
            avg_cost=Usd(Decimal(COST)),
            standing=Standing.ARMED,
            armed_qty=QTY,
            target_pct=Decimal("3.0"),
            is_confirmed=True,
            changed_at=now,
        )
        for each in SYMBOLS
    }
    return UsBook(positions=positions, is_opened=True, has_baseline=True)
