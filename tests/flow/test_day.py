"""The sums of the day come from the book, and only a trade has it read again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from engine.flow.day import DaySales
from engine.model.ids import DeskName, Mode, Qty
from engine.model.money import ZERO_USD
from engine.model.order_facts import SoldElsewhere
from engine.ports.journal import NumberedFact, NumberedSale
from tests.bot.samples import AAPL, FX, NOW, all_facts, filled, usd
from tests.fakes.journal import FakeJournal

TODAY = NOW.date()


class SalesBook(FakeJournal):
    """A book of sales that counts how often it is read."""

    def __init__(self, *sold: NumberedSale) -> None:
        super().__init__()
        self.sold = list(sold)
        self.reads = 0

    async def sales(
        self, desk: DeskName, since: date | None, limit: int
    ) -> tuple[NumberedSale, ...]:
        self.reads += 1
        return tuple(row for row in self.sold if since is None or row.exchange_date >= since)


@dataclass
class Day:
    """The book and its listener."""

    book: SalesBook
    sales: DaySales

    def sell(self, *, by_hand: bool = False) -> None:
        fact = SoldElsewhere(AAPL, Qty(5), usd("198"), usd("200.50"), Qty(7), FX)
        sale = fact if by_hand else replace(filled(), entry_fee=None)
        seq = len(self.book.sold) + 1
        self.book.sold.append(NumberedSale(seq, NOW, TODAY, sale))
        self.sales.on_trade(NumberedFact(seq, NOW, DeskName.US, sale))


def day() -> Day:
    return Day(SalesBook(), DaySales(DeskName.US, ZERO_USD))


async def test_sales_of_the_bot_are_summed_net_and_those_by_hand_only_counted() -> None:
    today = day()
    today.sell()
    today.sell()
    today.sell(by_hand=True)
    view = await today.sales.read(today.book, TODAY)
    assert (view.sales, view.apart) == (2, 1)
    assert view.net == usd("132.80")  # 2 x (72.60 - 6.20)
    assert view.lacks_entry_fee == 2


async def test_what_buying_cost_is_taken_off_where_the_book_knows_it() -> None:
    today = day()
    today.sell()
    sold = NumberedSale(2, NOW, TODAY, replace(filled(), entry_fee=usd("6.02")))
    today.book.sold.append(sold)
    view = await today.sales.read(today.book, TODAY)
    assert view.net == usd("126.78")  # 132.80 - 6.02
    assert view.lacks_entry_fee == 1


async def test_a_sale_of_unknown_cost_is_in_no_sum() -> None:
    today = day()
    today.sell()
    sold = NumberedSale(2, NOW, TODAY, replace(filled(), avg_cost=ZERO_USD, gain=usd("2412")))
    today.book.sold.append(sold)
    view = await today.sales.read(today.book, TODAY)
    assert (view.sales, view.lacks_cost, view.apart) == (1, 1, 0)
    assert view.net == usd("66.40")


async def test_the_book_is_read_once_until_something_is_sold() -> None:
    today = day()
    for _ in range(3):
        assert (await today.sales.read(today.book, TODAY)).sales == 0
    assert today.book.reads == 1
    today.sell()
    assert (await today.sales.read(today.book, TODAY)).sales == 1
    assert today.book.reads == 2


async def test_a_new_day_and_another_book_begin_at_nothing() -> None:
    today = day()
    today.sell()
    assert (await today.sales.read(today.book, TODAY)).sales == 1
    assert (await today.sales.read(SalesBook(), TODAY)).sales == 0
    assert (await today.sales.read(today.book, TODAY + timedelta(days=1))).sales == 0


async def test_a_sale_told_while_the_book_is_read_is_not_missed() -> None:
    today = day()

    class Slow(SalesBook):
        async def sales(
            self, desk: DeskName, since: date | None, limit: int
        ) -> tuple[NumberedSale, ...]:
            found = await super().sales(desk, since, limit)
            if self.reads == 1:
                today.sell()
            return found

    today.book = Slow()
    assert (await today.sales.read(today.book, TODAY)).sales == 0
    assert (await today.sales.read(today.book, TODAY)).sales == 1


async def test_cash_from_before_a_trade_is_known_as_such_and_a_dry_run_never_moves_it() -> None:
    bought, later = day().sales, NOW + timedelta(seconds=1)
    assert not bought.has_traded(NOW - timedelta(days=1), Mode.LIVE)
    bought.on_trade(NumberedFact(1, NOW, DeskName.US, all_facts()["buy_seen"]))
    assert bought.has_traded(NOW, Mode.LIVE)
    assert not bought.has_traded(later, Mode.LIVE)
    assert not bought.has_traded(later, Mode.DRY_RUN)
    bought.on_trade(NumberedFact(2, NOW, DeskName.US, filled()))
    assert not bought.has_traded(later, Mode.LIVE)
    assert bought.has_traded(later, Mode.DRY_RUN)
