"""The KIS REST server without its sockets: one call in, one reply out."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from sandbox.kis_auth import TokenDesk, auth_refusal
from sandbox.kis_gateway import (
    Gateway,
    RateGate,
    gateway_refusal,
    not_on_paper,
    parameters,
    rate_refusal,
    require,
    unknown_service,
    wrong_family,
)
from sandbox.kis_oddities import Oddities
from sandbox.kis_routes import BY_TR, Route
from sandbox.kis_wire import (
    Call,
    KisRefusal,
    KisReply,
    KisRequest,
    answer_reply,
    html_reply,
    refusal_reply,
)
from sandbox.model import Fault, Server
from sandbox.request_log import KEPT, LoggedRequest
from sandbox.trouble import TakeKinds, after, echo, instead, strike
from sandbox.world import World

AUTH_PATHS = frozenset({"/oauth2/tokenP", "/oauth2/Approval", "/oauth2/revokeP"})
DEFAULT_MAINTENANCE_S = 60.0


class KisRest:
    """Both personalities. ``rates``: calls a second per server, 18 and 1 unless told."""

    def __init__(
        self, world: World, rates: Mapping[Server, int] | None = None, seed: int = 0
    ) -> None:
        self._world = world
        self.tokens = TokenDesk(world.credentials, world.approvals, seed)
        self.rate = RateGate(rates)
        self._gateway = Gateway(world.credentials, self.tokens, self.rate)
        self._oddities = Oddities(world.faults, seed)
        self._maintenance_until: datetime | None = None

    def hold_notices(self, order_no: str) -> None:
        """Keep this order's notices back while the answer to its call is being written."""
        for books in (self._world.books, self._world.krx.books):
            books.hold_notices(order_no)

    def release_notices(self, order_no: str) -> None:
        """Let them out."""
        for books in (self._world.books, self._world.krx.books):
            books.release_notices(order_no)

    def now(self) -> datetime:
        """What the server's clock shows, by ``skew`` beside the market's."""
        fault = self._world.faults.find("rest", "*", "skew")
        return self._world.clock.now() + timedelta(seconds=float(fault.value) if fault else 0)

    def handle(self, request: KisRequest) -> KisReply:
        """Answer one call at the present market time and put it on record."""
        now = self._world.catch_up()
        reply = self._in_maintenance(request, now) or self._struck(request, now)
        self._record(request, reply, now)
        return reply

    def _struck(self, request: KisRequest, now: datetime) -> KisReply:
        """The answer with the trouble that was scripted for it."""
        token = request.header("authorization").partition(" ")[2].strip()
        if token and self._take(request, "token_killed"):
            self.tokens.kill(token)
        reply = self._echoed(request) or instead(self._taker(request))
        if reply is None:
            reply = self._answer(request, now)
        return after(reply, self._taker(request))

    def _echoed(self, request: KisRequest) -> KisReply | None:
        fault = self._take(request, "echo")
        account = self._world.credentials[request.server].account
        return None if fault is None else echo(request, account, fault)

    def _answer(self, request: KisRequest, now: datetime) -> KisReply:
        if request.path in AUTH_PATHS and request.method == "POST":
            if fault := self._take(request, "refuse"):
                return auth_refusal(fault.value or "EGW00002", "서버 에러가 발생했습니다.")
            return self.tokens.handle(request, now)
        tr_id = request.tr_id
        try:
            return self._business(request, tr_id, now)
        except KisRefusal as refusal:
            return refusal_reply(refusal, tr_id)

    def _business(self, request: KisRequest, tr_id: str, now: datetime) -> KisReply:
        if self._take(request, "rate_limited"):
            raise rate_refusal()
        self._oddities.check_crowd(request)
        self._gateway.check(request, now)
        route = find_route(request, tr_id)
        params = parameters(request)
        require(params, route.required)
        if route.account:
            self._check_account(request, params)
        if fault := self._take(request, "refuse"):
            raise _scripted(fault.value or "APBK0918")
        continued = request.header("tr_cont") == "N"
        call = Call(request.server, tr_id, request.path, params, continued, now)
        self._oddities.check_day(call)
        answer = self._oddities.bend(call, route.handler(self._world, call))
        return answer_reply(answer, tr_id)

    def _check_account(self, request: KisRequest, params: Mapping[str, str]) -> None:
        number = params["CANO"] + params["ACNT_PRDT_CD"]
        if number != self._world.credentials[request.server].account:
            raise KisRefusal("OPSQ2000", "ERROR : INPUT INVALID_CHECK_ACNO", rt_cd="2")
        if request.method == "GET" and self._take(request, "account_failing"):
            raise gateway_refusal("EGW00300", "GW라우팅 중 오류가 발생했습니다.")

    def _in_maintenance(self, request: KisRequest, now: datetime) -> KisReply | None:
        if fault := self._take(request, "maintenance"):
            seconds = float(fault.value or DEFAULT_MAINTENANCE_S)
            self._maintenance_until = now + timedelta(seconds=seconds)
        if self._maintenance_until is None or now >= self._maintenance_until:
            return None
        return html_reply(503, "503 Service Temporarily Unavailable")

    def _take(self, request: KisRequest, *kinds: str) -> Fault | None:
        return strike(self._world.faults, request, *kinds)

    def _taker(self, request: KisRequest) -> TakeKinds:
        return lambda *kinds: self._take(request, *kinds)

    def _record(self, request: KisRequest, reply: KisReply, now: datetime) -> None:
        params: Mapping[str, str] = request.query
        if request.method == "POST" and request.path not in AUTH_PATHS:
            with suppress(KisRefusal):
                params = parameters(request)
        self._world.request_log.add(
            LoggedRequest(
                at=now,
                server=request.server.value,
                method=request.method,
                path=request.path,
                tr_id=request.tr_id,
                params={key: value for key, value in params.items() if key in KEPT},
                msg_cd=reply.msg_cd,
                status=0 if reply.abort else reply.status,
            )
        )


def _scripted(code: str) -> KisRefusal:
    text = "처리할 수 없습니다."
    return gateway_refusal(code, text) if code[1:3] == "GW" else KisRefusal(code, text)


def find_route(request: KisRequest, tr_id: str) -> Route:
    """The route of a TR id on this server, or the refusal for its kind of mistake."""
    route = BY_TR[request.server].get(tr_id)
    if route is None:
        if request.server is Server.PAPER and tr_id in BY_TR[Server.REAL]:
            raise not_on_paper()
        if request.server is Server.REAL and tr_id in BY_TR[Server.PAPER]:
            raise wrong_family(request.server)
        raise unknown_service()
    if (route.method, route.path) != (request.method, request.path):
        raise unknown_service()
    return route
