"""The won account against the sandbox's domestic REST side."""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.adapters.kis.endpoint import Server
from engine.adapters.kis.krx.broker import render_won
from engine.errors import BrokerUnavailable, PayloadError
from engine.model.money import Krw
from engine.model.orders import Accepted, OrderIntent, OrderKind, OutcomeUnknown, Rejected, Side
from engine.model.quota import Priority, Purpose
from sandbox.krx.orders import KrxOrder
from sandbox.model import Side as SandboxSide
from tests.adapters.krx_stage import TODAY, KrxStage, krx_cancel, krx_order, krx_stage
from tests.sandbox.krx_desk import SHARE, kst, trade

HELD = ((SHARE, 10, "9000"),)
BUY, SELL, CANCEL = "TTTC0012U", "TTTC0011U", "TTTC0013U"
BALANCE, REPORTS = "TTTC8434R", "TTTC0081R"
NEAR = 10_040  # above the best ask of the scripted print, so it fills
PRINTS = [trade(kst(10, 0, second), 10_030) for second in range(1, 600)]


async def until(at: KrxStage, is_so: Callable[[], bool]) -> None:
    clock = at.at.clock
    async with asyncio.timeout(5):
        while not is_so():
            await clock.sleep_until(clock.now() + timedelta(milliseconds=100))


def open_qty(at: KrxStage, number: str) -> int:
    order = at.account.order(TODAY, number.zfill(10))
    assert order is not None
    return order.open_qty


# -- orders ----------------------------------------------------------------------------------


@pytest.mark.parametrize("server", list(Server))
async def test_a_buy_goes_out_once_and_comes_back_as_executed(server: Server) -> None:
    async with krx_stage(server, PRINTS) as at:
        answer = await at.broker.place(krx_order(limit=NEAR))
        assert isinstance(answer, Accepted)
        assert not answer.broker_order_no.startswith("0")
        await until(at, lambda: open_qty(at, answer.broker_order_no) == 0)
        (report,) = await at.broker.fetch_reports(TODAY, TODAY, Priority.RECONCILE)
        assert report.broker_order_no == answer.broker_order_no
        assert (report.symbol, report.side, report.exchange) == (SHARE, Side.BUY, "KRX")
        assert (report.order_qty, report.filled_qty, report.open_qty) == (3, 3, 0)
        assert report.limit == Krw(Decimal(NEAR))
        assert report.avg_price is not None
        assert report.avg_price.amount <= NEAR
        assert report.ordered_at is not None
        assert (report.is_rejected, report.is_cancel) == (False, False)
        (holding,) = await at.broker.fetch_holdings(Priority.RECONCILE)
        assert (holding.symbol, holding.qty, holding.sellable_qty) == (SHARE, 3, 3)
        assert holding.avg_cost == report.avg_price
        assert len(at.account.orders) == 1


@pytest.mark.parametrize("server", list(Server))
async def test_an_open_order_is_taken_back_by_its_branch_and_number(server: Server) -> None:
    async with krx_stage(server) as at:
        placed = await at.broker.place(krx_order(limit=9_000))
        assert isinstance(placed, Accepted)
        answer = await at.broker.cancel(krx_cancel(placed.broker_order_no, branch=placed.branch))
        assert isinstance(answer, Accepted)
        assert answer.broker_order_no != placed.broker_order_no
        await until(at, lambda: open_qty(at, placed.broker_order_no) == 0)
        reports = await at.broker.fetch_reports(TODAY, TODAY, Priority.RECONCILE)
        by_number = {report.broker_order_no: report for report in reports}
        gone, request = by_number[placed.broker_order_no], by_number[answer.broker_order_no]
        assert (gone.is_open, gone.is_cancel, gone.is_rejected) == (False, False, False)
        assert (request.is_open, request.is_cancel) == (False, True)
        assert request.original_order_no == placed.broker_order_no


async def test_of_two_orders_with_one_number_the_branch_says_which_is_taken_back() -> None:
    async with krx_stage() as at:
        placed = await at.broker.place(krx_order(limit=9_000))
        assert isinstance(placed, Accepted)
        number, books = placed.broker_order_no, at.at.running.world.krx.books
        his = books.hand_order(at.at.server, SandboxSide.BUY, SHARE, 3, limit=Decimal(9_000))
        assert isinstance(his, KrxOrder)
        assert his.no.lstrip("0") == number
        marked = krx_cancel(f"{his.branch}-{number}", branch=his.branch)
        assert isinstance(await at.broker.cancel(marked), Accepted)
        await until(at, lambda: his.open_qty == 0)
        assert open_qty(at, number) == 3


