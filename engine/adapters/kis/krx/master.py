"""The master files: everything listed, downloaded once a day. No key, no limit, not the API host.

Source: kis-rest-domestic notes section 9. Fields have fixed widths counted from the right: the
name on the left is as wide in bytes as it is not in characters.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx

from engine.adapters.kis.bodies import read_raw
from engine.adapters.kis.connections import tls_for
from engine.adapters.kis.values import clean
from engine.errors import BrokerUnavailable, PayloadError
from engine.model.ids import Symbol
from engine.model.listing import Listing, SecurityKind, Segment
from engine.model.money import Krw

_log = logging.getLogger(__name__)

_ENCODING = "cp949"
_COMPRESSIONS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
# A board lists a few thousand, each on a line of 300 bytes. A bomb must not stop the loop.
_MAX_LINES = 20_000
_MAX_FILE = 8 * 1024 * 1024
_MAX_ZIP = 4 * 1024 * 1024
_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_LONGEST_KEPT = timedelta(days=4)
_DAY_HOURS = 24
_CODE, _STANDARD_END = 9, 21
_HUNDRED_MILLION = 100_000_000
_THOUSAND = 1_000
_FILES: Mapping[Segment, str] = {Segment.KOSPI: "kospi_code.mst", Segment.KOSDAQ: "kosdaq_code.mst"}


@dataclass(frozen=True, slots=True)
class _Layout:
    """Offsets in the tail; from the base price on they differ by a constant."""

    width: int
    spac: int
    overheated: int
    caution: int | None
    base: int
    market_cap: int


_LAYOUTS: Mapping[Segment, _Layout] = {
    Segment.KOSPI: _Layout(227, spac=29, overheated=32, caution=None, base=41, market_cap=212),
    Segment.KOSDAQ: _Layout(221, spac=24, overheated=27, caution=30, base=36, market_cap=206),
}
# From the base price: offset and width.
_BASE = (0, 9)
_HALTED, _LIQUIDATION, _MANAGED, _WARNING = (19, 1), (20, 1), (21, 1), (22, 2)
_VOLUME, _LISTED, _SHARES, _PREFERRED = (40, 12), (64, 8), (72, 15), (117, 1)
_GROUPS: Mapping[str, SecurityKind] = {
    "ST": SecurityKind.COMMON,
    "EF": SecurityKind.ETF,
    "FE": SecurityKind.ETF,
    "EN": SecurityKind.ETN,
}


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file of before, and when it came."""

    content: bytes
    written_at: datetime


