"""Puts the engine together: desks, control, services. Opens nothing, neither file nor network."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from engine.adapters.kakao import KakaoNotifier
from engine.flow.answers import Answers
from engine.flow.control import Control
from engine.flow.day import TRADES, DaySales
from engine.flow.doors import Doors, KrxDoor, UsDoor
from engine.flow.presence import Presence
from engine.flow.publisher import Publisher, Subscriber
from engine.flow.reload import watch_file
from engine.flow.settings import EffectiveSettings, Reloaded
from engine.flow.supervisor import Run, Service, Supervisor, human_pause
from engine.model.checkup import Probe
from engine.model.commands import CommandAnswered, TripGuard
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.money import ZERO_KRW, ZERO_USD
from engine.ports.clock import Clock
from engine.ports.journal import NumberedFact
from engine.wiring.day_askers import day_askers
from engine.wiring.desks import Calendars
from engine.wiring.doors import DoorMaker
from engine.wiring.evidence import EvidenceRoom
from engine.wiring.modes import ModeTable, Sides, krx_costs
from engine.wiring.places import Paths, apply_rates
from engine.wiring.probes import engine_probes
from engine.wiring.readiness import ReadinessRoom, readiness_services
from engine.wiring.second import second_probes
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
        us_day, krx_day = DaySales(DeskName.US, ZERO_USD), DaySales(DeskName.KRX, ZERO_KRW)
        publisher = self._publisher(us_day, krx_day)
        self.teller = Teller(stores.settings, stores.outbox, publisher, clock.now)
        self.teller.on_gone.append(self._forget_target)
        self.calendars = Calendars(settings.loaded.config, settings.krx())
        self._evidence = EvidenceRoom(paths.data, clock)
        chat_url = settings.loaded.config.telegram.base_url
        self._room = ReadinessRoom(paths.data, sides, clock, chat_url)
        make = self._door_maker()
        self.us = make.us(modes[DeskName.US], us_day)
        self.krx: KrxDoor | None = None
        if settings.loaded.config.domestic.enabled:
            self.krx = make.krx(modes[DeskName.KRX], krx_day)
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

    def _door_maker(self) -> DoorMaker:
        return DoorMaker(
            *(self._paths, self.stores, self.settings, self.sides, self._clock),
            table=self.table,
            calendars=self.calendars,
            teller=self.teller,
            evidence=self._evidence,
        )

    def _make_control(self, version: str, end_program: Callable[[], None]) -> Control:
        us_enabled = self.settings.loaded.config.trading.enabled
        return Control(
            Doors(self.us, self.krx, self._clock, us_enabled),
            self.settings,
            self.stores.settings,
            self._clock,
            self._answers,
            version=version,
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
