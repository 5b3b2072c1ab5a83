"""Bodies of the controls, read field by field. Misuse raises, and is answered with 400."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation

from aiohttp import web

from sandbox.model import Server


class Body:
    """A JSON object. A field that is missing or of the wrong kind raises ValueError."""

    def __init__(self, text: str) -> None:
        fields = json.loads(text or "{}")
        if not isinstance(fields, dict):
            raise TypeError("want a JSON object")
        self._fields = fields

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._fields.get(name) is not None

    def loose(self, name: str, default: str) -> str:
        """Whatever stands there, as text."""
        return str(self._fields.get(name, default))

    def text(self, name: str) -> str:
        """A text that is not empty."""
        value = self._fields.get(name)
        if not isinstance(value, str) or not value:
            raise ValueError(f"{name}: want a text")
        return value

    def number(self, name: str) -> Decimal:
        """A finite number, as JSON number or as text."""
        try:
            number = Decimal(str(self._fields[name]))
        except (KeyError, InvalidOperation):
            raise ValueError(f"{name}: want a number") from None
        if not number.is_finite():
            raise ValueError(f"{name}: want a number")
        return number

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._fields.get(name)
        if not isinstance(value, bool):
            raise ValueError(f"{name}: want true or false")  # noqa: TRY004 - misuse like the rest
        return value

    def moment(self, name: str) -> datetime:
        """An ISO moment with an offset."""
        return aware(self.text(name))

    def server(self) -> Server:
        """The server that is named, else the real one."""
        return Server(self.loose("server", Server.REAL.value))


Action = Callable[[Body], Awaitable[object]]


def posted(action: Action) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler that lets ``action`` answer; misuse becomes 400 with ``error``."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(await action(Body(await request.text())))
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)

    return handle


def aware(text: str) -> datetime:
    """An ISO moment with an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text}: want an offset, as in 2026-11-20T09:30:00-05:00")
    return moment
