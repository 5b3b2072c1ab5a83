"""Tokens and approval keys: /oauth2/tokenP, /oauth2/Approval, /oauth2/revokeP.

Rules of kis-rest-domestic section 3: one issue a minute, the same token within six hours, life
24 hours, refusals as HTTP 403 in another shape, expiry as Korean wall-clock text.
"""

from __future__ import annotations

import base64
import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.credentials import Approvals
from sandbox.kis_wire import KisReply, KisRequest, json_reply
from sandbox.model import Credentials, Server
from sandbox.session import KST

TOKEN_LIFE = timedelta(hours=24)
SAME_TOKEN_FOR = timedelta(hours=6)
ISSUE_EVERY = timedelta(minutes=1)
APPROVAL_EVERY = timedelta(seconds=1)


class AuthRefused(Exception):
    """A refusal in the shape of the token endpoints."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(code)
        self.code = code
        self.description = description


@dataclass(slots=True)
class Token:
    """An issued token."""

    text: str
    server: Server
    app_key: str
    issued: datetime
    dead: bool = False

    @property
    def expires(self) -> datetime:
        """When it stops working by itself."""
        return self.issued + TOKEN_LIFE


class TokenDesk:
    """Issues, knows and kills tokens."""

    def __init__(
        self, credentials: dict[Server, Credentials], approvals: Approvals, seed: int = 0
    ) -> None:
        self._credentials = credentials
        self._approvals = approvals
        self._dice = random.Random(f"tokens:{seed}")  # noqa: S311 - invented tokens guard nothing
        self._current: dict[str, Token] = {}
        self._known: dict[str, Token] = {}
        self._asked: dict[str, datetime] = {}
        self._approval_asked: dict[str, datetime] = {}

    def find(self, text: str) -> Token | None:
        """The token, whether good or not."""
        return self._known.get(text)

    def kill(self, text: str) -> None:
        """Let a token die early. The next request for one gets a new token at once."""
        token = self._known.get(text)
        if token is not None:
            token.dead = True
            self._asked.pop(token.app_key, None)
            if self._current.get(token.app_key) is token:
                del self._current[token.app_key]

    def handle(self, request: KisRequest, now: datetime) -> KisReply:
        """Answer one of the three endpoints."""
        try:
            fields = _fields(request)
            if request.path == "/oauth2/tokenP":
                return self._token(request.server, fields, now)
            if request.path == "/oauth2/Approval":
                return self._approval(request.server, fields, now)
            return self._revoke(request.server, fields)
        except AuthRefused as refusal:
            return auth_refusal(refusal.code, refusal.description)

    def _token(self, server: Server, fields: dict[str, str], now: datetime) -> KisReply:
        key = self._check(server, fields, "appsecret")
        asked = self._asked.get(key)
        if asked is not None and now - asked < ISSUE_EVERY:
            raise AuthRefused("EGW00133", "접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)")
        self._asked[key] = now
        token = self._current.get(key)
        if token is None or now - token.issued >= SAME_TOKEN_FOR:
            token = self._issue(server, key, now)
        expires = token.expires.astimezone(KST).strftime("%Y-%m-%d %H:%M:%S")
        return json_reply(
            200,
            {
                "access_token": token.text,
                "access_token_token_expired": expires,
                "token_type": "Bearer",
                "expires_in": int((token.expires - now).total_seconds()),
            },
        )

    def _issue(self, server: Server, key: str, now: datetime) -> Token:
        previous = self._current.get(key)
        if previous is not None:
            # A new token of the same key ends the old one (kis-rest-domestic 3.1).
            previous.dead = True
        head = _part({"typ": "JWT", "alg": "HS512"})
        body = _part({"sub": "token", "aud": f"{self._dice.getrandbits(128):032x}", "iss": "unogw"})
        sign = base64.urlsafe_b64encode(self._dice.randbytes(64)).decode().rstrip("=")
        token = Token(f"{head}.{body}.{sign}", server, key, now)
        self._current[key] = token
        self._known[token.text] = token
        return token

    def _approval(self, server: Server, fields: dict[str, str], now: datetime) -> KisReply:
        key = self._check(server, fields, "secretkey")
        asked = self._approval_asked.get(key)
        if asked is not None and now - asked < APPROVAL_EVERY:
            raise AuthRefused("EGW00201", "초당 거래건수를 초과하였습니다.")
        self._approval_asked[key] = now
        return json_reply(200, {"approval_key": self._approvals.issue(server, key)})

    def _revoke(self, server: Server, fields: dict[str, str]) -> KisReply:
        self._check(server, fields, "appsecret", grant=False)
        token = self._known.get(fields.get("token", ""))
        if token is None or token.dead:
            raise AuthRefused("EGW00121", "유효하지 않은 token 입니다.")
        self.kill(token.text)
        return json_reply(200, {"code": 200, "message": "접근토큰 폐기에 성공하였습니다"})

    def _check(
        self, server: Server, fields: dict[str, str], secret_field: str, *, grant: bool = True
    ) -> str:
        if grant and fields.get("grant_type") != "client_credentials":
            code = "EGW00116" if fields.get("grant_type") else "EGW00115"
            raise AuthRefused(code, "유효하지 않은 grant_type입니다.")
        owner = self._credentials[server]
        if not fields.get("appkey"):
            raise AuthRefused("EGW00102", "AppKey는 필수입니다.")
        if fields["appkey"] != owner.app_key:
            raise AuthRefused("EGW00103", "유효하지 않은 AppKey입니다.")
        if not fields.get(secret_field):
            raise AuthRefused("EGW00104", "AppSecret은 필수입니다.")
        if fields[secret_field] != owner.app_secret:
            raise AuthRefused("EGW00105", "유효하지 않은 AppSecret입니다.")
        return owner.app_key


def auth_refusal(code: str, description: str) -> KisReply:
    """HTTP 403 in the shape of the token endpoints."""
    body = {"error_description": description, "error_code": code}
    return json_reply(403, body, msg_cd=code)


def _fields(request: KisRequest) -> dict[str, str]:
    if "json" not in request.header("content-type"):
        raise AuthRefused("EGW00132", "Content-Type이 유효하지 않습니다.")
    try:
        fields = json.loads(request.body)
    except ValueError:
        raise AuthRefused("EGW00101", "잘못된 요청입니다.") from None
    if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
        raise AuthRefused("EGW00101", "잘못된 요청입니다.")
    return fields


def _part(content: dict[str, str]) -> str:
    raw = json.dumps(content, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
