"""What a server may pack into a reply, a token and a master file."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.adapters.kis.auth import TokenKeeper
from engine.adapters.kis.bodies import MOST_BYTES, read_body
from engine.adapters.kis.endpoint import KisEndpoint, KisKeys, Server
from engine.adapters.kis.http import KisHttp
from engine.adapters.kis.krx.master import MasterFiles, parse_master
from engine.errors import BrokerError, BrokerUnavailable, PayloadError
from engine.model.listing import Segment
from tests.adapters.kis_stage import REGULAR, MemoryCache, SteppingClock
from tests.fuzz.reply_shapes import TOKEN

KEYS = KisKeys("app-key", "app-secret", "1234567801", "my-hts-id")
ENDPOINT = KisEndpoint(Server.REAL, "http://kis.test", "ws://kis.test", KEYS)


@dataclass
class Stream(httpx.AsyncByteStream):
    """A body in pieces; ``given`` counts those that were asked for."""

    piece: bytes
    pieces: int = 1
    given: int = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self.pieces):
            self.given += 1
            yield self.piece


def reply(stream: Stream, coding: str = "") -> httpx.Response:
    headers = {"content-encoding": coding} if coding else {}
    return httpx.Response(200, headers=headers, stream=stream)


def answering(body: bytes | dict[str, Any], status: int = 200) -> httpx.MockTransport:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.MockTransport(lambda _request: httpx.Response(status, content=content))


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("", b"{}"),
        ("identity", b"{}"),
        ("gzip", gzip.compress(b"{}")),
        ("deflate", zlib.compress(b"{}")),
    ],
    ids=["unnamed", "identity", "gzip", "deflate"],  # gzip's bytes hold the time
)
async def test_a_body_is_read_as_it_was_packed(coding: str, packed: bytes) -> None:
    assert await read_body(reply(Stream(packed), coding)) == b"{}"


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(b" " * (MOST_BYTES + 1))),
        ("gzip", b"{}"),
        ("gzip", gzip.compress(b"{}" * 1_000)[:-12]),
        ("gzip, gzip", gzip.compress(gzip.compress(b"{}"))),
        ("br", b"{}"),
    ],
    ids=["a bomb", "not packed", "cut", "twice", "not asked for"],
)
async def test_what_cannot_be_unpacked_within_bounds_is_nothing(coding: str, packed: bytes) -> None:
    assert await read_body(reply(Stream(packed), coding)) == b""


async def test_a_body_without_end_is_not_read_on() -> None:
    stream = Stream(b" " * 65_536, pieces=10_000)
    assert await read_body(reply(stream)) == b""
    assert stream.given == MOST_BYTES // 65_536 + 1


@pytest.mark.parametrize("text", ["a\nb", "a b", "키", "\ud800x\ud800y"])
async def test_a_token_that_is_no_header_is_refused(text: str) -> None:
    async with KisHttp("http://kis.test", answering({**TOKEN, "access_token": text})) as http:
        keeper = TokenKeeper(ENDPOINT, http, SteppingClock(REGULAR), MemoryCache())
        with pytest.raises(PayloadError):
            await keeper.token()


@pytest.mark.parametrize(
    ("stamp", "ends"),
    [
        ("2026-11-21 15:00:00", datetime.fromisoformat("2026-11-21T15:00:00+09:00")),
        ("0001-01-01 00:00:00", REGULAR + timedelta(seconds=86_400)),
        ("9999-12-31 23:59:59", REGULAR + timedelta(seconds=86_400)),
    ],
)
async def test_a_token_ends_within_a_year(stamp: str, ends: datetime) -> None:
    cache, body = MemoryCache(), {**TOKEN, "access_token_token_expired": stamp}
    async with KisHttp("http://kis.test", answering(body)) as http:
        await TokenKeeper(ENDPOINT, http, SteppingClock(REGULAR), cache).token()
    (kept,) = cache.texts.values()
    assert datetime.fromisoformat(json.loads(kept)["expires_at"]) == ends


async def test_a_paging_key_is_cut_before_it_makes_an_address() -> None:
    body = {"ctx_area_nk200": "C" * 100_000}
    async with KisHttp("http://kis.test", answering(body)) as http:
        found = await http.get("/x", {}, {})
        again = await http.get("/x", {}, {"CTX_AREA_NK200": found.text_of("ctx_area_nk200")})
    assert again.status == 200


async def test_a_message_is_cut() -> None:
    async with KisHttp("http://kis.test", answering({"msg1": "x" * 100_000})) as http:
        assert len((await http.get("/x", {}, {})).message) == 200


def zipped(*members: tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("piece", "times"), [(b"\n", 7_000_000), (b"\x00", 60_000_000), (b"x\n", 30_000)]
)
def test_a_master_file_that_grows_without_end_is_refused(piece: bytes, times: int) -> None:
    with pytest.raises(PayloadError, match="too"):
        parse_master(Segment.KOSPI, zipped(("kospi_code.mst", piece * times)))


async def test_a_download_without_end_is_not_read_on(tmp_path: Path) -> None:
    stream = Stream(b"x" * 65_536, pieces=10_000)
    transport = httpx.MockTransport(lambda _request: reply(stream))
    with pytest.raises(PayloadError):
        await MasterFiles("http://files.test", tmp_path / "masters", transport).fetch(REGULAR)
    assert stream.given < 100


async def test_no_name_in_a_zip_becomes_a_path(tmp_path: Path) -> None:
    content = zipped(
        ("../../evil", b"x"), (str(tmp_path / "outside"), b"x"), ("kospi_code.mst", b"no line")
    )
    kept = tmp_path / "data" / "masters"
    with pytest.raises(BrokerError):
        await MasterFiles("http://files.test", kept, answering(content)).fetch(REGULAR)
    assert list(tmp_path.rglob("*")) == []


async def test_a_lost_connection_amid_a_body_is_no_answer() -> None:
    class Broken(Stream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"{"
            raise httpx.ReadError("gone")

    transport = httpx.MockTransport(lambda _request: reply(Broken(b"")))
    async with KisHttp("http://kis.test", transport) as http:
        with pytest.raises(BrokerUnavailable):
            await http.get("/x", {}, {})
