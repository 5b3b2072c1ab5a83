"""The default universe of US listings and their Korean and English names."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sandbox.model import Listing


@dataclass(frozen=True, slots=True)
class Naming:
    """What KIS calls a listing."""

    korean: str
    english: str


_ENGLISH = {
    "AAPL": "APPLE INC",
    "AMAT": "APPLIED MATERIALS INC",
    "AMD": "ADVANCED MICRO DEVICES INC",
    "BAC": "BANK OF AMERICA CORP",
    "F": "FORD MOTOR CO",
    "GE": "GE AEROSPACE",
    "INTC": "INTEL CORP",
    "KO": "COCA-COLA CO",
    "MU": "MICRON TECHNOLOGY INC",
    "NVDA": "NVIDIA CORP",
    "SOXL": "DIREXION DAILY SEMICONDUCTOR BULL 3X",
    "TSLA": "TESLA INC",
}

DEFAULT_UNIVERSE = (
    Listing("AAPL", "NASD", "애플", Decimal("231.40"), 48_100_000),
    Listing("AMAT", "NASD", "어플라이드 머티어리얼즈", Decimal("168.25"), 6_900_000),
    Listing("AMD", "NASD", "AMD", Decimal("142.80"), 39_500_000),
    Listing("BAC", "NYSE", "뱅크오브아메리카", Decimal("44.35"), 35_200_000),
    Listing("F", "NYSE", "포드 모터", Decimal("11.62"), 61_000_000),
    Listing("GE", "NYSE", "GE 에어로스페이스", Decimal("188.90"), 5_400_000),
    Listing("INTC", "NASD", "인텔", Decimal("23.15"), 70_300_000),
    Listing("KO", "NYSE", "코카콜라", Decimal("66.70"), 14_800_000),
    Listing("MU", "NASD", "마이크론 테크놀로지", Decimal("108.55"), 19_600_000),
    Listing("NVDA", "NASD", "엔비디아", Decimal("137.20"), 182_000_000),
    Listing("SOXL", "AMEX", "디렉시온 반도체 3배 ETF", Decimal("27.45"), 88_000_000),
    Listing("TSLA", "NASD", "테슬라", Decimal("251.75"), 92_700_000),
)


def naming(listing: Listing) -> Naming:
    """Both names; a listing outside the table is called by its symbol in English."""
    return Naming(listing.name, _ENGLISH.get(listing.symbol, listing.symbol))
