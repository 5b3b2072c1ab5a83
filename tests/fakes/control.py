"""A desk's door that remembers what it was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from engine.model.commands import Command
from engine.model.facts import CommandAnswered, Refusal
from engine.model.ids import CommandId, DeskName, Mode, Symbol
from engine.model.views import (
    BalanceView,
    DayView,
    SaleView,
    SettingChange,
    SettingView,
    StatsView,
    StatusView,
)
from engine.ports.control import (
    EngineControl,
    ModeOffer,
    SettingRefused,
    StopKind,
    TargetScope,
)

SettingAnswer = SettingChange | SettingRefused


@dataclass
class FakeControl:
    """Answers what it was given; ``asked`` lists whatever changes something, in order."""

    view: StatusView
    balance_view: BalanceView
    sale_views: tuple[SaleView, ...]
    stats_view: StatsView
    day_view: DayView
    setting_views: tuple[SettingView, ...]
    check: Callable[[str, str, Symbol | None], SettingAnswer]
    names: dict[str, tuple[Symbol, ...]] = field(default_factory=dict)
    mode_refusal: str = ""
    refusal: Refusal | None = None
    trouble: Exception | None = None
    can_refresh: bool = True
    asked: list[tuple[object, ...]] = field(default_factory=list)

    def status(self) -> StatusView:
        return self.view

    def balance(self) -> BalanceView:
        return self.balance_view

    async def refresh_account(self) -> bool:
        self.asked.append(("refresh",))
        return self.can_refresh

    async def sales(self, limit: int) -> tuple[SaleView, ...]:
        return self.sale_views[:limit]

    async def stats(self) -> StatsView:
        return self.stats_view

    async def day(self) -> DayView:
        if self.trouble is not None:
            raise self.trouble
        return self.day_view

    async def command(self, command: Command, user_id: int) -> CommandAnswered:
        self.asked.append((command, user_id))
        if self.trouble is not None:
            raise self.trouble
        return CommandAnswered(CommandId(str(len(self.asked))), self.refusal)

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
        return ModeOffer(desk, mode, self.view.modes[desk], self.mode_refusal, is_loopback=True)

    async def switch_mode(self, desk: DeskName, mode: Mode, user_id: int) -> ModeOffer:
        self.asked.append(("mode", desk, mode, user_id))
        return self.offer_mode(desk, mode)

    async def stop(self, kind: StopKind, user_id: int) -> None:
        self.asked.append(("stop", kind, user_id))

    def find_symbol(self, text: str) -> tuple[Symbol, ...]:
        return self.names.get(text.casefold(), ())

    def now(self) -> datetime:
        return self.view.now


def as_port(fake: FakeControl) -> EngineControl:
    """Lets the type checker prove that the fake is the port."""
    return fake
