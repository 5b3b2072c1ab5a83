"""The chat page: the files of ``sandbox/page``, with headers that keep everything else out."""

from __future__ import annotations

import re
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "page"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cache-Control": "no-cache",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_FILE = re.compile(r"/page/([a-z_]+(\.[a-z]+))")


class ChatPage:
    """Answers ``/`` with the page and ``/page/NAME`` with what it consists of."""

    def answer(self, request: web.Request) -> web.Response:
        """The file of this path.

        Raises:
            web.HTTPNotFound: The page has no such file.
        """
        name = "index.html" if request.path == "/" else _name(request.path)
        path = FOLDER / name
        if not name or not path.is_file():
            raise web.HTTPNotFound
        return web.Response(
            body=path.read_bytes(), headers={**HEADERS, "Content-Type": TYPES[path.suffix]}
        )


def _name(path: str) -> str:
    """Small letters and one known ending only, so that no path leads out of the folder."""
    found = _FILE.fullmatch(path)
    return found[1] if found is not None and found[2] in TYPES else ""
