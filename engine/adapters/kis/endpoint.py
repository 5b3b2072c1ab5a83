"""One side of KIS: its addresses and the keys that belong to them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

_CANO_DIGITS = 8
_ACCOUNT_DIGITS = 10
_HIDDEN = "***"
_LONG_WORD = re.compile(r"[A-Za-z0-9+/=_.%-]{30,}")


class Server(StrEnum):
    """KIS has two: other keys, other accounts, fewer calls on paper (모의투자)."""

    REAL = "real"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, repr=False)
class KisKeys:
    """What identifies a customer. Its text is always hidden.

    ``account``: CANO and ACNT_PRDT_CD, ten digits. ``hts_id`` as registered, case matters.
    ``hide_more``: takes out whatever else is a secret, in other writings too.
    """

    app_key: str
    app_secret: str
    account: str
    hts_id: str
    hide_more: Callable[[str], str] = field(default=str, compare=False)

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
        """A text from the broker without anything that identifies the customer.

        Tokens and approval keys are known by their length: no word of a message is as long.
        """
        for secret in (self.app_secret, self.app_key, self.account, self.cano, self.hts_id):
            if secret:
                text = text.replace(secret, _HIDDEN)
        return self.hide_more(_LONG_WORD.sub(_HIDDEN, text))


@dataclass(frozen=True, slots=True)
class KisEndpoint:
    """``base_url`` without a trailing slash; ``websocket_url`` with scheme, any path."""

    server: Server
    base_url: str
    websocket_url: str
    keys: KisKeys = field(repr=False)
