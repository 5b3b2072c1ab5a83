"""The Korean side of a world: what it begins with, and how it is put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sandbox.krx.account import DEFAULT_FEE_PCT, KrxAccount
from sandbox.krx.books import KrxBooks
from sandbox.krx.invented import InventedTape
from sandbox.krx.listings import KrxListing
from sandbox.krx.market import KrxMarket
from sandbox.krx.tape import KrxTape
from sandbox.model import Credentials, Server

DEFAULT_WON = Decimal(50_000_000)


@dataclass(frozen=True, slots=True)
class KrxScenario:
    """What the Korean side begins with; without listings it stays silent. ``cash`` is won."""

    listings: tuple[KrxListing, ...] = ()
    tape: KrxTape | None = None
    cash: Decimal = DEFAULT_WON
    fee_pct: Decimal = DEFAULT_FEE_PCT


@dataclass(frozen=True, slots=True)
class KrxSide:
    """Market and books of the KRX."""

    market: KrxMarket
    books: KrxBooks


def build_side(
    scenario: KrxScenario,
    seed: int,
    start: datetime,
    credentials: Mapping[Server, Credentials],
    now: Callable[[], datetime],
) -> KrxSide:
    """The Korean side of a scenario, nothing of it played yet."""
    tape = scenario.tape or InventedTape(seed, scenario.listings)
    market = KrxMarket(scenario.listings, tape, start)
    accounts = {
        server: KrxAccount(server, owner.account, scenario.cash, scenario.fee_pct)
        for server, owner in credentials.items()
    }
    return KrxSide(market, KrxBooks(market, accounts, now))
