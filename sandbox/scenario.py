"""Ready-made worlds: a seeded day, or a recorded one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from sandbox.accounts import Account
from sandbox.books import Books
from sandbox.clock import SandboxClock
from sandbox.credentials import invent
from sandbox.generator import GeneratedTape
from sandbox.krx.side import KrxScenario, KrxSide, build_side
from sandbox.market import Drift, Market, Tape
from sandbox.model import Listing, Server
from sandbox.names import DEFAULT_UNIVERSE
from sandbox.recorded import RecordedTape
from sandbox.session import us_date
from sandbox.world import World

DEFAULT_CASH = Decimal("100000.00")
DEFAULT_FEE_PCT = Decimal("0.25")


@dataclass(frozen=True, slots=True)
class StartingHolding:
    """Shares an account has before the start."""

    server: Server
    symbol: str
    qty: int
    average: Decimal


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a world begins with. ``start`` is aware; ``seed`` decides markets and credentials.

    ``drifts`` and ``holdings`` belong to whichever market lists their symbol.
    """

    start: datetime
    seed: int = 1
    speed: float = 1.0
    listings: tuple[Listing, ...] = DEFAULT_UNIVERSE
    tape: Tape | None = None
    drifts: tuple[Drift, ...] = ()
    holdings: tuple[StartingHolding, ...] = ()
    cash: Decimal = DEFAULT_CASH
    fee_pct: Decimal = DEFAULT_FEE_PCT
    has_levies: bool = True
    krx: KrxScenario = KrxScenario()  # noqa: RUF009 - frozen
    time_source: Callable[[], float] = field(default=time.monotonic)
    clock_file: Path | None = None


def build(scenario: Scenario) -> World:
    """The world of a scenario, played up to its start."""
    clock = SandboxClock(scenario.start, scenario.speed, scenario.time_source, scenario.clock_file)
    tape = scenario.tape or GeneratedTape(scenario.seed)
    market = Market(scenario.listings, tape, us_date(scenario.start))
    credentials = invent(scenario.seed)
    krx = build_side(scenario.krx, scenario.seed, scenario.start, credentials, clock.now)
    for drift in scenario.drifts:
        (krx.market if krx.market.listing(drift.symbol) else market).schedule(drift)
    accounts = {
        server: Account(server, owner.account, scenario.cash, scenario.fee_pct, scenario.has_levies)
        for server, owner in credentials.items()
    }
    _fill(accounts, market, krx, scenario.holdings)
    books = Books(market, accounts, clock.now)
    return World(clock, market, books, krx, credentials)


def recorded_listings(
    tape: RecordedTape, exchange: str = "NASD", prev_closes: dict[str, Decimal] | None = None
) -> tuple[Listing, ...]:
    """Listings for a recorded day, named by their symbols.

    The recordings do not hold the previous close; the day's first price stands in for it.
    """
    known = prev_closes or {}
    return tuple(
        Listing(symbol, exchange, symbol, known.get(symbol, tape.first_price(symbol)))
        for symbol in tape.symbols
    )


def rising(
    symbols: Sequence[str], start: datetime, pct: Decimal, seconds: int
) -> tuple[Drift, ...]:
    """Let symbols surely rise by ``pct`` per cent within ``seconds`` from ``start``."""
    return tuple(Drift(symbol, start, pct, seconds) for symbol in symbols)


def _fill(
    accounts: dict[Server, Account],
    market: Market,
    krx: KrxSide,
    holdings: Iterable[StartingHolding],
) -> None:
    for holding in holdings:
        symbol, qty, average = holding.symbol, holding.qty, holding.average
        listing = market.listing(symbol)
        if listing is not None:
            accounts[holding.server].put(symbol, listing.exchange, qty, average)
        elif krx.market.listing(symbol) is not None:
            krx.books.accounts[holding.server].put(symbol, qty, average)
        else:
            raise ValueError(f"no listing for the starting holding {symbol}")
