"""The recorded days that are played, one card each."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

PREMARKET, REGULAR, NOON = time(4), time(9, 30), time(12)
OCT_1, OCT_3 = date(2025, 10, 1), date(2025, 10, 3)


class Expect(StrEnum):
    """What must come of a card."""

    SOCKET_SALE = "sold on the socket"
    POLLED_SALE = "sold by polling"
    NO_SALE = "not sold"
    QUESTION = "asked"
    BREAK = "told of the break"

    @property
    def is_sale(self) -> bool:
        """Whether the lot is sold in the end."""
        return self in (Expect.SOCKET_SALE, Expect.POLLED_SALE)


class Lot(NamedTuple):
    """Shares the account has before the day, which the desk may sell."""

    qty: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Card:
    """A symbol on a recorded day.

    ``played_on``: a date inside the session table. ``begin`` and ``end``: New York times between
    which the lot is bought and the target reached. ``rests``: the trader's limit lies at the
    minute's close instead of crossing the spread. ``lot``: held from before, nothing is bought.
    """

    symbol: str
    day: date
    expect: Expect
    exchange: str = "NASD"
    target: str = "3.0"
    played_on: date | None = None
    begin: time = REGULAR
    end: time = NOON
    ticks: bool = False
    qty: int = 10
    rests: bool = False
    lot: Lot | None = None
    prev_close: Decimal | None = None
    note: str = ""

    @property
    def date(self) -> date:
        """The date it is played on."""
        return self.played_on or self.day

    @property
    def name(self) -> str:
        """For the table and the test ids."""
        kind = "ticks" if self.ticks else "minutes"
        note = f" {self.note}" if self.note else ""
        return f"{self.symbol} {self.day} {kind} {self.target} %{note}"


def _socket(day: date, symbol: str, exchange: str = "NASD", *, rests: bool = False) -> Card:
    return Card(symbol, day, Expect.SOCKET_SALE, exchange, rests=rests)


def _early(
    symbol: str, exchange: str, day: date, on: date, *, ticks: bool = False, qty: int = 10
) -> Card:
    return Card(
        symbol, day, Expect.POLLED_SALE, exchange, "0.3", on, PREMARKET, REGULAR, ticks, qty
    )


def _split(expect: Expect, qty: int, cost: str, close: str, note: str) -> Card:
    return Card(
        "AAPL",
        date(2014, 6, 9),
        expect,
        played_on=date(2025, 6, 9),
        begin=PREMARKET,
        lot=Lot(qty, Decimal(cost)),
        prev_close=Decimal(close),
        note=note,
    )


_NYSE = "NYSE"
# The recordings of 2013 to 2023 are played on the nearest ordinary date of 2025.
_AUTUMN = date(2025, 10, 9)

AT_THREE = (
    _socket(OCT_1, "MU"),
    _socket(OCT_1, "BBBY", _NYSE),
    _socket(OCT_1, "SMCI"),
    _socket(OCT_1, "ROKU"),
    _socket(OCT_1, "AMAT"),
    _socket(OCT_1, "TSLA"),
    _socket(OCT_3, "BBBY", _NYSE),
    _socket(OCT_3, "SNAP", _NYSE),
    _socket(OCT_3, "PATH", _NYSE),
    _socket(OCT_3, "BB", _NYSE),
    _socket(OCT_3, "MU"),
    # A cent of spread is 0.4 % of this price: crossing it would put the target out of the window.
    _socket(OCT_3, "CLOV", rests=True),
)
BEFORE_OPEN = (
    _early("SPY", "AMEX", date(2023, 8, 3), date(2025, 8, 5)),
    _early("AAPL", "NASD", date(2014, 6, 5), date(2025, 6, 5)),
    _early("BAC", _NYSE, date(2013, 10, 10), _AUTUMN),
    # Ten shares traded in the minute of the low: two can be had at once.
    _early("GOOG", "NASD", date(2015, 12, 23), date(2025, 12, 23), qty=2),
    _early("AIG", _NYSE, date(2013, 10, 10), _AUTUMN, ticks=True),
    _early("BAC", _NYSE, date(2013, 10, 10), _AUTUMN, ticks=True),
)
SPLIT = (
    _split(Expect.QUESTION, 70, "92.20", "645.57", "lot adjusted, close not"),
    _split(Expect.QUESTION, 70, "92.20", "92.22", "lot and close adjusted"),
    _split(Expect.BREAK, 10, "645.00", "645.57", "lot not adjusted"),
)
NEVER = (
    Card("SOFI", OCT_1, Expect.NO_SALE),
    Card("GME", OCT_3, Expect.NO_SALE, _NYSE),
    Card("INTC", OCT_1, Expect.NO_SALE, note="3 % after noon"),
    Card(
        "IBM",
        date(2013, 10, 7),
        Expect.NO_SALE,
        _NYSE,
        played_on=date(2025, 10, 7),
        begin=PREMARKET,
        ticks=True,
    ),
)
CARDS = (*AT_THREE, *BEFORE_OPEN, *SPLIT, *NEVER)
# What every run of the suite plays; the rest takes minutes.
PLAYED_IN_SUITE = frozenset(
    {AT_THREE[0].name, AT_THREE[11].name, BEFORE_OPEN[4].name, NEVER[2].name}
)
