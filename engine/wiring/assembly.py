"""Puts the engine together: databases, KIS sides, desk, control. Opens nothing on the network."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any

from engine.adapters.backup.restoring import ensure_finished
from engine.adapters.kakao import KakaoNotifier
from engine.adapters.kis.network import Network
from engine.adapters.secrets import TOKEN_FILE, Secrets, TokenStore
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from engine.flow.answers import Answers
from engine.flow.control import Control, KrxDoor, UsDoor
from engine.flow.day import TRADES, DaySales
from engine.flow.desk_engine import DeskEngine
from engine.flow.door import Door
from engine.flow.presence import Presence
from engine.flow.publisher import Publisher, Subscriber
from engine.flow.reload import watch_file
from engine.flow.session import D
from engine.flow.settings import EffectiveSettings, Reloaded, open_settings
from engine.flow.supervisor import Run, Service, Supervisor, human_pause
from engine.model.checkup import Probe
from engine.model.commands import CommandAnswered, TripGuard
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.money import ZERO_KRW, ZERO_USD, M
from engine.ports.broker import Broker
from engine.ports.clock import Clock
from engine.ports.journal import NumberedFact
from engine.rules.krx.sessions import kst_date
from engine.rules.live import krx_unlimited, us_unlimited
from engine.rules.sessions import exchange_date
from engine.wiring.backups import restored_notice
from engine.wiring.day_askers import day_askers
from engine.wiring.desks import Calendars
from engine.wiring.evidence import EvidenceRoom, RealSide, Subject, real_side
from engine.wiring.kis import KisSide
from engine.wiring.makers import krx_maker, recordings, us_maker
from engine.wiring.modes import ModeTable, Sides, krx_costs
from engine.wiring.places import (
    LIVE_KEYS,
    Paths,
    absences,
    apply_rates,
    live_mark,
    make_sides,
    start_modes,
)
from engine.wiring.probes import engine_probes
from engine.wiring.readiness import ReadinessRoom, readiness_services
from engine.wiring.second import open_second, second_probes
from engine.wiring.stores import Stores
from engine.wiring.tell import Teller

log = logging.getLogger(__name__)

SERVICE_OF = {desk: f"{desk} desk" for desk in DeskName}

Reload = Callable[[Reloaded], Awaitable[None]]


class Assembly:
    """The engine, ready to run. ``end_program`` is called by /stop for the whole program."""

    def __init__(
        self,
        paths: Paths,
        stores: Stores,
        settings: EffectiveSettings,
        sides: Sides,
        clock: Clock,
        modes: Mapping[DeskName, Mode],
        *,
        version: str,
        end_program: Callable[[], None],
    ) -> None:
        self.stores = stores
        self.settings = settings
        self.sides = sides
        self.supervisor: Supervisor | None = None
        self.on_reload: list[Reload] = []
        self.on_broker_days: list[Callable[[], None]] = []
        self.on_fact: list[Subscriber] = []
        self.second: KakaoNotifier | None = None
        self._paths = paths
        self._clock = clock
        self._answers = Answers()
        costs = krx_costs(lambda: settings.krx().fee_pct)
        self.table = ModeTable(sides, paths.data, clock, stores.values, costs)
        us_day = DaySales(DeskName.US, ZERO_USD)
        krx_day = DaySales(DeskName.KRX, ZERO_KRW)
        publisher = self._publisher(us_day, krx_day)
        self.teller = Teller(stores.settings, stores.outbox, publisher, clock.now)
        self.teller.on_gone.append(self._forget_target)
        self.calendars = Calendars(settings.loaded.config, settings.krx())
        self._evidence = EvidenceRoom(paths.data, clock)
        chat_url = settings.loaded.config.telegram.base_url
        self._room = ReadinessRoom(paths.data, sides, clock, chat_url)
        self.us = self._us_door(modes[DeskName.US], us_day)
        self.krx: KrxDoor | None = None
        if settings.loaded.config.domestic.enabled:
            self.krx = self._krx_door(modes[DeskName.KRX], krx_day)
        self.control = self._make_control(version, end_program)
        self._presences = tuple(self._presence(door) for door in self._doors())

    def _publisher(self, *days: DaySales) -> Publisher:
        on_trades = dict.fromkeys(TRADES, tuple(day.on_trade for day in days))
        heard = {CommandAnswered: (self._answers.on_fact,), **on_trades}
        return Publisher(heard, every=(self._pass_on,))

    async def run_services(self, *extra: tuple[str, Run]) -> None:
        """Run the desks and the process's own services until cancelled or a fatal error."""
        engines = [door.engine for door in self._doors()]
        desks = (Service(SERVICE_OF[engine.name], engine.run) for engine in engines)
        services = (
            *desks,
            # One session an app key, whichever desks listen to it.
            *(Service(f"{side.server} socket", side.socket.run) for side in self.sides.all()),
            Service("call counts", lambda: self.stores.counts.run(human_pause)),
            Service("stops on disk", lambda: self.control.latches.run(human_pause)),
            Service("config file", self._watch_file),
            *(Service(f"{one.desk} presence", one.run) for one in self._presences),
            *self._day_askers(),
            *self._readiness(),
            *(Service(name, run) for name, run in extra),
        )
        self.supervisor = Supervisor(
            services, on_give_up=self._give_up, before_end=self._finish_orders
        )
        await self.supervisor.run()

    def _day_askers(self) -> tuple[Service, ...]:
        us = self.us if self.settings.loaded.config.trading.enabled else None
        return day_askers(us, self.krx, self.calendars, self._clock, self._tell_broker_days)

    def _readiness(self) -> tuple[Service, ...]:
        doors, outbox = self._doors(), self.stores.outbox
        return readiness_services(
            *(self._room, doors, self.calendars, outbox, self._clock), self.teller.wake
        )

    def _tell_broker_days(self) -> None:
        for wake in self.on_broker_days:
            wake()

    async def until_briefed(self) -> None:
        """Wait until the status shows every desk with its latches."""
        for door in self._doors():
            await door.engine.until_briefed()

    async def drain(self) -> None:
        """Enter nothing more, settle what is in flight, write down a stop that is owed."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.control.latches.write_owed())
            for door in self._doors():
                group.create_task(door.engine.drain())

    async def _finish_orders(self) -> None:
        """The process does not end with 1 while an exit of the other desk is on its way."""
        async with asyncio.TaskGroup() as group:
            for door in self._doors():
                group.create_task(door.engine.finish_orders())

    def is_serviced(self) -> bool:
        """Whether every desk runs and takes what waits for it."""
        found = [door.engine.is_serviced() for door in self._doors()]  # every one is asked
        return all(found)

    async def note_presence(self) -> None:
        """The process ends in good order: the desks were there until now."""
        for one in self._presences:
            await one.close()

    def on_news(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` when the outbox got something."""
        self.teller.on_news.append(wake)

    def _pass_on(self, numbered: NumberedFact) -> None:
        for hear in self.on_fact:
            hear(numbered)

    def probes(self) -> Sequence[tuple[str, Probe]]:
        """What the doctor asks."""
        config = self.settings.loaded.config
        krx = self.calendars.krx if config.domestic.enabled else None
        us = self.calendars.us if config.trading.enabled else None
        probes = engine_probes(self.sides, self._clock, us, krx)
        return [*probes, *second_probes(config, self.second)]

    def loop_lag_ms(self) -> float:
        """99th percentile of the loop's lag."""
        return self.supervisor.loop_lag_ms_p99() if self.supervisor is not None else 0.0

    def pending(self) -> int:
        """Operations in flight in other threads."""
        return (
            self.stores.state.pending
            + self.table.pending()
            + self._evidence.pending
            + self._room.pending
        )

    def _doors(self) -> tuple[UsDoor | KrxDoor, ...]:
        """Of the desks that run."""
        us = (self.us,) if self.settings.loaded.config.trading.enabled else ()
        return us if self.krx is None else (*us, self.krx)

    def _presence(self, door: UsDoor | KrxDoor) -> Presence:
        engine, hours = door.engine, self.calendars.hours(door.name)
        return Presence(
            *(engine.name, lambda: engine.running_mode, hours, self.stores.spans, self._clock)
        )

    def _us_door(self, mode: Mode, day: DaySales) -> UsDoor:
        make = us_maker(self.settings, self.calendars.us)
        engine = DeskEngine(
            DeskName.US,
            self.table.build_us,
            make,
            mode=mode,
            settings=lambda _mode: self.settings.us(),
            store=self.stores.settings,
            clock=self._clock,
            tell=self.teller.for_book,
            catch_up=self.teller.catch_up,
            date_of=exchange_date,
            record=recordings(self._paths),
        )
        subject = Subject(
            DeskName.US,
            self._real_side(lambda side: side.broker),
            exchange_date,
            last_date=lambda: self.calendars.us.last_date,
            unlimited=lambda: us_unlimited(self.settings.us()),
            in_force=lambda: engine.session.desk if engine.session is not None else None,
            again=lambda snapshot: make(Mode.LIVE, snapshot),
        )
        return self._door(engine, day, ZERO_USD, subject)

    def _krx_door(self, mode: Mode, day: DaySales) -> KrxDoor:
        make = krx_maker(self.settings, self.calendars.krx, self.sides)
        engine = DeskEngine(
            DeskName.KRX,
            self.table.build_krx,
            make,
            mode=mode,
            settings=self.settings.krx,
            store=self.stores.settings,
            clock=self._clock,
            tell=self.teller.for_book,
            catch_up=self.teller.catch_up,
            date_of=kst_date,
            record=recordings(self._paths),
        )
        subject = Subject(
            DeskName.KRX,
            self._real_side(lambda side: side.krx.broker),
            kst_date,
            last_date=lambda: self.calendars.krx.last_date,
            unlimited=lambda: krx_unlimited(self.settings.krx()),
            in_force=lambda: engine.session.desk if engine.session is not None else None,
            again=lambda snapshot: make(Mode.LIVE, snapshot),
        )
        return self._door(engine, day, ZERO_KRW, subject)

    def _real_side(self, broker_of: Callable[[KisSide], Broker[Any]]) -> RealSide | None:
        side, chat = self.sides.real, self.settings.loaded.config.telegram.base_url
        return None if side is None else real_side(side, broker_of(side), chat)

    def _door(
        self,
        engine: DeskEngine[M, D],
        day: DaySales,
        nothing: M,
        subject: Subject,
    ) -> Door[M, D]:
        sides, name = self.sides, engine.name

        async def confirm_live() -> None:
            await self.stores.values.put(LIVE_KEYS[name], live_mark(sides))

        return Door(
            engine=engine,
            day=day,
            nothing=nothing,
            clock=self._clock,
            date_of=subject.date_of,
            refusal=sides.refusal,
            note=sides.badge_note,
            confirm_live=confirm_live,
            evidence=lambda: self._evidence.gather(subject),
        )

    def _make_control(self, version: str, end_program: Callable[[], None]) -> Control:
        return Control(
            self.us,
            self.krx,
            self.settings,
            self.stores.settings,
            self._clock,
            self._answers,
            version=version,
            us_enabled=self.settings.loaded.config.trading.enabled,
            end_program=end_program,
            loop_lag=self.loop_lag_ms,
            on_settings=lambda: apply_rates(self.settings.loaded.config, self.sides),
        )

    async def _watch_file(self) -> None:
        async def changed(result: Reloaded) -> None:
            if result.changed:
                config = self.settings.loaded.config
                self.calendars.correct(config)
                apply_rates(config, self.sides)
                self._apply_settings()
            for tell in self.on_reload:
                await tell(result)

        await watch_file(self._paths.config, self.settings, changed, human_pause)

    def _apply_settings(self) -> None:
        for door in self._doors():
            door.engine.apply_settings()

    async def _forget_target(self, symbol: Symbol, at: datetime) -> None:
        if await self.settings.forget_held(symbol, at):
            self.us.engine.apply_settings()

    def _give_up(self, name: str) -> None:
        """A desk itself keeps failing: exits only. Other services only cost themselves."""
        log.error("%s keeps failing", name)
        for door in self._doors():
            if name == SERVICE_OF[door.name]:
                door.engine.give(TripGuard("the desk's service keeps failing"))