async def test_a_market_sale_has_no_price_on_the_wire() -> None:
    async with krx_stage(tape=PRINTS, holdings=HELD) as at:
        order = krx_order(limit=7_000, side=Side.SELL, kind=OrderKind.MARKET)
        answer = await at.broker.place(order)
        assert isinstance(answer, Accepted)
        await until(at, lambda: open_qty(at, answer.broker_order_no) == 0)
        (report,) = await at.broker.fetch_reports(TODAY, TODAY, Priority.RECONCILE)
        assert (report.limit, report.filled_qty) == (None, 3)
        (sent,) = at.account.orders.values()
        assert (sent.division.value, sent.request.side.value) == ("01", "01")


async def test_what_was_sold_today_is_no_holding_any_more() -> None:
    async with krx_stage(tape=PRINTS, holdings=HELD) as at:
        answer = await at.broker.place(krx_order(qty=10, limit=9_900, side=Side.SELL))
        assert isinstance(answer, Accepted)
        await until(at, lambda: open_qty(at, answer.broker_order_no) == 0)
        assert await at.broker.fetch_holdings(Priority.RECONCILE) == ()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *[("reset_before", ""), ("reset_after", ""), ("truncated", ""), ("http500_html", "")],
        *[("http500_json", "EGW00301"), ("blank_codes", ""), ("maintenance", "1")],
    ],
)
async def test_trouble_leaves_an_order_unknown_and_it_is_sent_once(kind: str, value: str) -> None:
    async with krx_stage() as at:
        at.at.fault(kind, BUY, value=value)
        assert isinstance(await at.broker.place(krx_order(limit=9_000)), OutcomeUnknown)
        assert at.at.calls(BUY) == 1


@pytest.mark.parametrize("kind", ["rate_limited", "token_killed"])
async def test_what_never_passed_the_gateway_is_sent_once_more(kind: str) -> None:
    async with krx_stage() as at:
        await at.broker.fetch_holdings(Priority.RECONCILE)
        at.at.fault(kind, BUY)
        assert isinstance(await at.broker.place(krx_order(limit=9_000)), Accepted)
        assert (len(at.account.orders), at.at.calls(BUY)) == (1, 2)


@pytest.mark.parametrize(
    ("server", "order", "code"),
    [
        (Server.REAL, krx_order(limit=10_005), "APBK0506"),  # off tick
        (Server.PAPER, krx_order(limit=10_005), "40030000"),
        (Server.REAL, krx_order(qty=2_000), "APBK0952"),  # more than the cash
        (Server.PAPER, krx_order(qty=2_000), "40250000"),
        (Server.PAPER, krx_order(limit=99_000), "40270000"),  # outside the day's limits
        (Server.REAL, krx_order(side=Side.SELL), "APBK0400"),  # nothing to sell
    ],
)
async def test_a_business_refusal_is_a_definite_no(
    server: Server, order: OrderIntent[Krw], code: str
) -> None:
    async with krx_stage(server) as at:
        answer = await at.broker.place(order)
        assert isinstance(answer, Rejected)
        assert answer.code == code
        assert [one for one in at.account.orders.values() if one.open_qty] == []


async def test_a_cancel_of_what_is_gone_is_refused() -> None:
    async with krx_stage() as at:
        assert isinstance(await at.broker.cancel(krx_cancel("123")), Rejected)


# -- account ---------------------------------------------------------------------------------


@pytest.mark.parametrize("server", list(Server))
async def test_orderable_is_what_cannot_run_into_arrears(server: Server) -> None:
    async with krx_stage(server) as at:
        before = await at.broker.fetch_cash(Priority.RECONCILE)
        assert (before.deposit, before.fx) == (Krw(Decimal(10_000_000)), None)
        assert before.orderable <= before.deposit
        assert isinstance(await at.broker.place(krx_order(qty=100, limit=9_000)), Accepted)
        after = await at.broker.fetch_cash(Priority.RECONCILE)
        assert after.deposit == before.deposit  # nothing is filled
        assert before.orderable - after.orderable == Krw(Decimal(900_000))


