"""One side of KIS put together: one HTTP client, one limiter, one socket per app key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from engine.adapters.kis.auth import ApprovalKeeper, TokenCache, TokenKeeper
from engine.adapters.kis.broker_us import KisUsBroker
from engine.adapters.kis.budget import CallBudget
from engine.adapters.kis.endpoint import KisEndpoint, Server
from engine.adapters.kis.http import KisHttp
from engine.adapters.kis.krx.broker import KisKrxBroker
from engine.adapters.kis.krx.market_data import KisMarketData
from engine.adapters.kis.krx.master import MasterFiles
from engine.adapters.kis.krx.quotes import KRX_QUOTES
from engine.adapters.kis.limiter import RateLimiter
from engine.adapters.kis.network import Network
from engine.adapters.kis.profits import KisProfits, krx_profits, us_profits
from engine.adapters.kis.quotes import US_QUOTES, KisQuotes
from engine.adapters.kis.stream import KisSocket
from engine.adapters.kis.transport import KisTransport
from engine.model.money import Krw, Usd
from engine.ports.clock import Clock
from engine.rules.rate_limit import Rate


@dataclass(frozen=True, slots=True)
class KrxPart:
    """The Korean half of a side."""

    broker: KisKrxBroker
    quotes: KisQuotes[Krw]
    market: KisMarketData
    profits: KisProfits[Krw]


@dataclass(frozen=True, slots=True)
class Budgets:
    """What each desk may spend, over all sides."""

    us: CallBudget
    krx: CallBudget


@dataclass(frozen=True, slots=True)
class KisSide:
    """Everything that uses one app key."""

    server: Server
    http: KisHttp
    tokens: TokenKeeper
    limiter: RateLimiter
    broker: KisUsBroker
    quotes: KisQuotes[Usd]
    profits: KisProfits[Usd]
    krx: KrxPart
    budgets: Budgets
    socket: KisSocket
    account_hash: str
    addresses: str
    has_notices: bool


def make_kis_side(
    endpoint: KisEndpoint,
    rate: Rate,
    budgets: Budgets,
    *,
    masters: MasterFiles,
    cache: TokenCache,
    clock: Clock,
    network: Network,
) -> KisSide:
    """Build the side; no connection is made yet. A desk's budget is one over both sides."""
    http = KisHttp(endpoint.base_url, network.transport)
    tokens = TokenKeeper(endpoint, http, clock, cache)
    limiter = RateLimiter(clock, rate)
    transport = KisTransport(endpoint, http, tokens, limiter, clock)
    return KisSide(
        server=endpoint.server,
        http=http,
        tokens=tokens,
        limiter=limiter,
        broker=KisUsBroker(transport, budgets.us, clock),
        quotes=KisQuotes(transport, budgets.us, clock, US_QUOTES),
        profits=us_profits(transport, budgets.us),
        krx=_krx_part(transport, budgets.krx, clock, masters),
        budgets=budgets,
        socket=KisSocket(
            endpoint,
            ApprovalKeeper(endpoint, http, clock),
            clock,
            network.open_line,
        ),
        account_hash=hashlib.sha256(endpoint.keys.account.encode()).hexdigest()[:12],
        addresses=f"{endpoint.base_url} {endpoint.websocket_url}",
        has_notices=bool(endpoint.keys.hts_id),
    )


def _krx_part(
    transport: KisTransport,
    budget: CallBudget,
    clock: Clock,
    masters: MasterFiles,
) -> KrxPart:
    return KrxPart(
        broker=KisKrxBroker(transport, budget, clock),
        quotes=KisQuotes(transport, budget, clock, KRX_QUOTES),
        market=KisMarketData(transport, budget, clock, masters),
        profits=krx_profits(transport, budget),
    )
