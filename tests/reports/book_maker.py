"""A book of two years, made up from a seed: both desks, split lots, partial fills, hand sales."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random
from typing import Generic
from zoneinfo import ZoneInfo

from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.journal import SqliteJournal
from engine.adapters.sqlite.schema import BOOK
from engine.model.entry_facts import EntryFilled
from engine.model.facts import AnyFact
from engine.model.fills import Fill, FillSource
from engine.model.ids import BrokerOrderNo, ClientOrderId, DeskName, Mode, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import ZERO_KRW, FxRate, Krw, M, Money, Usd
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.orders import OrderIntent, OrderReason, Side
from engine.model.position_facts import BuySeen
from engine.ports.journal import Entry

KST, ET = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")
BEGIN, END = date(2025, 1, 2), date(2026, 12, 31)
KRX_NAMES = {Symbol("005930"): "삼성전자", Symbol("000660"): "SK하이닉스"}
US_NAMES = {
    Symbol("ORLY"): 'O\'Reilly "Auto" & Söhne',
    Symbol("MU"): "마이크론",
    Symbol("AMD"): "AMD",
}
KRX_EXITS = (OrderReason.STOP_LOSS, OrderReason.TAKE_PROFIT, OrderReason.TRAILING_STOP)
US_EXITS = (OrderReason.TARGET, OrderReason.RESTING_TARGET, OrderReason.MANUAL)


@dataclass
class Maker(Generic[M]):
    """Entries of one desk, day by day."""

    desk: DeskName
    ways: Random
    serial: int = 0
    orders: list[OrderIntent[Money]] = field(default_factory=list)
    facts: list[AnyFact] = field(default_factory=list)

    def order(
        self, symbol: Symbol, side: Side, qty: int, price: M, reason: OrderReason, at: datetime
    ) -> OrderIntent[M]:
        """Decided a little off the price it will get."""
        self.serial += 1
        off = Decimal(self.ways.randint(-3, 3))
        seen = type(price)(price.amount + (off * 10 if price.currency == "KRW" else off / 100))
        exchange = Exchange.KRX if self.desk is DeskName.KRX else Exchange.NASD
        intent = OrderIntent(
            ClientOrderId(f"{self.desk}-o{self.serial}"),
            *(self.desk, symbol, exchange, side, Qty(qty), price, reason, seen, at),
            score=self.ways.randint(60, 89) if side is Side.BUY else None,
        )
        self.orders.append(intent)
        return intent

    def parts(self, qty: int) -> Iterator[tuple[int, int]]:
        """An order's executions: how many, and how many so far."""
        done = 0
        while done < qty:
            part = min(qty - done, self.ways.choice((qty, max(1, qty // 2), max(1, qty // 3))))
            done += part
            yield part, done

    def fill(self, order: OrderIntent[M], qty: int, done: int, price: M, at: datetime) -> Fill[M]:
        number = BrokerOrderNo(order.client_order_id.rpartition("o")[2])
        return Fill(
            *(number, order.client_order_id, order.symbol, order.side, Qty(qty), price),
            *(Qty(done), at, FillSource.NOTICE),
        )


@dataclass
class Held:
    """A Korean position, in whole won."""

    qty: int = 0
    cost: Krw = ZERO_KRW
    fees: Krw = ZERO_KRW

    @property
    def average(self) -> Krw:
        return Krw(self.cost.amount / self.qty)

    def take(self, qty: int) -> tuple[Krw, Krw]:
        """What the shares cost, and buying them."""
        cost = Krw(self.cost.amount * qty / self.qty).rounded(ROUND_HALF_UP)
        fees = Krw(self.fees.amount * qty / self.qty).rounded(ROUND_HALF_UP)
        self.qty, self.cost, self.fees = self.qty - qty, self.cost - cost, self.fees - fees
        return cost, fees


def make_krx_day(maker: Maker[Krw], day: date, book: dict[Symbol, Held]) -> None:
    """Three to five round trips: bought in steps, sold in parts, some of it by hand.

    Now and then, and most of all at the end of a year, a rest is left for the next day.
    """
    ways, is_late = maker.ways, (day.month, day.day) >= (12, 29)
    for trip in range(ways.randint(3, 5)):
        symbol = ways.choice(tuple(KRX_NAMES))
        held = book.pop(symbol, None) or Held()
        at = datetime.combine(day, datetime.min.time(), KST) + timedelta(hours=9, minutes=trip * 80)
        for _ in range(ways.randint(1, 2)):
            at = _enter(maker, symbol, held, at)
        while held.qty:
            is_whole = ways.random() < 0.6 and not is_late
            qty = held.qty if is_whole else ways.randint(1, held.qty)
            at += timedelta(minutes=ways.randint(1, 20))
            if ways.random() < 0.05:
                _sell_by_hand(maker, symbol, held, qty)
            else:
                at = _exit(maker, symbol, held, qty, at)
            if held.qty and (is_late or ways.random() < 0.05):
                book[symbol] = held
                break


def _enter(maker: Maker[Krw], symbol: Symbol, held: Held, at: datetime) -> datetime:
    ways = maker.ways
    price, qty = Krw(Decimal(ways.randint(500, 900) * 100)), ways.randint(2, 60)
    order = maker.order(symbol, Side.BUY, qty, price, OrderReason.BREAKOUT, at)
    for part, done in maker.parts(qty):
        at += timedelta(seconds=ways.randint(1, 200))
        fee = _cut(price * part, "0.015")
        held.qty, held.cost, held.fees = held.qty + part, held.cost + price * part, held.fees + fee
        fill = maker.fill(order, part, done, price, at)
        after = held.average, Qty(held.qty), price, None
        maker.facts.append(
            EntryFilled(fill, order, KRX_NAMES[symbol], fee, *after, is_complete=done == qty)
        )
    return at


def _exit(maker: Maker[Krw], symbol: Symbol, held: Held, qty: int, at: datetime) -> datetime:
    ways = maker.ways
    price = Krw(Decimal(ways.randint(480, 930) * 100))
    order = maker.order(symbol, Side.SELL, qty, price, ways.choice(KRX_EXITS), at)
    for part, done in maker.parts(qty):
        at += timedelta(seconds=ways.randint(1, 30))
        amount, average = price * part, held.average
        cost, fees = held.take(part)
        maker.facts.append(
            OrderFilled(
                *(maker.fill(order, part, done, price, at), order, average),
                gain=amount - cost,
                gain_pct=(price.ratio(average) - 1) * 100,
                fee=_cut(amount, "0.015"),
                fx=None,
                is_complete=done == qty,
                left_qty=Qty(held.qty),
                tax=_cut(amount, "0.15" if at.year == 2025 else "0.20"),
                entry_fee=fees,
            )
        )
    return at


def _sell_by_hand(maker: Maker[Krw], symbol: Symbol, held: Held, qty: int) -> None:
    price, average = Krw(Decimal(maker.ways.randint(480, 930) * 100)), held.average
    held.take(qty)
    told = price if maker.ways.random() < 0.5 else None
    maker.facts.append(SoldElsewhere(symbol, Qty(qty), told, average, Qty(held.qty), None))


def make_us_day(maker: Maker[Usd], day: date, book: dict[Symbol, tuple[int, Usd]]) -> None:
    """A buy by hand, and a few sell orders, each in one or more executions."""
    ways, symbol = maker.ways, maker.ways.choice(tuple(US_NAMES))
    at = datetime.combine(day, datetime.min.time(), ET) + timedelta(hours=10)
    held, average = book.get(symbol, (0, Usd(Decimal(0))))
    qty, price = ways.randint(4, 40), Usd(Decimal(ways.randint(9000, 20000)) / 100)
    average = Usd(
        ((average * held + price * qty).amount / (held + qty)).quantize(Decimal("1.0000"))
    )
    held += qty
    maker.facts.append(
        BuySeen(symbol, US_NAMES[symbol], Qty(qty), average, Decimal(3), average, Qty(held))
    )
    fx = FxRate(Decimal(ways.randint(13000, 14800)) / 10, "KIS", at)
    for _ in range(ways.randint(3, 5)):
        at += timedelta(minutes=ways.randint(5, 50))
        if not held:
            break
        qty = ways.randint(1, held) if ways.random() < 0.8 else held
        price = Usd((average.amount * ways.randint(96, 106) / 100).quantize(Decimal("1.00")))
        order = maker.order(symbol, Side.SELL, qty, price, ways.choice(US_EXITS), at)
        for part, done in maker.parts(qty):
            at += timedelta(seconds=ways.randint(1, 60))
            held -= part
            maker.facts.append(
                OrderFilled(
                    *(maker.fill(order, part, done, price, at), order, average),
                    gain=(price - average) * part,
                    gain_pct=(price.ratio(average) - 1) * 100,
                    fee=Usd((price * part).amount * Decimal("0.0025")),
                    fx=fx,
                    is_complete=done == qty,
                    left_qty=Qty(held),
                    entry_fee=Usd((average * part).amount * Decimal("0.0025")),
                )
            )
    book[symbol] = held, average


async def make_book(path: Path, seed: int = 1, until: date = END) -> None:
    """Write it by the journal, an entry a day and desk."""
    krx, us = Maker[Krw](DeskName.KRX, Random(seed)), Maker[Usd](DeskName.US, Random(seed + 1))
    lots: dict[Symbol, tuple[int, Usd]] = {}
    left: dict[Symbol, Held] = {}
    async with Database(path, BOOK) as database:
        journal = SqliteJournal(database, account_hash="made", mode=Mode.LIVE)
        day = BEGIN
        while day <= until:
            if day.weekday() < 5:
                make_krx_day(krx, day, left)
                make_us_day(us, day, lots)
                for maker in (krx, us):
                    await _write(journal, maker, day)
            day += timedelta(days=1)


async def _write(journal: SqliteJournal, maker: Maker[Krw] | Maker[Usd], day: date) -> None:
    zone = KST if maker.desk is DeskName.KRX else ET
    at = datetime.combine(day, datetime.min.time(), zone) + timedelta(hours=15)
    orders, facts = tuple(maker.orders), tuple(maker.facts)
    maker.orders.clear()
    maker.facts.clear()
    await journal.append(Entry(maker.desk, at, day, orders, (), facts, {}))


def _cut(amount: Krw, pct: str) -> Krw:
    return Krw(amount.amount * Decimal(pct) / 100).rounded(ROUND_FLOOR)
