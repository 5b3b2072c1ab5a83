"""The socket: whatever a frame holds, the session lives on, and what it tells can be kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from random import Random

from engine.adapters.kis.endpoint import KisEndpoint, KisKeys, Server
from engine.adapters.kis.frames import Answer, Ping, parse_frame
from engine.adapters.kis.inlet import Outlets
from engine.adapters.kis.registrations import Registrations, Step, judge
from engine.adapters.kis.session import Session
from engine.adapters.kis.wishes import Allotment, Registration
from engine.errors import PayloadError
from engine.model.events import StreamChanged
from engine.model.ids import DeskName, Symbol
from engine.model.money import Krw, Usd
from engine.ports.feed import FeedEvent
from sandbox.frames import CipherPair, encrypt
from tests.adapters.kis_stage import SteppingClock
from tests.fuzz import hostile, trees
from tests.fuzz.kept import NOW, check_kept
from tests.fuzz.recorded import frames as recorded_frames
from tests.fuzz.surface import OK, Outcome

ACCOUNT = "1234567801"
PAIR = CipherPair("k" * 32, "i" * 16)
_WANTED = Allotment(
    (
        Registration("H0GSCNI0", "my-hts-id", None, DeskName.US),
        Registration("H0STCNI0", "my-hts-id", None, DeskName.KRX),
        Registration("HDFSCNT0", "DNASAAPL", Symbol("AAPL"), DeskName.US),
        Registration("H0STCNT0", "005930", Symbol("005930"), DeskName.KRX),
        Registration("H0STMKO0", "005930", Symbol("005930"), DeskName.KRX),
    )
)
_US = (
    "DNASAAPL^AAPL^4^20261120^20261120^100000^20261121^000000^258.6000^259.0200^258.4000^259.0200"
    "^3^0.0000^0.00^258.9600^259.2200^200^20^10^4629^1198097^2222^680^30.60^1"
)
_KRX = (
    "005930^093354^71900^5^-100^-0.14^72023.83^72100^72400^71700^71900^71800^1^3052507^219853241700"
    "^5105^6937^1832^84.90^1366314^1159996^1^0.39^20.28^090020^5^-200^090820^5^-500^092619^2^200"
    "^20261120^20^N^65945^216924^1118750^2199206^0.05^2424142^125.92^0^^72100^2"
)
_OPERATION = "005930^N^^112^^^^55^N^N^^"
_US_NOTICE = (
    f"hts^{ACCOUNT}^0000037508^^02^0^2^AAPL^0000000100^001480100^093000^0^2^2^06010^0000000100"
    "^홍길동^APPLE^6^10^^^^^0"
)
_KRX_NOTICE = (
    f"hts^{ACCOUNT}^0000037508^^02^0^00^0^005930^0000000010^000071900^093354^0^2^2^06010"
    "^000000010^홍길동^^^^^삼성전자^^^^"
)
PLAIN = (("HDFSCNT0", _US), ("H0STCNT0", _KRX), ("H0STMKO0", _OPERATION))
SEALED = (("H0GSCNI0", _US_NOTICE), ("H0STCNI0", _KRX_NOTICE))
_SYSTEM = (
    {"header": {"tr_id": "PINGPONG", "datetime": "20261120100000"}},
    {
        "header": {"tr_id": "H0GSCNI0", "tr_key": "my-hts-id", "encrypt": "N"},
        "body": {"rt_cd": "0", "msg_cd": "OPSP0000", "msg1": "SUBSCRIBE SUCCESS",
                 "output": {"iv": PAIR.iv, "key": PAIR.key}},
    },
    {
        "header": {"tr_id": "H0STCNT0", "tr_key": "005930", "encrypt": "N"},
        "body": {"rt_cd": "1", "msg_cd": "OPSP0008", "msg1": "MAX SUBSCRIBE OVER"},
    },
    {
        "header": {"tr_id": "(null)", "tr_key": "", "encrypt": "N"},
        "body": {"rt_cd": "9", "msg_cd": "OPSP8996", "msg1": "ALREADY IN USE appkey"},
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """``asks``: an answer is waited for meanwhile, for that registration."""

    raw: str | bytes
    asks: int | None


class FramesSurface:
    """A real session whose line only remembers."""

    name = "frames"
    first_check = (
        "parse_frame takes it for an answer, a ping, a sealed frame or records; of a sealed one "
        "nothing more is asked (it is opened with the right key in most cases)"
    )

    def open(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._recorded = recorded_frames()

    def close(self) -> None:
        self._loop.close()

    def renew(self) -> None:
        """A session with all its registrations and both keys of notices."""
        self._told: list[object] = []
        self._session = self._loop.run_until_complete(self._begin())

    async def _begin(self) -> Session:
        registrations = Registrations(_WANTED)
        session = Session(
            *(_Line(), "approval", _endpoint(), SteppingClock(NOW), registrations),
            outlets=Outlets(us=self._hear, krx=self._hear),
            tell=self._note,
        )
        for wanted in _WANTED.registrations:
            answer = parse_frame(json.dumps(_answer(wanted)))
            assert isinstance(answer, Answer)
            session._take_answer(answer)
            registrations.settle(Step.REGISTER, wanted, judge(answer), answer.code, NOW)
        return session

    def _hear(self, event: FeedEvent[Usd] | FeedEvent[Krw]) -> None:
        self._told.append(event)

    def _note(self, _desk: DeskName, state: StreamChanged, *, has_failed: bool = False) -> None:
        self._told.append(state)

    def draw(self, rng: Random) -> Given:
        raw = self._raw(rng)
        asks = rng.randrange(len(_WANTED.registrations)) if rng.random() < 0.5 else None
        if rng.random() < 0.03:
            return Given(hostile.damaged(rng, raw.encode("utf-8", "surrogatepass")), asks)
        # A server's text frame is UTF-8: a lone surrogate can only come escaped in JSON.
        return Given(raw.encode("utf-8", "replace").decode(), asks)

    def _raw(self, rng: Random) -> str:
        pick = rng.random()
        if pick < 0.25:
            return trees.written(rng, trees.bent(rng, rng.choice(_SYSTEM))).decode(
                "utf-8", "replace"
            )
        if pick < 0.5:
            tr_id, good = rng.choice(SEALED)
            return _sealed(rng, tr_id, _record(rng, good))
        if pick < 0.9:
            tr_id, good = rng.choice(PLAIN)
            records = [_record(rng, good) for _ in range(rng.choice((1, 1, 1, 2, 3, 20)))]
            return _frame(rng, "0", tr_id, len(records), "^".join(records))
        if pick < 0.96 and self._recorded:
            return hostile.changed(rng, rng.choice(self._recorded))
        return _huge(rng) if pick < 0.965 else hostile.text(rng)

    def feed(self, given: Given) -> Outcome:
        self._told.clear()
        return self._loop.run_until_complete(self._feed(given))

    async def _feed(self, given: Given) -> Outcome:
        session = self._session
        waiting: asyncio.Future[Answer] = self._loop.create_future()
        asked = None if given.asks is None else _WANTED.registrations[given.asks]
        session._asked = None if asked is None else (asked, waiting)
        raw = given.raw if isinstance(given.raw, str) else given.raw.decode(errors="replace")
        session._hear()
        await session._take(raw)
        if asked is not None and waiting.done():
            answer = waiting.result()
            session._hide(answer.text)
            session.registrations.settle(
                Step.REGISTER, asked, judge(answer), answer.code, session._clock.now()
            )
            session._tell_settled()
        for event in self._told:
            check_kept(event)
        return _outcome(raw)


class _Line:
    """Nothing comes but what is fed."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        for one in self.sent[:0]:
            yield one

    async def send(self, message: str) -> None:
        self.sent.append(message)

    async def close(self) -> None:
        return None


