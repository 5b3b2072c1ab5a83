"""Random orders on a random market: nothing appears, nothing is lost, no rule is bent.

The checks know nothing of the books' own arithmetic: base 10,000 won, hence steps of ten won
between the limits of 7,000 and 13,000.
"""

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.krx.divisions import Division, Lasts
from sandbox.krx.hours import KrxPhase, kst_date, phase
from sandbox.krx.model import KrxTrade, SymbolState
from sandbox.krx.notices import KrxNotice
from sandbox.krx.orders import KrxExecution, KrxOrder, OrderKey
from sandbox.model import Notice, NoticeKind, Server, Side
from tests.sandbox.krx_floor import BASE, SHARE, KrxStage, kst

CASH, SHARES = 2_000_000, 60
FEE_PCT = "0.0140527"
TRADING = {KrxPhase.CONTINUOUS, KrxPhase.AFTER}
BLINK = timedelta(milliseconds=30)

steps = st.integers(-8, 8)
sizes = st.integers(1, 60)
sides = st.sampled_from(Side)
servers = st.sampled_from(Server)
codes = st.sampled_from([*("00", "01") * 4, *Division])
depth = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 25)), max_size=3)
actions = st.one_of(
    st.tuples(st.just("order"), servers, sides, sizes, steps, codes),
    st.tuples(st.just("order"), servers, sides, sizes, steps, codes),
    st.tuples(st.just("print"), steps, sizes, depth, depth),
    st.tuples(st.just("print"), steps, sizes, depth, depth),
    st.tuples(st.just("amend"), st.integers(0, 40), steps, st.booleans(), codes),
    st.tuples(st.just("cancel"), st.integers(0, 40), st.booleans()),
    st.tuples(st.just("interrupt")),
    st.tuples(st.just("halt")),
    st.tuples(st.just("wait"), st.sampled_from([0.02, 0.06, 1, 400, 9000])),
)
starts = st.sampled_from([kst(8, 29), kst(8, 59, 58), kst(9, 30), kst(15, 19), kst(15, 29, 59.5)])


