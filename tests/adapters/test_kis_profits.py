"""What the broker says that sales brought, read from the sandbox; its books are the oracle."""

import asyncio
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from engine.adapters.kis.budget import CallBudget, CallCaps
from engine.adapters.kis.endpoint import Server
from engine.adapters.kis.profits import krx_profits, parse_krx, parse_us, short_code, us_profits
from engine.errors import BrokerRefused, BrokerUnavailable, PayloadError, QuotaExhausted
from engine.model.ids import DeskName, Symbol
from engine.model.money import Krw, Usd
from engine.model.quota import Priority, Purpose
from sandbox.krx.listings import KrxListing
from sandbox.model import Server as SandboxServer
from sandbox.model import Side
from tests.adapters.kis_stage import Stage, stage, us_date
from tests.adapters.krx_stage import KrxStage, krx_date, krx_stage
from tests.sandbox.krx_desk import FUND, OTHER, SHARE, kst, trade

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)
DOMESTIC, OVERSEAS = "TTTC8715R", "TTTS3039R"
SYMBOLS = tuple(f"{910_000 + 10 * n}" for n in range(105))
MANY = tuple(
    KrxListing(symbol, f"종목{symbol}", "KOSPI", Decimal(10_000), 1_000_000, 1_000)
    for symbol in SYMBOLS
)


def budget_of(at: Stage, desk: DeskName, caps: CallCaps | None = None) -> CallBudget:
    date_of = krx_date if desk is DeskName.KRX else us_date
    return CallBudget(desk, caps or CallCaps(), at.counts, at.clock, date_of)


async def sell(at: KrxStage, **shares: int) -> None:
    """In the broker's app: who sold does not matter here."""
    world = at.at.running.world
    for symbol, qty in shares.items():
        at.account.put(symbol.removeprefix("s"), qty + 1, Decimal("9123.4567"))
        world.krx.books.hand_order(SandboxServer.REAL, Side.SELL, symbol.removeprefix("s"), qty)
    await at.at.clock.sleep_for(timedelta(seconds=2))


async def test_domestic_rows_are_the_books_to_the_won() -> None:
    tape = {symbol: [trade(kst(9, 30), 10_050)] for symbol in (SHARE, OTHER, FUND)}
    async with krx_stage(tape=tape) as at:
        at.account.fee_pct = Decimal("0.0140527")
        at.at.running.world.krx.books.hand_order(SandboxServer.REAL, Side.BUY, OTHER, 3)
        await sell(at, **{f"s{SHARE}": 7, f"s{FUND}": 11})
        budget = budget_of(at.at, DeskName.KRX)
        found = await krx_profits(at.at.transport, budget).fetch_realised(
            FRIDAY, FRIDAY, Priority.SCAN
        )
        sales = {one.symbol: one for one in at.account.executions if one.side is Side.SELL}
        assert {row.symbol for row in found} == {SHARE, FUND} == sales.keys()  # no buy among them
        for row in found:
            sale = sales[row.symbol]
            assert (row.day, row.qty) == (FRIDAY, sale.qty)
            assert (row.proceeds, row.fee) == (Krw(sale.amount), Krw(sale.fee))
            assert row.tax == Krw(sale.tax)
            whole = sale.realised.quantize(Decimal(1), ROUND_HALF_UP)
            assert row.realised == Krw(whole)
            assert row.gain == row.proceeds - row.cost
            assert abs(row.cost.amount - Decimal("9123.4567") * sale.qty) <= Decimal("0.5")
        assert dict(budget.quota().by_purpose)[Purpose.ACCOUNT] == 1


async def test_a_hundred_and_five_symbols_come_whole_in_three_calls() -> None:
    tape = {symbol: [trade(kst(9, 30), 10_050)] for symbol in SYMBOLS}
    async with krx_stage(tape=tape, listings=MANY) as at:
        await sell(at, **{f"s{symbol}": 1 for symbol in SYMBOLS})
        client = krx_profits(at.at.transport, budget_of(at.at, DeskName.KRX))
        found = await client.fetch_realised(FRIDAY, FRIDAY, Priority.SCAN)
        assert {row.symbol for row in found} == set(SYMBOLS)
        assert len(found) == 105
        assert at.at.calls(DOMESTIC) == 3
        at.at.fault("page_twice", DOMESTIC)
        assert len(await client.fetch_realised(FRIDAY, FRIDAY, Priority.SCAN)) == 105
        at.at.fault("page_twice", DOMESTIC, times=0)
        with pytest.raises(PayloadError):
            await client.fetch_realised(FRIDAY, FRIDAY, Priority.SCAN)


