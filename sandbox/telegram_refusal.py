"""How the Bot API says no."""

from __future__ import annotations

from typing import Any

_PREFIXES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
}


class Refusal(Exception):
    """A call the server does not carry out.

    ``reason`` is what the layer below says; the server puts the status in words before it and
    lowers the first letter unless the reason is a code such as ``BUTTON_DATA_INVALID``
    (tdlib/telegram-bot-api, fail_query_with_error).
    """

    def __init__(self, reason: str, *, code: int = 400, retry_after: int = 0) -> None:
        super().__init__(reason)
        self.code = code
        self.retry_after = retry_after
        prefix = _PREFIXES[code]
        self.description = f"{prefix}: {_lowered(reason)}" if reason else prefix

    def body(self) -> dict[str, Any]:
        """The JSON answer."""
        answer: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.retry_after:
            answer["parameters"] = {"retry_after": self.retry_after}
        return answer


def flood(retry_after: int) -> Refusal:
    """Too many calls; the client has to stay silent for ``retry_after`` seconds."""
    return Refusal(f"retry after {retry_after}", code=429, retry_after=retry_after)


def cannot_parse(reason: str) -> Refusal:
    """Markup that the parser refuses."""
    return Refusal(f"Can't parse entities: {reason}")


def _lowered(reason: str) -> str:
    second = reason[1:2]
    if second == "_" or second.isupper():
        return reason
    return reason[:1].lower() + reason[1:]
