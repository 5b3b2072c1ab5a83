"""The master files: every listing of a segment as it stands this morning, in fixed columns.

A line is code (9), standard code (12), Korean name (as long as it is) and a tail of ASCII whose
columns depend on the segment: 227 characters for KOSPI, 221 for KOSDAQ. Encoded as cp949, zipped.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from decimal import Decimal

from sandbox.krx.listings import HUNDRED_MILLION, KOSDAQ, KOSPI, THOUSAND, KrxListing
from sandbox.krx.rest_codes import margin_pct

ENCODING = "cp949"
FILES = {KOSPI: "kospi_code.mst", KOSDAQ: "kosdaq_code.mst"}
TAIL_WIDTH = {KOSPI: 227, KOSDAQ: 221}
CODE_WIDTH, STANDARD_WIDTH = 9, 12
# Zip members carry a time of day; a fixed one keeps equal files equal.
_STAMP = (2026, 1, 1, 0, 0, 0)

# Where a column begins in the tail, and how wide it is.
Column = tuple[int, int]
_SHARED: dict[str, Column] = {"group": (0, 2), "size": (2, 1), "sector": (3, 4)}
_COLUMNS: dict[str, dict[str, Column]] = {
    KOSPI: _SHARED
    | {
        "low_liquidity": (16, 1),
        "large": (20, 1),
        "etp": (22, 1),
        "spac": (29, 1),
        "overheated": (32, 1),
    },
    KOSDAQ: _SHARED
    | {
        "low_liquidity": (16, 1),
        "etp": (18, 1),
        "spac": (24, 1),
        "overheated": (27, 1),
        "caution": (30, 1),
        "large": (35, 1),
    },
}
# From the base price on both files have the same columns, KOSDAQ's five characters earlier.
_COMMON_FROM = {KOSPI: 41, KOSDAQ: 36}
_COMMON: dict[str, Column] = {
    "base": (0, 9),
    "lot": (9, 5),
    "after_lot": (14, 5),
    "halted": (19, 1),
    "liquidation": (20, 1),
    "managed": (21, 1),
    "warning": (22, 2),
    "warning_announced": (24, 1),
    "unfaithful": (25, 1),
    "back_door": (26, 1),
    "ex_rights": (27, 2),
    "par_change": (29, 2),
    "capital_increase": (31, 2),
    "margin": (33, 3),
    "credit": (36, 1),
    "credit_days": (37, 3),
    "prev_volume": (40, 12),
    "par": (52, 12),
    "listed_on": (64, 8),
    "shares": (72, 15),
    "capital": (87, 21),
    "fiscal_month": (108, 2),
    "offer_price": (110, 7),
    "preferred": (117, 1),
    "short_overheated": (118, 1),
    "abnormal_rise": (119, 1),
    "krx300": (120, 1),
}
# The last columns, counted from the end of the tail.
_LAST: dict[str, Column] = {
    "market_value": (-15, 9),
    "group_code": (-6, 3),
    "limit_used": (-3, 1),
    "collateral": (-2, 1),
    "lendable": (-1, 1),
}
_ETP = {"EF": "2", "EN": "3"}


def zipped(segment: str, listings: Iterable[KrxListing]) -> bytes:
    """The segment's file as it is offered for download."""
    text = "".join(f"{line(each)}\n" for each in listings if each.segment == segment)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(FILES[segment], _STAMP), text.encode(ENCODING))
    return packed.getvalue()


def line(listing: KrxListing) -> str:
    """One record, without its end of line."""
    head = f"{listing.symbol:<{CODE_WIDTH}}{standard_code(listing):<{STANDARD_WIDTH}}"
    return head + listing.name + tail(listing)


def standard_code(listing: KrxListing) -> str:
    """The twelve characters of an ISIN; the check digit is invented."""
    kind = "G" if listing.group == "EN" else "7"
    return f"KR{kind}{listing.symbol.removeprefix('Q')}003"[:STANDARD_WIDTH].ljust(12, "0")


def tail(listing: KrxListing) -> str:
    """The fixed columns of a record; what is not invented is blank."""
    width = TAIL_WIDTH[listing.segment]
    cells = [" "] * width
    start = _COMMON_FROM[listing.segment]
    columns = dict(_COLUMNS[listing.segment])
    columns |= {name: (start + at, wide) for name, (at, wide) in _COMMON.items()}
    columns |= {name: (width + at, wide) for name, (at, wide) in _LAST.items()}
    for name, value in _values(listing).items():
        if name in columns:
            at, wide = columns[name]
            text = value.zfill(wide) if value.isdigit() else value.ljust(wide)
            if len(text) > wide:
                raise ValueError(f"{listing.symbol}: {name} {value!r} is wider than {wide}")
            cells[at : at + wide] = text
    return "".join(cells)


def _values(listing: KrxListing) -> dict[str, str]:
    return _EVERYWHERE | _flags(listing) | _figures(listing)


def _flags(listing: KrxListing) -> dict[str, str]:
    sound = _yes(listing.is_ordinary)
    return {
        "group": listing.group,
        "size": _size(listing),
        "sector": "0027" if listing.group == "ST" else "0000",
        "large": _yes(listing.large),
        "krx300": _yes(listing.large),
        "etp": _ETP.get(listing.group, "0"),
        "spac": _yes(listing.spac),
        "overheated": str(listing.overheated),
        "caution": _yes(listing.caution),
        "halted": _yes(listing.halted),
        "liquidation": _yes(listing.liquidation),
        "managed": _yes(listing.managed),
        "warning": listing.warning,
        "credit": sound,
        "collateral": sound,
        "preferred": str(listing.preferred),
    }


def _figures(listing: KrxListing) -> dict[str, str]:
    return {
        "base": _whole(listing.base_price),
        "margin": str(margin_pct(listing)),
        "credit_days": "90" if listing.is_ordinary else "0",
        "prev_volume": str(listing.prev_volume),
        "par": str(listing.par),
        "listed_on": listing.listed_on.strftime("%Y%m%d"),
        "shares": str(listing.shares // THOUSAND),
        "capital": str(listing.shares * listing.par),
        "market_value": _whole(listing.market_cap / HUNDRED_MILLION),
    }


_EVERYWHERE = {
    "low_liquidity": "N",
    "lot": "1",
    "after_lot": "1",
    "warning_announced": "N",
    "unfaithful": "N",
    "back_door": "N",
    "ex_rights": "00",
    "par_change": "00",
    "capital_increase": "00",
    "fiscal_month": "12",
    "offer_price": "0",
    "short_overheated": "N",
    "abnormal_rise": "N",
    "limit_used": "N",
    "lendable": "N",
}


def _size(listing: KrxListing) -> str:
    if listing.group != "ST":
        return "0"
    return "1" if listing.large else "3"


def _whole(value: Decimal) -> str:
    return str(int(value))


def _yes(flag: bool) -> str:  # noqa: FBT001 - the flag is the value being written
    return "Y" if flag else "N"
