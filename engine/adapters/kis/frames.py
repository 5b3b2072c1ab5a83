"""Socket frames to records, of any market. Pure; raises PayloadError and nothing else.

Source: kis-websocket notes sections 3, 5, 7.5; captured frames. Columns are added without a
version number, so the width of a record is counted, never assumed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from engine.adapters.kis.fields import (
    KRX_NOTICES_TR,
    KRX_OPERATIONS_TR,
    KRX_TRADES_TR,
    NOTICES_TR,
    TRADES_TR,
)
from engine.adapters.kis.values import clean, parse_number, shares
from engine.errors import PayloadError
from engine.model.fills import NoticeKind
from engine.model.ids import Qty

KNOWN_WIDTH: Mapping[str, int] = {
    TRADES_TR: 26,
    **dict.fromkeys(NOTICES_TR.values(), 25),
    KRX_TRADES_TR: 47,
    KRX_OPERATIONS_TR: 11,
    **dict.fromkeys(KRX_NOTICES_TR.values(), 26),
}
# Without the key of the subscription in front, as the official lists have it, US trades are 25
# wide. Korean notices gained columns in the middle: an older layout must not be read.
MIN_WIDTH: Mapping[str, int] = {
    TRADES_TR: 25,
    **dict.fromkeys(NOTICES_TR.values(), 21),
    KRX_TRADES_TR: 46,
    KRX_OPERATIONS_TR: 10,
    **dict.fromkeys(KRX_NOTICES_TR.values(), 26),
}

_PINGPONG = "PINGPONG"
# As KIS writes it (three digits), and with more or fewer zeros in front.
_COUNTS: Mapping[str, int] = {
    f"{count:0{digits}d}": count for digits in range(1, 5) for count in range(1, 1000)
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The server's reply to a registration or release."""

    tr_id: str
    tr_key: str
    rt_cd: str
    code: str
    text: str
    key: object
    iv: object


@dataclass(frozen=True, slots=True)
class Ping:
    """To be sent back as it came."""


# TR and records of a frame anybody can read. Bare, because thousands a second are made.
PlainFrame = tuple[str, list[list[str]]]


@dataclass(frozen=True, slots=True)
class SealedFrame:
    """So many encrypted records of one TR."""

    tr_id: str
    count: int
    payload: str


def parse_frame(raw: str) -> Answer | Ping | SealedFrame | PlainFrame:
    """What came.

    Raises:
        PayloadError: none of the known shapes, or records that cannot be told apart.
    """
    if raw[:1] == "{":
        return _system(raw)
    try:
        flag, tr_id, digits, payload = raw.split("|", 3)
        count = _COUNTS[digits]
    except (ValueError, KeyError):
        raise PayloadError("a frame of no known shape or count") from None
    if flag == "0":
        return tr_id, split_records(tr_id, count, payload)
    if flag == "1":
        return SealedFrame(tr_id, count, payload)
    raise PayloadError("a frame neither plain nor sealed")


def split_records(tr_id: str, count: int, payload: str) -> list[list[str]]:
    """Cut a (decrypted) payload into records of equal width.

    Raises:
        PayloadError: the fields do not divide, or the records are too narrow to be understood.
    """
    fields = payload.split("^")
    if count == 1 and len(fields) >= MIN_WIDTH.get(tr_id, 1):
        return [fields]
    width, rest = divmod(len(fields), count)
    if rest and not fields[-1].strip():
        fields.pop()
        width, rest = divmod(len(fields), count)
    if rest or width < MIN_WIDTH.get(tr_id, 1):
        raise PayloadError(f"{len(fields)} fields in {count} records", tr_id=tr_id)
    return [fields[start : start + width] for start in range(0, len(fields), width)]


def notice_kind(refused: str, filled: str, accepted: str, change: str) -> NoticeKind:
    """What RFUS_YN, CNTG_YN, ACPT_YN and RCTF_CLS say together, on either market.

    Order of the tests and meanings: notes, section 7.5.

    Raises:
        PayloadError: flags that the tables do not know.
    """
    refused, filled, accepted = refused.strip(), filled.strip(), accepted.strip()
    change = change.strip()
    if refused not in {"0", "1"} or filled not in {"1", "2"} or accepted not in {"1", "2", "3"}:
        raise PayloadError("a notice with unknown flags")
    if refused == "1":
        return NoticeKind.REFUSED
    if filled == "2":
        return NoticeKind.FILL
    if change not in {"0", "1", "2"}:
        raise PayloadError("a notice with unknown flags")
    if accepted == "1":
        return NoticeKind.RECEIVED
    if accepted == "3" or change == "2":
        return NoticeKind.CANCELLED
    return NoticeKind.AMENDED if change == "1" else NoticeKind.CONFIRMED


def quantity(raw: str, name: str) -> Qty | None:
    """Shares, None for blank. Raises PayloadError for what are none."""
    return shares(parse_number(raw, name), name)


def _system(raw: str) -> Answer | Ping:
    try:
        message = json.loads(raw)
    except (ValueError, RecursionError):
        raise PayloadError("a system frame that is not JSON") from None
    header, body = _part(message, "header"), _part(message, "body")
    if header.get("tr_id") == _PINGPONG:
        return Ping()
    output = _part(body, "output")
    return Answer(
        tr_id=_text(header, "tr_id"),
        tr_key=_text(header, "tr_key"),
        rt_cd=_text(body, "rt_cd"),
        code=_text(body, "msg_cd"),
        text=_text(body, "msg1"),
        key=output.get("key"),
        iv=output.get("iv"),
    )


def _part(value: object, name: str) -> Mapping[str, object]:
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def _text(part: Mapping[str, object], name: str) -> str:
    value = part.get(name)
    return clean(value) if isinstance(value, str) else ""
