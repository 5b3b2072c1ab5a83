"""The simulated won account: cash and shares add up, nothing is lent, nothing is forgotten."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from engine.adapters.sim.krx import KrxSimBroker
from engine.adapters.sim.krx_account import KrxSimAccount, SimBooks
from engine.model.events import TickSeen
from engine.model.fills import OrderNotice
from engine.model.ids import BrokerOrderNo, ClientOrderId, DeskName, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import Krw
from engine.model.orders import (
    Accepted,
    CancelIntent,
    OrderIntent,
    OrderKind,
    OrderReason,
    PlaceAnswer,
    Rejected,
    Side,
)
from engine.model.quota import NO_CAP, Priority, Quota
from engine.model.quotes import QuoteSource, Tick
from engine.rules.krx.sessions import kst_date
from tests.adapters.test_sim_broker import HandClock, Memory

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
TODAY = kst_date(AT)
NAME = Symbol("810010")
CASH = 1_000_000


def won(amount: int) -> Krw:
    return Krw(Decimal(amount))


def costs(side: Side, amount: Krw, day: date, symbol: Symbol) -> Krw:
    return Krw(amount.amount // 1000 * (1 if side is Side.BUY else 3))


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def tick(seconds: float, price: int = 10_000, size: int = 100, volume: int = 1_000) -> Tick[Krw]:
    return Tick(
        *(NAME, after(seconds), won(price), QuoteSource.STREAM, won(price - 10), won(price)),
        *(volume, None, None, size, size),
    )


def order(side: Side, qty: int, limit: int, kind: OrderKind = OrderKind.LIMIT) -> OrderIntent[Krw]:
    return OrderIntent(
        *(ClientOrderId("o1"), DeskName.KRX, NAME, Exchange.KRX, side, Qty(qty), won(limit)),
        *(OrderReason.BREAKOUT, won(limit), AT, kind),
    )


def account(latency: timedelta = timedelta(milliseconds=500)) -> KrxSimAccount:
    return KrxSimAccount(SimBooks(won(CASH)), kst_date, costs, latency)


def holder(qty: int = 40) -> KrxSimAccount:
    """Bought at 10,000 a minute ago."""
    held = account()
    held.on_tick(tick(-61), after(-61))
    held.place(order(Side.BUY, qty, 10_000), after(-60))
    held.settle(AT)
    assert held.books.qty == {NAME: qty}
    return held


def number(answer: PlaceAnswer) -> BrokerOrderNo:
    assert isinstance(answer, Accepted)
    return answer.broker_order_no


def test_an_order_is_half_a_second_on_its_way_unless_told_otherwise() -> None:
    for latency, early, late in ((500, 0.4, 0.5), (50, 0.04, 0.05)):
        sim = account(timedelta(milliseconds=latency))
        sim.on_tick(tick(0), AT)
        sim.place(order(Side.BUY, 10, 10_000), AT)
        assert sim.holdings(after(early)) == ()
        assert sim.holdings(after(late))[0].qty == 10


def test_a_purchase_costs_price_and_fee_and_a_sale_brings_price_less_costs() -> None:
    sim = holder()
    assert sim.books.cash == won(CASH - 400_000 - 400)
    sim.on_tick(tick(0, 11_010), AT)
    sim.place(order(Side.SELL, 30, 10_900), AT)
    sim.settle(after(1))
    assert sim.books.cash == won(CASH - 400_400 + 330_000 - 990)
    (left,) = sim.holdings(after(1))
    assert (left.qty, left.sellable_qty, left.avg_cost) == (10, 10, won(10_000))
    assert left.last_price == won(11_010)


def test_open_purchases_tie_cash_and_credit_is_refused() -> None:
    sim = account()
    sim.on_tick(tick(0), AT)
    assert sim.place(order(Side.BUY, 60, 9_000), AT) == Accepted(BrokerOrderNo("SIM1"))
    assert sim.cash(after(1)).orderable == won(CASH - 540_000 - 540)
    assert sim.cash(after(1)).deposit == won(CASH)
    refused = sim.place(order(Side.BUY, 60, 9_000), after(1))
    assert isinstance(refused, Rejected)
    assert refused.code == "SIM_CASH"


def test_shares_are_sold_once() -> None:
    sim = holder()
    sim.on_tick(tick(0), AT)
    sim.place(order(Side.SELL, 30, 20_000), AT)
    assert sim.holdings(after(1))[0].sellable_qty == 10
    refused = sim.place(order(Side.SELL, 11, 20_000), after(1))
    assert isinstance(refused, Rejected)
    assert refused.code == "SIM_QTY"


def test_what_is_not_shown_waits_for_trades_and_can_be_taken_back() -> None:
    sim = account()
    sim.on_tick(tick(0, size=10), AT)
    no = number(sim.place(order(Side.BUY, 40, 10_000), AT))
    sim.on_tick(tick(2, volume=1_150), after(2))
    (report,) = sim.reports(TODAY, TODAY, after(2))
    assert (report.filled_qty, report.open_qty, report.avg_price) == (15, 25, won(10_000))
    taken_back = CancelIntent(ClientOrderId("o1"), no, NAME, Exchange.KRX, Qty(25))
    assert sim.cancel(taken_back, after(3)) == Accepted(no)
    sim.on_tick(tick(4, volume=9_000), after(4))
    (report,) = sim.reports(TODAY, TODAY, after(4))
    assert (report.filled_qty, report.open_qty) == (15, 0)
    assert isinstance(sim.cancel(taken_back, after(5)), Rejected)


def test_each_fill_is_told_once_with_its_own_shares_and_price() -> None:
    sim, told = account(), list[OrderNotice[Krw]]()
    sim.listen(told.append)
    sim.on_tick(tick(0, size=10), AT)
    sim.place(order(Side.BUY, 40, 10_000), AT)
    sim.on_tick(tick(2, volume=9_000), after(2))
    sim.settle(after(3))
    assert [(notice.qty, notice.price) for notice in told] == [(10, won(10_000)), (30, won(10_000))]
    assert len({notice.key for notice in told}) == 2
    assert told[0].at == after(0.5)


def test_an_order_does_not_outlive_its_date() -> None:
    sim = account()
    sim.on_tick(tick(0), AT)
    sim.place(order(Side.BUY, 10, 9_000), AT)
    tomorrow = AT + timedelta(days=1)
    sim.settle(tomorrow)
    sim.on_tick(replace(tick(0, 8_000), at=tomorrow), tomorrow)
    assert sim.holdings(tomorrow) == ()
    assert sim.reports(TODAY, TODAY, tomorrow)[0].open_qty == 0
    assert sim.reports(kst_date(tomorrow), kst_date(tomorrow), tomorrow) == ()


def test_a_market_order_reports_no_limit() -> None:
    sim = holder()
    sim.on_tick(tick(0), AT)
    sim.place(order(Side.SELL, 40, 7_000, OrderKind.MARKET), AT)
    report = sim.reports(TODAY, TODAY, after(1))[-1]
    assert (report.limit, report.avg_price, report.by_api) == (None, won(9_990), True)


def test_an_order_that_arrives_before_any_price_waits() -> None:
    sim = account()
    sim.place(order(Side.BUY, 10, 10_000), AT)
    sim.settle(after(1))
    assert sim.holdings(after(1)) == ()
    sim.on_tick(tick(2), after(2))
    assert sim.holdings(after(2))[0].qty == 10


def test_a_price_that_tells_no_volume_fills_what_it_reaches() -> None:
    sim = account()
    sim.place(order(Side.BUY, 10, 10_000), AT)
    sim.on_tick(replace(tick(1), cum_volume=None), after(1))
    assert sim.holdings(after(1))[0].qty == 10


# -- the broker of a dry run -----------------------------------------------------------------


def broker(clock: HandClock, memory: Memory | None) -> KrxSimBroker:
    async def opening_cash() -> Krw:
        await asyncio.sleep(0)
        return won(CASH)

    quota = Quota(5, 5, NO_CAP, NO_CAP, NO_CAP)
    return KrxSimBroker(
        *(clock, kst_date, costs), opening_cash=opening_cash, quota=lambda: quota, memory=memory
    )


async def test_a_dry_run_remembers_its_account_over_a_restart() -> None:
    clock, memory = HandClock(), Memory()
    clock.at = AT
    sim = broker(clock, memory)
    await sim.fetch_cash(Priority.SCAN)
    sim.on_tick(TickSeen(tick(0)))
    await sim.place(order(Side.BUY, 20, 10_000))
    clock.at = after(1)
    resting = number(await sim.place(order(Side.SELL, 5, 20_000)))
    before = await sim.fetch_reports(TODAY, TODAY, Priority.SCAN)
    again = broker(clock, memory)
    assert await again.fetch_reports(TODAY, TODAY, Priority.SCAN) == before
    (held,) = await again.fetch_holdings(Priority.SCAN)
    assert (held.qty, held.sellable_qty) == (20, 15)
    cash = await again.fetch_cash(Priority.SCAN)
    assert cash.deposit == won(CASH - 200_200)
    taken_back = CancelIntent(ClientOrderId("o1"), resting, NAME, Exchange.KRX, Qty(5))
    assert await again.cancel(taken_back) == Accepted(resting)


async def test_old_orders_leave_the_memory_and_shares_stay() -> None:
    clock, memory = HandClock(), Memory()
    clock.at = AT
    sim = broker(clock, memory)
    await sim.fetch_cash(Priority.SCAN)
    sim.on_tick(TickSeen(tick(0)))
    await sim.place(order(Side.BUY, 20, 10_000))
    clock.at = after(1)
    await sim.fetch_holdings(Priority.SCAN)
    clock.at = AT + timedelta(days=3)
    (held,) = await sim.fetch_holdings(Priority.SCAN)
    assert held.qty == 20
    assert await sim.fetch_reports(TODAY, TODAY, Priority.SCAN) == ()


async def test_questions_at_the_same_time_see_one_account() -> None:
    clock = HandClock()
    clock.at = AT
    sim = broker(clock, Memory())
    first, second = await asyncio.gather(
        sim.fetch_cash(Priority.SCAN), sim.place(order(Side.BUY, 60, 9_000))
    )
    assert isinstance(second, Accepted)
    assert first.deposit == won(CASH)
    assert len(await sim.fetch_reports(TODAY, TODAY, Priority.SCAN)) == 1


async def test_prices_before_the_first_question_fill_nothing_and_reads_cost_real_calls() -> None:
    clock = HandClock()
    clock.at = AT
    sim = broker(clock, None)
    sim.on_tick(TickSeen(tick(0)))
    assert await sim.fetch_holdings(Priority.SCAN) == ()
    assert sim.quota().used_today == 5
