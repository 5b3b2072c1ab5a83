"""Single values of KIS replies and frames: texts to numbers and moments. Pure.

Every leaf is a text: padded with blanks or zeros, or blank, which means unknown and never 0.
Errors name the field and never the value: values may identify the customer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Generic, NamedTuple
from zoneinfo import ZoneInfo

from engine.errors import PayloadError
from engine.model.ids import BrokerOrderNo, Qty
from engine.model.money import Krw, M_co, Usd

KST = ZoneInfo("Asia/Seoul")
EASTERN = ZoneInfo("America/New_York")
_LONGEST_NUMBER = 40
_LONGEST_TEXT = 500
# More than any account or market holds. A price times a quantity keeps to the 28 digits of a
# Decimal, so nothing that is counted with these can overflow.
_TOO_MUCH = Decimal(10) ** 15
_TOO_MANY = 10**11
_STAMP = "%Y%m%d%H%M%S"
_STAMP_LENGTH = 14
_YEARS = range(2000, 2100)
_NOTHING_FOUND = "KIOK0560"

Row = Mapping[str, object]
Body = Mapping[str, object]


class Best(NamedTuple, Generic[M_co]):
    """Best bid and ask, None where that side is empty, and the shares shown there."""

    bid: M_co | None
    ask: M_co | None
    bid_size: int | None = None
    ask_size: int | None = None


def clean(raw: str, longest: int = _LONGEST_TEXT) -> str:
    """A text that can be kept and shown: one line, stripped, not endless, nothing invisible.

    JSON may spell lone surrogates, which no book can write; a line break would forge a log line.
    """
    line = raw.strip()
    if not line.isprintable():
        line = "".join(char if char.isprintable() else " " for char in line).strip()
    return line[:longest]


def rows(body: Body, *names: str) -> Iterator[Row]:
    """The rows of the named outputs, which may be lists, objects or missing."""
    for name in names:
        output = body.get(name)
        if isinstance(output, dict):
            yield output
        elif isinstance(output, list):
            yield from (row for row in output if isinstance(row, dict))


def listed(bodies: Sequence[Body], *names: str, total: str = "") -> list[Row]:
    """The rows of an account's list, over the pages of one reading; it has any of the names.

    A list that lacks is no empty one: what it would hold would look sold or never placed. KIS
    leaves an empty one out at times; then its code says so, or ``total``, its sum in output2.

    Raises:
        PayloadError: no list, and nothing says that it is empty.
    """
    found: list[Row] = []
    for body in bodies:
        found += _listed(body, names, total)
    return found


def says_nothing_found(body: Body) -> bool:
    """Whether the reply says by its code that there is nothing, or nothing more."""
    return text(body, "msg_cd") == _NOTHING_FOUND


def _listed(body: Body, names: Sequence[str], total: str) -> list[Row]:
    outputs = [body[name] for name in names if name in body]
    lists = [output for output in outputs if isinstance(output, list)]
    # Nothing may also come as one row of zeros, bare.
    lists += [[output] for output in outputs if isinstance(output, dict) and output]
    found = [row for output in lists for row in output]
    if not all(isinstance(row, dict) for row in found):
        raise PayloadError(f"{names[0]} holds more than rows")
    if not lists and not says_nothing_found(body) and not _sums_to_nothing(body, total):
        raise PayloadError(f"{names[0]} is missing")
    return found


def _sums_to_nothing(body: Body, total: str) -> bool:
    return bool(total) and number(one_row(body, "output2"), total) == 0


def one_row(body: Body, *names: str) -> Row:
    """The first row there is, an empty one if there is none."""
    return next(rows(body, *names), {})


def text(row: Row, *names: str) -> str:
    """The first of the named fields that is not blank, cleaned; blank if all are."""
    for name in names:
        value = row.get(name)
        if isinstance(value, str) and (found := clean(value)):
            return found
    return ""


def number(row: Row, name: str) -> Decimal | None:
    """A number, None where KIS left it blank."""
    return parse_number(text(row, name), name)


def parse_number(raw: str, name: str) -> Decimal | None:
    """As ``number``, of a bare text.

    Raises:
        PayloadError: neither blank nor a plain decimal number of a possible size.
    """
    if len(raw) > _LONGEST_NUMBER:  # before anything else: callers remember what they read
        raise PayloadError(f"{name} is not a number")
    raw = raw.strip()
    if not raw:
        return None
    try:
        value = Decimal(raw) if raw.isascii() else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or "e" in raw.lower() or "_" in raw:
        raise PayloadError(f"{name} is not a number")
    if abs(value) >= _TOO_MUCH:
        raise PayloadError(f"{name} is more than there can be")
    return value


def shares(value: Decimal | None, name: str) -> Qty | None:
    """A number as a quantity of shares; None for blank.

    Raises:
        PayloadError: negative, not whole, or more than there can be.
    """
    if value is None:
        return None
    if not 0 <= value < _TOO_MANY or value != value.to_integral_value():
        raise PayloadError(f"{name} is not a quantity")
    return Qty(int(value))


def positive(value: Decimal | None) -> Usd | None:
    """A price; None for blank and for the zeros that stand for "none"."""
    return Usd(value) if value is not None and value > 0 else None


def won(value: Decimal | None) -> Krw | None:
    """A price or an amount in won; None for blank and for the zeros that stand for "none"."""
    return Krw(value) if value is not None and value > 0 else None


def whole(row: Row, name: str) -> Qty:
    """A quantity of shares, which must be there.

    Raises:
        PayloadError: blank, negative or not whole.
    """
    found = shares(number(row, name), name)
    if found is None:
        raise PayloadError(f"{name} is not a quantity")
    return found


def order_no(raw: str) -> BrokerOrderNo | None:
    """An order number without leading zeros; None for blank and zero."""
    stripped = clean(raw).lstrip("0")
    return BrokerOrderNo(stripped) if stripped else None


def moment(day: str, clock_time: str, zone: ZoneInfo) -> datetime | None:
    """YYYYMMDD and HHMMSS in a zone; None if they name no moment."""
    raw = day.strip() + clock_time.strip()
    if len(raw) != _STAMP_LENGTH or not (raw.isascii() and raw.isdigit()):
        return None
    try:
        parsed = datetime.strptime(raw, _STAMP).replace(tzinfo=zone)
    except ValueError:
        return None
    return parsed if parsed.year in _YEARS else None
