"""Socket frames to values. Pure; raises PayloadError and nothing else.

Source: kis-websocket notes sections 3, 5, 7.5, 8; captured frames. Columns are added without a
version number, so the width of a record is counted, never assumed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum

from engine.adapters.kis.fields import SIDES, TRADES_TR
from engine.adapters.kis.values import EASTERN, moment, order_no, parse_number, positive
from engine.errors import PayloadError
from engine.model.fills import NoticeKind, OrderNotice
from engine.model.ids import Qty, Symbol
from engine.model.money import Usd
from engine.model.quotes import QuoteSource, Tick

KNOWN_WIDTH: Mapping[str, int] = {TRADES_TR: 26, "H0GSCNI0": 25, "H0GSCNI9": 25}
# Without the key of the subscription in front, as the official lists have it, trades are 25 wide.
MIN_WIDTH: Mapping[str, int] = {TRADES_TR: 25, "H0GSCNI0": 21, "H0GSCNI9": 21}

_PINGPONG = "PINGPONG"
_FRAME_PARTS = 4
_IMPLIED_DECIMALS = Decimal("0.0001")
_UP, _DOWN = frozenset("12"), frozenset("45")


class _Trade(IntEnum):
    RSYM = 0
    SYMB = 1
    XYMD = 4
    XHMS = 5
    LAST = 11
    SIGN = 12
    DIFF = 13
    PBID = 15
    PASK = 16
    TVOL = 20


class _Notice(IntEnum):
    ACNT_NO = 1
    ODER_NO = 2
    OODER_NO = 3
    SELN_BYOV_CLS = 4
    RCTF_CLS = 5
    STCK_SHRN_ISCD = 7
    CNTG_QTY = 8
    CNTG_UNPR = 9
    STCK_CNTG_HOUR = 10
    RFUS_YN = 11
    CNTG_YN = 12
    ACPT_YN = 13
    ODER_QTY = 15


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


@dataclass(frozen=True, slots=True)
class DataFrame:
    """Records of one TR, still in the payload's text (``is_sealed``: encrypted)."""

    tr_id: str
    count: int
    payload: str
    is_sealed: bool


def parse_frame(raw: str) -> Answer | Ping | DataFrame:
    """What came.

    Raises:
        PayloadError: none of the known shapes.
    """
    if raw.startswith("{"):
        return _system(raw)
    parts = raw.split("|", _FRAME_PARTS - 1)
    if len(parts) != _FRAME_PARTS or parts[0] not in {"0", "1"}:
        raise PayloadError("a frame of no known shape")
    count = parts[2]
    if not (count.isascii() and count.isdigit()) or len(count) > _FRAME_PARTS or int(count) < 1:
        raise PayloadError("a frame without a count")
    return DataFrame(parts[1], int(count), parts[3], is_sealed=parts[0] == "1")


def split_records(tr_id: str, count: int, payload: str) -> list[list[str]]:
    """Cut a (decrypted) payload into records of equal width.

    Raises:
        PayloadError: the fields do not divide, or the records are too narrow to be understood.
    """
    fields = payload.split("^")
    if len(fields) % count and not fields[-1].strip():
        fields.pop()
    width, rest = divmod(len(fields), count)
    if rest or width < MIN_WIDTH.get(tr_id, 1):
        raise PayloadError(f"{len(fields)} fields in {count} records", tr_id=tr_id)
    return [fields[start : start + width] for start in range(0, len(fields), width)]


def parse_trade(record: list[str], tr_key: str, symbol: Symbol) -> Tick:
    """One record of HDFSCNT0 for the subscription it belongs to.

    Raises:
        PayloadError: of another subscription, without a price or a time.
    """
    if record[0] == symbol and record[1] != symbol:
        record = [tr_key, *record]
    if record[_Trade.RSYM] != tr_key or record[_Trade.SYMB] != symbol:
        raise PayloadError("a trade of something else", tr_id=TRADES_TR)
    if len(record) < KNOWN_WIDTH[TRADES_TR]:
        raise PayloadError("a trade with columns missing", tr_id=TRADES_TR)
    price = positive(parse_number(record[_Trade.LAST], "LAST"))
    at = moment(record[_Trade.XYMD], record[_Trade.XHMS], EASTERN)
    if price is None or at is None:
        raise PayloadError("a trade without price or time", tr_id=TRADES_TR)
    volume = parse_number(record[_Trade.TVOL], "TVOL")
    return Tick(
        symbol=symbol,
        at=at,
        price=price,
        source=QuoteSource.STREAM,
        bid=positive(parse_number(record[_Trade.PBID], "PBID")),
        ask=positive(parse_number(record[_Trade.PASK], "PASK")),
        cum_volume=None if volume is None else int(volume),
        prev_close=_prev_close(price, record[_Trade.SIGN], record[_Trade.DIFF]),
    )


