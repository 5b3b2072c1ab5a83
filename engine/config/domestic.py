"""The sections of the KRX desk. What a desk is told stands in engine.model.krx_settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, time
from decimal import Decimal
from types import MappingProxyType

from engine.model.ids import Mode
from engine.model.krx_settings import (
    EntrySettings,
    ExitSettings,
    RiskSettings,
    SizingSettings,
    StageSettings,
    UniverseSettings,
)


def _no_times() -> Mapping[date, time]:
    return MappingProxyType({})


def _no_hours() -> Mapping[date, tuple[time, time]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Scan:
    """How calls and registrations are spent; the pace is ``Domestic.requests_per_second``."""

    sweep_every_s: int = 120
    rankings_every_s: int = 20
    max_candidates: int = 60
    max_watched: int = 38
    swap_margin: int = 5
    keep_watched_s: int = 60


@dataclass(frozen=True, slots=True)
class Domestic:
    """The KRX desk. ``mode`` None: as the whole assistant; ``daily_limit`` None: no cap."""

    enabled: bool = True
    mode: Mode | None = None
    daily_limit: int | None = None
    requests_per_second: Decimal = Decimal(10)
    universe: UniverseSettings = field(default_factory=UniverseSettings)
    scan: Scan = field(default_factory=Scan)
    stages: StageSettings = field(default_factory=StageSettings)
    entry: EntrySettings = field(default_factory=EntrySettings)
    exit: ExitSettings = field(default_factory=ExitSettings)


@dataclass(frozen=True, slots=True)
class Risk(RiskSettings):
    """Limits of entries, and how large one is. The US desk makes nothing but exits."""

    sizing: SizingSettings = field(default_factory=SizingSettings)

    def limits(self) -> RiskSettings:
        """Without the size."""
        return RiskSettings(**{one.name: getattr(self, one.name) for one in fields(RiskSettings)})


@dataclass(frozen=True, slots=True)
class KrxCalendar:
    """Corrections of the built-in table, in Korean time.

    ``open``: days that trade although the table says closed; ``hours``: open and close of a day
    that are not the usual ones.
    """

    closed: frozenset[date] = frozenset()
    open: frozenset[date] = frozenset()
    early_close: Mapping[date, time] = field(default_factory=_no_times)
    hours: Mapping[date, tuple[time, time]] = field(default_factory=_no_hours)

    def special_hours(self) -> Mapping[date, tuple[time | None, time | None]]:
        """Both kinds in one; an early close leaves the open as it stands."""
        early = {day: (None, close) for day, close in self.early_close.items()}
        return {**early, **self.hours}
