"""The access token, and the refresh token that must be kept when Kakao renews it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from engine.adapters.kakao.contract import TOKEN_PATH, read_answer
from engine.adapters.kakao.http import Answer, KakaoHttp, NoAnswer
from engine.model.receipts import Receipt, Told

_log = logging.getLogger(__name__)

_RENEW_AHEAD_S = 300.0
KEPT_UNDER = "kakao-refresh"


class Kept(Protocol):
    """Keeps short texts encrypted over restarts; must not raise for a missing or broken one."""

    def load(self, key: str) -> str | None:
        """The text saved last under this key."""
        ...

    def save(self, key: str, text: str) -> None:
        """Replace it."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class KakaoKeys:
    """``refresh_token`` as the trader gave it; ``client_secret`` empty where the app has none."""

    rest_api_key: str
    refresh_token: str
    client_secret: str = ""

    def __repr__(self) -> str:
        return "KakaoKeys(***)"

    @property
    def fingerprint(self) -> str:
        """Tells whether a kept token descends from these; nothing can be read back from it."""
        both = f"{self.rest_api_key}|{self.refresh_token}"
        return hashlib.sha256(both.encode()).hexdigest()[:16]


class KakaoTokens:
    """One caller at a time asks. ``monotonic``: seconds of human time."""

    def __init__(
        self,
        auth_base_url: str,
        keys: KakaoKeys,
        http: KakaoHttp,
        kept: Kept,
        monotonic: Callable[[], float],
    ) -> None:
        self._url = auth_base_url + TOKEN_PATH
        self._keys = keys
        self._http = http
        self._kept = kept
        self._monotonic = monotonic
        self._refresh = _load(kept.load(KEPT_UNDER), keys) or keys.refresh_token
        self._access = ""
        self._good_until = 0.0
        self._lock = asyncio.Lock()

    async def token(self) -> str | Told:
        """A living access token, or why there is none."""
        async with self._lock:
            if not self._access or self._monotonic() >= self._good_until:
                told = await self._renew()
                if told.receipt is not Receipt.TAKEN:
                    return told
            return self._access

    async def renew(self) -> Told:
        """A new access token whatever the old one is worth."""
        async with self._lock:
            return await self._renew()

    def forget(self, token: str) -> None:
        """It was refused."""
        if token == self._access:
            self._access = ""

    async def _renew(self) -> Told:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._keys.rest_api_key,
            "refresh_token": self._refresh,
        }
        if self._keys.client_secret:
            form["client_secret"] = self._keys.client_secret
        try:
            answer = await self._http.post(self._url, form)
        except NoAnswer as trouble:
            return Told(Receipt.LATER, str(trouble))
        # First of all: the token that was used may be void from now on.
        self._keep(answer)
        told = read_answer(answer.status, answer.body)
        access = answer.text_of("access_token")
        if told.receipt is Receipt.UNFIT or (told.receipt is Receipt.TAKEN and not access):
            return Told(Receipt.LATER, told.code or "no token")
        if told.receipt is Receipt.TAKEN:
            self._access = access
            life = answer.seconds_of("expires_in") - _RENEW_AHEAD_S
            self._good_until = self._monotonic() + max(life, 0.0)
        return told

    def _keep(self, answer: Answer) -> None:
        fresh = answer.text_of("refresh_token")
        if not fresh or fresh == self._refresh:
            return
        self._refresh = fresh
        self._kept.save(KEPT_UNDER, json.dumps({"from": self._keys.fingerprint, "token": fresh}))
        _log.info("Kakao renewed the refresh token; it is kept")


def _load(text: str | None, keys: KakaoKeys) -> str | None:
    """The kept token, as long as the trader's own is the one that it came from."""
    try:
        found = json.loads(text or "")
        token, origin = found["token"], found["from"]
    except (ValueError, TypeError, KeyError):
        return None
    return token if isinstance(token, str) and origin == keys.fingerprint else None