def _endpoint() -> KisEndpoint:
    keys = KisKeys("app-key", "app-secret", ACCOUNT, "my-hts-id")
    return KisEndpoint(Server.REAL, "https://kis.test", "ws://kis.test", keys)


def _answer(wanted: Registration) -> dict[str, object]:
    output = {"iv": PAIR.iv, "key": PAIR.key}
    body = {"rt_cd": "0", "msg_cd": "OPSP0000", "msg1": "SUBSCRIBE SUCCESS", "output": output}
    return {"header": {"tr_id": wanted.tr_id, "tr_key": wanted.tr_key}, "body": body}


def _outcome(raw: str) -> Outcome:
    try:
        frame = parse_frame(raw)
    except PayloadError:
        return Outcome("PayloadError", is_deep=False)
    if isinstance(frame, Ping):
        return Outcome("ok (ping)", is_deep=True)
    return Outcome(OK if isinstance(frame, tuple) else f"ok ({type(frame).__name__})", is_deep=True)


def _record(rng: Random, good: str) -> str:
    """A record with a few columns replaced, lost or added; the names of its stock mostly stay."""
    fields = good.split("^")
    for _ in range(rng.choice((0, 1, 1, 2, 5))):
        at = rng.randrange(len(fields))
        pick = rng.random()
        if pick < 0.75:
            fields[at] = hostile.value(rng)
        elif pick < 0.85:
            fields[at] = hostile.changed(rng, fields[at])
        elif pick < 0.93:
            fields.insert(at, hostile.value(rng))
        elif len(fields) > 1:
            del fields[at]
    return "^".join(fields)


def _frame(rng: Random, flag: str, tr_id: str, count: int, payload: str) -> str:
    head = [flag, tr_id, f"{count:03d}"]
    if rng.random() < 0.12:
        head[rng.randrange(3)] = rng.choice(
            ("", "2", "0", "1", "000", "9999", "-01", "1e3", "٣", hostile.text(rng))
        )
    between = "|" if rng.random() < 0.98 else rng.choice(("", "||", "^", "\uff5c"))
    return between.join([*head, payload])


def _sealed(rng: Random, tr_id: str, record: str) -> str:
    pick = rng.random()
    clean = record.encode("utf-8", "replace").decode()
    if pick < 0.7:
        payload = encrypt(clean, PAIR)
    elif pick < 0.8:
        payload = encrypt(clean, CipherPair("x" * 32, "y" * 16))
    elif pick < 0.9:
        payload = hostile.changed(rng, encrypt(clean, PAIR))
    else:
        payload = rng.choice((hostile.text(rng), "====", "A" * 64, clean, "QUJD" * 20_000))
    return _frame(rng, "1", tr_id, 1, payload)


def _huge(rng: Random) -> str:
    """As large as a frame may be: websockets takes a megabyte."""
    tr_id, good = rng.choice(PLAIN)
    return rng.choice(
        (
            f"0|{tr_id}|999|" + "^".join([good] * 999),
            f"0|{tr_id}|001|" + "^" * 1_000_000,
            f"0|{tr_id}|999|" + "^" * 999_000,
            f"1|H0GSCNI0|001|{'A' * 1_000_000}",
            "|" * 1_000_000,
            "{" * 1_000_000,
            '{"header":' + "[" * 500_000,
            good.replace("^71900^", f"^{'9' * 1_000_000}^"),
        )
    )