async def test_a_day_that_was_not_asked_for_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    tape = {SYMBOLS[0]: [trade(kst(9, 30), 10_050)]}
    async with krx_stage(tape=tape, listings=MANY) as at:
        await sell(at, **{f"s{SYMBOLS[0]}": 1})
        client = krx_profits(at.at.transport, budget_of(at.at, DeskName.KRX))

        async def other_days(*_args: object) -> list[dict[str, object]]:
            return [{"output1": [SOLD | {"trad_dt": "20250101"}]}]

        monkeypatch.setattr(at.at.transport, "fetch_pages", other_days)
        with pytest.raises(PayloadError, match="not asked"):
            await client.fetch_realised(FRIDAY, FRIDAY, Priority.SCAN)


async def test_pages_with_the_same_symbols_on_two_days_are_not_one_told_twice() -> None:
    fifty = SYMBOLS[:50]
    tape = {
        symbol: [trade(kst(9, 30, day=day), 10_050) for day in (FRIDAY, MONDAY)] for symbol in fifty
    }
    async with krx_stage(tape=tape, listings=MANY) as at:
        await sell(at, **{f"s{symbol}": 1 for symbol in fifty})
        await at.at.running.world.jump(kst(10, day=MONDAY))
        await sell(at, **{f"s{symbol}": 2 for symbol in fifty})
        client = krx_profits(at.at.transport, budget_of(at.at, DeskName.KRX))
        found = await client.fetch_realised(FRIDAY, MONDAY, Priority.SCAN)
        assert [row.qty for row in found] == [1] * 50 + [2] * 50


async def us_sales(at: Stage) -> None:
    books = at.running.world.books
    for symbol, qty in (("AAPL", 5), ("KO", 3)):
        listing = at.running.world.market.listing(symbol)
        assert listing is not None
        books.accounts[SandboxServer.REAL].put(symbol, listing.exchange, 9, Decimal("50.1234"))
        books.hand_order(SandboxServer.REAL, Side.SELL, symbol, qty)
    async with asyncio.timeout(5):
        while len(books.accounts[SandboxServer.REAL].executions) < 2:
            await at.clock.sleep_for(timedelta(seconds=1))


async def test_us_rows_are_the_books_to_the_cent_from_the_next_day_on() -> None:
    async with stage() as at:
        await us_sales(at)
        budget = budget_of(at, DeskName.US)
        client = us_profits(at.transport, budget)
        assert await client.fetch_realised(FRIDAY, FRIDAY, Priority.SCAN) == ()
        await at.running.world.jump(at.clock.now() + timedelta(hours=14))  # it is Saturday
        found = await client.fetch_realised(FRIDAY, FRIDAY, Priority.SCAN)
        sales = at.running.world.books.accounts[SandboxServer.REAL].executions
        by_symbol = {
            symbol: [one for one in sales if one.symbol == symbol] for symbol in ("AAPL", "KO")
        }
        assert {row.symbol for row in found} == by_symbol.keys()
        for row in found:
            ours = by_symbol[row.symbol]
            qty = sum(one.qty for one in ours)
            assert (row.day, row.qty, row.tax) == (FRIDAY, qty, None)
            assert row.fee == Usd(sum((one.fee for one in ours), Decimal(0)))
            assert row.cost == Usd(Decimal("50.1234") * qty)
            assert row.realised == Usd(sum((one.realised for one in ours), Decimal(0)))
            assert row.krw_per_usd is not None
            assert 1300 < row.krw_per_usd < 1500
        assert budget.quota().used_today >= 1


async def test_a_paper_account_has_neither_and_is_not_asked() -> None:
    async with krx_stage(Server.PAPER) as at:
        budget = budget_of(at.at, DeskName.KRX)
        for client in (krx_profits(at.at.transport, budget), us_profits(at.at.transport, budget)):
            with pytest.raises(BrokerRefused, match="not offered on paper"):
                await client.fetch_realised(FRIDAY, FRIDAY, Priority.SCAN)
        assert at.at.calls(DOMESTIC) + at.at.calls(OVERSEAS) == 0
        assert budget.quota().used_today == 0


async def test_it_never_takes_a_call_that_is_kept_for_exits() -> None:
    async with krx_stage() as at:
        caps = CallCaps(safe_per_hour=100, safe_per_day=1, daily_limit=10)
        budget = budget_of(at.at, DeskName.KRX, caps)
        budget.spend(Purpose.QUOTE)
        client = krx_profits(at.at.transport, budget)
        with pytest.raises(QuotaExhausted):
            await client.fetch_realised(FRIDAY, FRIDAY, Priority.SCAN)
        assert at.at.calls(DOMESTIC) == 0


