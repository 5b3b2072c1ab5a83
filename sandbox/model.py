"""The nouns that every part of the sandbox shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol


class Server(StrEnum):
    """Which of the two KIS personalities answers."""

    REAL = "real"
    PAPER = "paper"


class Side(StrEnum):
    """Codes as on the KIS wire."""

    SELL = "01"
    BUY = "02"


@dataclass(frozen=True, slots=True)
class Listing:
    """One tradable thing. ``exchange`` is the order code: NASD, NYSE or AMEX (KRX later)."""

    symbol: str
    exchange: str
    name: str
    prev_close: Decimal
    prev_volume: int = 0


@dataclass(frozen=True, slots=True)
class Trade:
    """One print of the market, with the book as it stands just after it.

    ``at`` is aware UTC; prices in the listing's currency; ``cum_`` counts since 04:00 ET.
    """

    symbol: str
    at: datetime
    price: Decimal
    size: int
    cum_volume: int
    cum_value: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    bid: Decimal
    ask: Decimal
    bid_size: int
    ask_size: int


class NoticeKind(StrEnum):
    """What an order notice tells."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    FILL = "fill"
    REFUSED = "refused"
    AMENDED = "amended"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"  # KRX: what an IOC or FOK order left was cancelled by the exchange


@dataclass(frozen=True, slots=True)
class Notice:
    """One order notice of an account, before it is put on the wire.

    ``qty`` is the size of this fill, or of the order for the other kinds.
    """

    kind: NoticeKind
    server: Server
    account: str  # ten digits
    order_no: str  # ten digits, zero padded
    original_no: str
    side: Side
    symbol: str
    exchange: str
    qty: int
    price: Decimal
    order_qty: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one KIS customer holds. Real and paper sides are two different ones."""

    server: Server
    app_key: str
    app_secret: str
    account: str  # ten digits: CANO + ACNT_PRDT_CD
    hts_id: str
    holder: str


class MarketClock(Protocol):
    """Market time: scaled, stoppable and able to jump; derived from the event loop's time."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Return when market time has reached ``moment``, also after a jump over it."""
        ...


TradeListener = Callable[[Trade], None]
NoticeListener = Callable[[Notice], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """One scripted piece of trouble.

    ``channel``: ``rest``, ``ws``, ``telegram``; ``target``: a tr_id, path part, Telegram method,
    or ``*``; ``kind``: the trouble's name (docs in sandbox/faults.py); ``times``: how many calls
    or frames it hits, 0 for until removed; ``value``: kind-specific (seconds, code).
    """

    channel: str
    kind: str
    target: str = "*"
    times: int = 1
    value: str = ""


class FaultDesk(Protocol):
    """Where scripted trouble waits to be taken."""

    def take(self, channel: str, target: str, *kinds: str) -> Fault | None:
        """The next fault for this target among ``kinds`` (any if none named); counts down."""
        ...
