"""A KRX order's life inside the sandbox, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sandbox.krx.divisions import Division, Lasts, Pricing
from sandbox.model import Server, Side
from sandbox.orders import BY_API, BY_HAND, Action, Execution, OrderStatus

# The branch that numbers the orders which each server takes, and that of the broker's app.
BRANCH = {Server.REAL: "06010", Server.PAPER: "91252"}
APP_BRANCH = "00950"
# Numbers begin anew every day, in every branch.
OrderKey = tuple[date, str, str]
KRX, NXT, SOR = "KRX", "NXT", "SOR"


@dataclass(frozen=True, slots=True)
class KrxOrderRequest:
    """What a customer wants. ``limit`` is won a share, 0 where the type has no price.

    ``division`` is kept as it came: whether it is known is for the books to say. ``trigger``
    belongs to stop-limit orders, ``venue`` is ``EXCG_ID_DVSN_CD``.
    """

    server: Server
    side: Side
    symbol: str
    qty: int
    limit: Decimal
    division: str = Division.LIMIT
    trigger: Decimal = Decimal(0)
    venue: str = KRX
    media: str = BY_API

    @property
    def branch(self) -> str:
        """Whose numbers it gets: five digits."""
        return APP_BRANCH if self.media == BY_HAND else BRANCH[self.server]


@dataclass(slots=True)
class KrxOrder:
    """One numbered order, amendment or cancellation, as the broker keeps it.

    ``limit`` is the price it trades at best; None while it takes any. ``reserve`` is the won a
    share that a buy holds back. ``extra_hold`` is what an amendment on its way needs beyond that.
    ``met_book`` tells a resting order from one that has still to meet a book.
    """

    no: str
    request: KrxOrderRequest
    division: Division
    day: date
    placed_at: datetime
    accept_at: datetime
    ends_at: datetime
    limit: Decimal | None
    reserve: Decimal
    action: Action = Action.NEW
    original_no: str = ""
    status: OrderStatus = OrderStatus.SENT
    filled: int = 0
    filled_value: Decimal = Decimal(0)
    withdrawn: int = 0
    cancelled: int = 0
    extra_hold: Decimal = Decimal(0)
    triggered_at: datetime | None = None
    met_book: bool = False
    reject_reason: str = ""

    @property
    def branch(self) -> str:
        """Five digits."""
        return self.request.branch

    @property
    def key(self) -> OrderKey:
        """Day, branch, number."""
        return self.day, self.branch, self.no

    @property
    def lasts(self) -> Lasts:
        """Day, IOC or FOK."""
        return self.division.terms.lasts

    @property
    def waits_for_trigger(self) -> bool:
        """A stop-limit order that is not one yet."""
        return self.division.pricing is Pricing.STOP and self.triggered_at is None

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
    def rejected(self) -> int:
        """Shares the exchange refused (``rjct_qty``)."""
        return self.request.qty if self.status is OrderStatus.REFUSED else 0

    @property
    def average(self) -> Decimal:
        """Average fill price; 0 without fills."""
        return self.filled_value / self.filled if self.filled else Decimal(0)

    def as_json(self) -> dict[str, object]:
        """For oracles."""
        return {
            "order_no": self.no,
            "branch": self.branch,
            "day": self.day.isoformat(),
            "original_no": self.original_no,
            "action": self.action.name.lower(),
            "side": self.request.side.name.lower(),
            "symbol": self.request.symbol,
            "exchange": KRX,
            "venue": self.request.venue,
            "qty": self.request.qty,
            "limit": str(self.request.limit),
            "division": self.division.value,
            "media": self.request.media,
            "placed_at": self.placed_at.isoformat(),
            "status": self.status.value,
            "filled": self.filled,
            "filled_value": str(self.filled_value),
            "open": self.open_qty,
            "cancelled": self.cancelled,
            "reject_reason": self.reject_reason,
        }


@dataclass(frozen=True, slots=True)
class KrxExecution(Execution):
    """One fill. ``tax`` in won, sales only; ``day`` is the Korean trade date, of the order too."""

    tax: Decimal
    day: date
    settles_on: date
    branch: str

    @property
    def order_key(self) -> OrderKey:
        """Of the order it belongs to."""
        return self.day, self.branch, self.order_no

    @property
    def amount(self) -> Decimal:
        """Won before costs."""
        return self.price * self.qty

    @property
    def flow(self) -> Decimal:
        """Won that come into the account at settlement; negative for buys."""
        if self.side is Side.BUY:
            return -self.amount - self.fee
        return self.amount - self.fee - self.tax

    def as_json(self) -> dict[str, object]:
        """For oracles."""
        added = {"tax": str(self.tax), "day": self.day.isoformat(), "branch": self.branch}
        return Execution.as_json(self) | added
