"""The last gate in front of a log: whatever was formatted leaves it without secrets."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from engine.adapters.secrets.values import HIDDEN, Secrets

_BOT_TOKEN = r"\d{6,}:[A-Za-z0-9_-]{30,}"  # noqa: S105 - the shape of one
_CANO_DIGITS = 8
_SHORTEST = 3  # anything shorter would black out the log and hides nothing


class Redactor:
    """Replaces every known secret in a text.

    Access tokens and approval keys are issued later and not known here: no text is made of them.
    The KIS adapter tells errors by class, code and KIS's own words only.
    """

    def __init__(self, secrets: Secrets, extra: Iterable[str] = ()) -> None:
        known = [secret.reveal() for secret in secrets.all_set()]
        for account in (secrets.kis_account, secrets.paper_account):
            if account is not None:
                known += _account_forms(account.reveal())
        self._pattern = _compiled({form for text in (*known, *extra) for form in _forms(text)})

    def hide(self, text: str) -> str:
        """The text with ``***`` for each secret. Case does not matter."""
        return self._pattern.sub(HIDDEN, text)


class RedactingFormatter(logging.Formatter):
    """Formats as usual, then hides secrets in the whole of it, exception text included."""

    def __init__(
        self,
        secrets: Secrets,
        extra: Iterable[str] = (),
        fmt: str | None = None,
        datefmt: str | None = None,
    ) -> None:
        super().__init__(fmt, datefmt)
        self.redactor = Redactor(secrets, extra)

    def format(self, record: logging.LogRecord) -> str:
        """The line that is written."""
        return self.redactor.hide(super().format(record))


def _compiled(known: set[str]) -> re.Pattern[str]:
    # Longest first: else the account's first eight digits would leave its last two behind.
    ordered = sorted(known, key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, ordered), _BOT_TOKEN]), re.IGNORECASE)


def _account_forms(account: str) -> tuple[str, ...]:
    cano, product = account[:_CANO_DIGITS], account[_CANO_DIGITS:]
    return (f"{cano}-{product}", cano)


def _forms(text: str) -> Iterator[str]:
    """As it is, and as addresses, JSON and Python would write it."""
    if len(text) < _SHORTEST:
        return
    yield from {
        *(text, quote(text), quote(text, safe=""), quote_plus(text)),
        *(json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]),
    }
