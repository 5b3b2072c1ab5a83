"""A sandbox served in-process, and the KIS side of the engine pointed at it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from engine.adapters.kis.auth import ApprovalKeeper, TokenKeeper
from engine.adapters.kis.broker_us import KisUsBroker
from engine.adapters.kis.budget import CallBudget, CallCaps
from engine.adapters.kis.desk_feed import DeskFeed
from engine.adapters.kis.endpoint import KisEndpoint, KisKeys, Server
from engine.adapters.kis.http import KisHttp
from engine.adapters.kis.limiter import RateLimiter
from engine.adapters.kis.meter import CallMeter
from engine.adapters.kis.quotes import US_QUOTES, KisQuotes
from engine.adapters.kis.stream import KisSocket
from engine.adapters.kis.transport import KisTransport
from engine.adapters.kis.values import EASTERN
from engine.model.ids import ClientOrderId, DeskName, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import Usd
from engine.model.orders import OrderIntent, OrderReason, Side
from engine.rules.rate_limit import rate_of
from sandbox.clock import SandboxClock
from sandbox.http import Running, serve
from sandbox.krx.side import KrxScenario
from sandbox.market import Tape
from sandbox.model import Credentials, Fault
from sandbox.model import Server as SandboxServer
from sandbox.names import DEFAULT_UNIVERSE
from sandbox.scenario import Scenario, StartingHolding, build
from sandbox.ws_settings import SocketSettings

REGULAR = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # Friday 10:00 ET
OK = 200
NO_KRX = KrxScenario()
TRADED = ("AAPL", "BAC", "F", "KO")
PER_SECOND = {Server.REAL: Decimal(15), Server.PAPER: Decimal(1)}


class MarketTime:
    """The sandbox's clock as the engine's Clock port."""

    skipped = timedelta(0)

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    async def sleep_until(self, moment: datetime) -> None:
        await self._clock.sleep_until(moment)

    async def sleep_for(self, span: timedelta) -> None:
        await self._clock.sleep_until(self._clock.now() + span)

    @property
    def generation(self) -> int:
        generation = self._clock.state()["generation"]
        assert isinstance(generation, int)
        return generation

    async def next_jump(self) -> tuple[datetime, datetime]:
        await asyncio.Event().wait()
        raise AssertionError


class SteppingClock:
    """Time passes only while somebody sleeps; it remembers how long."""

    def __init__(self, start: datetime = REGULAR) -> None:
        self.moment = start
        self.slept: list[float] = []
        self.generation = 0
        self.skipped = timedelta(0)

    def now(self) -> datetime:
        return self.moment

    async def sleep_until(self, moment: datetime) -> None:
        await self.sleep_for(moment - self.moment)

    async def sleep_for(self, span: timedelta) -> None:
        for _ in range(5):
            await asyncio.sleep(0)  # whoever else is about to arrive does so first
        if span > timedelta(0):
            self.slept.append(span.total_seconds())
            self.moment += span

    def jump(self, to: datetime) -> None:
        self.skipped += to - self.moment
        self.moment = to
        self.generation += 1

    async def next_jump(self) -> tuple[datetime, datetime]:
        await asyncio.Event().wait()
        raise AssertionError


class MemoryCounts:
    def __init__(self) -> None:
        self.minutes: dict[tuple[DeskName, date], dict[datetime, int]] = {}

    async def load(self, desk: DeskName, exchange_date: date) -> Mapping[datetime, int]:
        return dict(self.minutes.get((desk, exchange_date), {}))

    def add(self, desk: DeskName, exchange_date: date, minute: datetime) -> None:
        day = self.minutes.setdefault((desk, exchange_date), {})
        day[minute] = day.get(minute, 0) + 1


class MemoryCache:
    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def load(self, key: str) -> str | None:
        return self.texts.get(key)

    def save(self, key: str, text: str) -> None:
        self.texts[key] = text


def us_date(moment: datetime) -> date:
    return moment.astimezone(EASTERN).date()


def keys_of(owner: Credentials) -> KisKeys:
    return KisKeys(owner.app_key, owner.app_secret, owner.account, owner.hts_id)


@dataclass
class Stage:
    """Everything a test needs a hand on."""

    running: Running
    endpoint: KisEndpoint
    clock: MarketTime
    broker: KisUsBroker
    quotes: KisQuotes[Usd]
    socket: KisSocket
    approvals: ApprovalKeeper
    cache: MemoryCache
    counts: MemoryCounts
    transport: KisTransport
    meter: CallMeter

    @property
    def feed(self) -> DeskFeed[Usd]:
        return self.socket.us

    @property
    def server(self) -> SandboxServer:
        return SandboxServer(self.endpoint.server.value)

    def fault(self, kind: str, target: str = "*", times: int = 1, value: str = "") -> None:
        self.running.world.faults.add(Fault("rest", kind, target, times, value))

    def socket_fault(self, kind: str, target: str = "*", times: int = 1, value: str = "") -> None:
        self.running.world.faults.add(Fault("ws", kind, target, times, value))

    def calls(self, tr_id: str) -> int:
        return sum(call.tr_id == tr_id for call in self.running.world.request_log.since())

    def served(self, tr_id: str) -> int:
        """Calls that got through; the pace of paper may refuse one before it is repeated."""
        log = self.running.world.request_log.since()
        return sum(call.tr_id == tr_id and call.status == OK for call in log)

    def issues(self) -> int:
        log = self.running.world.request_log.since()
        return sum(call.path == "/oauth2/tokenP" and call.status == OK for call in log)

    def orders(self) -> list[str]:
        return list(self.running.world.books.accounts[self.server].orders)


@asynccontextmanager
async def stage(
    server: Server = Server.REAL,
    *,
    start: datetime = REGULAR,
    speed: float = 60.0,
    holdings: tuple[tuple[str, int, str], ...] = (),
    socket_settings: SocketSettings | None = None,
    cache: MemoryCache | None = None,
    hts_id: str = "",
    tape: Tape | None = None,
    krx: KrxScenario = NO_KRX,
) -> AsyncIterator[Stage]:
    sandbox_server = SandboxServer(server.value)
    begun = tuple(
        StartingHolding(sandbox_server, symbol, qty, Decimal(cost))
        for symbol, qty, cost in holdings
    )
    # A morning of all listings would be played before each test.
    few = tuple(entry for entry in DEFAULT_UNIVERSE if entry.symbol in TRADED)
    world = build(Scenario(start, 1, speed, few, tape, holdings=begun, krx=krx))
    running = await serve(world, socket_settings=socket_settings)
    base = f"{running.url}/{server.value}"
    keys = keys_of(world.credentials[sandbox_server])
    if hts_id:
        keys = replace(keys, hts_id=hts_id)
    endpoint = KisEndpoint(server, base, base.replace("http:", "ws:") + "/tryitout", keys)
    clock, counts, cache = MarketTime(world.clock), MemoryCounts(), cache or MemoryCache()
    async with KisHttp(base) as http:
        tokens = TokenKeeper(endpoint, http, clock, cache)
        spacing = timedelta(seconds=1.1) if server is Server.PAPER else timedelta(0)
        limiter = RateLimiter(clock, rate_of(PER_SECOND[server], spacing))
        transport = KisTransport(endpoint, http, tokens, limiter, clock)
        budget = CallBudget(DeskName.US, CallCaps(), counts, clock, us_date)
        approvals = ApprovalKeeper(endpoint, http, clock)
        socket = KisSocket(endpoint, approvals, clock)
        try:
            yield Stage(
                running,
                endpoint,
                clock,
                KisUsBroker(transport, budget, clock),
                KisQuotes(transport, budget, clock, US_QUOTES),
                socket,
                approvals,
                cache,
                counts,
                transport,
                budget.meter,
            )
        finally:
            await running.close()


def order(
    symbol: str = "AAPL",
    qty: int = 5,
    limit: str = "1.00",
    side: Side = Side.SELL,
    exchange: Exchange = Exchange.NASD,
) -> OrderIntent:
    return OrderIntent(
        client_order_id=ClientOrderId("us-1"),
        desk=DeskName.US,
        symbol=Symbol(symbol),
        exchange=exchange,
        side=side,
        qty=Qty(qty),
        limit=Usd(Decimal(limit)),
        reason=OrderReason.TARGET,
        decision_price=Usd(Decimal(limit)),
        decided_at=REGULAR,
    )