class RandomDay(KrxStage):
    """Plays actions, and notes what the market offered between two prints."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start, str(CASH), FEE_PCT)
        self.books.on_notice(self._see)
        self.hold(SHARES)
        self.got: Counter[tuple[Server, int, Side]] = Counter()
        for moment in (kst(9), kst(15, 30)):
            if moment > start:
                self.trade(moment, 10_020, 45, auction=True)

    def act(self, action: tuple[object, ...]) -> None:
        match action:
            case ("order", Server() as server, Side() as side, int(qty), int(step), str(code)):
                limit, trigger = _price(code, step), Decimal(10_000 if code == "22" else 0)
                self.ask(side, qty, limit, code, server, trigger=trigger)
            case ("print", int(step), int(size), list(asks), list(bids)):
                self._print(10_000 + 10 * step, size, asks, bids)
            case ("amend", int(index), int(step), bool(whole), str(code)):
                self._amend(index, Decimal(_price(code, step)), code, whole=whole)
            case ("cancel", int(index), bool(whole)):
                if order := self._pick(index):
                    self.books.cancel(order.request.server, order.no, _part(index, whole=whole))
            case ("interrupt",) if phase(self.now) in TRADING:
                self.interrupt()
            case ("halt",) if phase(self.now) in TRADING:
                self.floor.states[SHARE] = SymbolState(halted=True)
            case ("wait", seconds):
                self.wait(float(str(seconds)))

    def until(self, moment: datetime) -> None:
        """Interruptions and halts are over when the closing auction begins."""
        if self.now < kst(15, 20) <= moment:
            super().until(kst(15, 20))
            self.floor.states.clear()
        super().until(moment)

    def _print(
        self, price: int, size: int, asks: list[tuple[int, int]], bids: list[tuple[int, int]]
    ) -> None:
        """The next print; it ends an interruption or a halt, the former by an auction."""
        moment = self.now + BLINK
        if phase(moment) not in TRADING:
            return
        state = self.floor.states.pop(SHARE, SymbolState())
        self.trade(
            moment,
            price,
            size,
            asks=[(price + 10 * (1 + n), size) for n, (_, size) in enumerate(asks)],
            bids=[(price - 10 * n, size) for n, (_, size) in enumerate(bids)],
            auction=state.vi_until is not None,
        )
        self.until(moment)

    def _amend(self, index: int, limit: Decimal, code: str, *, whole: bool) -> None:
        if order := self._pick(index):
            qty = _part(index, whole=whole)
            self.books.amend(order.request.server, order.no, qty, limit, code)

    def _pick(self, index: int) -> KrxOrder | None:
        orders = [order for account in self.accounts.values() for order in account.orders.values()]
        return orders[index % len(orders)] if orders else None

    def _see(self, notice: Notice) -> None:
        if notice.kind is not NoticeKind.FILL:
            return
        assert isinstance(notice, KrxNotice)
        self._check_price(notice)
        self._check_moment(notice)
        self._check_size(notice)

    def _check_price(self, fill: KrxNotice) -> None:
        assert fill.price % 10 == 0
        assert 7_000 <= fill.price <= 13_000
        order = self.accounts[fill.server].orders[kst_date(fill.at), fill.branch, fill.order_no]
        if fill.division.has_limit and order.limit is not None:
            better = fill.order_price - fill.price
            assert (better if fill.side is Side.BUY else -better) >= 0

    def _check_moment(self, fill: KrxNotice) -> None:
        state = self.floor.state(SHARE)
        assert not state.halted
        assert state.vi_until is None
        if fill.division.value >= "41":
            assert kst(16) <= fill.at < kst(20)
        else:
            assert kst(9) <= fill.at < kst(15, 20) or fill.at == kst(15, 30)

    def _check_size(self, fill: KrxNotice) -> None:
        last: KrxTrade = self.floor.lasts[SHARE]
        book = self.floor.book(SHARE)
        levels = book.asks if fill.side is Side.BUY else book.bids
        key = (fill.server, last.cum_volume, fill.side)
        self.got[key] += fill.qty
        assert self.got[key] <= last.size + sum(level.size for level in levels)


def _part(index: int, *, whole: bool) -> int | None:
    return None if whole else 1 + index % 9


def _price(code: str, step: int) -> int:
    if not Division(code).has_limit:
        return 0
    # Now and then off tick or outside the limits: the books must not let it in.
    return {8: 13_010, -8: 10_005}.get(step, 10_000 + 10 * step)


def _won(amount: Decimal, pct: str) -> int:
    return int(amount * Decimal(pct) / 100)


def _check_cash(fills: list[KrxExecution], cash: Decimal) -> None:
    expected = CASH
    for fill in fills:
        amount = fill.price * fill.qty
        fee = _won(amount, FEE_PCT)
        if fill.side is Side.BUY:
            expected -= int(amount) + fee
        else:
            expected += int(amount) - fee - _won(amount, "0.20")
    assert cash == expected
    assert cash >= 0


def _check_books(day: RandomDay) -> None:
    for account in day.accounts.values():
        fills = account.executions
        _check_cash(fills, account.cash)
        bought = sum(fill.qty for fill in fills if fill.side is Side.BUY)
        sold = sum(fill.qty for fill in fills if fill.side is Side.SELL)
        assert account.held(SHARE) == SHARES + bought - sold
        assert account.sellable(SHARE) >= 0
        assert account.buying_power() >= 0
        told = Counter[OrderKey]()
        for fill in fills:
            told[fill.order_key] += fill.qty
        for order in account.orders.values():
            assert order.filled == told[order.key] <= order.request.qty
            assert order.open_qty >= 0
            if order.lasts is Lasts.FOK:
                assert order.filled in {0, order.request.qty}


@pytest.mark.timeout(60)
@settings(max_examples=80, deadline=None)
@given(start=starts, script=st.lists(actions, min_size=5, max_size=40))
def test_cash_shares_and_costs_are_conserved_and_no_rule_is_bent(
    start: datetime, script: list[tuple[object, ...]]
) -> None:
    day = RandomDay(start)
    for action in script:
        day.act(action)
        _check_books(day)
    day.until(kst(20, 1))
    _check_books(day)
    for account in day.accounts.values():
        # After the day nothing is held back any more.
        assert account.sellable(SHARE) == account.held(SHARE)
        assert account.buying_power() == account.cash


def test_the_random_market_trades() -> None:
    """The property above would hold for books that never fill anything."""
    day = RandomDay(kst(9, 30))
    day.act(("print", 0, 40, [(1, 20), (1, 20)], [(1, 20)]))
    day.act(("order", Server.REAL, Side.BUY, 30, 0, "01"))
    day.act(("order", Server.REAL, Side.SELL, 10, 3, "00"))
    day.act(("wait", 0.06))
    day.act(("print", 5, 40, [], []))
    sides = [fill.side for fill in day.account.executions]
    assert sides == [Side.BUY, Side.BUY, Side.SELL]
    assert day.account.executions[0].price > BASE