def parse_notice(record: list[str], account: str, seen_at: datetime) -> OrderNotice | None:
    """One record of H0GSCNI0/9; None for another account of the same HTS ID.

    The time on the wire is often empty, so ``at`` is when it was seen. The price has four implied
    decimals (001480100 is 148.01).

    Raises:
        PayloadError: flags or numbers that the tables do not know.
    """
    if record[_Notice.ACNT_NO].strip() != account:
        return None
    number = order_no(record[_Notice.ODER_NO])
    side = SIDES.get(record[_Notice.SELN_BYOV_CLS].strip())
    symbol = Symbol(record[_Notice.STCK_SHRN_ISCD].strip())
    if number is None or side is None or not symbol:
        raise PayloadError("a notice without order, side or symbol")
    kind, qty = _kind(record), _quantity(record[_Notice.CNTG_QTY], "CNTG_QTY")
    price = _implied_price(record[_Notice.CNTG_UNPR])
    if qty is None or price is None:
        raise PayloadError("a notice without quantity or price")
    hour = record[_Notice.STCK_CNTG_HOUR].strip()
    return OrderNotice(
        kind=kind,
        broker_order_no=number,
        original_order_no=order_no(record[_Notice.OODER_NO]),
        symbol=symbol,
        side=side,
        qty=qty,
        price=price,
        order_qty=_quantity(record[_Notice.ODER_QTY], "ODER_QTY") or None,
        at=seen_at,
        key=f"{number}:{kind}:{hour}:{qty}:{price.amount}",
    )


def _kind(record: list[str]) -> NoticeKind:
    """Order of the tests and meanings: notes, section 7.5."""
    flags = tuple(
        record[column].strip() for column in (_Notice.RFUS_YN, _Notice.CNTG_YN, _Notice.ACPT_YN)
    )
    refused, filled, accepted = flags
    if refused not in {"0", "1"} or filled not in {"1", "2"} or accepted not in {"1", "2", "3"}:
        raise PayloadError("a notice with unknown flags")
    if refused == "1":
        return NoticeKind.REFUSED
    if filled == "2":
        return NoticeKind.FILL
    return _receipt(record[_Notice.RCTF_CLS].strip(), accepted)


def _receipt(change: str, accepted: str) -> NoticeKind:
    if change not in {"0", "1", "2"}:
        raise PayloadError("a notice with unknown flags")
    if accepted == "1":
        return NoticeKind.RECEIVED
    if accepted == "3" or change == "2":
        return NoticeKind.CANCELLED
    return NoticeKind.AMENDED if change == "1" else NoticeKind.CONFIRMED


def _prev_close(price: Usd, sign: str, diff: str) -> Usd | None:
    """The difference carries no reliable sign of its own: the sign field tells."""
    change = parse_number(diff, "DIFF")
    if change is None:
        return None
    if sign.strip() in _UP:
        return positive(price.amount - abs(change))
    return positive(price.amount + abs(change)) if sign.strip() in _DOWN else price


def _quantity(raw: str, name: str) -> Qty | None:
    value = parse_number(raw, name)
    if value is None:
        return None
    if value < 0 or value != value.to_integral_value():
        raise PayloadError(f"{name} is not a quantity")
    return Qty(int(value))


def _implied_price(raw: str) -> Usd | None:
    value = parse_number(raw, "CNTG_UNPR")
    if value is None:
        return None
    # A point on the wire would mean that the layout is another one.
    if value < 0 or "." in raw:
        raise PayloadError("CNTG_UNPR is not a price")
    return Usd(value * _IMPLIED_DECIMALS)


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
    return value.strip() if isinstance(value, str) else ""
