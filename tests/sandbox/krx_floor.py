"""A scripted KRX floor with the books on it; the test moves time and writes every print."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sandbox.krx.acceptance import Reason, Refused
from sandbox.krx.account import KrxAccount
from sandbox.krx.books import KrxBooks
from sandbox.krx.divisions import Division
from sandbox.krx.hours import at, phase
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import BookLevels, KrxTrade, Level, SymbolState, ViKind
from sandbox.krx.notices import KrxNotice
from sandbox.krx.orders import KrxOrder, KrxOrderRequest
from sandbox.krx.prices import band, next_above
from sandbox.model import Notice, Server, Side

DAY = date(2026, 11, 20)
BASE = Decimal(10_000)
SHARE, OTHER, FUND = "900010", "900020", "900030"
LISTINGS = {
    SHARE: KrxListing(SHARE, "한빛소재", "KOSPI", BASE, 1000, 1_000_000),
    OTHER: KrxListing(OTHER, "두리전자", "KOSDAQ", BASE, 1000, 1_000_000),
    FUND: KrxListing(FUND, "한빛 코리아200", "KOSPI", BASE, 1000, 1_000_000, group="EF"),
}
Levels = Sequence[tuple[int, int]]


def kst(hour: int, minute: int = 0, second: float = 0, day: date = DAY) -> datetime:
    return at(day, time(hour, minute)) + timedelta(seconds=second)


class ScriptedFloor:
    """What the test says stands and happened last."""

    def __init__(self) -> None:
        self.lasts: dict[str, KrxTrade] = {}
        self.levels: dict[str, BookLevels] = {}
        self.states: dict[str, SymbolState] = {}

    def listing(self, symbol: str) -> KrxListing | None:
        return LISTINGS.get(symbol)

    def last(self, symbol: str) -> KrxTrade | None:
        return self.lasts.get(symbol)

    def base(self, symbol: str) -> Decimal:
        return LISTINGS[symbol].base_price

    def band(self, symbol: str) -> tuple[Decimal, Decimal]:
        return band(self.base(symbol), LISTINGS[symbol].group)

    def state(self, symbol: str) -> SymbolState:
        return self.states.get(symbol, SymbolState())

    def book(self, symbol: str) -> BookLevels:
        return self.levels.get(symbol, BookLevels(kst(0)))


class KrxStage:
    """Time, the script and one set of books."""

    def __init__(
        self, start: datetime | None = None, cash: str = "100000000", fee_pct: str = "0"
    ) -> None:
        self.now = start or kst(10)
        self.floor = ScriptedFloor()
        self.accounts = {
            server: KrxAccount(server, f"{number}01", Decimal(cash), Decimal(fee_pct))
            for server, number in ((Server.REAL, "50011223"), (Server.PAPER, "60011223"))
        }
        self.books = KrxBooks(self.floor, self.accounts, lambda: self.now)
        self.notices: list[KrxNotice] = []
        self.books.on_notice(self._note)
        self._script: list[tuple[KrxTrade, BookLevels]] = []
        self._volume = 0

    @property
    def account(self) -> KrxAccount:
        return self.accounts[Server.REAL]

    def trade(
        self,
        moment: datetime,
        price: int,
        size: int = 100,
        asks: Levels | None = None,
        bids: Levels | None = None,
        *,
        symbol: str = SHARE,
        auction: bool = False,
    ) -> None:
        """Write a print; without levels: bid = last, ask = the next step, both as large."""
        last = Decimal(price)
        above = int(next_above(last, LISTINGS[symbol].group))
        book = BookLevels(
            moment,
            _levels([(above, size)] if asks is None else asks),
            _levels([(price, size)] if bids is None else bids),
        )
        self._volume += size
        entry = KrxTrade(
            symbol, moment, last, size, None, phase(moment), auction, self._volume, last * size,
            last, last, last, moment, moment, moment, last, Decimal(above), size, size, 0, 0, 0, 0,
        )  # fmt: skip
        self._script.append((entry, book))
        self._script.sort(key=lambda item: item[0].at)

    def until(self, moment: datetime) -> None:
        """Play prints before orders of the same instant, as the world does."""
        while True:
            order_at = self.books.next_at()
            trade_at = self._script[0][0].at if self._script else None
            upcoming = min((t for t in (order_at, trade_at) if t is not None), default=None)
            if upcoming is None or upcoming > moment:
                break
            if trade_at != upcoming:
                self.books.play_next()
                continue
            entry, book = self._script.pop(0)
            self.floor.lasts[entry.symbol] = entry
            self.floor.levels[entry.symbol] = book
            self.books.on_trade(entry)
        self.now = moment

    def wait(self, seconds: float = 1) -> None:
        self.until(self.now + timedelta(seconds=seconds))

    def interrupt(self, symbol: str = SHARE) -> None:
        until = self.now + timedelta(minutes=2)
        self.floor.states[symbol] = SymbolState(False, self.now, until, ViKind.DYNAMIC, BASE)

    def hold(self, qty: int, average: str = "9000", symbol: str = SHARE) -> None:
        for account in self.accounts.values():
            account.put(symbol, qty, Decimal(average))

    def ask(
        self,
        side: Side,
        qty: int,
        limit: int = 0,
        division: str = Division.LIMIT,
        server: Server = Server.REAL,
        symbol: str = SHARE,
        **more: Any,
    ) -> KrxOrder | Refused:
        request = KrxOrderRequest(server, side, symbol, qty, Decimal(limit), division, **more)
        return self.books.place(request)

    def buy(self, qty: int, limit: int = 0, *args: Any, **more: Any) -> KrxOrder:
        return taken(self.ask(Side.BUY, qty, limit, *args, **more))

    def sell(self, qty: int, limit: int = 0, *args: Any, **more: Any) -> KrxOrder:
        return taken(self.ask(Side.SELL, qty, limit, *args, **more))

    def refused(self, side: Side, qty: int, limit: int = 0, *args: Any, **more: Any) -> Reason:
        return reason(self.ask(side, qty, limit, *args, **more))

    def fills(self) -> list[tuple[int, int]]:
        return [(fill.qty, int(fill.price)) for fill in self.account.executions]

    def kinds(self) -> list[str]:
        return [notice.kind.value for notice in self.notices]

    def _note(self, notice: Notice) -> None:
        assert isinstance(notice, KrxNotice)
        self.notices.append(notice)


def at_ten() -> KrxStage:
    stage = KrxStage()
    stage.trade(kst(9, 59), 10_000, 30, asks=[(10_010, 20), (10_020, 50)], bids=[(10_000, 30)])
    stage.until(kst(10))
    return stage


def taken(result: KrxOrder | Refused) -> KrxOrder:
    assert isinstance(result, KrxOrder), result
    return result


def reason(result: KrxOrder | Refused) -> Reason:
    assert isinstance(result, Refused), result
    return result.reason


def _levels(rows: Levels) -> tuple[Level, ...]:
    return tuple(Level(Decimal(price), size) for price, size in rows)
