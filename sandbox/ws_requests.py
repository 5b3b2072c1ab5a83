"""What a client may say: registrations, releases and PINGPONG echoes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox import ws_answers as answers
from sandbox.model import Server
from sandbox.ws_answers import Answer

_BOTH = frozenset(Server)
_REAL = frozenset({Server.REAL})
_PAPER = frozenset({Server.PAPER})

_US_KEY = re.compile(r"[DR][A-Z]{3}[A-Za-z0-9./-]{1,12}")
_KRX_KEY = re.compile(r"Q?[0-9A-Z]{6}")  # Q: an ETN
_HTS_ID = re.compile(r"\S+")

US_NOTICES: Mapping[Server, str] = {Server.REAL: "H0GSCNI0", Server.PAPER: "H0GSCNI9"}
KRX_NOTICES: Mapping[Server, str] = {Server.REAL: "H0STCNI0", Server.PAPER: "H0STCNI9"}


@dataclass(frozen=True, slots=True)
class Tr:
    """Where a TR is served and the form of its key.

    ``is_notice``: for one customer's eyes; ``is_snapshot``: the latest of an instant is enough.
    """

    servers: frozenset[Server]
    key: re.Pattern[str]
    is_notice: bool = False
    is_snapshot: bool = False


TRS: Mapping[str, Tr] = {
    "HDFSCNT0": Tr(_REAL, _US_KEY),
    "HDFSASP0": Tr(_REAL, _US_KEY, is_snapshot=True),
    "H0GSCNI0": Tr(_REAL, _HTS_ID, is_notice=True),
    "H0GSCNI9": Tr(_PAPER, _HTS_ID, is_notice=True),
    "H0STCNI0": Tr(_REAL, _HTS_ID, is_notice=True),
    "H0STCNI9": Tr(_PAPER, _HTS_ID, is_notice=True),
    "H0STCNT0": Tr(_BOTH, _KRX_KEY),
    "H0STASP0": Tr(_BOTH, _KRX_KEY, is_snapshot=True),
    "H0UNCNT0": Tr(_REAL, _KRX_KEY),
    "H0NXCNT0": Tr(_REAL, _KRX_KEY),
    "H0UNASP0": Tr(_REAL, _KRX_KEY, is_snapshot=True),
    "H0NXASP0": Tr(_REAL, _KRX_KEY, is_snapshot=True),
    "H0STMKO0": Tr(_REAL, _KRX_KEY),
}


@dataclass(frozen=True, slots=True)
class Request:
    """A readable registration (tr_type 1) or release (tr_type 2)."""

    approval_key: str
    is_release: bool
    tr_id: str
    tr_key: str


def parse_request(text: str) -> Request | Answer:
    """Read one client frame; an ``Answer`` says why it cannot be read."""
    message = _parse_object(text)
    if message is None:
        return answers.NOT_JSON
    header = message.get("header")
    if not isinstance(header, dict):
        return answers.HEADER_MISSING
    fields = _find_input(message)
    if isinstance(fields, Answer):
        return fields
    fault = _header_fault(header) or _input_fault(fields)
    if fault is not None:
        return fault
    return Request(
        approval_key=str(header["approval_key"]),
        is_release=header["tr_type"] == "2",
        tr_id=str(fields["tr_id"]),
        tr_key=str(fields["tr_key"]),
    )


def check_tr(request: Request, server: Server, hts_id: str) -> Answer | None:
    """Whether this server takes the TR with that key; None means yes."""
    tr = TRS.get(request.tr_id)
    if tr is None or server not in tr.servers:
        return answers.TR_ID_INVALID
    if tr.key.fullmatch(request.tr_key) is None:
        return answers.TR_KEY_INVALID
    if tr.is_notice and request.tr_key != hts_id:
        return answers.HTS_ID_WRONG
    return None


def parse_echo(text: str) -> str | None:
    """The ``datetime`` of an echoed PINGPONG; None when the text is no echo."""
    message = _parse_object(text)
    header = message.get("header") if message is not None else None
    if not isinstance(header, dict) or header.get("tr_id") != "PINGPONG":
        return None
    return str(header.get("datetime", ""))


def _parse_object(text: str) -> dict[str, object] | None:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def _find_input(message: Mapping[str, object]) -> dict[str, object] | Answer:
    body = message.get("body")
    if not isinstance(body, dict):
        return answers.BODY_MISSING
    fields = body.get("input")
    return fields if isinstance(fields, dict) else answers.INPUT_MISSING


def _header_fault(header: Mapping[str, object]) -> Answer | None:
    if not isinstance(header.get("approval_key"), str):
        return answers.APPROVAL_MISSING
    if "custtype" not in header:
        return answers.CUSTTYPE_MISSING
    if header["custtype"] not in ("P", "B"):
        return answers.CUSTTYPE_INVALID
    if header.get("tr_type") not in ("1", "2"):
        return answers.TR_TYPE_INVALID
    return None


def _input_fault(fields: Mapping[str, object]) -> Answer | None:
    if not isinstance(fields.get("tr_id"), str):
        return answers.TR_ID_INVALID
    if "tr_key" not in fields:
        return answers.TR_KEY_MISSING
    return None if isinstance(fields["tr_key"], str) else answers.TR_KEY_UNREADABLE
