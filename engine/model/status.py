"""The whole assistant at one instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.model.ids import DeskName, Mode
from engine.model.krx_views import KrxDeskView
from engine.model.quota import Quota
from engine.model.views import UsDeskView


@dataclass(frozen=True, slots=True)
class StreamView:
    """The socket session."""

    connected: bool
    last_frame_age_s: float | None
    registrations: int


@dataclass(frozen=True, slots=True)
class StatusView:
    """Everything /status and /health show. A desk that is disabled is None."""

    version: str
    now: datetime
    started_at: datetime
    modes: dict[DeskName, Mode]
    us: UsDeskView | None
    quota: Quota
    stream: StreamView
    journal_ok: bool
    unresolved_orders: int
    inbox_depth: int
    loop_lag_ms_p99: float
    badge_note: str  # where quotes and fills come from when that is not the obvious
    krx: KrxDeskView | None = None
    krx_quota: Quota | None = None
    krx_inbox_depth: int = 0
    krx_badge_note: str = ""

    def note_of(self, mode: Mode | None) -> str:
        """The badge's note beside a mode; None: beside the modes of all desks."""
        notes = {DeskName.US: self.badge_note, DeskName.KRX: self.krx_badge_note}
        found = (notes[desk] for desk, own in self.modes.items() if mode in (None, own))
        return next((note for note in found if note), "")
