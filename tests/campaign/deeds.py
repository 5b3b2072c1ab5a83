"""Carries out what a plan says: moves of the market, the trader's hand, words in the chat."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from engine.model.commands import CancelOpenOrder, Command, Halt, Pause, Resume, SellNow
from engine.model.ids import BrokerOrderNo, DeskName, Symbol
from sandbox.books import Books
from sandbox.krx.books import KrxBooks
from sandbox.krx.market import KrxMarket
from sandbox.market import Market
from sandbox.model import Server, Side
from sandbox.world import World
from tests.campaign.lives import Lives
from tests.campaign.market import DEEP, THIN, US_BASE, Depth
from tests.campaign.plan import Deed
from tests.faults.krx_world import CALM
from tests.harness.stage import TRADER

_PATIENCE_S = 20.0
_WORDS: dict[str, Command] = {"pause": Pause(), "halt": Halt(), "resume": Resume()}


@dataclass(slots=True)
class Latched:
    """When the user's stop was in force for sure: told that it holds, not yet asked to end."""

    since: datetime | None = None
    spans: list[tuple[datetime, datetime]] = field(default_factory=list)

    def begin(self, at: datetime) -> None:
        """The desk said that it holds."""
        self.since = self.since or at

    def end(self, at: datetime) -> None:
        """The trader asks to go on."""
        if self.since is not None:
            self.spans.append((self.since, at))
        self.since = None


class Hands:
    """The world's and the trader's hands. ``desk``: whose market is open."""

    def __init__(self, world: World, lives: Lives, depth: Depth, desk: DeskName) -> None:
        self.world = world
        self.desk = desk
        self.latched = Latched()
        self.by_hand: set[str] = set()  # symbols the trader traded himself
        self.taken_back: set[str] = set()  # he keeps those for today, or sells them himself
        self.may_lack: set[str] = set()  # those he sold or took back: a refusal may be his doing
        self._lives = lives
        self._depth = depth
        self._reached_from: dict[str, Decimal] = {}
        self._talks: set[asyncio.Task[None]] = set()

    def do(self, deed: Deed) -> None:
        """One deed; words are spoken in the background."""
        self.world.catch_up()
        if deed.kind in {"hand_cancel", "sell"}:
            self.taken_back.add(deed.symbol)
        match deed.kind:
            case "break":
                self.move(deed.symbol, Decimal("1.015") + Decimal(str(deed.amount)) / 50)
            case "rise":
                self.move(deed.symbol, Decimal("1.01") + Decimal(str(deed.amount)) / 20)
            case "fall":
                self.move(deed.symbol, Decimal("0.955") + Decimal(str(deed.amount)) / 30)
            case "drift":
                self._nudge(deed.symbol, Decimal(str(deed.amount)) * 2 - 1)
            case "depth":
                self._depth.shares[deed.symbol] = THIN if deed.amount < 0.6 else DEEP
            case "vi":
                self.world.krx.market.start_vi(deed.symbol, self.world.clock.now())
            case "hand_buy" | "hand_sell":
                self._trade(deed)
            case "hand_cancel":
                self._take_back(deed.symbol)
            case _:
                self._say(deed)

    def move(self, symbol: str, ratio: Decimal) -> None:
        """Let the price be ``ratio`` of its calm level from the next print on."""
        calm, market = self._market()
        price = market.price(symbol)
        market.nudge(symbol, (calm * ratio / price - 1) * 100)

    def reach(self, symbol: str, wanted: Decimal) -> None:
        """Let the price be at least where an exit is due; once a price, none may come for long."""
        price, is_krx = self.price(symbol), self.desk is DeskName.KRX
        is_short = price > wanted if is_krx else price < wanted
        if is_short and self._reached_from.get(symbol) != price:
            self._reached_from[symbol] = price
            self._nudge(symbol, (wanted / price - 1) * 100)

    def price(self, symbol: str) -> Decimal:
        """The last one."""
        return self._market()[1].price(symbol)

    async def silence(self) -> None:
        """Wait until every word was answered or given up."""
        await asyncio.gather(*self._talks)

    def _market(self) -> tuple[Decimal, KrxMarket | Market]:
        if self.desk is DeskName.KRX:
            return CALM, self.world.krx.market
        return US_BASE, self.world.market

    def _nudge(self, symbol: str, pct: Decimal) -> None:
        self._market()[1].nudge(symbol, pct)

    def books(self) -> KrxBooks | Books:
        """The open market's."""
        return self.world.krx.books if self.desk is DeskName.KRX else self.world.books

    def _trade(self, deed: Deed) -> None:
        side = Side.BUY if deed.kind == "hand_buy" else Side.SELL
        self.books().hand_order(Server.REAL, side, deed.symbol, 1 + int(deed.amount * 12), None)
        self.by_hand.add(deed.symbol)
        if side is Side.SELL:
            self.may_lack.add(deed.symbol)

    def _take_back(self, symbol: str) -> None:
        for order in self.books().accounts[Server.REAL].orders.values():
            if order.live and order.request.symbol == symbol and order.open_qty:
                self.books().cancel(Server.REAL, order.no, order.open_qty)
                return

    def _say(self, deed: Deed) -> None:
        word = _WORDS.get(deed.kind)
        if deed.kind == "sell":
            word = SellNow(Symbol(deed.symbol), None)
        elif deed.kind == "cancel":
            live = [o for o in self.books().accounts[Server.REAL].orders.values() if o.live]
            self.taken_back.update(order.request.symbol for order in live[-1:])
            number = live[-1].no.lstrip("0") if live else "1"
            word = CancelOpenOrder(BrokerOrderNo(number))
        assert word is not None, deed
        task = asyncio.get_running_loop().create_task(self.say(word))
        self._talks.add(task)
        task.add_done_callback(self._talks.discard)

    async def say(self, word: Command) -> None:
        """As from the chat; nobody hears it while the process is away."""
        assembly = self._lives.assembly
        if assembly is None:
            return
        if isinstance(word, Resume):
            self.latched.end(self.world.clock.now())
        try:
            async with asyncio.timeout(_PATIENCE_S):
                answered = await assembly.control.command(word, TRADER, self.desk)
        except TimeoutError:
            return
        if isinstance(word, Pause | Halt) and answered.refusal is None:
            self.latched.begin(self.world.clock.now())
