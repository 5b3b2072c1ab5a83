"""The books on an invented Korean day, as the world plays it."""

import random
from collections import Counter
from decimal import Decimal

from sandbox.krx.divisions import Division
from sandbox.krx.listings import DEFAULT_KRX
from sandbox.krx.notices import KrxNotice
from sandbox.krx.orders import KrxOrder, KrxOrderRequest
from sandbox.krx.side import KrxScenario
from sandbox.model import Notice, NoticeKind, Server, Side
from sandbox.orders import OrderStatus
from sandbox.scenario import Scenario, build
from tests.sandbox.kis_desk import Seconds
from tests.sandbox.krx_floor import kst

# Quiet names: a day of theirs is played quickly.
NAMES = tuple(entry for entry in DEFAULT_KRX if entry.symbol in {"810250", "820330", "820230"})
CODES = (*("00", "01") * 5, "02", "03", "04", "11", "12", "13", "14", "15", "16")
# Written anew: what the exchange publishes.
STEPS = ((2_000, 1), (5_000, 5), (20_000, 10), (50_000, 50), (200_000, 100), (500_000, 500))


def step_at(price: Decimal) -> int:
    return next((step for below, step in STEPS if price < below), 1_000)


class Morning:
    """A world of three names from 08:50 to past 15:30, and what its notices claim."""

    def __init__(self) -> None:
        self.seconds = Seconds()
        scenario = Scenario(
            start=kst(8, 50),
            listings=(),
            krx=KrxScenario(NAMES, cash=Decimal(300_000_000)),
            time_source=self.seconds,
        )
        self.world = build(scenario)
        self.books, self.market = self.world.krx.books, self.world.krx.market
        self.fills: list[KrxNotice] = []
        self.told = Counter[str]()
        self.books.on_notice(self._see)

    def wait(self, seconds: float) -> None:
        self.seconds.value += seconds
        self.world.catch_up()

    def place(
        self, side: Side, qty: int, code: str = "00", away: int = 0, symbol: str = NAMES[0].symbol
    ) -> KrxOrder | None:
        """An order ``away`` steps from the last price; None if it is refused."""
        price = self.market.price(symbol)
        limit = price + away * step_at(price) if Division(code).has_limit else Decimal(0)
        result = self.books.place(KrxOrderRequest(Server.REAL, side, symbol, qty, limit, code))
        return result if isinstance(result, KrxOrder) else None

    def _see(self, notice: Notice) -> None:
        self.told[notice.kind] += 1
        if notice.kind is not NoticeKind.FILL:
            return
        assert isinstance(notice, KrxNotice)
        self.fills.append(notice)
        base = self.market.base(notice.symbol)
        assert notice.price % step_at(notice.price) == 0
        assert base * 7 / 10 <= notice.price <= base * 13 / 10
        assert kst(9) <= notice.at < kst(15, 20) or notice.at == kst(15, 30)
        assert self.market.state(notice.symbol).vi_until is None


def test_an_order_is_received_taken_and_then_matched() -> None:
    day = Morning()
    day.wait(20 * 60)
    order = day.place(Side.BUY, 1, "01")
    assert order is not None
    day.wait(0.04)
    assert day.told == {NoticeKind.RECEIVED: 1}
    day.wait(0.01)
    assert order.status is OrderStatus.FILLED
    assert day.fills[0].at == order.accept_at
    assert day.fills[0].price == day.market.book(NAMES[0].symbol).asks[0].price


def test_the_opening_auction_fills_at_its_one_price() -> None:
    day = Morning()
    symbol = NAMES[0].symbol
    order = day.place(Side.BUY, 5, "01")
    assert order is not None
    day.wait(10 * 60)
    assert (order.filled, day.fills[0].at) == (5, kst(9))
    [opening] = day.market.minute_bars(symbol, kst(9))
    assert day.fills[0].price == opening.open


def test_a_day_of_random_orders_bends_no_rule_and_loses_nothing() -> None:
    day, dice = Morning(), random.Random(7)
    for pause in [*[10] * 60, *[200] * 100, *[20] * 100]:
        day.wait(pause)
        symbol = dice.choice(NAMES).symbol
        side = dice.choice(list(Side))
        day.place(side, dice.choice((1, 20, 300)), dice.choice(CODES), dice.randint(-4, 4), symbol)
    day.wait(60 * 60)
    account = day.books.accounts[Server.REAL]
    kinds = {fill.division for fill in day.fills}
    assert len(day.fills) > 100
    assert kinds >= {Division.LIMIT, Division.MARKET, Division.BEST, Division.LIMIT_IOC}
    assert {kst(9), kst(15, 30)} <= {fill.at for fill in day.fills}
    flow = sum((fill.flow for fill in account.executions), Decimal(0))
    assert account.cash == 300_000_000 + flow
    net = Counter[str]()
    for fill in account.executions:
        net[fill.symbol] += fill.qty if fill.side is Side.BUY else -fill.qty
    assert {symbol: qty for symbol, qty in net.items() if qty} == {
        symbol: holding.qty for symbol, holding in account.holdings.items()
    }
    assert not [order for order in account.orders.values() if order.open_qty]