class MasterFiles:
    """Fetches both files. ``url``: their folder, without a trailing slash.

    ``kept``: the folder in which the last good files lie; they stand in for what cannot be had,
    for some days: a listing carries no date, and flags and base prices move.
    """

    def __init__(
        self, url: str, kept: Path, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._url = url
        self._kept = kept
        self._transport = transport

    async def fetch(self, now: datetime) -> tuple[Listing, ...]:
        """All listings of both boards, at worst as they were four days ago.

        Raises:
            BrokerUnavailable: a file could not be had, nor was one kept that is young enough.
            PayloadError: what came is no master file, and none was kept.
        """
        async with httpx.AsyncClient(
            verify=tls_for(self._url), timeout=_TIMEOUT, trust_env=False, transport=self._transport
        ) as client:
            boards = [await self._board(client, segment, now) for segment in Segment]
        return tuple(listing for board in boards for listing in board)

    async def _board(
        self, client: httpx.AsyncClient, segment: Segment, now: datetime
    ) -> tuple[Listing, ...]:
        path = self._kept / f"{_FILES[segment]}.zip"
        try:
            content = await self._download(client, segment)
            listings = parse_master(segment, content)
        except (BrokerUnavailable, PayloadError) as error:
            kept = await asyncio.to_thread(_read, path)
            if kept is None:
                raise
            age = now - kept.written_at
            if age > _LONGEST_KEPT:
                raise BrokerUnavailable(f"{error}; the one kept is {age.days} days old") from None
            _log.warning("%s: %s; the one kept stands in, %s old", path.name, error, _told(age))
            return parse_master(segment, kept.content)
        await asyncio.to_thread(_write, path, content, now)
        return listings

    async def _download(self, client: httpx.AsyncClient, segment: Segment) -> bytes:
        name = f"{_FILES[segment]}.zip"
        try:
            async with client.stream("GET", f"{self._url}/{name}") as response:
                content = await read_raw(response, _MAX_ZIP)
        except httpx.HTTPError as error:
            raise BrokerUnavailable(f"{name}: {type(error).__name__}") from None
        if response.status_code != httpx.codes.OK:
            raise BrokerUnavailable(f"{name}: HTTP {response.status_code}")
        if content is None:
            raise PayloadError(f"{name} is too large")
        return content


def _read(path: Path) -> _Kept | None:
    try:
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return _Kept(path.read_bytes(), written_at)
    except OSError:
        return None


def _write(path: Path, content: bytes, now: datetime) -> None:
    """A file that cannot be kept is only missed on a day on which none comes."""
    part = path.with_suffix(".part")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        part.write_bytes(content)
        # The caller's time, which is not the machine's where a market is played.
        os.utime(part, (now.timestamp(), now.timestamp()))
        part.replace(path)
    except OSError as error:
        _log.warning("%s cannot be kept: %s", path.name, error)


def _told(age: timedelta) -> str:
    hours = max(0, int(age / timedelta(hours=1)))
    return f"{hours // _DAY_HOURS} d {hours % _DAY_HOURS} h"


def parse_master(segment: Segment, content: bytes) -> tuple[Listing, ...]:
    """The listings in a zipped master file; a line that cannot be read is left out and logged.

    Raises:
        PayloadError: no zip, not the file, or nothing in it can be read.
    """
    data = _unzipped(content, _FILES[segment])
    if data.count(b"\n") > _MAX_LINES:
        raise PayloadError(f"{_FILES[segment]} has too many lines")
    lines = data.decode(_ENCODING, errors="replace").split("\n")
    listings: list[Listing] = []
    broken = 0
    for line in lines:
        try:
            listings.append(_listing(segment, line))
        except ValueError:
            broken += bool(line.strip())
    if broken:
        _log.warning("%s: %d of %d lines cannot be read", _FILES[segment], broken, len(lines))
    if not listings or broken > len(listings):
        raise PayloadError(f"{_FILES[segment]} has another layout")
    return tuple(listings)


def _unzipped(content: bytes, name: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if archive.getinfo(name).compress_type not in _COMPRESSIONS:
                raise PayloadError(f"{name} is packed in an unknown way")
            with archive.open(name) as member:
                data = member.read(_MAX_FILE + 1)
    # RuntimeError: encrypted, or of a later version.
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
        *(KeyError, ValueError, RuntimeError),
    ) as error:
        raise PayloadError(f"{name}: {type(error).__name__}") from None
    if len(data) > _MAX_FILE:
        raise PayloadError(f"{name} is too large")
    return data


def _listing(segment: Segment, line: str) -> Listing:
    """One line. Raises ValueError where it has another shape."""
    layout = _LAYOUTS[segment]
    line = line.rstrip("\r\n")
    head, tail = line[: -layout.width], line[-layout.width :]
    symbol, name = head[:_CODE].strip(), clean(head[_STANDARD_END:])
    if len(tail) < layout.width or not symbol.isascii() or not symbol.isalnum() or not name:
        raise ValueError("no such line")

    def field(at: tuple[int, int]) -> str:
        start = layout.base + at[0]
        return tail[start : start + at[1]].strip()

    market_cap = tail[layout.market_cap : layout.market_cap + 9].strip()
    return Listing(
        symbol=Symbol(symbol),
        name=name,
        segment=segment,
        kind=_kind(tail[:2].strip(), tail[layout.spac], field(_PREFERRED)),
        base_price=Krw(Decimal(_whole(field(_BASE)))),
        prev_volume=_whole(field(_VOLUME)),
        shares=_whole(field(_SHARES)) * _THOUSAND,
        market_cap=Krw(Decimal(_whole(market_cap) * _HUNDRED_MILLION)),
        listed_on=_date(field(_LISTED)),
        is_halted=_flag(field(_HALTED)),
        is_managed=_flag(field(_MANAGED)),
        is_liquidation=_flag(field(_LIQUIDATION)),
        warning=field(_WARNING) or "00",
        is_overheated=tail[layout.overheated] not in {"0", " "},
        is_caution=layout.caution is not None and _flag(tail[layout.caution]),
    )


def _kind(group: str, spac: str, preferred: str) -> SecurityKind:
    kind = _GROUPS.get(group, SecurityKind.OTHER)
    if kind is not SecurityKind.COMMON:
        return kind
    if _flag(spac):
        return SecurityKind.SPAC
    return SecurityKind.COMMON if preferred in {"", "0"} else SecurityKind.PREFERRED


def _flag(raw: str) -> bool:
    """Raises ValueError for neither: then the columns are not where they should be."""
    if raw.strip() not in {"Y", "N", ""}:
        raise ValueError("no flag")
    return raw == "Y"


def _whole(raw: str) -> int:
    if raw and not (raw.isascii() and raw.isdigit()):
        raise ValueError("not a whole number")
    return int(raw or "0")


def _date(raw: str) -> date | None:
    try:
        return date.fromisoformat(raw)
    except ValueError:
        return None
