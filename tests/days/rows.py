"""What came of a played card: read from the sandbox, the tape and the assistant's book."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.model import Trade
from sandbox.session import ET
from tests.days.cards import Card, Expect
from tests.harness.stage import Stage

CENT = Decimal("0.01")
BALANCE, PRICE, DEPTH = "TTTS3012R", "HHDFS00000300", "HHDFS76200100"
READINGS = frozenset({BALANCE, PRICE, DEPTH})

Facts = list[tuple[datetime, str, dict[str, Any]]]
Records = list[dict[str, Any]]


@dataclass(slots=True)
class Row:
    """One line of the table.

    ``reached_at``: on the socket the first trade at or above the target after arming; before the
    open the first trade of the stretch of such bids that a reading fell into. ``seen_at``: that
    reading, the first of the balance or of the price that found the bid there. ``unseen``:
    earlier stretches, which began and ended between two readings.
    """

    card: Card
    bought_at: datetime | None = None
    cost: Decimal = Decimal(0)
    target: Decimal = Decimal(0)
    armed_at: datetime | None = None
    reached_at: datetime | None = None
    seen_at: datetime | None = None
    unseen: int = 0
    orders: Records = field(default_factory=list)
    sold_at: Decimal | None = None
    gain_pct: Decimal | None = None
    questions: list[tuple[str, ...]] = field(default_factory=list)
    breaks: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def order_at(self) -> datetime | None:
        """When the first own order reached the broker."""
        return datetime.fromisoformat(self.orders[0]["placed_at"]) if self.orders else None

    @property
    def delay_s(self) -> float | None:
        """Market time until the order: on the socket from the trade, else from the reading."""
        is_polled = self.card.expect is Expect.POLLED_SALE
        return _between(self.seen_at if is_polled else self.reached_at, self.order_at)

    @property
    def reading_s(self) -> float | None:
        """Polling only: how long the bid had stood there when it was read."""
        return _between(self.reached_at, self.seen_at)

    @property
    def is_below_target(self) -> bool:
        """Whether any order was limited below the target price."""
        return any(Decimal(order["limit"]) < self.target for order in self.orders)


def read(s: Stage, card: Card, trades: list[Trade], end: datetime) -> Row:
    """The row of a day that was played; ``end`` closes the card's window."""
    row, books, facts = Row(card), s.books(), s.facts()
    bought, sold = _fills(books, "buy"), _fills(books, "sell")
    if card.lot is not None:
        row.bought_at, row.cost, row.armed_at = s.started, card.lot.cost, s.started
    elif bought:
        row.bought_at = datetime.fromisoformat(bought[-1]["at"])
        row.cost = (_value(bought) / _shares(bought)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        row.armed_at = max((at for at, kind, _ in facts if kind == "BuySeen"), default=None)
    factor = 1 + Decimal(card.target) / 100
    row.target = (row.cost * factor).quantize(CENT, ROUND_CEILING)
    row.orders = s.own_sells()
    if row.armed_at is not None:
        after = [trade for trade in trades if row.armed_at <= trade.at < end]
        if card.expect is Expect.POLLED_SALE:
            _find_reading(s, row, after, end)
        else:
            row.reached_at = next((t.at for t in after if t.price >= row.target), None)
    if sold:
        row.sold_at = _value(sold) / _shares(sold)
        row.gain_pct = (row.sold_at / row.cost - 1) * 100
    row.questions = [tuple(f["choices"]) for _, kind, f in facts if kind == "QuestionAsked"]
    row.breaks = sum(kind == "PriceBreak" for _, kind, _ in facts)
    row.differences = differences(books, facts, s)
    return row


def _find_reading(s: Stage, row: Row, trades: list[Trade], end: datetime) -> None:
    """The first reading that found the bid at the target, by the sandbox's own log.

    A reading is dated by the market time of its answer, and the sandbox plays the market up to
    that time before it answers: what it shows is the last trade's bid of the recording.
    """
    log = s.world.request_log.entries
    readings = [e.at for e in log if e.tr_id in READINGS and e.at > (row.armed_at or end)]
    for since, until in stretches(trades, row.target, end):
        seen = next((moment for moment in readings if since <= moment < until), None)
        if seen is not None:
            row.reached_at, row.seen_at = since, seen
            return
        row.unseen += 1


def stretches(
    trades: Iterable[Trade], target: Decimal, end: datetime
) -> Iterable[tuple[datetime, datetime]]:
    """From when until when the bid stood at or above ``target``."""
    since: datetime | None = None
    for trade in trades:
        if trade.bid >= target:
            since = since or trade.at
        elif since is not None:
            yield since, trade.at
            since = None
    if since is not None:
        yield since, end


def differences(books: dict[str, Any], facts: Facts, s: Stage) -> list[str]:
    """Where the sandbox's books and the assistant's disagree by a cent or a share."""
    sold = _fills(books, "sell")
    told = [f for _, kind, f in facts if kind == "OrderFilled"]
    fees = sum((Decimal(fill["fee"]) for fill in sold), Decimal(0))
    realised = sum((Decimal(fill["realised"]) for fill in sold), Decimal(0))
    pairs: dict[str, tuple[object, object]] = {
        "shares": (_shares(sold), sum(f["fill"]["qty"] for f in told)),
        "amount": (
            _value(sold),
            sum((_usd(f["fill"]["price"]) * f["fill"]["qty"] for f in told), Decimal(0)),
        ),
        "gain": (realised + fees, sum((_usd(f["gain"]) for f in told), Decimal(0))),
        "fees": (fees, sum((_cents(_usd(f["fee"])) for f in told), Decimal(0))),
        "numbers": (
            {fill["order_no"].lstrip("0") for fill in sold},
            {f["fill"]["broker_order_no"].lstrip("0") for f in told},
        ),
    }
    desk = s.assembly.control.status().us
    pairs["held"] = (
        {symbol: held["qty"] for symbol, held in books["holdings"].items()},
        {p.symbol: p.qty for p in desk.positions} if desk is not None else None,
    )
    for summary in (f for _, kind, f in facts if kind == "DaySummary"):
        pairs["day's gain"] = (_cents(realised + fees), _usd(summary["gross_gain"]))
        pairs["day's fees"] = (fees, _usd(summary["fees"]))
    return [f"{what}: {a} and {b}" for what, (a, b) in pairs.items() if a != b]


def line(row: Row) -> str:
    """The row as text, as wide as the heading."""
    sold = "-" if row.sold_at is None else f"{row.sold_at:.2f}"
    gain = "-" if row.gain_pct is None else f"{row.gain_pct:.2f}"
    cells = (
        f"{row.card.name:<54}",
        f"{_clock(row.bought_at):>12}",
        f"{row.cost:>9.2f}",
        f"{row.target:>8.2f}",
        f"{_clock(row.reached_at):>12}",
        f"{_clock(row.seen_at) if row.card.expect is Expect.POLLED_SALE else '':>12}",
        f"{_clock(row.order_at):>12}",
        f"{'-' if row.delay_s is None else format(row.delay_s, '.2f'):>5}",
        f"{sold:>7}",
        f"{gain:>6}",
        f"{len(row.orders):>5}",
        f"{len(row.questions):>4}",
        f"{row.breaks:>6}",
        f"{row.unseen if row.card.expect is Expect.POLLED_SALE else '-':>6}",
        "agree" if not row.differences else "; ".join(row.differences),
    )
    return "  ".join(cells)


HEADING = "  ".join(
    (
        f"{'card':<54}", f"{'bought':>12}", f"{'cost':>9}", f"{'target':>8}", f"{'reached':>12}",
        f"{'read':>12}", f"{'order':>12}", f"{'s':>5}", f"{'sold at':>7}", f"{'gain %':>6}",
        f"{'sales':>5}", f"{'asks':>4}", f"{'breaks':>6}",
        f"{'unread':>6}", "books",
    )
)  # fmt: skip


def _clock(moment: datetime | None) -> str:
    if moment is None:
        return "-"
    return moment.astimezone(ET).strftime("%H:%M:%S.%f")[:12]


def _between(begin: datetime | None, end: datetime | None) -> float | None:
    return None if begin is None or end is None else (end - begin).total_seconds()


def _fills(books: dict[str, Any], side: str) -> Records:
    return [fill for fill in books["fills"] if fill["side"] == side]


def _shares(fills: Records) -> int:
    return sum(fill["qty"] for fill in fills)


def _value(fills: Records) -> Decimal:
    return sum((Decimal(fill["price"]) * fill["qty"] for fill in fills), Decimal(0))


def _usd(amount: dict[str, str]) -> Decimal:
    return Decimal(amount["usd"])


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
