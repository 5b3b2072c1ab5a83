"""What the exchange lists: from the master files, once a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.model.ids import Symbol
from engine.model.money import Krw


class Segment(StrEnum):
    """The two boards of KRX that the desk knows."""

    KOSPI = "KOSPI"
    KOSDAQ = "KOSDAQ"


class SecurityKind(StrEnum):
    """What a listed thing is, as far as the universe asks."""

    COMMON = "common"
    PREFERRED = "preferred"
    SPAC = "spac"
    ETF = "etf"
    ETN = "etn"
    OTHER = "other"  # REITs, receipts, funds, warrants


@dataclass(frozen=True, slots=True)
class Listing:
    """One line of a master file: the state of the morning.

    ``warning``: market warning 00 none, 01 caution, 02 warning, 03 risk. ``market_cap`` is the
    previous day's in won (the file counts in hundreds of millions), ``shares`` are listed shares,
    ``base_price`` is the reference price of the day.
    """

    symbol: Symbol
    name: str
    segment: Segment
    kind: SecurityKind
    base_price: Krw
    prev_volume: int
    shares: int
    market_cap: Krw
    listed_on: date | None
    is_halted: bool
    is_managed: bool
    is_liquidation: bool
    warning: str
    is_overheated: bool
    is_caution: bool = False  # 투자주의환기 (KOSDAQ)
