"""A text that never shows itself, and the set of them this program knows."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Final, NoReturn, final

HIDDEN: Final = "***"


@final
class Secret:
    """Its text, repr and format are ``***``. Cannot be pickled; equality takes constant time."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself, for the one call that needs it."""
        return self._text

    def __str__(self) -> str:
        return HIDDEN

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, _spec: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(
            self._text.encode("utf-8", "surrogatepass"),
            other._text.encode("utf-8", "surrogatepass"),
        )

    def __hash__(self) -> int:
        return hash(self._text)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What came from the environment, ``.env`` and the store; None or empty: not set.

    Accounts have ten digits (CANO, then ACNT_PRDT_CD). The first user id is the owner's.
    ``notices`` are for the start message. ``set_at``: by name, since when at least, where that is
    known. ``shadowed``: values that another source overrules; they must not show either.
    """

    kis_app_key: Secret | None = None
    kis_app_secret: Secret | None = None
    kis_account: Secret | None = None
    kis_hts_id: Secret | None = None
    paper_app_key: Secret | None = None
    paper_app_secret: Secret | None = None
    paper_account: Secret | None = None
    telegram_token: Secret | None = None
    telegram_user_ids: tuple[int, ...] = ()
    master_passphrase: Secret | None = None
    kakao_rest_api_key: Secret | None = None
    kakao_refresh_token: Secret | None = None
    kakao_client_secret: Secret | None = None
    notices: tuple[str, ...] = ()
    set_at: Mapping[str, datetime] = field(default_factory=dict, hash=False)
    shadowed: tuple[Secret, ...] = ()

    @property
    def has_real_keys(self) -> bool:
        """Whether the real account can be reached at all."""
        return None not in (self.kis_app_key, self.kis_app_secret, self.kis_account)

    @property
    def has_paper_keys(self) -> bool:
        """Whether the paper account (모의투자) can be reached at all."""
        return None not in (self.paper_app_key, self.paper_app_secret, self.paper_account)

    def all_set(self) -> tuple[Secret, ...]:
        """Every secret that is set, in force or not."""
        values = (getattr(self, part.name) for part in fields(self))
        return (*(value for value in values if isinstance(value, Secret)), *self.shadowed)