@asynccontextmanager
async def open_assembly(
    paths: Paths,
    secrets: Secrets,
    clock: Clock,
    *,
    version: str,
    end_program: Callable[[], None],
    network: Network | None = None,
) -> AsyncIterator[tuple[Assembly, tuple[str, ...]]]:
    """Open state and books and build everything; yields it with notices for the start message.

    ``network`` None: KIS is reached over the network.

    Raises:
        ConfigError: configuration, secrets or a database do not fit.
        JournalFailed: state.db cannot be read.
    """
    ensure_finished(paths.data)
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(Database(paths.data / "state.db", STATE))
        stores = Stores(state, clock)
        stack.push_async_callback(stores.counts.close)
        settings = await open_settings(paths.config, stores.settings)
        config = settings.loaded.config
        tokens = TokenStore(paths.data / TOKEN_FILE, secrets.master_passphrase)
        network = network or Network()
        sides = make_sides(config, secrets, paths, stores.counts, clock, network, cache=tokens)
        for side in sides.all():
            stack.push_async_callback(side.http.close)
        kept = (stores.settings, stores.values)
        modes, notices = await start_modes(config, *kept, sides, clock)
        notices += await restored_notice(config, *kept)
        parts = (paths, stores, settings, sides, clock, modes)
        assembly = Assembly(*parts, version=version, end_program=end_program)
        assembly.second = await stack.enter_async_context(open_second(config, secrets, tokens))
        stack.push_async_callback(assembly.table.close)
        stack.push_async_callback(assembly.note_presence)
        yield assembly, (*settings.loaded.notices, *notices, *absences(config, secrets, paths.data))
