"""What scripted trouble makes of a REST answer (kinds: see sandbox/faults.py)."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Protocol
from urllib.parse import quote

from sandbox.kis_wire import KisRefusal, KisReply, KisRequest, html_reply, refusal_reply
from sandbox.model import Fault, FaultDesk

DEFAULT_SLOW_S = 3.0
DEFAULT_GATEWAY_ERROR = "EGW00002"


class TakeKinds(Protocol):
    """Takes the next fault of one of these kinds for the call at hand."""

    def __call__(self, *kinds: str) -> Fault | None:
        """None when nothing waits."""
        ...


class Target(Protocol):
    """What a fault can aim at."""

    @property
    def tr_id(self) -> str:
        """Blank for the token calls."""
        ...

    @property
    def path(self) -> str:
        """Path without the server."""
        ...


def strike(faults: FaultDesk, target: Target, *kinds: str) -> Fault | None:
    """Take the next fault aimed at this TR id or path."""
    by_tr = faults.take("rest", target.tr_id, *kinds) if target.tr_id else None
    return by_tr or faults.take("rest", target.path, *kinds)


def instead(take: TakeKinds) -> KisReply | None:
    """Trouble that keeps the call from being handled at all."""
    fault = take("reset_before", "http500_html", "http500_json", "blank_codes")
    if fault is None:
        return None
    if fault.kind == "reset_before":
        return replace(html_reply(502, "reset"), abort=True)
    if fault.kind == "http500_html":
        return html_reply(500, "500 Internal Server Error")
    if fault.kind == "http500_json":
        code = fault.value or DEFAULT_GATEWAY_ERROR
        return refusal_reply(KisRefusal(code, "서버 에러가 발생했습니다.", status=500), "")
    return refusal_reply(KisRefusal("", ""), "")


def echo(request: KisRequest, account: str, fault: Fault) -> KisReply:
    """What no server should say: a refusal with everything that identifies the customer in it."""
    code = fault.value or DEFAULT_GATEWAY_ERROR
    sent = [request.header(name) for name in ("authorization", "appkey", "appsecret")]
    sent += [account, f"{account[:8]}-{account[8:]}", account[8:] + account[:8]]
    quoted = [quote(one, safe="") for one in sent]
    coded = [base64.b64encode(one.encode()).decode() for one in sent]
    text = " ".join([*sent, *quoted, *coded, request.body])
    return refusal_reply(KisRefusal(code, text, status=401 if code[1:3] == "GW" else 200), "")


def after(reply: KisReply, take: TakeKinds) -> KisReply:
    """Trouble that strikes on the way back, when the call has had its effect."""
    fault = take("reset_after", "truncated")
    if fault is not None and fault.kind == "reset_after":
        reply = replace(reply, abort=True)
    elif fault is not None:
        reply = replace(reply, body=reply.body[: len(reply.body) // 2])
    slow = take("slow")
    if slow is not None:
        reply = replace(reply, delay_s=float(slow.value or DEFAULT_SLOW_S))
    return reply
