"""The kept connections below the HTTP client: aiohttp's, in the shape httpx wants (ADR 0021)."""

from __future__ import annotations

import ssl

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

# With a stream up, reads are minutes apart, and an order must not wait for a handshake. Longer,
# and a router may have forgotten the connection: then an order's outcome would be unknown.
_KEPT_S = 60.0
_LONGEST_HEADER = 65_536  # a longer one would make a definite answer a lost one


def kept_connections(base_url: str) -> httpx.AsyncBaseTransport:
    """One pool for one host; nothing is connected, and no loop needed, before the first call."""
    tls = tls_for(base_url)

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(ssl=tls or True, keepalive_timeout=_KEPT_S)
        # Cookies are nobody's: each call stands alone.
        made = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
        )
        # Reads are repeated by us, who count them; there is no public switch, a test watches it.
        made._retry_connection = False
        return made

    return AiohttpTransport(verify=tls, trust_env=False, client=session)


def tls_for(url: str) -> ssl.SSLContext | bool:
    """Certificates are checked wherever there are any; loopback without TLS has none."""
    if not url.startswith("https:"):
        return False
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def trouble_name(error: Exception) -> str:
    """What happened, as httpx names it: the transport calls all lost connections ConnectTimeout."""
    cause = error.__cause__ if isinstance(error, httpx.HTTPError) else error
    kind: type[Exception]
    match cause:
        case aiohttp.ServerTimeoutError():
            kind = type(error)
        case aiohttp.ClientConnectorError():
            kind = httpx.ConnectError
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientResponseError():
            kind = httpx.RemoteProtocolError
        case aiohttp.ClientConnectionError():
            kind = httpx.ReadError
        case _:
            kind = type(error)
    return kind.__name__
