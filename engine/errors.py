"""The exception tree. A class is named by what the caller should do about it."""

from __future__ import annotations


class TradingError(Exception):
    """Anything unexpected that this project raises on purpose."""


class ConfigError(TradingError):
    """Stop before the start. The message names file, key, value and allowed range."""


class BrokerError(TradingError):
    """A broker call went wrong. Carries facts, never headers or account data."""

    def __init__(self, text: str, *, tr_id: str = "", code: str = "") -> None:
        super().__init__(f"{tr_id or 'broker'}: {code or 'no code'}: {text}")
        self.tr_id = tr_id
        self.code = code
        self.text = text


class BrokerUnavailable(BrokerError):
    """Reads: retry with back-off. Placing: the outcome is unknown."""


class RateLimited(BrokerError):
    """The call had no effect. Wait, count, slow down."""


class AuthExpired(BrokerError):
    """The token is dead. Refresh once under a lock, then treat as unavailable."""


class BrokerRefused(BrokerError):
    """A definite no to a read or a misuse of the API: asking again will not help."""


class PayloadError(BrokerError):
    """A reply that does not have the shape it should have."""


class QuotaExhausted(TradingError):
    """The desk's own cap of calls does not allow this call now; nothing was sent."""


class JournalFailed(TradingError):
    """The book cannot be written: no entries; a due exit once more, then the process ends."""


class BackupFailed(TradingError):
    """A copy could not be made or is not whole; what was there is still there."""


class InvariantBroken(TradingError):
    """Fatal: the books say something that cannot be (negative holdings, over-fill)."""
