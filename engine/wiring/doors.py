"""Makes the desks' doors out of what both desks share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.flow.day import DaySales
from engine.flow.desk_engine import DeskEngine
from engine.flow.door import Door
from engine.flow.doors import KrxDoor, UsDoor
from engine.flow.session import D
from engine.flow.settings import EffectiveSettings
from engine.model.ids import DeskName, Mode
from engine.model.money import ZERO_KRW, ZERO_USD, M
from engine.ports.broker import Broker
from engine.ports.clock import Clock
from engine.rules.krx.sessions import kst_date
from engine.rules.live import krx_unlimited, us_unlimited
from engine.rules.sessions import exchange_date
from engine.wiring.desks import Calendars
from engine.wiring.evidence import EvidenceRoom, RealSide, Subject, real_side
from engine.wiring.kis import KisSide
from engine.wiring.makers import krx_maker, recordings, us_maker
from engine.wiring.modes import ModeTable, Sides
from engine.wiring.places import LIVE_KEYS, Paths, live_mark
from engine.wiring.stores import Stores
from engine.wiring.tell import Teller


class DoorMaker:
    """Of one process.

    ``table`` builds the parts of a mode; ``teller`` passes facts on; ``evidence`` speaks for LIVE.
    """

    def __init__(
        self,
        paths: Paths,
        stores: Stores,
        settings: EffectiveSettings,
        sides: Sides,
        clock: Clock,
        *,
        table: ModeTable,
        calendars: Calendars,
        teller: Teller,
        evidence: EvidenceRoom,
    ) -> None:
        self._paths = paths
        self._stores = stores
        self._settings = settings
        self._sides = sides
        self._clock = clock
        self._table = table
        self._calendars = calendars
        self._teller = teller
        self._evidence = evidence

    def us(self, mode: Mode, day: DaySales) -> UsDoor:
        """The US desk's, to begin in ``mode``."""
        make = us_maker(self._settings, self._calendars.us)
        engine = DeskEngine(
            DeskName.US,
            self._table.build_us,
            make,
            mode=mode,
            settings=lambda _mode: self._settings.us(),
            store=self._stores.settings,
            clock=self._clock,
            tell=self._teller.for_book,
            catch_up=self._teller.catch_up,
            date_of=exchange_date,
            record=recordings(self._paths),
        )
        subject = Subject(
            DeskName.US,
            self._real_side(lambda side: side.broker),
            exchange_date,
            last_date=lambda: self._calendars.us.last_date,
            unlimited=lambda: us_unlimited(self._settings.us()),
            in_force=lambda: engine.session.desk if engine.session is not None else None,
            again=lambda snapshot: make(Mode.LIVE, snapshot),
        )
        return self._door(engine, day, ZERO_USD, subject)

    def krx(self, mode: Mode, day: DaySales) -> KrxDoor:
        """The KRX desk's, to begin in ``mode``."""
        make = krx_maker(self._settings, self._calendars.krx, self._sides)
        engine = DeskEngine(
            DeskName.KRX,
            self._table.build_krx,
            make,
            mode=mode,
            settings=self._settings.krx,
            store=self._stores.settings,
            clock=self._clock,
            tell=self._teller.for_book,
            catch_up=self._teller.catch_up,
            date_of=kst_date,
            record=recordings(self._paths),
        )
        subject = Subject(
            DeskName.KRX,
            self._real_side(lambda side: side.krx.broker),
            kst_date,
            last_date=lambda: self._calendars.krx.last_date,
            unlimited=lambda: krx_unlimited(self._settings.krx()),
            in_force=lambda: engine.session.desk if engine.session is not None else None,
            again=lambda snapshot: make(Mode.LIVE, snapshot),
        )
        return self._door(engine, day, ZERO_KRW, subject)

    def _real_side(self, broker_of: Callable[[KisSide], Broker[Any]]) -> RealSide | None:
        side, chat = self._sides.real, self._settings.loaded.config.telegram.base_url
        return None if side is None else real_side(side, broker_of(side), chat)

    def _door(
        self,
        engine: DeskEngine[M, D],
        day: DaySales,
        nothing: M,
        subject: Subject,
    ) -> Door[M, D]:
        sides, name = self._sides, engine.name

        async def confirm_live() -> None:
            await self._stores.values.put(LIVE_KEYS[name], live_mark(sides))

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
