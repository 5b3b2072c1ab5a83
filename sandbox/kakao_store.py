"""One app and one person at Kakao: tokens, permission, allowance, and what arrived.

As strict as the documents (ADR 0026), and where they are silent, strict by our own choice: a text
over 200 UTF-16 units and an empty link are refused, the day begins at midnight in Korea.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from sandbox.kakao_refusal import KakaoRefusal, login_refusal
from sandbox.kakao_template import MEMO, check_template

KST = timezone(timedelta(hours=9))
ACCESS_LIFE = timedelta(hours=6)
REFRESH_LIFE = timedelta(days=60)
RENEWED_BELOW = timedelta(days=30)
TALK_MESSAGE = "talk_message"
MOST_TOKENS = 20
TOKENS_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class KakaoApp:
    """What the console shows. ``client_secret`` empty: switched off."""

    rest_api_key: str
    refresh_token: str
    client_secret: str = ""


@dataclass(slots=True)
class KakaoStore:
    """``now``: human time, aware. ``quota``: messages a day. ``messages``: what the person has."""

    app: KakaoApp
    now: Callable[[], datetime]
    quota: int = 100
    has_scope: bool = True
    messages: list[dict[str, str]] = field(default_factory=list)
    _refresh_token: str = ""
    _refresh_until: datetime | None = None
    _access: dict[str, datetime] = field(default_factory=dict)
    _issued: list[datetime] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._refresh_token = self.app.refresh_token
        self._refresh_until = self.now() + REFRESH_LIFE

    def age(self, days_left: float) -> None:
        """Let the refresh token end in so many days; 0 or less: it has ended."""
        self._refresh_until = self.now() + timedelta(days=days_left)

    def end_access(self) -> None:
        """Every access token ends now, as after a change of password."""
        self._access.clear()

    def days_left(self) -> float:
        """Of the refresh token."""
        until = self._refresh_until or self.now()
        return (until - self.now()) / timedelta(days=1)

    def issue(self, fields: Mapping[str, str]) -> dict[str, object]:
        """Answer ``POST /oauth/token``. Raises KakaoRefusal."""
        self._check_app(fields)
        if fields.get("grant_type") != "refresh_token":
            raise login_refusal(400, "invalid_request", "KOE001", "grant_type")
        if fields.get("refresh_token") != self._refresh_token or self.days_left() <= 0:
            raise login_refusal(400, "invalid_grant", "KOE322", "expired_or_invalid_refresh_token")
        now = self.now()
        self._issued = [at for at in self._issued if now - at < TOKENS_WITHIN]
        if len(self._issued) >= MOST_TOKENS:
            raise login_refusal(429, "invalid_request", "KOE237", "token request limit exceeded")
        self._issued.append(now)
        token = secrets.token_urlsafe(30)
        self._access[token] = now + ACCESS_LIFE
        answer: dict[str, object] = {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": int(ACCESS_LIFE.total_seconds()) - 1,
        }
        return answer | self._renewed(now)

    def _renewed(self, now: datetime) -> dict[str, object]:
        """A refresh token near its end is replaced, and the old one is void."""
        if timedelta(days=self.days_left()) >= RENEWED_BELOW:
            return {}
        self._refresh_token = secrets.token_urlsafe(30)
        self._refresh_until = now + REFRESH_LIFE
        return {
            "refresh_token": self._refresh_token,
            "refresh_token_expires_in": int(REFRESH_LIFE.total_seconds()) - 1,
        }

    def send(self, token: str, template: str | None) -> dict[str, object]:
        """Answer ``POST /v2/api/talk/memo/default/send``. Raises KakaoRefusal."""
        until = self._access.get(token)
        if until is None or until <= self.now():
            raise KakaoRefusal(401, -401, "this access token does not exist")
        if not self.has_scope:
            more = {"required_scopes": [TALK_MESSAGE], "allowed_scopes": ["profile_nickname"]}
            raise KakaoRefusal(403, -402, "insufficient scopes.", {"api_type": MEMO, **more})
        text, link = check_template(template)
        today = self.now().astimezone(KST).date().isoformat()
        if sum(told["day"] == today for told in self.messages) >= self.quota:
            raise KakaoRefusal(400, -532, "daily message limit per sender has been exceeded.")
        self.messages.append(
            {"day": today, "at": self.now().isoformat(), "text": text, "link": link}
        )
        return {"result_code": 0}

    def _check_app(self, fields: Mapping[str, str]) -> None:
        if fields.get("client_id") != self.app.rest_api_key:
            raise login_refusal(401, "invalid_client", "KOE101", "Not exist client_id")
        if fields.get("client_secret", "") != self.app.client_secret:
            raise login_refusal(401, "invalid_client", "KOE010", "Bad client credentials")
