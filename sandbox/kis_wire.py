"""The shape of KIS REST calls: requests, envelopes, padding, pages and refusals."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from sandbox.model import Server
from sandbox.session import KST

MSG_WIDTH = 80
JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"

Row = dict[str, str]
Output = Row | list[Row]


@dataclass(frozen=True, slots=True)
class KisRequest:
    """One HTTP call as it came in. Header names in lower case; ``path`` without the server."""

    server: Server
    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def tr_id(self) -> str:
        """The business function asked for; blank on the token calls."""
        return self.header("tr_id")

    def header(self, name: str) -> str:
        """A header's value, blank if absent."""
        return self.headers.get(name, "").strip()


@dataclass(frozen=True, slots=True)
class KisReply:
    """What goes back. ``abort``: nothing does, the connection is cut after ``delay_s``.

    ``order_no``: the order whose notices should not overtake this reply.
    """

    status: int
    headers: Mapping[str, str]
    body: str
    msg_cd: str = ""
    delay_s: float = 0.0
    abort: bool = False
    order_no: str = ""


@dataclass(frozen=True, slots=True)
class PageKeys:
    """How a family of calls names its two page keys, and how wide it pads them."""

    suffix: str
    width: int

    @property
    def asked(self) -> tuple[str, str]:
        """The request's parameters."""
        return f"CTX_AREA_FK{self.suffix}", f"CTX_AREA_NK{self.suffix}"

    def told(self, fk: str, nk: str) -> dict[str, object]:
        """The answer's members."""
        return {
            f"ctx_area_fk{self.suffix}": fk.ljust(self.width),
            f"ctx_area_nk{self.suffix}": nk.ljust(self.width),
        }


US_PAGES = PageKeys("200", 200)
KRX_PAGES = PageKeys("100", 100)
CALENDAR_PAGES = PageKeys("", 20)


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful business answer before it is put into an envelope."""

    msg_cd: str
    msg1: str
    outputs: Mapping[str, Output]
    tr_cont: str = ""
    ctx_fk: str | None = None
    ctx_nk: str = ""
    order_no: str = ""
    page_keys: PageKeys = US_PAGES


class KisRefusal(Exception):
    """The call is refused; carries what the envelope says."""

    def __init__(self, msg_cd: str, msg1: str, *, status: int = 200, rt_cd: str = "1") -> None:
        super().__init__(f"{msg_cd} {msg1}")
        self.msg_cd = msg_cd
        self.msg1 = msg1
        self.status = status
        self.rt_cd = rt_cd


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has passed the gateway."""

    server: Server
    tr_id: str
    path: str
    params: Mapping[str, str]
    continued: bool
    now: datetime

    def __getitem__(self, key: str) -> str:
        return self.params[key]

    def get(self, key: str) -> str:
        """An optional parameter, blank if absent."""
        return self.params.get(key, "")


def answer_reply(answer: Answer, tr_id: str) -> KisReply:
    """Envelope of a success."""
    body: dict[str, object] = {}
    if answer.ctx_fk is not None:
        body |= answer.page_keys.told(answer.ctx_fk, answer.ctx_nk)
    body |= answer.outputs
    body |= {"rt_cd": "0", "msg_cd": answer.msg_cd, "msg1": answer.msg1.ljust(MSG_WIDTH)}
    reply = json_reply(200, body, tr_id, answer.tr_cont, answer.msg_cd)
    return replace(reply, order_no=answer.order_no)


def refusal_reply(refusal: KisRefusal, tr_id: str) -> KisReply:
    """Envelope of a refusal."""
    body = {
        "rt_cd": refusal.rt_cd,
        "msg_cd": refusal.msg_cd,
        "msg1": refusal.msg1.ljust(MSG_WIDTH) if refusal.msg1 else "",
    }
    return json_reply(refusal.status, body, tr_id, "", refusal.msg_cd)


def json_reply(
    status: int, body: Mapping[str, object], tr_id: str = "", tr_cont: str = "", msg_cd: str = ""
) -> KisReply:
    """Any JSON body with KIS's response headers."""
    headers = {"content-type": JSON_TYPE}
    if tr_id:
        headers |= {"tr_id": tr_id, "tr_cont": tr_cont, "gt_uid": "0" * 32}
    return KisReply(status, headers, json.dumps(body, ensure_ascii=False), msg_cd)


def html_reply(status: int, title: str) -> KisReply:
    """What a proxy in front of KIS says when KIS does not."""
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return KisReply(status, {"content-type": HTML_TYPE}, page)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows and how to ask for the next."""

    rows: list[Row]
    tr_cont: str
    ctx_fk: str
    ctx_nk: str


def page_of(
    count: int,
    size: int,
    call: Call,
    keys: Sequence[str],
    row: Callable[[int], Row],
    page_keys: PageKeys = US_PAGES,
) -> Page:
    """Cut page ``call`` asks for out of ``count`` rows.

    ``keys`` are the parameters KIS joins into the fk key. Raises KisRefusal for a next-page key
    that was not given out.
    """
    start = 0
    next_key = page_keys.asked[1]
    token = call.get(next_key).strip()
    if call.continued and token:
        if not token.isdigit() or not 0 < int(token) < count:
            raise KisRefusal("OPSQ2001", f"ERROR : INPUT INVALID_{next_key}")
        start = int(token)
    end = min(start + size, count)
    rows = [row(index) for index in range(start, end)]
    fk = "^".join(call.get(key).strip() for key in keys) + "^"
    if end < count:
        return Page(rows, "M" if start else "F", fk, f"{end:010d}")
    return Page(rows, "E" if start else "D", fk, "")


def money(value: Decimal, places: int) -> str:
    """A number as KIS prints it, with fixed decimals."""
    return f"{value:.{places}f}"


def kst_time(moment: datetime) -> str:
    """HHMMSS in Korea."""
    return moment.astimezone(KST).strftime("%H%M%S")


def kst_date(moment: datetime) -> str:
    """YYYYMMDD in Korea."""
    return moment.astimezone(KST).strftime("%Y%m%d")