@pytest.mark.parametrize(("server", "orders"), [(Server.REAL, 101), (Server.PAPER, 16)])
async def test_reports_go_over_pages(server: Server, orders: int) -> None:
    async with krx_stage(server, speed=3000) as at:
        books = at.at.running.world.krx.books
        for _ in range(orders):
            books.hand_order(at.at.server, SandboxSide.BUY, SHARE, 1, Decimal(9_000))
        reports = await at.broker.fetch_reports(TODAY, TODAY, Priority.RECONCILE)
        assert len({report.broker_order_no for report in reports}) == orders


async def test_a_failing_ledger_is_asked_again_and_then_given_up() -> None:
    async with krx_stage(speed=3000) as at:
        at.at.fault("http500_json", BALANCE, times=9, value="EGW00001")
        with pytest.raises(BrokerUnavailable):
            await at.broker.fetch_holdings(Priority.RECONCILE)
        assert at.at.calls(BALANCE) == 4


async def test_calls_are_counted_by_purpose() -> None:
    async with krx_stage() as at:
        await at.broker.fetch_cash(Priority.RECONCILE)
        await at.broker.place(krx_order(limit=9_000))
        quota = at.broker.quota()
        assert dict(quota.by_purpose) | {Purpose.ACCOUNT: 2, Purpose.ORDER: 1} == dict(
            quota.by_purpose
        )
        assert (quota.used_today, quota.has_daily_cap) == (3, False)


def test_a_limit_is_rounded_so_that_it_is_kept() -> None:
    odd = Krw(Decimal("10000.5"))
    assert (render_won(odd, Side.BUY), render_won(odd, Side.SELL)) == ("10000", "10001")
    assert render_won(Krw(Decimal("1E+4")), Side.BUY) == "10000"


async def test_an_equal_order_of_the_app_with_our_number_stays_apart() -> None:
    async with krx_stage(tape=PRINTS) as at:
        books = at.at.running.world.krx.books
        theirs = books.hand_order(at.at.server, SandboxSide.BUY, SHARE, 3, Decimal(NEAR))
        placed = await at.broker.place(krx_order(limit=9_000))
        assert isinstance(placed, Accepted)
        assert isinstance(theirs, KrxOrder)
        await until(at, lambda: theirs.filled == 3)
        ours, _ = sorted(
            await at.broker.fetch_reports(TODAY, TODAY, Priority.RECONCILE),
            key=lambda report: report.branch != placed.branch,
        )
        assert theirs.no == placed.broker_order_no.zfill(10)
        assert (ours.filled_qty, ours.open_qty, ours.branch) == (0, 3, "06010")
        assert isinstance(await at.broker.cancel(krx_cancel(placed.broker_order_no)), Accepted)
        await until(at, lambda: open_qty(at, placed.broker_order_no) == 0)
        reports = await at.broker.fetch_reports(TODAY, TODAY, Priority.RECONCILE)
        numbered = [r for r in reports if r.broker_order_no == placed.broker_order_no]
        assert {r.branch: r.filled_qty for r in numbered} == {placed.branch: 0, theirs.branch: 3}


async def test_a_balance_without_its_list_is_no_empty_account() -> None:
    async with krx_stage(holdings=HELD) as at:
        at.at.fault("output_absent", BALANCE)
        with pytest.raises(PayloadError):
            await at.broker.fetch_holdings(Priority.RECONCILE)
        assert len(await at.broker.fetch_holdings(Priority.RECONCILE)) == 1


@pytest.mark.parametrize(("times", "fails"), [(1, False), (2, True)])
async def test_a_page_told_twice_is_asked_for_again_once(times: int, fails: bool) -> None:
    async with krx_stage(speed=3000) as at:
        books = at.at.running.world.krx.books
        for _ in range(101):
            books.hand_order(at.at.server, SandboxSide.BUY, SHARE, 1, Decimal(9_000))
        at.at.fault("page_twice", REPORTS, times)
        with pytest.raises(PayloadError, match="told twice") if fails else nullcontext():
            reports = await at.broker.fetch_reports(TODAY, TODAY, Priority.RECONCILE)
            assert len(reports) == 101
        assert at.at.calls(REPORTS) == 3


async def test_calls_refused_by_chance_below_the_limit_are_made_again() -> None:
    async with krx_stage(holdings=HELD, speed=3000) as at:
        at.at.fault("crowded", times=0, value="20")
        for _ in range(20):
            assert len(await at.broker.fetch_holdings(Priority.RECONCILE)) == 1
        assert at.at.calls(BALANCE) > 20
