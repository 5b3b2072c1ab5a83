"""Who may drive the sandbox from a browser: the page it served itself, nobody else's."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

_KIS = ("/real/", "/paper/")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def own_pages_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what a web page from elsewhere sends; KIS paths are guarded by their keys.

    A browser names the page's origin at every POST and at every call across origins; programs name
    none. A host that is no loopback name means that somebody's name was pointed at this machine.
    """
    if not request.path.startswith(_KIS) and not _is_welcome(
        request.host, request.headers.get("Origin")
    ):
        return web.json_response({"error": "only the sandbox's own page may do this"}, status=403)
    return await handler(request)


def is_loopback(host: str) -> bool:
    """Whether an address or name, without a port, means this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_welcome(host: str, origin: str | None) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return is_loopback(name) and origin in {None, f"http://{host}"}
