"""The server's verdicts on a request, as KIS words them.

Source: kis-websocket.md section 3. ``names_tr`` is False where the server answers before it has
looked at the TR: then the header says ``(null)`` and the key is empty.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One message code with its text."""

    msg_cd: str
    msg1: str
    rt_cd: str
    names_tr: bool = True


SUBSCRIBED = Answer("OPSP0000", "SUBSCRIBE SUCCESS", "0")
RELEASED = Answer("OPSP0001", "UNSUBSCRIBE SUCCESS", "0")
ALREADY_SUBSCRIBED = Answer("OPSP0002", "ALREADY IN SUBSCRIBE", "1")
NOT_SUBSCRIBED = Answer("OPSP0003", "UNSUBSCRIBE ERROR(not found!)", "1")
TOO_MANY = Answer("OPSP0008", "MAX SUBSCRIBE OVER", "1")
APPROVAL_UNKNOWN = Answer("OPSP0011", "invalid approval : NOT FOUND", "1")
HTS_ID_WRONG = Answer("OPSP0017", "ERROR : htsid가잘못되었습니다", "9")
TR_ID_INVALID = Answer("OPSP8991", "SUBSCRIBE ERROR : invalid tr_id", "9", names_tr=False)
TR_KEY_INVALID = Answer("OPSP8992", "SUBSCRIBE ERROR : invalid tr_key", "9")
APPKEY_IN_USE = Answer("OPSP8996", "ALREADY IN USE appkey", "9", names_tr=False)


def _unreadable(msg_cd: str, fault: str) -> Answer:
    return Answer(msg_cd, f"JSON PARSING ERROR : {fault}", "9", names_tr=False)


TR_KEY_UNREADABLE = _unreadable("OPSP8993", "invalid tr_key")
TR_TYPE_INVALID = _unreadable("OPSP8997", "invalid tr_type")
CUSTTYPE_INVALID = _unreadable("OPSP8998", "invalid custtype")
TR_KEY_MISSING = _unreadable("OPSP9990", "tr_key not found")
INPUT_MISSING = _unreadable("OPSP9991", "input not found")
BODY_MISSING = _unreadable("OPSP9992", "body not found")
APPROVAL_MISSING = _unreadable("OPSP9996", "appkey not found")
CUSTTYPE_MISSING = _unreadable("OPSP9997", "custtype not found")
HEADER_MISSING = _unreadable("OPSP9998", "header not found")
NOT_JSON = _unreadable("OPSP9999", "invalid json format")
