"""Puts the engine together: databases, KIS sides, desk, control. Opens nothing on the network."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from engine.adapters.secrets import Secrets
from engine.adapters.sqlite.chat import SqliteChatValues, SqliteNonces
from engine.adapters.sqlite.counts import SqliteCallCounts
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.outbox import SqliteOutbox
from engine.adapters.sqlite.schema import STATE
from engine.adapters.sqlite.settings import SqliteSettings
from engine.config import Config
from engine.desk.us.desk import UsDesk
from engine.flow.answers import Answers
from engine.flow.control import Control
from engine.flow.day import TRADES, DaySales
from engine.flow.desk_engine import DeskEngine, MakeDesk
from engine.flow.publisher import Publisher
from engine.flow.reload import watch_file
from engine.flow.settings import EffectiveSettings, Reloaded, open_settings
from engine.flow.supervisor import Run, Service, Supervisor, human_pause
from engine.model.commands import TripGuard
from engine.model.facts import CommandAnswered
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.money import ZERO_USD, Usd
from engine.ports.clock import Clock
from engine.rules.sessions import SessionTable, exchange_date
from engine.wiring.modes import ModeTable, Sides
from engine.wiring.places import (
    LIVE_KEY,
    Paths,
    absences,
    is_loopback,
    live_mark,
    make_sides,
    start_mode,
)
from engine.wiring.probes import Probe, engine_probes
from engine.wiring.tell import Teller

log = logging.getLogger(__name__)

DESK_SERVICE = "us desk"

Reload = Callable[[Reloaded], Awaitable[None]]


class Stores:
    """state.db and what lives in it."""

    def __init__(self, state: Database, clock: Clock) -> None:
        self.state = state
        self.settings = SqliteSettings(state)
        self.counts = SqliteCallCounts(state, clock)
        self.values = SqliteChatValues(state)
        self.nonces = SqliteNonces(state)
        self.outbox = SqliteOutbox(state)


class Assembly:
    """The engine, ready to run. ``end_program`` is called by /stop for the whole program."""

    def __init__(
        self,
        paths: Paths,
        stores: Stores,
        settings: EffectiveSettings,
        sides: Sides,
        clock: Clock,
        mode: Mode,
        *,
        version: str,
        end_program: Callable[[], None],
    ) -> None:
        self.stores = stores
        self.settings = settings
        self.sides = sides
        self.supervisor: Supervisor | None = None
        self.on_reload: list[Reload] = []
        self._paths = paths
        self._clock = clock
        self._answers = Answers()
        self.table = ModeTable(sides, paths.data, clock, stores.values)
        self._day = DaySales(DeskName.US, ZERO_USD)
        publisher = Publisher(
            {
                CommandAnswered: (self._answers.on_fact,),
                **dict.fromkeys(TRADES, (self._day.on_trade,)),
            }
        )
        self.teller = Teller(stores.settings, stores.outbox, publisher, clock.now)
        self.teller.on_gone.append(self._forget_target)
        self.engine = self._make_engine(mode)
        self.control = self._make_control(version, end_program)

    async def run_services(self, *extra: tuple[str, Run]) -> None:
        """Run the desk and the process's own services until cancelled or a fatal error."""
        is_enabled = self.settings.loaded.config.trading.enabled
        desks = (Service(DESK_SERVICE, self.engine.run),) if is_enabled else ()
        services = (
            *desks,
            # One session an app key, whichever desks listen to it.
            *(Service(f"{side.server} socket", side.socket.run) for side in self.sides.all()),
            Service("call counts", lambda: self.stores.counts.run(human_pause)),
            Service("config file", self._watch_file),
            *(Service(name, run) for name, run in extra),
        )
        self.supervisor = Supervisor(services, on_give_up=self._give_up)
        await self.supervisor.run()

    async def drain(self) -> None:
        """Settle what is in flight."""
        await self.engine.drain()

    def on_news(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` when the outbox got something."""
        self.teller.on_news.append(wake)

    def probes(self) -> Sequence[tuple[str, Probe]]:
        """What the doctor asks."""
        table = session_table(self.settings.loaded.config)
        return engine_probes(self.sides, self._clock, table)

    def loop_lag_ms(self) -> float:
        """99th percentile of the loop's lag."""
        return self.supervisor.loop_lag_ms_p99() if self.supervisor is not None else 0.0

    def pending(self) -> int:
        """Database operations in flight."""
        return self.stores.state.pending + self.table.pending()

    def _make_engine(self, mode: Mode) -> DeskEngine[Usd, UsDesk]:
        return DeskEngine(
            DeskName.US,
            self.table.build,
            _desk_maker(self.settings),
            mode=mode,
            settings=self.settings.us,
            store=self.stores.settings,
            clock=self._clock,
            tell=self.teller.for_book,
            catch_up=self.teller.catch_up,
            date_of=exchange_date,
        )

    def _make_control(self, version: str, end_program: Callable[[], None]) -> Control:
        on_loopback = is_loopback(self.settings.loaded.config)
        sides = self.sides
        is_enabled = self.settings.loaded.config.trading.enabled
        return Control(
            self.engine,
            self.settings,
            self.stores.settings,
            self._clock,
            self._answers,
            self._day,
            version=version,
            mode_refusal=lambda wanted: (
                sides.refusal(wanted, is_loopback=on_loopback) if is_enabled else "disabled"
            ),
            is_loopback=on_loopback,
            badge_note=sides.badge_note,
            end_program=end_program,
            loop_lag=self.loop_lag_ms,
            confirm_live=self._confirm_live,
        )

    async def _watch_file(self) -> None:
        async def changed(result: Reloaded) -> None:
            if result.changed:
                self.engine.apply_settings()
            for tell in self.on_reload:
                await tell(result)

        await watch_file(self._paths.config, self.settings, changed, human_pause)

    async def _confirm_live(self) -> None:
        await self.stores.values.put(LIVE_KEY, live_mark(self.sides))

    async def _forget_target(self, symbol: Symbol, at: datetime) -> None:
        if await self.settings.forget_held(symbol, at):
            self.engine.apply_settings()

    def _give_up(self, name: str) -> None:
        """The desk itself keeps failing: exits only. Other services only cost themselves."""
        log.error("%s keeps failing", name)
        if name == DESK_SERVICE:
            self.engine.give(TripGuard("the desk's service keeps failing"))


@asynccontextmanager
async def open_assembly(
    paths: Paths,
    secrets: Secrets,
    clock: Clock,
    *,
    version: str,
    end_program: Callable[[], None],
) -> AsyncIterator[tuple[Assembly, tuple[str, ...]]]:
    """Open state and books and build everything; yields it with notices for the start message.

    Raises:
        ConfigError: configuration, secrets or a database do not fit.
        JournalFailed: state.db cannot be read.
    """
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(Database(paths.data / "state.db", STATE))
        stores = Stores(state, clock)
        stack.push_async_callback(stores.counts.close)
        settings = await open_settings(paths.config, stores.settings)
        config = settings.loaded.config
        sides = make_sides(config, secrets, paths, stores.counts, clock)
        for side in sides.all():
            stack.push_async_callback(side.http.close)
        mode, notices = await start_mode(config, stores.settings, stores.values, sides)
        assembly = Assembly(
            paths,
            stores,
            settings,
            sides,
            clock,
            mode,
            version=version,
            end_program=end_program,
        )
        stack.push_async_callback(assembly.table.close)
        yield assembly, (*settings.loaded.notices, *notices, *absences(config, secrets, paths.data))


def session_table(config: Config) -> SessionTable:
    """The built-in table with the configured closures."""
    calendar = config.calendar.us
    return SessionTable(closed=calendar.closed, early_closes=calendar.early_close)


def _desk_maker(effective: EffectiveSettings) -> MakeDesk[UsDesk]:
    table = session_table(effective.loaded.config)

    def make(mode: Mode, snapshot: Mapping[str, object] | None) -> UsDesk:
        return UsDesk(
            effective.us(),
            table,
            restored=snapshot,
            ids=f"us-{mode}-",  # no id of one book means anything in another
            is_shadow=mode is Mode.DRY_RUN,
        )

    return make
