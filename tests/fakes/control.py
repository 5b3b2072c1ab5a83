"""A desk's door that remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.model.candles import MinuteCandle
from engine.model.commands import Command, CommandAnswered, Refusal
from engine.model.ids import CommandId, DeskName, Mode, Symbol
from engine.model.krx_views import PlanView, ScanView, WhyView
from engine.model.live import CheckItem, Finding, LiveCheck, Verdict
from engine.model.money import Krw, Money
from engine.model.status import StatusView
from engine.model.views import (
    BalanceView,
    DayView,
    SaleView,
    SettingChange,
    SettingView,
)
from engine.ports.control import (
    EngineControl,
    ModeOffer,
    SettingRefused,
    StopKind,
    TargetScope,
)

WELL_PROVEN = LiveCheck(
    tuple(Finding(item, Verdict.WELL) for item in CheckItem),
    *(False, False),
    small_order=None,
    small_round_trips=5,
)
SettingAnswer = SettingChange | SettingRefused


@dataclass
class FakeControl:
    """Answers what it was given; ``asked`` lists whatever changes something, in order.

    A command to the US desk is listed without its desk.
    """

    view: StatusView
    balance_view: BalanceView
    sale_views: tuple[SaleView[Money], ...]
    day_view: DayView
    setting_views: tuple[SettingView, ...]
    check: Callable[[str, str, Symbol | None], SettingAnswer]
    names: dict[str, tuple[Symbol, ...]] = field(default_factory=dict)
    mode_refusal: str = ""
    refusal: Refusal | None = None
    trouble: Exception | None = None
    can_refresh: bool = True
    candles: tuple[MinuteCandle[Money], ...] = ()
    asked: list[tuple[object, ...]] = field(default_factory=list)
    called: dict[Symbol, str] = field(default_factory=dict)
    krx_balance: BalanceView[Krw] | None = None
    krx_day: DayView[Krw] | None = None
    scan_view: ScanView | None = None
    why_views: dict[Symbol, WhyView] = field(default_factory=dict)
    plan_view: PlanView | None = None
    live_check: LiveCheck = WELL_PROVEN
    checked: list[DeskName] = field(default_factory=list)
    locked: dict[Symbol, str] = field(default_factory=dict)
    on_command: Callable[[Command], None] | None = None

    def status(self) -> StatusView:
        return self.view

    def desks(self) -> tuple[DeskName, ...]:
        both = ((DeskName.KRX, self.view.krx), (DeskName.US, self.view.us))
        return tuple(name for name, desk in both if desk is not None)

    def desk_of(self, symbol: Symbol) -> DeskName:
        return DeskName.KRX if symbol[:1].isdigit() else DeskName.US

    def balance(self, desk: DeskName = DeskName.US) -> BalanceView[Money]:
        if desk is DeskName.KRX and self.krx_balance is not None:
            return self.krx_balance
        return self.balance_view

    async def refresh_account(self, desk: DeskName = DeskName.US) -> bool:
        self.asked.append(("refresh",) if desk is DeskName.US else ("refresh", desk))
        return self.can_refresh

    async def sales(self, limit: int, desk: DeskName | None = None) -> tuple[SaleView[Money], ...]:
        return tuple(
            row for row in self.sale_views if desk is None or self.desk_of(row.symbol) is desk
        )[:limit]

    async def day(self, desk: DeskName = DeskName.US) -> DayView[Money]:
        if self.trouble is not None:
            raise self.trouble
        if desk is DeskName.KRX and self.krx_day is not None:
            return self.krx_day
        return self.day_view

    async def command(
        self, command: Command, user_id: int, desk: DeskName = DeskName.US
    ) -> CommandAnswered:
        self.asked.append(_with_desk((command, user_id), desk))
        if self.trouble is not None:
            raise self.trouble
        if self.on_command is not None:
            self.on_command(command)
        return CommandAnswered(CommandId(str(len(self.asked))), self.refusal)

    def minutes(self, symbol: Symbol, since: datetime) -> tuple[MinuteCandle[Money], ...]:
        del symbol
        return tuple(one for one in self.candles if one.at >= since)

    def settings(self) -> tuple[SettingView, ...]:
        return self.setting_views

    def check_setting(
        self, key: str, value: str, symbol: Symbol | None = None
    ) -> SettingChange | SettingRefused:
        return self.check(key, value, symbol)

    async def apply_setting(
        self,
        key: str,
        value: str,
        user_id: int,
        *,
        symbol: Symbol | None = None,
        scope: TargetScope = TargetScope.ALL,
    ) -> SettingChange | SettingRefused:
        self.asked.append(("set", key, value, symbol, scope, user_id))
        return self.check(key, value, symbol)

    def offer_mode(self, desk: DeskName, mode: Mode) -> ModeOffer:
        return ModeOffer(desk, mode, self.view.modes[desk], self.mode_refusal)

    async def check_live(self, desk: DeskName) -> LiveCheck:
        self.checked.append(desk)
        return self.live_check

    async def switch_mode(
        self, desk: DeskName, mode: Mode, user_id: int, *, accepts_small: bool = True
    ) -> ModeOffer:
        small = ("small",) if accepts_small and mode is Mode.LIVE else ()
        self.asked.append(("mode", desk, mode, user_id, *small))
        return replace(self.offer_mode(desk, mode), check=self.live_check)

    async def stop(self, kind: StopKind, user_id: int, desk: DeskName | None = None) -> None:
        self.asked.append(_with_desk(("stop", kind, user_id), desk or DeskName.US))

    def scan(self) -> ScanView | None:
        return self.scan_view

    def why(self, symbol: Symbol) -> WhyView | None:
        return self.why_views.get(symbol)

    def plan(self) -> PlanView | None:
        return self.plan_view

    def locks(self) -> tuple[tuple[Symbol, str], ...]:
        return tuple(self.locked.items())

    async def set_lock(self, symbol: Symbol, user_id: int, *, is_locked: bool) -> bool:
        self.asked.append(("lock" if is_locked else "unlock", symbol, user_id))
        if (symbol in self.locked) is is_locked:
            return False
        if is_locked:
            self.locked[symbol] = self.name_of(symbol)
        else:
            del self.locked[symbol]
        return True

    def find_symbol(self, text: str) -> tuple[Symbol, ...]:
        return self.names.get(text.casefold(), ())

    def name_of(self, symbol: Symbol) -> str:
        return self.called.get(symbol, symbol)

    def now(self) -> datetime:
        return self.view.now


def _with_desk(given: tuple[object, ...], desk: DeskName) -> tuple[object, ...]:
    return given if desk is DeskName.US else (*given, desk)


def as_port(fake: FakeControl) -> EngineControl:
    """Lets the type checker prove that the fake is the port."""
    return fake
