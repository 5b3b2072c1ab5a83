"""Access token (접근토큰) and approval key (접속키) of one app key.

Source: kis-rest-domestic notes section 3, kis-websocket notes section 1.1.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Protocol

from engine.adapters.kis.endpoint import KisEndpoint
from engine.adapters.kis.errors import HTTP_OK, read_error
from engine.adapters.kis.http import KisHttp, Reply
from engine.errors import AuthExpired, BrokerError, BrokerUnavailable, PayloadError
from engine.ports.clock import Clock

_log = logging.getLogger(__name__)

_KST = timezone(timedelta(hours=9), "KST")
_STAMP = "%Y-%m-%d %H:%M:%S"
_TOKEN_PATH = "/oauth2/tokenP"  # noqa: S105 - an address
_APPROVAL_PATH = "/oauth2/Approval"
_TOO_SOON = "EGW00133"
_TOO_SOON_WAIT = timedelta(seconds=60)
_RENEW_AHEAD = timedelta(minutes=45)
_FAR = timedelta(days=366)
_APPROVAL_LIFE = timedelta(hours=23)


class TokenCache(Protocol):
    """Keeps short texts encrypted over restarts. Must not raise for a missing or broken one."""

    def load(self, key: str) -> str | None:
        """The text saved last under this key."""
        ...

    def save(self, key: str, text: str) -> None:
        """Replace it."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class _Token:
    text: str
    expires_at: datetime


class TokenKeeper:
    """Hands out the token; one caller at a time asks for a new one, ahead of its end.

    Each issue sends the customer a phone message, so a barren one is not repeated for a minute.
    """

    def __init__(
        self, endpoint: KisEndpoint, http: KisHttp, clock: Clock, cache: TokenCache
    ) -> None:
        self._keys = endpoint.keys
        self._http = http
        self._clock = clock
        self._cache = cache
        self._cache_key = _cache_key(endpoint)
        self._lock = asyncio.Lock()
        self._token: _Token | None = None
        self._resting: tuple[int, datetime] | None = None

    async def token(self, *, may_renew: bool = True) -> str:
        """A token that should be alive.

        ``may_renew``: the caller has the time to ask for the next one, if that is due. All others
        go on with the living one meanwhile: nobody waits for what is not needed yet.

        Raises:
            AuthExpired: KIS gave none and asking again now would not help.
            BrokerUnavailable: KIS could not be asked.
        """
        held = self._token
        if held is None or not self._is_alive(held):
            async with self._lock:
                held = self._token = await self._any()
        elif may_renew and self._is_ending(held) and not self._lock.locked():
            async with self._lock:
                held = self._token = await self._next(held)
        return held.text

    async def renew(self, dead: str) -> str:
        """A token in place of one that KIS called dead before its time."""
        async with self._lock:
            if self._token is not None and self._token.text != dead:
                return self._token.text
            self._token = None
            fresh = await self._issue()
            if fresh.text == dead:
                # Within six hours KIS may hand out the same dead token again: only waiting helps.
                self._rest()
                raise AuthExpired("the new token is the dead one")
            self._token = fresh
            return fresh.text

    async def _any(self) -> _Token:
        held = self._token or _load(self._cache.load(self._cache_key))
        return held if held is not None and self._is_alive(held) else await self._issue()

    async def _next(self, living: _Token) -> _Token:
        """The token after the living one, which stays if KIS gives none: no reason to wait."""
        try:
            fresh = self._take(await self._ask())
        except BrokerError as error:
            _log.warning("token not renewed ahead of its end: %s", error)
            fresh = living
        if self._is_ending(fresh):
            self._rest()
        return fresh

    async def _issue(self) -> _Token:
        if self._is_resting():
            raise AuthExpired("no token; not asking again yet")
        reply = await self._ask()
        if reply.code == _TOO_SOON:
            await self._clock.sleep_for(_TOO_SOON_WAIT)
            reply = await self._ask()
        try:
            return self._take(reply)
        except BrokerError:
            self._rest()
            raise

    def _take(self, reply: Reply) -> _Token:
        text = reply.text_of("access_token")
        if reply.status != HTTP_OK or not text:
            raise _refused(reply, self._keys.hide(reply.message))
        if not text.isascii() or " " in text:
            raise PayloadError("a token that is no header", tr_id="oauth2")
        token = _Token(text, _expiry(reply, self._clock.now()))
        self._cache.save(self._cache_key, _dump(token))
        _log.info("access token issued, good until %s", token.expires_at.isoformat())
        return token

    def _is_alive(self, held: _Token) -> bool:
        return self._clock.now() < held.expires_at

    def _is_ending(self, held: _Token) -> bool:
        return held.expires_at - _RENEW_AHEAD <= self._clock.now() and not self._is_resting()

    def _rest(self) -> None:
        self._resting = (self._clock.generation, self._clock.now() + _TOO_SOON_WAIT)

    def _is_resting(self) -> bool:
        """A jump of the clock ends the rest: set back, it would last for as long as the jump."""
        if self._resting is None:
            return False
        generation, until = self._resting
        return generation == self._clock.generation and self._clock.now() < until

    async def _ask(self) -> Reply:
        body = {
            "grant_type": "client_credentials",
            "appkey": self._keys.app_key,
            "appsecret": self._keys.app_secret,
        }
        return await self._http.post(_TOKEN_PATH, {}, body)


