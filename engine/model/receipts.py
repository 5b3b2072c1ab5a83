"""What a second messenger says of a message."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Receipt(StrEnum):
    """What became of a message."""

    TAKEN = "taken"
    LOST = "lost"  # sent, no answer: it may be there, so sending it again might double it
    LATER = "later"  # certainly not there; worth another try after a pause
    SPENT = "spent"  # the day's allowance is used up
    UNFIT = "unfit"  # this one is refused for what it is; others may pass
    DENIED = "denied"  # no more will pass until the trader does something


class Denial(StrEnum):
    """What the trader has to mend."""

    TOKEN = "token"  # noqa: S105 - a word; the refresh token has ended or was revoked
    KEY = "key"  # app key or client secret are wrong
    SCOPE = "scope"  # the permission to send messages is missing
    ACCOUNT = "account"  # app or account are blocked, or have no messenger


@dataclass(frozen=True, slots=True)
class Told:
    """``code``: the service's own, for the log. ``denial``: set when, and only when, DENIED."""

    receipt: Receipt
    code: str = ""
    denial: Denial | None = None
