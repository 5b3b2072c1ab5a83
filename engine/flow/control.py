"""The chat's door, from the inside: reads from memory and the book, commands to the desk."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from engine.desk.us.desk import UsDesk
from engine.errors import ConfigError, JournalFailed, TradingError
from engine.flow.answers import Answers
from engine.flow.day import DaySales
from engine.flow.desk_engine import DeskEngine
from engine.flow.sales import sale_view, stats_of
from engine.flow.settings import EffectiveSettings
from engine.model.commands import Command, Halt, Pause, Resume
from engine.model.events import CashSeen, HoldingsSeen
from engine.model.facts import CommandAnswered
from engine.model.ids import DeskName, DeskState, Mode, Symbol
from engine.model.instrument import desk_of
from engine.model.krx_views import PlanView, ScanView, WhyView
from engine.model.money import ZERO_USD, Money, Usd
from engine.model.orders import OrderState
from engine.model.quota import Priority, Quota
from engine.model.status import StatusView, StreamView
from engine.model.views import (
    BalanceView,
    DayView,
    SaleView,
    SettingChange,
    SettingView,
    StatsView,
)
from engine.ports.clock import Clock
from engine.ports.control import ModeOffer, SettingRefused, StopKind, TargetScope
from engine.ports.settings import SettingsStore
from engine.rules.sessions import exchange_date

log = logging.getLogger(__name__)

NO_QUOTA = Quota(0, 0, 0, 0, 0)


class Control:
    """Implements ports.control.EngineControl for the US desk.

    ``mode_refusal`` says why a mode cannot be had here (wiring's table); ``end_program`` begins
    the end of the process; ``loop_lag`` reads the supervisor's figure.
    """

    def __init__(
        self,
        engine: DeskEngine[Usd, UsDesk],
        settings: EffectiveSettings,
        store: SettingsStore,
        clock: Clock,
        answers: Answers,
        day: DaySales,
        *,
        version: str,
        mode_refusal: Callable[[Mode], str],
        is_loopback: bool,
        badge_note: Callable[[Mode], str],
        end_program: Callable[[], None],
        loop_lag: Callable[[], float],
        confirm_live: Callable[[], Awaitable[None]],
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._store = store
        self._clock = clock
        self._answers = answers
        self._day = day
        self._version = version
        self._mode_refusal = mode_refusal
        self._is_loopback = is_loopback
        self._badge_note = badge_note
        self._end_program = end_program
        self._loop_lag = loop_lag
        self._confirm_live = confirm_live
        self._started_at = clock.now()
        self.journal_ok = True

    def now(self) -> datetime:
        """Market time, aware UTC."""
        return self._clock.now()

    def status(self) -> StatusView:
        """Everything at this instant, without a broker call."""
        session = self._engine.session
        now = self._clock.now()
        view = session.desk.view(now) if session else None
        orders = view.orders if view else ()
        return StatusView(
            version=self._version,
            now=now,
            started_at=self._started_at,
            modes={DeskName.US: self._engine.mode},
            us=view,
            quota=session.parts.broker.quota() if session else NO_QUOTA,
            stream=self._stream(now),
            journal_ok=self.journal_ok,
            unresolved_orders=sum(order.state is OrderState.UNRESOLVED for order in orders),
            inbox_depth=len(session.inbox) if session else 0,
            loop_lag_ms_p99=self._loop_lag(),
            badge_note=self._badge_note(self._engine.mode),
        )

    def balance(self, desk: DeskName = DeskName.US) -> BalanceView[Money]:
        """Cash as last read, holdings at their last prices."""
        session = self._engine.session
        positions = session.desk.view(self._clock.now()).positions if session else ()
        value = ZERO_USD
        for position in positions:
            value += (position.last_price or position.avg_cost) * position.qty
        cash = session.cash if session else None
        return BalanceView(
            at=cash.at if cash else None,
            deposit=cash.deposit if cash else None,
            orderable=cash.orderable if cash else None,
            market_value=value,
            fx=cash.fx if cash else None,
            is_outdated=cash is not None and self._day.has_traded(cash.at, self._engine.mode),
        )

    async def refresh_account(self, desk: DeskName = DeskName.US) -> bool:
        """One balance and one cash call on the trader's wish; False when refused or failed."""
        session = self._engine.session
        if session is None:
            return False
        broker = session.parts.broker
        try:
            asked_in, asked_at = self._clock.generation, self._clock.now()
            holdings = await broker.fetch_holdings(Priority.RECONCILE)
            session.receive(HoldingsSeen(holdings, asked_at, broker.quota()), asked_in)
            session.receive(CashSeen(await broker.fetch_cash(Priority.RECONCILE)))
        except TradingError:
            return False
        await session.inbox.until_handled()
        return True

    async def sales(self, limit: int, desk: DeskName | None = None) -> tuple[SaleView[Money], ...]:
        """Latest sales first, from the book of the mode in force."""
        session = self._engine.session
        if session is None:
            return ()
        rows = await session.parts.journal.sales(DeskName.US, None, limit)
        return tuple(sale_view(row) for row in rows)

    async def stats(self, desk: DeskName = DeskName.US) -> StatsView[Money]:
        """Sums over the book of the mode in force."""
        return stats_of(await self.sales(1_000_000), ZERO_USD)

    async def day(self, desk: DeskName = DeskName.US) -> DayView[Money]:
        """Sums of today's sales; reads the book only after a sale. Raises JournalFailed."""
        session = self._engine.session
        journal = session.parts.journal if session is not None else None
        return await self._day.read(journal, exchange_date(self._clock.now()))

    async def command(
        self, command: Command, user_id: int, desk: DeskName = DeskName.US
    ) -> CommandAnswered:
        """Give a command to the desk; a stop is persisted before anybody is told that it holds."""
        log.info("%s by user %d", type(command).__name__, user_id)
        command_id = self._engine.give(command)
        if isinstance(command, Pause | Halt):
            await self._persist_stop(command, user_id)
        answered = await self._answers.wait(command_id)
        if isinstance(command, Resume) and answered.refusal is None:
            await self._store.set_user_latch(
                DeskName.US, DeskState.RUNNING, user_id, self._clock.now()
            )
        return answered

    def settings(self) -> tuple[SettingView, ...]:
        """Every effective setting without secrets."""
        return self._settings.views()

    def check_setting(
        self, key: str, value: str, symbol: Symbol | None = None
    ) -> SettingChange | SettingRefused:
        """What the change would do."""
        session = self._engine.session
        positions = session.desk.view(self._clock.now()).positions if session else ()
        return self._settings.check(key, value, symbol, positions)

    async def apply_setting(
        self,
        key: str,
        value: str,
        user_id: int,
        *,
        symbol: Symbol | None = None,
        scope: TargetScope = TargetScope.ALL,
    ) -> SettingChange | SettingRefused:
        """Store the override with its audit row and tell the desk."""
        change = self.check_setting(key, value, symbol)
        if isinstance(change, SettingRefused):
            return change
        session = self._engine.session
        held: tuple[Symbol, ...] = ()
        if scope is TargetScope.NEW_BUYS and session is not None:
            positions = session.desk.view(self._clock.now()).positions
            held = tuple(position.symbol for position in positions)
        await self._settings.apply(change, symbol, held, user_id, self._clock.now())
        self._engine.apply_settings()
        return change

    def offer_mode(self, desk: DeskName, mode: Mode) -> ModeOffer:
        """Whether the desk may go to the mode now."""
        refusal = "disabled" if desk is not DeskName.US else self._refusal(mode)
        return ModeOffer(desk, mode, self._engine.mode, refusal, self._is_loopback)

    async def switch_mode(self, desk: DeskName, mode: Mode, user_id: int) -> ModeOffer:
        """Switch after the confirmation; checks again."""
        offer = self.offer_mode(desk, mode)
        if offer.refusal:
            return offer

        async def persist() -> None:
            if mode is Mode.LIVE:
                await self._confirm_live()
            await self._store.set_mode(desk, mode, user_id, self._clock.now())

        try:
            is_done = await self._engine.switch(mode, persist)
        except (ConfigError, JournalFailed):
            log.exception("the book of %s cannot be opened; the mode stays", mode)
            return replace(offer, refusal="book_unreadable")
        return offer if is_done else replace(offer, refusal="order_in_flight")

    async def stop(self, kind: StopKind, user_id: int, desk: DeskName | None = None) -> None:
        """Set the user's latch first; for the program, also begin the end of the process."""
        log.warning("stop (%s) by user %d", kind, user_id)
        wish = Halt() if kind is StopKind.ENGINES else Pause()
        self._engine.give(wish)
        await self._persist_stop(wish, user_id)
        if kind is StopKind.PROGRAM:
            self._end_program()

    def desks(self) -> tuple[DeskName, ...]:
        """The desks that run."""
        return (DeskName.US,)

    def desk_of(self, symbol: Symbol) -> DeskName:
        """Whose a code is."""
        return desk_of(symbol)

    def scan(self) -> ScanView | None:
        """The KRX desk's funnel."""
        return None

    def why(self, symbol: Symbol) -> WhyView | None:
        """Points and gates of a KRX stock."""
        return None

    def plan(self) -> PlanView | None:
        """The KRX desk's calls as planned and as spent."""
        return None

    def locks(self) -> tuple[tuple[Symbol, str], ...]:
        """Stocks the trader forbids to enter."""
        return ()

    async def set_lock(self, symbol: Symbol, user_id: int, *, is_locked: bool) -> bool:
        """Lock or unlock; False when it was so already."""
        return False

    def name_of(self, symbol: Symbol) -> str:
        """The name people know."""
        session = self._engine.session
        positions = session.desk.view(self._clock.now()).positions if session else ()
        return next((p.name for p in positions if p.symbol == symbol), symbol)

    def find_symbol(self, text: str) -> tuple[Symbol, ...]:
        """Held symbols matching a code or a part of a name; an exact code wins alone."""
        session = self._engine.session
        positions = session.desk.view(self._clock.now()).positions if session else ()
        wanted = text.strip().upper()
        exact = tuple(p.symbol for p in positions if p.symbol.upper() == wanted)
        if exact or not wanted:
            return exact
        return tuple(
            p.symbol
            for p in positions
            if wanted in p.name.upper() or p.symbol.upper().startswith(wanted)
        )

    async def _persist_stop(self, command: Pause | Halt, user_id: int) -> None:
        """A stop only ever gets stricter here; what cannot be written holds all the same."""
        wanted = DeskState.HALTED if isinstance(command, Halt) else DeskState.EXITS_ONLY
        try:
            latches = await self._store.latches(DeskName.US)
            if wanted.rank > latches.user.rank:
                await self._store.set_user_latch(DeskName.US, wanted, user_id, self._clock.now())
        except JournalFailed:
            self.journal_ok = False
            log.exception("the stop could not be written; the desk is stopped all the same")

    def _refusal(self, mode: Mode) -> str:
        if mode is self._engine.mode:
            return "already"
        session = self._engine.session
        if session is not None and session.desk.has_live_orders:
            return "order_in_flight"
        return self._mode_refusal(mode)

    def _stream(self, now: datetime) -> StreamView:
        session = self._engine.session
        if session is None:
            return StreamView(connected=False, last_frame_age_s=None, registrations=0)
        health = session.parts.feed.health()
        age = (now - health.last_frame_at).total_seconds() if health.last_frame_at else None
        return StreamView(health.connected, age, health.registrations)
