"""How Kakao says no: the login server and the API server have a shape each."""

from __future__ import annotations

from collections.abc import Mapping


class KakaoRefusal(Exception):
    """An answer that is none: ``status`` of HTTP, ``code`` and ``msg`` as the API server has them.

    ``body`` holds what else is in the JSON, or all of it where the shape is another one.
    """

    def __init__(
        self,
        status: int,
        code: int,
        msg: str,
        more: Mapping[str, object] | None = None,
        *,
        body: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(msg)
        self.status = status
        self.body = dict(body or {"msg": msg, "code": code, **(more or {})})

    @property
    def shown_code(self) -> str:
        """The code in the answer, for the log."""
        return str(self.body.get("error_code") or self.body.get("code") or "")


def login_refusal(status: int, error: str, code: str, description: str) -> KakaoRefusal:
    """As the login server tells it."""
    body = {"error": error, "error_description": description, "error_code": code}
    return KakaoRefusal(status, 0, description, body=body)
