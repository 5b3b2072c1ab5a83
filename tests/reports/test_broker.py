"""The book's figures beside the broker's: rounding, real differences, and what is left out."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.sqlite.broker_days import SqliteBrokerDays
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import BOOK
from engine.model.ids import ClientOrderId, DeskName, Mode, Symbol
from engine.model.money import ZERO_KRW, ZERO_USD, Krw, Money, Usd
from engine.model.orders import Side
from engine.model.realised import Realised
from reports.broker import Line, Verdict, agreement, check_day
from reports.csv_files import broker_csv
from reports.executions import Execution
from reports.files import write
from reports.periods import Span
from reports.report import read
from tests.bot.samples import NOW
from tests.reports.book_maker import make_book

DAY, OTHER_DAY = date(2026, 11, 20), date(2026, 11, 19)
SAMSUNG, HYNIX = Symbol("005930"), Symbol("000660")


def sale(
    qty: int = 10,
    gain: int = 20_000,
    *,
    symbol: Symbol = SAMSUNG,
    order: str | None = "krx-o1",
    day: date = DAY,
) -> Execution[Money]:
    """Sold at 74,000 won; commission 111, tax 1,480, buying it cost 108."""
    cost = Krw(Decimal(740_000 - gain) / 10)
    return Execution(
        *(1, DeskName.KRX, day, NOW, symbol, Side.SELL, qty, Krw(Decimal(74_000)), cost),
        *(Krw(Decimal(gain)), Krw(Decimal(111)), Krw(Decimal(1_480)), Krw(Decimal(108)), 0),
        *(None if order is None else ClientOrderId(order), None, None, None, None),
    )


def buy(fee: int = 108) -> Execution[Money]:
    made = replace(sale(), side=Side.BUY, gain=None, tax=None, entry_fee=None)
    return replace(made, fee=Krw(Decimal(fee)))


def told(
    qty: int = 10,
    gain: int = 20_000,
    *,
    fee: int = 111,
    tax: int = 1_480,
    symbol: Symbol = SAMSUNG,
    day: date = DAY,
) -> Realised[Money]:
    amounts = (740_000 - gain, 740_000, fee, tax, gain - fee - tax)
    cost, proceeds, paid, withheld, net = (Krw(Decimal(amount)) for amount in amounts)
    return Realised(day, symbol, qty, cost, proceeds, paid, withheld, net)


def compared(rows: Sequence[Execution[Money]], *brokers: Realised[Money]) -> Line[Money]:
    (line,) = check_day(DAY, rows, brokers, ZERO_KRW).lines
    return line


@pytest.mark.parametrize(
    ("off", "verdict"),
    [
        (0, Verdict.AGREES), (1, Verdict.AGREES), (-1, Verdict.AGREES),
        (2, Verdict.DIFFERS), (-2, Verdict.DIFFERS),
    ],
)  # fmt: skip
def test_a_won_is_rounding_and_two_are_not(off: int, verdict: Verdict) -> None:
    assert compared([sale()], told(gain=20_000 + off)).verdict is verdict


def test_each_execution_may_be_rounded_by_itself() -> None:
    parts = [sale(4, 8_000), sale(6, 12_000)]
    assert compared(parts, told(gain=20_002, fee=222, tax=2_960)).verdict is Verdict.AGREES
    assert compared(parts, told(gain=20_003, fee=222, tax=2_960)).verdict is Verdict.DIFFERS


def test_a_cent_is_rounding_in_dollars() -> None:
    row = replace(
        sale(), desk=DeskName.US, price=Usd(Decimal("10.5")), avg_cost=Usd(Decimal(10)),
        gain=Usd(Decimal(5)), fee=Usd(Decimal("0.2625")), tax=None, entry_fee=Usd(Decimal("0.25")),
    )  # fmt: skip
    for off, verdict in (("0.01", Verdict.AGREES), ("0.02", Verdict.DIFFERS)):
        net = Usd(Decimal("4.74") + Decimal(off))
        cost, proceeds, fee = (Usd(Decimal(text)) for text in ("100", "105", "0.26"))
        broker = Realised(DAY, SAMSUNG, 10, cost, proceeds, fee, None, net)
        (line,) = check_day(DAY, [row], [broker], ZERO_USD).lines
        assert line.verdict is verdict


@pytest.mark.parametrize("fee", [111, 111 + 108, 110])
def test_the_broker_may_count_the_sale_alone_or_the_buy_too(fee: int) -> None:
    line = compared([buy(), sale()], told(fee=fee))
    assert line.verdict is Verdict.AGREES
    assert abs((line.realised - line.broker_realised).amount) <= 1


@pytest.mark.parametrize("changed", [{"fee": 113}, {"tax": 1_478}, {"fee": 300}])
def test_other_costs_are_told_apart_from_another_gain(changed: dict[str, Any]) -> None:
    line = compared([sale()], told(**changed))
    assert line.verdict is Verdict.COSTS
    assert line.is_compared


def test_other_shares_or_no_sale_at_all_differ() -> None:
    assert compared([sale()], told(qty=9)).verdict is Verdict.DIFFERS
    nothing = compared([sale()])
    assert (nothing.verdict, nothing.broker_qty) == (Verdict.DIFFERS, 0)


def test_what_the_trader_sold_too_is_not_compared() -> None:
    line = compared([sale(), sale(5, 0, order=None)], told(qty=15, gain=31_000))
    assert line.verdict is Verdict.BY_HAND
    assert (line.qty, line.broker_qty) == (10, 15)


def test_shares_of_unknown_cost_are_not_compared() -> None:
    unknown = replace(sale(), avg_cost=Krw(Decimal(0)), gain=Krw(Decimal(740_000)))
    line = compared([unknown, sale()], told(qty=20))
    assert line.verdict is Verdict.NO_COST
    assert not line.is_compared


def test_a_sale_the_book_does_not_know_is_the_traders_own() -> None:
    mine, his = check_day(DAY, [sale()], [told(), told(symbol=HYNIX)], ZERO_KRW).lines
    assert (mine.verdict, his.verdict) == (Verdict.AGREES, Verdict.NOT_IN_BOOK)


def test_sums_leave_out_what_cannot_be_compared_and_days_wait_for_an_answer() -> None:
    rows = [
        sale(), sale(symbol=HYNIX), sale(5, 0, symbol=HYNIX, order=None), sale(day=OTHER_DAY),
        replace(buy(), day=date(2026, 11, 18)),
    ]  # fmt: skip
    found = agreement(rows, {DAY: [told(gain=19_000), told(symbol=HYNIX)]}, ZERO_KRW)
    (check,) = found.checks
    assert not check.agrees
    assert found.waiting == (OTHER_DAY,)  # a day with buys alone needs no answer
    net = 20_000 - 111 - 1_480
    assert found.realised == Krw(Decimal(net))
    assert found.broker_realised == Krw(Decimal(net - 1_000))
    assert found.costs.amount == found.broker_costs.amount == 1_591


async def test_it_is_read_from_the_live_book_alone(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    await make_book(path, until=date(2025, 1, 6))
    found = read(tmp_path, DeskName.KRX, Mode.LIVE, Span.ALL)
    assert found is not None
    assert found.broker is not None
    assert found.broker.waiting == tuple(sorted(found.days))
    day = max(found.days)
    async with Database(path, BOOK) as database:
        days = SqliteBrokerDays(database, account_hash="made", mode=Mode.LIVE)
        rows = [told(day=day), replace(told(day=day, symbol=HYNIX), krw_per_usd=Decimal("1400.5"))]
        await days.keep(DeskName.KRX, [day], rows, NOW, day)
    again = read(tmp_path, DeskName.KRX, Mode.LIVE, Span.ALL)
    assert again is not None
    assert again.broker is not None
    (check,) = again.broker.checks
    assert check.day == day
    assert {line.symbol for line in check.lines} >= {SAMSUNG, HYNIX}
    assert {line.broker_qty for line in check.lines} == {10}
    content = broker_csv(again).decode("utf-8-sig").splitlines()
    lines = list(csv.DictReader(content))
    assert {line["symbol"] for line in lines} == {line.symbol for line in check.lines}
    for told_of, line in zip(lines, check.lines, strict=True):
        assert (told_of["exchange_date"], told_of["verdict"]) == (day.isoformat(), line.verdict)
        assert told_of["broker_realised"] == f"{line.broker_realised.amount:f}"
    written = write(tmp_path, again, "text", tmp_path / "out")
    assert any(one.name.endswith("-broker.csv") for one in written)
    (tmp_path / "paper.db").write_bytes(path.read_bytes())
    on_paper = read(tmp_path, DeskName.KRX, Mode.PAPER, Span.ALL)
    assert on_paper is not None
    assert on_paper.broker is None
    written = write(tmp_path, on_paper, "text", tmp_path / "out")
    assert not any(one.name.endswith("-broker.csv") for one in written)


@pytest.mark.parametrize(("age", "verdicts"), [(7, set()), (8, {Verdict.DIFFERS})])
async def test_a_day_the_broker_knows_nothing_of_waits_for_a_week(
    tmp_path: Path, age: int, verdicts: set[Verdict]
) -> None:
    path = tmp_path / "live.db"
    await make_book(path, until=date(2025, 1, 2))
    day = date(2025, 1, 2)
    async with Database(path, BOOK) as database:
        days = SqliteBrokerDays(database, account_hash="made", mode=Mode.LIVE)
        await days.keep(DeskName.US, [day], (), NOW, day + timedelta(days=age))
    found = read(tmp_path, DeskName.US, Mode.LIVE, Span.ALL)
    assert found is not None
    assert found.broker is not None
    assert {line.verdict for check in found.broker.checks for line in check.lines} == verdicts
    assert found.broker.waiting == (() if verdicts else (day,))


@pytest.mark.parametrize(("age", "is_checked"), [(7, False), (8, True)])
async def test_a_day_lacking_one_of_its_stocks_waits_too(
    tmp_path: Path, age: int, *, is_checked: bool
) -> None:
    path, day = tmp_path / "live.db", date(2025, 1, 2)
    await make_book(path, until=day)
    async with Database(path, BOOK) as database:
        sold = await database.rows(
            "SELECT DISTINCT symbol FROM fills WHERE desk = 'krx' AND side = 'sell'"
        )
        rows = [told(day=day, symbol=Symbol(one["symbol"])) for one in sold]
        days = SqliteBrokerDays(database, account_hash="made", mode=Mode.LIVE)
        await days.keep(DeskName.KRX, [day], rows[1:], NOW, day + timedelta(days=age))
        found = read(tmp_path, DeskName.KRX, Mode.LIVE, Span.ALL)
        assert found is not None
        assert found.broker is not None
        assert bool(found.broker.checks) is is_checked
        await days.keep(DeskName.KRX, [day], rows, NOW, day + timedelta(days=1))
    whole = read(tmp_path, DeskName.KRX, Mode.LIVE, Span.ALL)
    assert whole is not None
    assert whole.broker is not None
    assert len(whole.broker.checks) == 1


async def test_a_book_from_before_has_no_answers(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    await make_book(path, until=date(2025, 1, 3))
    async with Database(path, BOOK) as database:
        for table in ("broker_days", "broker_realised"):
            await database.change(f"DROP TABLE {table}")
    found = read(tmp_path, DeskName.US, Mode.LIVE, Span.ALL)
    assert found is not None
    assert found.broker is not None
    assert found.broker.checks == ()
