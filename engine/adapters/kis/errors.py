"""KIS message codes: what a caller should do, and what became of an order. One table.

Source: the error tables of the KIS REST notes (portal workbook of 2026-09) and recorded replies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.errors import (
    AuthExpired,
    BrokerError,
    BrokerRefused,
    BrokerUnavailable,
    RateLimited,
)

HTTP_OK = 200
HTTP_TOO_MANY = 429
HTTP_SERVER_ERROR = 500
TOO_MANY_CALLS = "EGW00201"
_GATEWAY = ("EGW", "IGW", "OPSQ")


class OrderFate(StrEnum):
    """What an answer other than a plain yes says about an order."""

    NO_EFFECT = "no_effect"  # never passed the gateway: may be sent once more
    REJECTED = "rejected"  # a definite no
    UNKNOWN = "unknown"  # it may be live: look, never resend


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """``error`` is None for codes that come with success."""

    error: type[BrokerError] | None
    fate: OrderFate


_OK = CodeMeaning(None, OrderFate.UNKNOWN)  # a success code beside a failed rt_cd says nothing
_TOKEN = CodeMeaning(AuthExpired, OrderFate.NO_EFFECT)
_RATE = CodeMeaning(RateLimited, OrderFate.NO_EFFECT)
_CROWD = CodeMeaning(RateLimited, OrderFate.REJECTED)
_DOWN = CodeMeaning(BrokerUnavailable, OrderFate.UNKNOWN)
_AGAIN = CodeMeaning(BrokerUnavailable, OrderFate.REJECTED)
_NO = CodeMeaning(BrokerRefused, OrderFate.REJECTED)

GROUPS: tuple[tuple[CodeMeaning, str], ...] = (
    (_OK, "KIOK0420 KIOK0460 KIOK0500 KIOK0510 KIOK0560 MCA00000 MCA05762"),
    (_OK, "APBK0013 APBK1711 APBK2938 40600000"),
    (_TOKEN, "EGW00121 EGW00122 EGW00123"),
    (_RATE, "EGW00201"),
    (_CROWD, "EGW00133 EGW00215"),
    # Temporary, routing, time-outs behind the gateway, an answer that could not be composed.
    (_DOWN, "EGW00001 EGW00002 EGW00202 EGW00203 EGW00204 EGW00300 EGW00301 EGW00302"),
    (_DOWN, "IGW00009 MCA00124 90020000 OPSQ1002"),
    (_DOWN, "OPSQ0001 OPSQ0003 OPSQ0004 OPSQ0005 OPSQ0006 OPSQ0007 OPSQ0008 OPSQ0009"),
    (_DOWN, "OPSQ0010 OPSQ0011"),
    # The account check sometimes passes a moment later; an order was certainly not taken.
    (_AGAIN, "OPSQ2000"),
    # Entitlement, keys, wrong server side, misuse of the API.
    (_NO, "EGW00003 EGW00004 EGW00101 EGW00102 EGW00103 EGW00104 EGW00105 EGW00115 EGW00116"),
    (_NO, "EGW00130 EGW00131 EGW00132 EGW00205 EGW00206 EGW00207 EGW00208 EGW00209 EGW00210"),
    (_NO, "EGW00213 EGW00303 EGW00304 EGW00310 EGW00356 EGW02004 EGW02006 EGW02007 IGW00002"),
    (_NO, "OPSQ0002 OPSQ2001 OPSQ2002 OPSQ2003 OPSQ3001 OPSQ3002 OPSQ3003 OPSQ3004"),
    (_NO, "OPSQ9995 OPSQ9996 OPSQ9997 OPSQ9998 OPSQ9999"),
    # Business refusals.
    (_NO, "MCA05918 APBK0066 APBK0400 APBK0506 APBK0656 APBK0918 APBK0919 APBK0952 APBK1234"),
    (_NO, "APBK1507 APBK1664 APBK1943 APBK3013 APAC0081 APAC0489 APTR0057"),
    # Paper.
    (_NO, "40030000 40070000 40100000 40250000 40270000 40570000 40580000 40910000"),
    (_NO, "90000000 90070000"),
)

MEANINGS: Mapping[str, CodeMeaning] = {
    code: meaning for meaning, codes in GROUPS for code in codes.split()
}


def read_error(code: str, status: int) -> type[BrokerError]:
    """How to react to a read that failed with this code. ``rt_cd`` was not 0."""
    known = MEANINGS.get(code)
    if known is not None and known.error is not None:
        return known.error
    if status == HTTP_TOO_MANY:
        return RateLimited
    # Blank codes come with maintenance and overload.
    if status >= HTTP_SERVER_ERROR or not code:
        return BrokerUnavailable
    return BrokerRefused


def is_answer(code: str, status: int) -> bool:
    """Whether a no was KIS's word on the matter, not a gateway that refuses or is in trouble."""
    return read_error(code, status) is BrokerRefused and not code.startswith(_GATEWAY)


def is_business(code: str) -> bool:
    """Whether the systems behind gateway and query server spoke, who alone know the orders."""
    return not code.startswith(("EGW", "IGW", "OPSQ"))


def order_fate(code: str, status: int) -> OrderFate:
    """What became of an order that was answered with this code and a ``rt_cd`` other than 0."""
    known = MEANINGS.get(code)
    if known is not None:
        return known.fate
    if code and status == HTTP_OK:
        return OrderFate.REJECTED
    return OrderFate.UNKNOWN
