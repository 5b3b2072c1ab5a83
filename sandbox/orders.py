"""An order's life inside the sandbox, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sandbox.model import Server, Side

BY_API = "OpenAPI"
BY_HAND = "모바일"


class OrderStatus(StrEnum):
    """Where an order is. Only SENT and OPEN hold shares or cash back."""

    SENT = "sent"
    OPEN = "open"
    FILLED = "filled"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    EXPIRED = "expired"


class Action(StrEnum):
    """``rvse_cncl_dvsn`` on the wire."""

    NEW = "00"
    AMEND = "01"
    CANCEL = "02"


class Division(StrEnum):
    """``ORD_DVSN`` the sandbox knows; TWAP and VWAP are not offered here."""

    LIMIT = "00"
    MOO = "31"
    LOO = "32"
    MOC = "33"
    LOC = "34"

    @property
    def at_open(self) -> bool:
        """Waits for the opening."""
        return self in {Division.MOO, Division.LOO}

    @property
    def at_close(self) -> bool:
        """Waits for the close."""
        return self in {Division.MOC, Division.LOC}


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What a customer wants. ``limit`` 0 with MOO and MOC."""

    server: Server
    side: Side
    symbol: str
    qty: int
    limit: Decimal
    division: Division = Division.LIMIT
    media: str = BY_API


@dataclass(slots=True)
class Order:
    """One numbered order or amendment, as the broker keeps it."""

    no: str
    request: OrderRequest
    exchange: str
    placed_at: datetime
    accept_at: datetime
    action: Action = Action.NEW
    original_no: str = ""
    status: OrderStatus = OrderStatus.SENT
    filled: int = 0
    filled_value: Decimal = Decimal(0)
    withdrawn: int = 0
    active_from: datetime | None = None
    reject_reason: str = ""

    @property
    def live(self) -> bool:
        """May still trade, now or once the exchange has taken it."""
        return self.status in {OrderStatus.SENT, OrderStatus.OPEN} and self.action is not (
            Action.CANCEL
        )

    @property
    def open_qty(self) -> int:
        """What may still trade."""
        return self.request.qty - self.filled - self.withdrawn if self.live else 0

    @property
    def average(self) -> Decimal:
        """Average fill price; 0 without fills."""
        return self.filled_value / self.filled if self.filled else Decimal(0)

    def as_json(self) -> dict[str, object]:
        """For oracles."""
        return {
            "order_no": self.no,
            "original_no": self.original_no,
            "action": self.action.name.lower(),
            "side": self.request.side.name.lower(),
            "symbol": self.request.symbol,
            "exchange": self.exchange,
            "qty": self.request.qty,
            "limit": str(self.request.limit),
            "division": self.request.division.value,
            "media": self.request.media,
            "placed_at": self.placed_at.isoformat(),
            "status": self.status.value,
            "filled": self.filled,
            "filled_value": str(self.filled_value),
            "open": self.open_qty,
            "reject_reason": self.reject_reason,
        }


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill. ``realised`` is gain after this sale's fee; 0 for buys."""

    server: Server
    order_no: str
    at: datetime
    side: Side
    symbol: str
    qty: int
    price: Decimal
    fee: Decimal
    realised: Decimal

    def as_json(self) -> dict[str, object]:
        """For oracles."""
        return {
            "order_no": self.order_no,
            "at": self.at.isoformat(),
            "side": self.side.name.lower(),
            "symbol": self.symbol,
            "qty": self.qty,
            "price": str(self.price),
            "fee": str(self.fee),
            "realised": str(self.realised),
        }