async def test_a_refused_call_is_asked_again_and_a_failing_one_is_said() -> None:
    async with krx_stage() as at:
        client = krx_profits(at.at.transport, budget_of(at.at, DeskName.KRX))
        at.at.fault("rate_limited", DOMESTIC)
        assert await client.fetch_realised(FRIDAY, FRIDAY, Priority.SCAN) == ()
        at.at.fault("http500_json", DOMESTIC, times=0)
        with pytest.raises(BrokerUnavailable):
            await client.fetch_realised(FRIDAY, FRIDAY, Priority.SCAN)


async def test_a_list_that_lacks_is_no_day_without_sales() -> None:
    async with krx_stage() as at:
        await sell(at, **{f"s{SHARE}": 1})
        client = krx_profits(at.at.transport, budget_of(at.at, DeskName.KRX))
        at.at.fault("output_absent", DOMESTIC)
        with pytest.raises(PayloadError):
            await client.fetch_realised(FRIDAY, FRIDAY, Priority.SCAN)


# -- replies -----------------------------------------------------------------------------------

BUY_ONLY = {
    "trad_dt": "20240216", "pdno": "00000Q520057", "trad_dvsn_name": "현금", "loan_dt": "",
    "hldg_qty": "1", "pchs_unpr": "9365", "buy_qty": "1", "buy_amt": "9365", "sll_pric": "0",
    "sll_qty": "0", "sll_amt": "0", "rlzt_pfls": "0", "fee": "0", "tl_tax": "0", "loan_int": "0",
}  # fmt: skip
SOLD = BUY_ONLY | {
    "pdno": "00000A005930", "sll_qty": "2", "sll_amt": "20100", "rlzt_pfls": "1057",
    "fee": "3", "tl_tax": "40",
}  # fmt: skip


def test_buys_alone_blank_rows_and_a_row_told_twice_are_no_sales() -> None:
    blank = dict.fromkeys(SOLD, "")
    (row,) = parse_krx([{"output1": [BUY_ONLY, SOLD, blank]}, {"output1": [SOLD]}])
    assert (row.symbol, row.cost, row.gain) == ("005930", Krw(Decimal(19_000)), Krw(Decimal(1100)))


def test_two_rows_of_a_stock_and_day_with_other_figures_are_added() -> None:
    other = SOLD | {"sll_qty": "3", "rlzt_pfls": "1500"}
    (row,) = parse_krx([{"output1": [SOLD, other]}, {"output1": [other]}])
    assert (row.qty, row.realised) == (5, Krw(Decimal(2557)))


def test_shares_bought_on_credit_are_added_and_their_interest_is_a_cost() -> None:
    credit = SOLD | {"loan_dt": "20240101", "loan_int": "7", "rlzt_pfls": "1050"}
    (row,) = parse_krx([{"output1": [SOLD, credit]}])
    assert (row.qty, row.fee, row.realised) == (4, Krw(Decimal(13)), Krw(Decimal(2107)))
    assert row.cost == Krw(Decimal(38_000))


@pytest.mark.parametrize("changed", [{"rlzt_pfls": ""}, {"trad_dt": "2024"}, {"sll_amt": "x"}])
def test_a_sale_without_its_figures_is_refused(changed: dict[str, str]) -> None:
    with pytest.raises(PayloadError):
        parse_krx([{"output1": [SOLD | changed]}])


def test_overseas_rows_come_under_either_name_and_other_countries_are_left_out() -> None:
    us = {
        "trad_day": "20260204", "ovrs_pdno": "AAPL", "slcl_qty": "2", "frcr_pchs_amt1": "200.5",
        "frcr_sll_amt_smtl1": "196.64", "stck_sll_tlex": "0.5400", "ovrs_rlzt_pfls_amt": "-4.40000",
        "exrt": "1450.1", "ovrs_excg_cd": "NASD",
    }  # fmt: skip
    tokyo = us | {"ovrs_pdno": "7203", "ovrs_excg_cd": "TKSE"}
    part = us | {"ovrs_pdno": "KO", "slcl_qty": "0.25"}
    row, fraction = parse_us([{"Output1": [us, tokyo, part]}])
    assert (fraction.symbol, fraction.qty) == ("KO", 0)
    assert row.realised == Usd(Decimal("-4.40"))
    assert row.gain == Usd(Decimal("-3.86"))


@pytest.mark.parametrize(
    ("code", "symbol"),
    [
        ("00000A005930", "005930"), ("00000Q520057", "Q520057"), ("005930", "005930"),
        ("00000A0001A0", "0001A0"), ("000J2552221D", "J2552221D"),
    ],
)  # fmt: skip
def test_long_codes_become_those_of_the_desk(code: str, symbol: str) -> None:
    assert short_code(code) == Symbol(symbol)
