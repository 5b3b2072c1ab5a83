"""One side of KIS: its addresses and the keys that belong to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

_CANO_DIGITS = 8
_ACCOUNT_DIGITS = 10
_HIDDEN = "***"


class Server(StrEnum):
    """KIS has two: other keys, other accounts, fewer calls on paper (모의투자)."""

    REAL = "real"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, repr=False)
class KisKeys:
    """What identifies a customer. Its text is always hidden.

    ``account``: CANO and ACNT_PRDT_CD, ten digits. ``hts_id`` as registered, case matters.
    """

    app_key: str
    app_secret: str
    account: str
    hts_id: str

    def __post_init__(self) -> None:
        if len(self.account) != _ACCOUNT_DIGITS or not self.account.isdigit():
            raise ValueError("a KIS account number has ten digits")

    def __repr__(self) -> str:
        return "KisKeys(***)"

    @property
    def cano(self) -> str:
        """First eight digits of the account."""
        return self.account[:_CANO_DIGITS]

    @property
    def product(self) -> str:
        """Last two digits of the account."""
        return self.account[_CANO_DIGITS:]

    def hide(self, text: str) -> str:
        """A text from the broker without anything that identifies the customer."""
        for secret in (self.app_secret, self.app_key, self.account, self.cano, self.hts_id):
            if secret:
                text = text.replace(secret, _HIDDEN)
        return text


@dataclass(frozen=True, slots=True)
class KisEndpoint:
    """``base_url`` without a trailing slash; ``websocket_url`` with scheme, any path."""

    server: Server
    base_url: str
    websocket_url: str
    keys: KisKeys = field(repr=False)
