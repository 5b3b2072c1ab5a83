"""One form-encoded call to one of Kakao's servers, and how it may fail."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

_CONNECT_S = 5.0
_ANSWER_S = 10.0
_MAX_BODY = 64 * 1024
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class NoAnswer(Exception):
    """``was_sent``: it may have been done all the same. The text is the kind of trouble only."""

    def __init__(self, kind: str, *, was_sent: bool) -> None:
        super().__init__(kind)
        self.was_sent = was_sent


@dataclass(frozen=True, slots=True)
class Answer:
    """``body`` None: there was no JSON object."""

    status: int
    body: Mapping[str, object] | None

    def text_of(self, key: str) -> str:
        """A text of the top level; blank if missing."""
        value = None if self.body is None else self.body.get(key)
        return value if isinstance(value, str) else ""

    def seconds_of(self, key: str) -> float:
        """A number of the top level; 0 if missing."""
        value = None if self.body is None else self.body.get(key)
        return float(value) if isinstance(value, int | float) else 0.0


class KakaoHttp:
    """A kept client. ``transport`` None: the network."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
        self._client = httpx.AsyncClient(trust_env=False, timeout=timeout, transport=transport)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def post(self, url: str, form: Mapping[str, str], bearer: str = "") -> Answer:
        """Send once; the form may hold secrets. Raises NoAnswer."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        try:
            response = await self._client.post(url, data=dict(form), headers=headers)
        except httpx.HTTPError as error:
            # The type only: a text may hold an address, a cause the form.
            sent = not isinstance(error, _NEVER_SENT)
            raise NoAnswer(type(error).__name__, was_sent=sent) from None
        return Answer(response.status_code, _object(response.content))


def _object(content: bytes) -> Mapping[str, object] | None:
    if len(content) > _MAX_BODY:
        return None
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
