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
    """What a world begins with. ``start`` is aware; ``seed`` decides market and credentials."""

    start: datetime
    seed: int = 1
    speed: float = 1.0
    listings: tuple[Listing, ...] = DEFAULT_UNIVERSE
    tape: Tape | None = None
    drifts: tuple[Drift, ...] = ()
    holdings: tuple[StartingHolding, ...] = ()
    cash: Decimal = DEFAULT_CASH
    fee_pct: Decimal = DEFAULT_FEE_PCT
    time_source: Callable[[], float] = field(default=time.monotonic)
    clock_file: Path | None = None


def build(scenario: Scenario) -> World:
    """The world of a scenario, played up to its start."""
    clock = SandboxClock(scenario.start, scenario.speed, scenario.time_source, scenario.clock_file)
    tape = scenario.tape or GeneratedTape(scenario.seed)
    market = Market(scenario.listings, tape, us_date(scenario.start))
    for drift in scenario.drifts:
        market.schedule(drift)
    credentials = invent(scenario.seed)
    accounts = {
        server: Account(server, owner.account, scenario.cash, scenario.fee_pct)
        for server, owner in credentials.items()
    }
    _fill(accounts, market, scenario.holdings)
    books = Books(market, accounts, clock.now)
    return World(clock, market, books, credentials)


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
    accounts: dict[Server, Account], market: Market, holdings: Iterable[StartingHolding]
) -> None:
    for holding in holdings:
        listing = market.listing(holding.symbol)
        if listing is None:
            raise ValueError(f"no listing for the starting holding {holding.symbol}")
        accounts[holding.server].put(holding.symbol, listing.exchange, holding.qty, holding.average)