class ApprovalKeeper:
    """The socket's key: in memory only, a new one when it is old or was refused."""

    def __init__(self, endpoint: KisEndpoint, http: KisHttp, clock: Clock) -> None:
        self._keys = endpoint.keys
        self._http = http
        self._clock = clock
        self._key = ""
        self._issued_at: datetime | None = None

    async def key(self) -> str:
        """A key younger than 23 hours.

        Raises:
            BrokerError: KIS gave none.
        """
        now = self._clock.now()
        if self._issued_at is not None and now - self._issued_at < _APPROVAL_LIFE:
            return self._key
        body = {
            "grant_type": "client_credentials",
            "appkey": self._keys.app_key,
            "secretkey": self._keys.app_secret,
        }
        reply = await self._http.post(_APPROVAL_PATH, {}, body)
        key = reply.text_of("approval_key")
        if reply.status != HTTP_OK or not key:
            raise _refused(reply, self._keys.hide(reply.message))
        self._key, self._issued_at = key, now
        return key

    def forget(self) -> None:
        """The socket refused the key (OPSP0011)."""
        self._issued_at = None


def _refused(reply: Reply, text: str) -> BrokerError:
    if reply.body is None:
        return BrokerUnavailable(f"no JSON, HTTP {reply.status}", tr_id="oauth2")
    error = read_error(reply.code, reply.status)
    return error(text or f"HTTP {reply.status}", tr_id="oauth2", code=reply.code)


def _expiry(reply: Reply, now: datetime) -> datetime:
    stamp = reply.text_of("access_token_token_expired")
    try:
        told = datetime.strptime(stamp, _STAMP).replace(tzinfo=_KST)
    except ValueError:
        told = now - _FAR
    if abs(told - now) < _FAR:  # anything else is no token's end, and could not be reckoned with
        return told
    seconds = None if reply.body is None else reply.body.get("expires_in")
    if not isinstance(seconds, int) or not 0 < seconds <= _FAR.total_seconds():
        raise PayloadError("token without an end", tr_id="oauth2")
    return now + timedelta(seconds=seconds)


def _cache_key(endpoint: KisEndpoint) -> str:
    # Real and paper, and a sandbox beside them, must never share a token.
    identity = f"{endpoint.server}|{endpoint.base_url}|{endpoint.keys.app_key}"
    return f"kis-token-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"


def _dump(token: _Token) -> str:
    return json.dumps({"token": token.text, "expires_at": token.expires_at.isoformat()})


def _load(text: str | None) -> _Token | None:
    if text is None:
        return None
    try:
        stored = json.loads(text)
        expires_at = datetime.fromisoformat(stored["expires_at"])
        token = stored["token"]
    except (ValueError, TypeError, KeyError):
        return None
    if not isinstance(token, str) or expires_at.tzinfo is None:
        return None
    return _Token(token, expires_at)
