"""Keys tried out before they are kept: a token, then the account on both markets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from engine.adapters.kis.budget import CallBudget, CallCaps
from engine.adapters.kis.endpoint import KisKeys, Server
from engine.adapters.kis.krx.master import MasterFiles
from engine.adapters.kis.network import Network
from engine.config import Config
from engine.errors import BrokerError
from engine.model.ids import DeskName
from engine.model.quota import Priority
from engine.ports.broker import Broker
from engine.ports.clock import Clock
from engine.rules.krx.sessions import kst_date
from engine.rules.sessions import exchange_date
from engine.wiring.kis import Budgets, KisSide, make_kis_side
from engine.wiring.places import endpoint_of, rate_for

_LONG = timedelta(seconds=10)  # a limiter's waits are shorter, KIS's minute for a token is longer


class KeptTokens:
    """Tokens issued meanwhile, in memory until the keys themselves are kept."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def load(self, key: str) -> str | None:
        """The text saved last."""
        return self.texts.get(key)

    def save(self, key: str, text: str) -> None:
        """Replace it."""
        self.texts[key] = text


@dataclass(frozen=True, slots=True)
class FirstContact:
    """Tries keys. ``on_wait`` is told of long waits (one token a minute)."""

    config: Config
    clock: Clock
    tokens: KeptTokens
    on_wait: Callable[[timedelta], None]
    network: Network

    async def accounts(self, server: Server, keys: KisKeys) -> Mapping[DeskName, int | BrokerError]:
        """Holdings by market, or why it refused. Raises BrokerError where there is no token."""
        async with self._side(server, keys) as side:
            await side.tokens.token()
            brokers: dict[DeskName, Broker[Any]] = {
                DeskName.KRX: side.krx.broker,
                DeskName.US: side.broker,
            }
            return {desk: await _holdings(broker) for desk, broker in brokers.items()}

    async def has_token(self, server: Server, keys: KisKeys) -> bool:
        """Whether this server gives one for these keys."""
        async with self._side(server, keys) as side:
            try:
                await side.tokens.token()
            except BrokerError:
                return False
            return True

    @asynccontextmanager
    async def _side(self, server: Server, keys: KisKeys) -> AsyncIterator[KisSide]:
        clock = _TellingClock(self.clock, self.on_wait)
        caps, counts = CallCaps.of_day(None), _Uncounted()
        side = make_kis_side(
            endpoint_of(self.config, server, keys),
            rate_for(self.config, server),
            Budgets(
                us=CallBudget(DeskName.US, caps, counts, clock, exchange_date),
                krx=CallBudget(DeskName.KRX, caps, counts, clock, kst_date),
            ),
            masters=MasterFiles(self.config.api.master_url, Path("nowhere")),
            cache=self.tokens,
            clock=clock,
            network=self.network,
        )
        try:
            yield side
        finally:
            await side.http.close()


async def _holdings(broker: Broker[Any]) -> int | BrokerError:
    try:
        return len(await broker.fetch_holdings(Priority.RECONCILE))
    except BrokerError as error:
        return error


class _Uncounted:
    """A handful of calls, made once."""

    async def load(self, _desk: DeskName, _exchange_date: date) -> Mapping[datetime, int]:
        return {}

    def add(self, desk: DeskName, exchange_date: date, minute: datetime) -> None:
        """Forgotten."""


class _TellingClock:
    """Says beforehand that it will sleep for long."""

    def __init__(self, clock: Clock, on_wait: Callable[[timedelta], None]) -> None:
        self._clock = clock
        self._on_wait = on_wait

    def now(self) -> datetime:
        return self._clock.now()

    async def sleep_until(self, moment: datetime) -> None:
        await self._clock.sleep_until(moment)

    async def sleep_for(self, span: timedelta) -> None:
        if span >= _LONG:
            self._on_wait(span)
        await self._clock.sleep_for(span)

    @property
    def generation(self) -> int:
        return self._clock.generation

    @property
    def skipped(self) -> timedelta:
        return self._clock.skipped

    async def next_jump(self) -> tuple[datetime, datetime]:
        return await self._clock.next_jump()
