"""The chat's door, from the inside: reads from memory and the book, commands to the desks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from engine.flow.answers import Answers
from engine.flow.doors import Doors, KrxDoor, UsDoor
from engine.flow.mode_switch import ModeSwitch
from engine.flow.settings import EffectiveSettings
from engine.flow.user_latches import UserLatches
from engine.model.candles import MinuteCandle
from engine.model.commands import Command, CommandAnswered, Halt, Pause, Refusal, Resume
from engine.model.ids import CommandId, DeskName, Mode, Symbol
from engine.model.instrument import desk_of
from engine.model.krx_views import PlanView, ScanView, WhyView
from engine.model.live import LiveCheck
from engine.model.money import Money
from engine.model.orders import OrderState
from engine.model.status import StatusView
from engine.model.views import BalanceView, DayView, SaleView, SettingChange, SettingView
from engine.ports.clock import Clock
from engine.ports.control import ModeOffer, SettingRefused, StopKind, TargetScope
from engine.ports.settings import SettingsStore

log = logging.getLogger(__name__)


class Control:
    """Implements ports.control.EngineControl.

    ``end_program`` begins the end of the process; ``loop_lag`` reads the supervisor's figure;
    ``on_settings`` is for what is no desk and takes settings too (limits of calls). ``latches``
    needs to run: it writes what could not be written at once.
    """

    def __init__(
        self,
        doors: Doors,
        settings: EffectiveSettings,
        store: SettingsStore,
        clock: Clock,
        answers: Answers,
        *,
        version: str,
        end_program: Callable[[], None],
        loop_lag: Callable[[], float],
        on_settings: Callable[[], None],
    ) -> None:
        self._doors = doors
        self._settings = settings
        self._clock = clock
        self._answers = answers
        self._version = version
        self._end_program = end_program
        self._loop_lag = loop_lag
        self._on_settings = on_settings
        self._started_at = clock.now()
        self._switch = ModeSwitch(settings, store, clock)
        self.latches = UserLatches(store, clock, answers)

    def now(self) -> datetime:
        """Market time, aware UTC."""
        return self._clock.now()

    def desks(self) -> tuple[DeskName, ...]:
        """The desks that run."""
        return self._doors.names()

    def desk_of(self, symbol: Symbol) -> DeskName:
        """Whose a code is."""
        return desk_of(symbol)

    # -- reads ---------------------------------------------------------------------------------

    def status(self) -> StatusView:
        """Everything at this instant, without a broker call."""
        doors = self._doors
        us, krx = doors.us_view(), doors.krx_view()
        orders = [o.state for view in (us, krx) if view is not None for o in view.orders]
        return StatusView(
            version=self._version,
            now=self._clock.now(),
            started_at=self._started_at,
            modes={d.name: d.engine.mode for d in doors.every() if d.name in self.desks()},
            us=us,
            quota=doors.us.quota(),
            stream=doors.stream(),
            journal_ok=self.latches.is_ok,
            unresolved_orders=orders.count(OrderState.UNRESOLVED),
            inbox_depth=_waiting(doors.us),
            loop_lag_ms_p99=self._loop_lag(),
            badge_note=doors.us.note(doors.us.engine.mode),
            krx=krx,
            krx_quota=doors.krx.quota() if doors.krx is not None else None,
            krx_inbox_depth=_waiting(doors.krx),
            krx_badge_note=doors.krx.note(doors.krx.engine.mode) if doors.krx is not None else "",
        )

    def balance(self, desk: DeskName = DeskName.US) -> BalanceView[Money]:
        """Cash as last read, holdings at their last prices."""
        return self._doors.balance(desk)

    async def refresh_account(self, desk: DeskName = DeskName.US) -> bool:
        """One balance and one cash call on the trader's wish; False when refused or failed."""
        return await self._doors.of(desk).refresh()

    async def sales(self, limit: int, desk: DeskName | None = None) -> tuple[SaleView[Money], ...]:
        """Latest sales first, from the books of the modes in force."""
        doors = self._doors.every() if desk is None else (self._doors.of(desk),)
        found = [sale for door in doors for sale in await door.sales(limit)]
        return tuple(sorted(found, key=lambda sale: sale.at, reverse=True)[:limit])

    async def day(self, desk: DeskName = DeskName.US) -> DayView[Money]:
        """Sums of today's sales; reads the book only after a sale. Raises JournalFailed."""
        return await self._doors.of(desk).today()

    def minutes(self, symbol: Symbol, since: datetime) -> tuple[MinuteCandle[Money], ...]:
        """The symbol's minutes from ``since`` on, as its desk saw ticks; none after a restart."""
        return self._doors.of(desk_of(symbol)).engine.tape.minutes(symbol, since)

    def scan(self) -> ScanView | None:
        """The KRX desk's funnel."""
        desk = self._doors.krx_desk()
        return desk.scan(self._clock.now()) if desk is not None else None

    def why(self, symbol: Symbol) -> WhyView | None:
        """Points and gates of a KRX stock."""
        desk = self._doors.krx_desk()
        return desk.why(symbol, self._clock.now()) if desk is not None else None

    def plan(self) -> PlanView | None:
        """The KRX desk's calls as planned and as spent."""
        desk, door = self._doors.krx_desk(), self._doors.krx
        if desk is None or door is None:
            return None
        return desk.plan(door.quota().by_purpose)

    def locks(self) -> tuple[tuple[Symbol, str], ...]:
        """Stocks the trader forbids to enter."""
        return tuple((symbol, self.name_of(symbol)) for symbol in sorted(self._settings.locks()))

    def find_symbol(self, text: str) -> tuple[Symbol, ...]:
        """Held or listed symbols matching a code or a part of a name; an exact one wins alone."""
        return self._doors.find_symbol(text)

    def name_of(self, symbol: Symbol) -> str:
        """The name people know."""
        return self._doors.name_of(symbol)

    # -- what changes something ----------------------------------------------------------------

    async def command(
        self, command: Command, user_id: int, desk: DeskName = DeskName.US
    ) -> CommandAnswered:
        """Give a command to a desk; a stop is persisted before anybody is told that it holds."""
        log.info("%s for %s by user %d", type(command).__name__, desk, user_id)
        if desk not in self.desks():
            return CommandAnswered(CommandId(""), Refusal.DESK_DISABLED)
        command_id = self._doors.of(desk).engine.give(command)
        self._answers.expect(command_id)
        if isinstance(command, Pause | Halt):
            await self.latches.keep(desk, command, user_id)
        if isinstance(command, Resume):
            return await self.latches.release(desk, command_id, user_id)
        return await self._answers.wait(command_id)

    async def stop(self, kind: StopKind, user_id: int, desk: DeskName | None = None) -> None:
        """Set the user's latch first; for the program, also begin the end of the process."""
        log.warning("stop (%s) by user %d", kind, user_id)
        wish = Halt() if kind is StopKind.ENGINES else Pause()
        doors = self._doors.every() if desk is None else (self._doors.of(desk),)
        for door in doors:
            door.engine.give(wish)
        await asyncio.gather(*(self.latches.keep(door.name, wish, user_id) for door in doors))
        if kind is StopKind.PROGRAM:
            self._end_program()

    def settings(self) -> tuple[SettingView, ...]:
        """Every effective setting without secrets."""
        return self._settings.views()

    def check_setting(
        self, key: str, value: str, symbol: Symbol | None = None
    ) -> SettingChange | SettingRefused:
        """What the change would do."""
        return self._settings.check(key, value, symbol, self._doors.us_positions())

    async def apply_setting(
        self,
        key: str,
        value: str,
        user_id: int,
        *,
        symbol: Symbol | None = None,
        scope: TargetScope = TargetScope.ALL,
    ) -> SettingChange | SettingRefused:
        """Store the override with its audit row and tell the desks."""
        change = self.check_setting(key, value, symbol)
        if isinstance(change, SettingRefused):
            return change
        held: tuple[Symbol, ...] = ()
        if scope is TargetScope.NEW_BUYS:
            held = tuple(position.symbol for position in self._doors.us_positions())
        await self._settings.apply(change, symbol, held, user_id, self._clock.now())
        self._apply_settings()
        return change

    async def set_lock(self, symbol: Symbol, user_id: int, *, is_locked: bool) -> bool:
        """Lock or unlock; False when it was so already. Raises JournalFailed."""
        now = self._clock.now()
        changed = await self._settings.set_lock(symbol, user_id, now, is_locked=is_locked)
        if changed:
            self._apply_settings()
        return changed

    def offer_mode(self, desk: DeskName, mode: Mode) -> ModeOffer:
        """Whether the desk may go to the mode now."""
        if desk not in self.desks():
            return ModeOffer(desk, mode, self._doors.us.engine.mode, "disabled")
        door = self._doors.of(desk)
        return ModeOffer(desk, mode, door.engine.mode, door.why_not(mode))

    async def check_live(self, desk: DeskName) -> LiveCheck:
        """Gather the evidence for LIVE anew, and judge it. The desk must run."""
        return await self._switch.check(self._doors.of(desk))

    async def switch_mode(
        self, desk: DeskName, mode: Mode, user_id: int, *, accepts_small: bool = True
    ) -> ModeOffer:
        """Switch after the confirmation; checks again."""
        offer = self.offer_mode(desk, mode)
        if desk not in self.desks():
            return offer
        door = self._doors.of(desk)
        return await self._switch.go(door, offer, user_id, accepts_small=accepts_small)

    # -- inside --------------------------------------------------------------------------------

    def _apply_settings(self) -> None:
        self._on_settings()
        for door in self._doors.every():
            door.engine.apply_settings()


def _waiting(door: UsDoor | KrxDoor | None) -> int:
    """Events in the desk's inbox."""
    session = door.engine.session if door is not None else None
    return len(session.inbox) if session is not None else 0
