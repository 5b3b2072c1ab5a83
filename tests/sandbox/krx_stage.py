"""A Korean market whose every print the test writes."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sandbox.krx.hours import at, previous_trading_day
from sandbox.krx.listings import KrxListing
from sandbox.krx.market import KrxMarket
from sandbox.krx.model import DayBar, EventKind, KrxTrade
from sandbox.krx.tape import KrxPrint, PrintKind
from sandbox.model import Side

DAY = date(2026, 11, 20)
NEXT_DAY = date(2026, 11, 23)
BASE = Decimal(10_000)
NAME = "810010"
LISTING = KrxListing(NAME, "한울전자부품", "KOSPI", BASE, 1_000, 1_000_000)


def kst(hour: int, minute: int = 0, second: float = 0, day: date = DAY) -> datetime:
    return at(day, time(hour, minute)) + timedelta(seconds=second)


def trade(moment: datetime, price: int, size: int = 10, side: Side = Side.BUY) -> KrxPrint:
    return KrxPrint(moment, Decimal(price), size, side)


def auction(moment: datetime, price: int, size: int = 100) -> KrxPrint:
    return KrxPrint(moment, Decimal(price), size, kind=PrintKind.AUCTION)


def expected(moment: datetime, price: int, size: int = 50) -> KrxPrint:
    return KrxPrint(moment, Decimal(price), size, kind=PrintKind.EXPECTED)


def won(*amounts: Decimal | None) -> list[int]:
    """Whole won, and none of them a fraction."""
    known = [amount for amount in amounts if amount is not None]
    assert all(amount == int(amount) for amount in known)
    return [int(amount) for amount in known]


class Script:
    """A tape with the written prints, on the day their moments say."""

    def __init__(self, *prints: KrxPrint, recorded: bool = False) -> None:
        self.is_recorded = recorded
        self._prints = sorted(prints, key=lambda entry: entry.at)

    def prints(self, listing: KrxListing, day: date) -> Iterator[KrxPrint]:
        end = at(day, time(23, 59))
        return (e for e in self._prints if at(day, time(0)) <= e.at <= end)

    def history(self, listing: KrxListing, before: date) -> tuple[DayBar, ...]:
        base, day = listing.base_price, previous_trading_day(before)
        return (DayBar(day, base, base + 100, base - 100, base, 900, base * 900),)


class KrxStage:
    """One market, played to the end of a day, with what it told."""

    def __init__(
        self,
        *prints: KrxPrint,
        listing: KrxListing = LISTING,
        start: datetime | None = None,
        recorded: bool = False,
    ) -> None:
        tape = Script(*prints, recorded=recorded)
        self.market = KrxMarket([listing], tape, start or kst(8))
        self.events: list[tuple[EventKind, datetime]] = []
        self.market.on_event(lambda event: self.events.append((event.kind, event.at)))

    def play(self, until: datetime | None = None) -> list[KrxTrade]:
        """All trades up to and including a moment; without one: of the rest of the day."""
        trades, day = [], self.market.day
        while self.market.day == day and (until is None or self.market.next_at() <= until):
            entry = self.market.pop()
            if entry is not None:
                trades.append(entry)
        return trades

    def moments(self, kind: EventKind) -> list[datetime]:
        return [at for told, at in self.events if told is kind]


def shape(trades: Sequence[KrxTrade]) -> list[tuple[int, int]]:
    return [(int(entry.price), entry.size) for entry in trades]
