"""The chat's only door to the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from engine.model.candles import MinuteCandle
from engine.model.commands import Command, CommandAnswered
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.krx_views import PlanView, ScanView, WhyView
from engine.model.live import LiveCheck
from engine.model.money import Money
from engine.model.status import StatusView
from engine.model.views import (
    BalanceView,
    DayView,
    SaleView,
    SettingChange,
    SettingView,
)


class StopKind(StrEnum):
    """What /stop stops."""

    ENTRIES = "entries"  # desk: exits only
    ENGINES = "engines"  # desk: halted
    PROGRAM = "program"  # process ends with 0, exits only at the next start


class TargetScope(StrEnum):
    """Whom a lower target under which a position qualifies now applies to."""

    ALL = "all"  # 적용하고 팔기
    NEW_BUYS = "new_buys"  # 새 매수부터


@dataclass(frozen=True, slots=True)
class SettingRefused:
    """The value or key is not allowed; ``allowed`` and ``example`` say what is."""

    key: str
    value: str
    allowed: str
    example: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class ModeOffer:
    """Whether a mode may be confirmed now. ``refusal`` is empty when it may.

    ``check``: what LIVE was judged by, where it was judged.
    """

    desk: DeskName
    mode: Mode
    current: Mode
    refusal: str  # a reason code: no_keys, already, order_in_flight, positions_held, disabled,
    # book_unreadable; checklist, small, called_off (see switch_mode)
    check: LiveCheck | None = None


class EngineControl(Protocol):
    """Reads are instant and answered from memory or the book; commands await the desk."""

    def status(self) -> StatusView:
        """Everything at this instant, without a broker call."""
        ...

    def desks(self) -> tuple[DeskName, ...]:
        """The desks that run."""
        ...

    def desk_of(self, symbol: Symbol) -> DeskName:
        """Whose a code is: KRX codes have six characters and begin with a digit (ETN: Q)."""
        ...

    def balance(self, desk: DeskName = DeskName.US) -> BalanceView[Money]:
        """Cash as last read, with its age."""
        ...

    async def refresh_account(self, desk: DeskName = DeskName.US) -> bool:
        """One balance and one cash call on the trader's wish; False when refused or failed."""
        ...

    async def sales(self, limit: int, desk: DeskName | None = None) -> tuple[SaleView[Money], ...]:
        """Latest sales first, from the books of the modes in force; None: of all desks."""
        ...

    async def day(self, desk: DeskName = DeskName.US) -> DayView[Money]:
        """Sums of today's sales; reads the book only after a sale. Raises JournalFailed."""
        ...

    async def command(
        self, command: Command, user_id: int, desk: DeskName = DeskName.US
    ) -> CommandAnswered:
        """Give a command to a desk and wait for its answer.

        Raises TimeoutError after 10 s of human time: it may have been done.
        """
        ...

    def minutes(self, symbol: Symbol, since: datetime) -> tuple[MinuteCandle[Money], ...]:
        """The symbol's minutes from ``since`` on, as its desk saw ticks; none after a restart."""
        ...

    def settings(self) -> tuple[SettingView, ...]:
        """Every effective setting without secrets."""
        ...

    def check_setting(
        self, key: str, value: str, symbol: Symbol | None = None
    ) -> SettingChange | SettingRefused:
        """What the change would do; ``symbol`` for a target of one symbol."""
        ...

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
        ...

    def offer_mode(self, desk: DeskName, mode: Mode) -> ModeOffer:
        """Whether the desk may go to the mode now."""
        ...

    async def check_live(self, desk: DeskName) -> LiveCheck:
        """Gather the evidence for LIVE anew, and judge it. The desk must run."""
        ...

    async def switch_mode(
        self, desk: DeskName, mode: Mode, user_id: int, *, accepts_small: bool = True
    ) -> ModeOffer:
        """Switch after the confirmation; checks again. ``refusal`` empty: done.

        A wish for a lower mode, even the one in force, calls off a switch to LIVE under way.

        ``accepts_small``: whether a small beginning was confirmed, should one be due by now.
        """
        ...

    async def stop(self, kind: StopKind, user_id: int, desk: DeskName | None = None) -> None:
        """Set the user's latch first (None: of all desks); for the program, begin its end."""
        ...

    def scan(self) -> ScanView | None:
        """The KRX desk's funnel; None without that desk."""
        ...

    def why(self, symbol: Symbol) -> WhyView | None:
        """Points and gates of a KRX stock, None for one the desk has never looked at."""
        ...

    def plan(self) -> PlanView | None:
        """The KRX desk's calls as planned and as spent."""
        ...

    def locks(self) -> tuple[tuple[Symbol, str], ...]:
        """Stocks the trader forbids to enter, with their names."""
        ...

    async def set_lock(self, symbol: Symbol, user_id: int, *, is_locked: bool) -> bool:
        """Lock or unlock; False when it was so already. Raises JournalFailed."""
        ...

    def find_symbol(self, text: str) -> tuple[Symbol, ...]:
        """Held or listed symbols matching a code or a name; several when ambiguous."""
        ...

    def name_of(self, symbol: Symbol) -> str:
        """The name people know, the code itself where nobody told."""
        ...

    def now(self) -> datetime:
        """Market time, aware UTC."""
        ...
