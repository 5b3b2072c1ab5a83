"""What every /uapi call passes before its business: token, keys, rate, TR id, body."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from sandbox.kis_auth import TokenDesk
from sandbox.kis_wire import KisRefusal, KisRequest
from sandbox.model import Credentials, Server

DEFAULT_RATES = {Server.REAL: 18, Server.PAPER: 1}
WINDOW = timedelta(seconds=1)
EITHER_CASE = ("fid_", "ctx_area_")


class RateGate:
    """Calls within a sliding second of market time, per app key. Refused calls do not count."""

    def __init__(self, rates: Mapping[Server, int] | None = None) -> None:
        self.rates = dict(DEFAULT_RATES if rates is None else rates)
        self._passed: dict[str, deque[datetime]] = {}

    def check(self, server: Server, app_key: str, now: datetime) -> None:
        """Let a call pass or raise KisRefusal EGW00201."""
        passed = self._passed.setdefault(app_key, deque())
        while passed and now - passed[0] >= WINDOW:
            passed.popleft()
        if len(passed) >= self.rates[server]:
            raise rate_refusal()
        passed.append(now)


class Gateway:
    """Checks in KIS's order; every failure is a KisRefusal with HTTP 500."""

    def __init__(
        self, credentials: dict[Server, Credentials], tokens: TokenDesk, rate: RateGate
    ) -> None:
        self._credentials = credentials
        self._tokens = tokens
        self._rate = rate

    def check(self, request: KisRequest, now: datetime) -> None:
        """Content type, token, keys, customer type, rate."""
        _check_content_type(request)
        self._check_token(request, now)
        self._check_keys(request)
        if request.header("custtype") not in {"", "P", "B"}:
            raise gateway_refusal("EGW00208", "유효하지 않은 custtype입니다.")
        self._rate.check(request.server, request.header("appkey"), now)

    def _check_token(self, request: KisRequest, now: datetime) -> None:
        scheme, _, text = request.header("authorization").partition(" ")
        if scheme and scheme != "Bearer":
            raise gateway_refusal("EGW00205", "credentials_type이 유효하지 않습니다.(Bearer)")
        token = self._tokens.find(text.strip())
        if token is None or token.dead:
            raise gateway_refusal("EGW00121", "유효하지 않은 token 입니다.")
        if token.server is not request.server:
            raise gateway_refusal("EGW00205", "credentials_type이 유효하지 않습니다.(Bearer)")
        if token.expires <= now:
            raise gateway_refusal("EGW00123", "기간이 만료된 token 입니다.")

    def _check_keys(self, request: KisRequest) -> None:
        key, secret = request.header("appkey"), request.header("appsecret")
        if not key:
            raise gateway_refusal("EGW00102", "AppKey는 필수입니다.")
        owner = self._credentials[request.server]
        if key != owner.app_key:
            others = {c.app_key for c in self._credentials.values()}
            if key in others:
                raise wrong_family(request.server)
            raise gateway_refusal("EGW00103", "유효하지 않은 AppKey입니다.")
        if not secret:
            raise gateway_refusal("EGW00104", "AppSecret은 필수입니다.")
        if secret != owner.app_secret:
            raise gateway_refusal("EGW00304", "고객식별키가 유효하지 않습니다.")


def parameters(request: KisRequest) -> dict[str, str]:
    """Query parameters, or the string-only JSON body of a POST.

    Names of quotation parameters and page keys come in either case; here they are upper case.
    """
    if request.method == "GET":
        return {_spelled(key): value for key, value in request.query.items()}
    try:
        body = json.loads(request.body)
    except ValueError:
        raise KisRefusal("OPSQ9995", "JSON PARSING ERROR : BODY", rt_cd="2") from None
    if not isinstance(body, dict):
        raise KisRefusal("OPSQ9995", "JSON PARSING ERROR : BODY", rt_cd="2")
    for key, value in body.items():
        if not isinstance(value, str):
            raise KisRefusal("OPSQ2001", f"ERROR : INPUT INVALID_FIELD_TYPE ({key})", rt_cd="2")
    return body


def require(params: Mapping[str, str], keys: tuple[str, ...]) -> None:
    """Refuse a call that lacks a documented parameter."""
    for key in keys:
        if key not in params:
            raise KisRefusal("OPSQ2001", f"ERROR : INPUT FIELD NOT FOUND ({key})", rt_cd="2")


def gateway_refusal(msg_cd: str, msg1: str) -> KisRefusal:
    """A refusal before the business: HTTP 500, no effect."""
    return KisRefusal(msg_cd, msg1, status=500)


def rate_refusal() -> KisRefusal:
    """Too many calls within a second."""
    return gateway_refusal("EGW00201", "초당 거래건수를 초과하였습니다.")


def wrong_family(server: Server) -> KisRefusal:
    """A key or TR of the other server."""
    name = "실전투자" if server is Server.REAL else "모의투자"
    return gateway_refusal("EGW02004", f"{name} TR  이 아닙니다.")


def not_on_paper() -> KisRefusal:
    """A TR that the paper server does not offer."""
    return gateway_refusal("EGW02006", "모의투자 TR 이 아닙니다.")


def unknown_service() -> KisRefusal:
    """A TR id, or a path, that nobody knows. From the query server: HTTP 200."""
    return KisRefusal("OPSQ0002", "없는 서비스 코드 입니다")


def _spelled(key: str) -> str:
    return key.upper() if key.startswith(EITHER_CASE) else key


def _check_content_type(request: KisRequest) -> None:
    given = request.header("content-type")
    # Clients that leave it out on GET are served.
    if (given or request.method == "POST") and "application/json" not in given:
        raise gateway_refusal("EGW00132", "Content-Type이 유효하지 않습니다.")
    if "chunked" in request.header("transfer-encoding"):
        raise gateway_refusal("EGW00202", "GW라우팅 중 오류가 발생했습니다.")
