"""One kept HTTP client towards one KIS host. Knows nothing of retries, tokens or meanings."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import aiohttp
import httpx

from engine.adapters.kis.bodies import parse_body, read_body
from engine.adapters.kis.connections import kept_connections, trouble_name
from engine.adapters.kis.values import clean
from engine.adapters.server_time import time_in
from engine.errors import BrokerUnavailable

_CONNECT_S = 3.0
_ANSWER_S = 8.0
# Random resets were reported for the default name of a library.
_USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) dolpa"
_HEADERS = {
    "user-agent": _USER_AGENT,
    "accept": "*/*",
    "accept-encoding": "gzip, deflate",
    "connection": "keep-alive",
    "content-type": "application/json; charset=utf-8",
}
_TIMEOUT = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S).as_dict()
_MAX_CODE = 12
_LONGEST_FIELD = 8192  # a token or a paging key; none comes near
_LONGEST_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """``body`` None: there was no JSON object, whatever the status says.

    ``sent_at``: the server's clock by its Date header, to the second; None: it did not say.
    """

    status: int
    body: Mapping[str, object] | None
    has_more: bool
    sent_at: datetime | None = None

    @property
    def code(self) -> str:
        """Message code, also of the token endpoint's own shape; blank if there is none."""
        code = self.text_of("msg_cd") or self.text_of("error_code")
        return code if code.isalnum() and len(code) <= _MAX_CODE else ""

    @property
    def message(self) -> str:
        """KIS pads it with blanks to 80."""
        found = self.text_of("msg1") or self.text_of("error_description")
        return found[:_LONGEST_MESSAGE]

    @property
    def is_yes(self) -> bool:
        """Only ``rt_cd`` decides; message codes differ by system."""
        return self.text_of("rt_cd") == "0"

    def text_of(self, key: str) -> str:
        """A text of the top level, cleaned; blank if missing or not a text."""
        value = None if self.body is None else self.body.get(key)
        return clean(value, _LONGEST_FIELD) if isinstance(value, str) else ""


class KisHttp:
    """Raises BrokerUnavailable without an answer; any answer is a Reply."""

    def __init__(self, base_url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.server_time: datetime | None = None  # as of the last reply, whole seconds
        # Its lines show addresses with their query, and ours hold the account.
        logging.getLogger("httpx").addFilter(_drop_addresses)
        self._base_url = base_url
        self._addresses: dict[str, httpx.URL] = {}
        self._client = httpx.AsyncClient(
            trust_env=False, transport=transport or kept_connections(base_url)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the kept connections."""
        await self._client.aclose()

    async def get(self, path: str, headers: Mapping[str, str], query: Mapping[str, str]) -> Reply:
        """Ask once."""
        address = self._address(path).copy_merge_params(query)
        return await self._send("GET", address, headers, None)

    async def post(self, path: str, headers: Mapping[str, str], body: Mapping[str, str]) -> Reply:
        """Send once. A body of known length: chunked ones are refused by KIS."""
        return await self._send("POST", self._address(path), headers, _text(body))

    def _address(self, path: str) -> httpx.URL:
        """Taking an address apart takes longer than sending to it: each path is seen once."""
        if path not in self._addresses:
            self._addresses[path] = httpx.URL(self._base_url + path)
        return self._addresses[path]

    async def _send(
        self, method: str, address: httpx.URL, headers: Mapping[str, str], content: bytes | None
    ) -> Reply:
        # Built whole: merging it with a client's own headers takes longer than signing it.
        request = httpx.Request(
            method,
            address,
            headers={**_HEADERS, **headers},
            content=content,
            extensions={"timeout": _TIMEOUT},
        )
        try:
            response = await self._client.send(request, stream=True)
            try:
                content = await read_body(response)
            finally:
                await response.aclose()
        except (httpx.HTTPError, aiohttp.ClientError) as error:
            # The type only: texts may hold addresses, and addresses hold the account.
            raise BrokerUnavailable(trouble_name(error), tr_id=headers.get("tr_id", "")) from None
        self.server_time = told = time_in(response.headers.get("date", ""))
        return Reply(
            status=response.status_code,
            body=parse_body(content),
            has_more=response.headers.get("tr_cont", "").strip() in {"F", "M"},
            sent_at=told,
        )


def _text(body: Mapping[str, str]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _drop_addresses(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING
