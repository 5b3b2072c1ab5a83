"""REST: whatever a server answers, a value comes out or a BrokerError."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from random import Random

import httpx

from engine.adapters.kis.auth import ApprovalKeeper, TokenKeeper
from engine.adapters.kis.bodies import parse_body
from engine.adapters.kis.budget import CallBudget, CallCaps
from engine.adapters.kis.endpoint import KisEndpoint, KisKeys, Server
from engine.adapters.kis.fields import Operation
from engine.adapters.kis.http import KisHttp
from engine.adapters.kis.krx.master import MasterFiles, parse_master
from engine.adapters.kis.limiter import RateLimiter
from engine.adapters.kis.orders import order_once
from engine.adapters.kis.payloads import parse_order_no
from engine.adapters.kis.transport import KisTransport, Spender
from engine.errors import BrokerError, PayloadError
from engine.model.ids import DeskName
from engine.model.listing import Segment
from engine.model.orders import Accepted
from engine.model.quota import Priority
from engine.rules.rate_limit import rate_of
from sandbox.krx.listings import KOSDAQ, KOSPI, KrxListing
from sandbox.krx.master import tail
from tests.adapters.kis_stage import MemoryCache, MemoryCounts, SteppingClock, us_date
from tests.fuzz import hostile, trees
from tests.fuzz.kept import NOW, check_kept
from tests.fuzz.names import check_shown
from tests.fuzz.recorded import bodies as recorded_bodies
from tests.fuzz.reply_shapes import PARSERS, SHAPES, TOKEN
from tests.fuzz.surface import OK, Broken, Outcome, in_memory

_CODES = (
    "EGW00123",
    "EGW00201",
    "APBK0918",
    "OPSQ2000",
    "MCA00000",
    "KIOK0560",
    "",
    "\u00b2\u00b2",
)
_DATES = (
    *("Fri, 20 Nov 2026 15:00:00 GMT", "Fri, 20 Nov 2026 15:00:00 +99999999999999", "0", " "),
    *("Fri, 20 Nov 99999999999999999999 15:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 +2359", ",,,"),
    *("Fri, 31 Dec 9999 23:59:59 -2359", "20 Nov 26 1:2:3", "Nov 20 15:00", ": : :", "\xff"),
    "Fri, 20 Nov " + "9" * 5_000 + " 15:00:00 GMT",
)
_SOUND = KrxListing("005930", "삼성전자", KOSPI, Decimal(71900), 12_000_000, 5_969_782_000)
_TAILS = {wide: tail(replace(_SOUND, segment=KOSPI if wide else KOSDAQ)) for wide in (True, False)}
_MOST_SENT = 2
_WHOLE = ("us_holdings", "us_price", "us_order", "krx_rows")
_MASTER_NAMES = {"masters", "kospi_code.mst.zip", "kosdaq_code.mst.zip"}
_PAGED = {"CTX_AREA_FK200": "", "CTX_AREA_NK200": ""}


@dataclass(frozen=True, slots=True)
class Wire:
    """One answer of a server."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Given:
    """``kind``: parse, wire, or master; ``name``: the parser or the operation."""

    kind: str
    name: str
    body: bytes = b""
    answers: tuple[Wire, ...] = ()


@dataclass(slots=True)
class _Server(httpx.AsyncBaseTransport):
    """Gives the answers in order, then the last one for ever."""

    answers: tuple[Wire, ...] = ()
    asked: int = 0
    orders: int = 0
    has_object: bool = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        self.orders += request.url.path.endswith("/order")
        self.has_object = parse_body(answer.body) is not None or answer.body[:2] == b"PK"
        headers = [
            (name.encode(), value.encode("latin-1", "replace")) for name, value in answer.headers
        ]
        return httpx.Response(answer.status, headers=headers, stream=_Stream(answer.body))


@dataclass(slots=True)
class _Stream(httpx.AsyncByteStream):
    content: bytes
    size: int = field(default=65_536)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self.content), self.size):
            yield self.content[start : start + self.size]


