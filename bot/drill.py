"""The demo's sandbox asked for trouble, over loopback HTTP."""

from __future__ import annotations

import logging
from http import HTTPStatus

import httpx

from engine.config import is_loopback_url

_LOG = logging.getLogger(__name__)
_ANSWER_S = 3.0


class SandboxDrills:
    """``root``: the sandbox's own address; any other than loopback is refused (ValueError)."""

    def __init__(self, root: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        if not is_loopback_url(root):
            raise ValueError("drills are for a sandbox on loopback")
        self._url = f"{root}/sandbox/drills"
        self._transport = transport

    async def throw(self, name: str, *, is_on: bool) -> bool:
        """Begin or end a trouble by its name; False when the sandbox did not do it."""
        body = {"name": name, "on": is_on}
        try:
            async with httpx.AsyncClient(
                transport=self._transport, timeout=_ANSWER_S, trust_env=False
            ) as http:
                reply = await http.post(self._url, json=body)
        except httpx.HTTPError as error:
            _LOG.warning("the sandbox was not reached: %s", type(error).__name__)
            return False
        return reply.status_code == HTTPStatus.OK
