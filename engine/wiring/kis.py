"""One side of KIS put together: one HTTP client, one limiter, one socket per app key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from engine.adapters.kis.auth import ApprovalKeeper, TokenCache, TokenKeeper
from engine.adapters.kis.broker_us import KisUsBroker
from engine.adapters.kis.budget import CallBudget, CallCaps, CallCounts
from engine.adapters.kis.endpoint import KisEndpoint
from engine.adapters.kis.http import KisHttp
from engine.adapters.kis.limiter import RateLimiter
from engine.adapters.kis.quotes import KisQuotes
from engine.adapters.kis.stream import KisFeed
from engine.adapters.kis.transport import KisTransport
from engine.model.ids import DeskName
from engine.ports.clock import Clock
from engine.rules.rate_limit import Rate


@dataclass(frozen=True, slots=True)
class KisSide:
    """Everything that uses one app key."""

    http: KisHttp
    tokens: TokenKeeper
    limiter: RateLimiter
    budget: CallBudget
    broker: KisUsBroker
    quotes: KisQuotes
    feed: KisFeed


def make_kis_side(
    endpoint: KisEndpoint,
    rate: Rate,
    caps: CallCaps,
    *,
    counts: CallCounts,
    cache: TokenCache,
    clock: Clock,
    date_of: Callable[[datetime], date],
) -> KisSide:
    """Build the side; no connection is made yet."""
    http = KisHttp(endpoint.base_url)
    tokens = TokenKeeper(endpoint, http, clock, cache)
    limiter = RateLimiter(clock, rate)
    transport = KisTransport(endpoint, http, tokens, limiter, clock)
    budget = CallBudget(DeskName.US, caps, counts, clock, date_of)
    return KisSide(
        http=http,
        tokens=tokens,
        limiter=limiter,
        budget=budget,
        broker=KisUsBroker(transport, budget, clock),
        quotes=KisQuotes(transport, budget, clock),
        feed=KisFeed(endpoint, ApprovalKeeper(endpoint, http, clock), clock),
    )