class RepliesSurface:
    """Most inputs go to one parser; the others over the whole way from the wire."""

    name = "replies"
    first_check = (
        "the bytes hold a JSON object (of a master file: the zip holds the file); over the whole "
        "way from the wire: the answer that ends the call does"
    )

    def open(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._recorded = [body for _, body in recorded_bodies()]

    def close(self) -> None:
        self._loop.close()

    def renew(self) -> None:
        return None

    def draw(self, rng: Random) -> Given:
        pick = rng.random()
        if pick < 0.06:
            return Given("master", rng.choice(list(Segment)), _master(rng))
        if pick < 0.22:
            name = rng.choice(("token", "approval", "fetch", "pages", "order", "files"))
            return Given("wire", name, answers=_answers(rng, name))
        name = rng.choice(list(SHAPES))
        shape = SHAPES[name]
        if self._recorded and rng.random() < 0.1:
            shape = rng.choice(self._recorded)
        return Given("parse", name, trees.written(rng, trees.bent(rng, shape)))

    def feed(self, given: Given) -> Outcome:
        if given.kind == "master":
            return _feed_master(Segment(given.name), given.body)
        if given.kind == "wire":
            return self._loop.run_until_complete(_feed_wire(given))
        body = parse_body(given.body)
        if body is None:
            return Outcome("no JSON object", is_deep=False)
        names = set()
        for parse in PARSERS[given.name]:
            try:
                value = parse(dict(body))
            except PayloadError as error:
                check_kept(str(error))
                names.add("PayloadError")
            else:
                check_kept(value)
                check_shown(value)
                names.add(OK)
        return Outcome(OK if OK in names else "PayloadError", is_deep=True)


async def _feed_wire(given: Given) -> Outcome:
    """The client's own way: headers, limits, retries, pages, tokens."""
    server, clock = _Server(given.answers), SteppingClock(NOW)
    keys = KisKeys("app-key", "app-secret", "1234567801", "my-hts-id")
    endpoint = KisEndpoint(Server.REAL, "https://kis.test", "ws://kis.test", keys)
    budget = CallBudget(DeskName.US, CallCaps(), MemoryCounts(), clock, us_date)
    async with KisHttp("https://kis.test", server) as http:
        tokens = TokenKeeper(endpoint, http, clock, MemoryCache())
        limiter = RateLimiter(clock, rate_of(Decimal(15)))
        transport = KisTransport(endpoint, http, tokens, limiter, clock)
        client = _Client(transport, http, endpoint, Spender(budget, Priority.EXIT), clock, server)
        try:
            value = await client.call(given.name)
        except BrokerError as error:
            check_kept(str(error))
            return Outcome(type(error).__name__, server.has_object)
    check_kept(budget.meter.tally().skew_s)
    check_kept(value)
    check_shown(value)
    return Outcome(OK, server.has_object)


@dataclass(frozen=True, slots=True)
class _Client:
    """What one call needs a hand on."""

    transport: KisTransport
    http: KisHttp
    endpoint: KisEndpoint
    spender: Spender
    clock: SteppingClock
    server: _Server

    async def call(self, name: str) -> object:
        match name:
            case "token":
                return await self._token()
            case "approval":
                key = await ApprovalKeeper(self.endpoint, self.http, self.clock).key()
                return json.dumps({"approval_key": key})
            case "fetch":
                return len(await self.transport.fetch(Operation.PRICE, {"SYMB": "A"}, self.spender))
            case "pages":
                pages = await self.transport.fetch_pages(
                    Operation.HOLDINGS, dict(_PAGED), self.spender
                )
                return len(pages)
            case "order":
                return await self._order()
            case _:
                return await _files(self.server)

    async def _token(self) -> str:
        """Issued, held, renewed; it must be of use as a header."""
        tokens = TokenKeeper(self.endpoint, self.http, self.clock, MemoryCache())
        first = await tokens.token()
        await tokens.token()
        httpx.Request("GET", "https://kis.test", headers={"authorization": f"Bearer {first}"})
        await tokens.renew(first)
        return first

    async def _order(self) -> object:
        """An order is answered by anything, and never sent more than twice."""
        answer = await order_once(
            self.transport, Operation.SELL, {"PDNO": "AAPL"}, self.spender, _read_yes
        )
        if self.server.orders > _MOST_SENT:
            raise Broken(f"an order was sent {self.server.orders} times")
        return answer


async def _files(server: _Server) -> object:
    with in_memory() as folder:
        kept = Path(folder) / "masters"
        listings = await MasterFiles("http://files.test", kept, server).fetch(NOW)
        if strange := {path.name for path in Path(folder).rglob("*")} - _MASTER_NAMES:
            raise Broken(f"files that nobody asked for: {strange}")
        return listings[:3]


def _read_yes(body: Mapping[str, object]) -> Accepted | None:
    number = parse_order_no(body)
    return None if number is None else Accepted(number)


def _feed_master(segment: Segment, content: bytes) -> Outcome:
    try:
        listings = parse_master(segment, content)
    except PayloadError as error:
        check_kept(str(error))
        return Outcome("PayloadError", is_deep="another layout" in str(error))
    for listing in listings[:20]:
        check_kept(listing)
    check_shown(listings)
    return Outcome(OK, is_deep=True)


def _answers(rng: Random, name: str) -> tuple[Wire, ...]:
    """A token mostly comes first, then what the call is answered with."""
    if name == "files":
        return tuple(
            Wire(_status(rng), _headers(rng), _master(rng)) for _ in range(rng.choice((1, 2)))
        )
    first = Wire(200, (), json.dumps(TOKEN).encode())
    last = {"token": TOKEN, "approval": {"approval_key": "a1b2-c3"}}.get(name)
    answers = [] if last is not None else [first]
    for _ in range(rng.choice((1, 1, 2, 3))):
        shape = last or SHAPES[rng.choice(_WHOLE)]
        if rng.random() < 0.4:
            shape = {
                **shape,
                "rt_cd": rng.choice(("0", "1", "7", "")),
                "msg_cd": rng.choice(_CODES),
            }
        if name == "pages":
            key = rng.choice(("", "A" * 200, "B", "C" * 70_000, hostile.text(rng)))
            shape = {**shape, "ctx_area_fk200": key, "ctx_area_nk200": key}
        body = trees.written(rng, trees.bent(rng, shape) if rng.random() < 0.7 else shape)
        headers = _headers(rng)
        answers.append(Wire(_status(rng), headers, _packed(rng, dict(headers), body)))
    return tuple(answers)


def _status(rng: Random) -> int:
    return 200 if rng.random() < 0.75 else rng.choice((100, 201, 204, 301, 400, 403, 429, 500, 503))


def _headers(rng: Random) -> tuple[tuple[str, str], ...]:
    found = []
    if rng.random() < 0.6:
        date = rng.choice(_DATES)
        found.append(("date", date if rng.random() < 0.7 else hostile.changed(rng, date)))
    if rng.random() < 0.3:
        found.append(("tr_cont", rng.choice(("F", "M", "D", "E", "", "MM", hostile.text(rng)))))
    if rng.random() < 0.08:
        coding = rng.choice(("gzip", "deflate", "br", "gzip, gzip", "x", "identity"))
        found.append(("content-encoding", coding))
    if rng.random() < 0.1:
        kind = rng.choice(("text/html; charset=euc-kr", "application/json; charset=nonsense", ""))
        found.append(("content-type", kind))
    return tuple((name, value.replace("\n", " ").replace("\r", " ")) for name, value in found)


def _packed(rng: Random, headers: Mapping[str, str], body: bytes) -> bytes:
    """As the header says, as it does not, or a bomb."""
    coding = headers.get("content-encoding", "")
    if not coding or rng.random() < 0.2:
        return body
    if rng.random() < 0.3:
        body = b" " * rng.choice((1_000_000, 5_000_000, 300_000_000))
    return gzip.compress(body, 1) if "gzip" in coding else zlib.compress(body, 1)


def _master(rng: Random) -> bytes:
    """A zipped file of a board, its lines bent, its zip damaged, or a bomb."""
    name = rng.choice(("kospi_code.mst", "kosdaq_code.mst"))
    pick = rng.random()
    if pick < 0.03:
        text = rng.choice((b"\n", b"\r", b"\x0b", b"x", b"\x00", b"005930\n", b"\x1d\n"))
        text *= rng.choice((1_000, 3_000_000, 60_000_000)) // len(text)
    else:
        lines = [_line(rng, wide=name.startswith("kospi")) for _ in range(rng.choice((1, 3, 30)))]
        text = rng.choice(("\n", "\r\n", "\n\n")).join(lines).encode("cp949", "replace")
    packed = io.BytesIO()
    with zipfile.ZipFile(
        packed, "w", rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    ) as archive:
        if rng.random() < 0.1:
            archive.writestr(rng.choice(("../../evil", "/etc/evil", "..\\evil", "a/b")), b"evil")
        archive.writestr(
            name if rng.random() < 0.95 else rng.choice(hostile.NAMES[13:19]) or "x", text
        )
        if rng.random() < 0.05:
            archive.writestr("second", b"x")
    whole = packed.getvalue()
    return hostile.damaged(rng, whole) if rng.random() < 0.15 else whole


def _line(rng: Random, *, wide: bool) -> str:
    name = rng.choice(hostile.NAMES) if rng.random() < 0.4 else "삼성전자"
    line = f"{'005930':<9}KR7005930003{name:<20}{_TAILS[wide]}"
    return hostile.changed(rng, line) if rng.random() < 0.3 else line
