"""A closed trade is drawn once, with what the book and the tape say of it; nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from telegram.error import RetryAfter

from bot.chat import Attachment, AttachmentKind, ChatSettings, HumanTime
from bot.courier import Courier
from bot.format.kinds import AlertKind, Loudness
from bot.preferences import Preferences
from bot.trade_cards import TradeCards
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.journal import SqliteJournal
from engine.adapters.sqlite.schema import BOOK
from engine.model.candles import MinuteCandle
from engine.model.entry_facts import EntryFilled
from engine.model.ids import DeskName, Mode, Qty
from engine.model.krx_views import KrxPositionView
from engine.model.money import Krw, Usd
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.orders import OrderReason, Side
from engine.model.views import PositionView
from engine.ports.journal import Entry
from reports.pictures.subjects import Stop
from tests.bot.krx_samples import (
    AT,
    SAMSUNG,
    TODAY,
    krx_position,
    krx_view,
    with_krx,
    won,
)
from tests.bot.samples import control, position
from tests.fakes.chat_store import FakeValues
from tests.fakes.control import FakeControl
from tests.fakes.painter import FakePainter
from tests.reports.book_maker import Maker

OWNER = 1001
OPENED = AT - timedelta(minutes=12)


class FakeCourier(Courier):
    def __init__(self) -> None:
        self.sent: list[tuple[int, Attachment, Mode | None, bool]] = []
        self.floods = 0

    async def send(
        self,
        user_id: int,
        attachments: Sequence[Attachment],
        *,
        mode: Mode | None = None,
        silent: bool = False,
    ) -> tuple[str, ...]:
        if self.floods:
            self.floods -= 1
            raise RetryAfter(timedelta(seconds=1))
        self.sent += [(user_id, one, mode, silent) for one in attachments]
        return ()


class Desk:
    """The service between a door, a book and an owner."""

    def __init__(self, books: Path) -> None:
        self.books = books
        self.control: FakeControl = control()
        self.painter, self.courier = FakePainter(), FakeCourier()
        self.preferences = Preferences(FakeValues(), "ko")
        self.pauses = 0
        self.late: list[Entry] = []  # what the book hears while the service waits
        self.cards = TradeCards(
            *(books, self.control, self.preferences, self.painter, self.courier),
            settings=ChatSettings(user_ids=(OWNER,)),
            time=HumanTime(lambda: AT, lambda: 0.0, self.pause),
        )

    def hold(self, *held: KrxPositionView) -> None:
        modes = dict.fromkeys(DeskName, Mode.PAPER)
        view = with_krx(self.control.view, replace(krx_view(), positions=held))
        self.control.view = replace(view, modes=modes, now=AT)

    def hold_us(self, *held: PositionView) -> None:
        view = self.control.view
        assert view.us is not None
        us = replace(view.us, positions=held)
        self.control.view = replace(
            view, us=us, krx=None, modes=dict.fromkeys(DeskName, Mode.PAPER), now=AT
        )

    async def pause(self, _seconds: float) -> None:
        self.pauses += 1
        if self.late:
            await self.write(self.late.pop())

    async def write(self, entry: Entry) -> None:
        async with Database(self.books / "paper.db", BOOK) as database:
            journal = SqliteJournal(database, account_hash="made", mode=Mode.PAPER)
            await journal.append(entry)

    async def look(self) -> None:
        for gone in self.cards.look():
            await self.cards.show(gone)


def round_trip() -> Entry:
    """Bought at 71,200 and sold at 72,300."""
    maker, paid, got = Maker[Krw](DeskName.KRX, Random(1)), won(71_200), won(72_300)
    buy = maker.order(SAMSUNG, Side.BUY, 28, paid, OrderReason.BREAKOUT, OPENED)
    sale = maker.order(SAMSUNG, Side.SELL, 28, got, OrderReason.TRAILING_STOP, AT)
    bought = EntryFilled(
        *(maker.fill(buy, 28, 28, paid, OPENED), buy, "삼성전자", won(299)),
        *(paid, Qty(28), paid, None),
        is_complete=True,
    )
    sold = OrderFilled(
        *(maker.fill(sale, 28, 28, got, AT + timedelta(seconds=5)), sale, paid),
        gain=(got - paid) * 28,
        gain_pct=Decimal("1.54"),
        fee=won(303),
        fx=None,
        is_complete=True,
        left_qty=Qty(0),
        tax=won(3_036),
        entry_fee=won(299),
    )
    return Entry(DeskName.KRX, AT, TODAY, (buy, sale), (), (bought, sold), {})


def sale_of(held: PositionView, *, left: int = 0, at: datetime = AT) -> Entry:
    """By the assistant, at the target."""
    maker, got = Maker[Usd](DeskName.US, Random(1), serial=left), held.target_price
    sale = maker.order(held.symbol, Side.SELL, held.qty, got, OrderReason.TARGET, at)
    sold = OrderFilled(
        *(maker.fill(sale, held.qty, held.qty, got, at + timedelta(seconds=5)), sale),
        held.avg_cost,
        gain=(got - held.avg_cost) * held.qty,
        gain_pct=Decimal(3),
        fee=Usd(Decimal("2.94")),
        fx=None,
        is_complete=True,
        left_qty=Qty(left),
    )
    return Entry(DeskName.US, at, TODAY, (sale,), (), (sold,), {})


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # as the application sets it
    return Desk(tmp_path)


async def test_a_position_that_is_gone_is_drawn_once_from_book_and_tape(desk: Desk) -> None:
    desk.control.candles = tuple(
        MinuteCandle(AT + timedelta(minutes=m), price, price, price, price, 10)
        for m, price in ((m, won(71_000 + m)) for m in (-60, -30, -5, 0, 9))
    )
    desk.hold(krx_position())
    await desk.look()
    moved = replace(krx_position(), trailing_price=won(71_900))
    desk.hold(moved)
    await desk.look()
    await desk.write(round_trip())
    desk.hold()
    await desk.look()
    await desk.look()
    ((request,), sent) = desk.painter.asked, desk.courier.sent
    (card,) = request.cards
    assert (card.symbol, card.name, card.mode) == (SAMSUNG, "삼성전자", Mode.PAPER)
    assert [(fill.side, fill.price) for fill in card.fills] == [
        (Side.BUY, won(71_200)),
        (Side.SELL, won(72_300)),
    ]
    assert card.stops == (Stop(AT, won(69_800)), Stop(AT, won(71_900)))
    assert card.target == won(74_800)
    assert [zone.low for zone in card.zones] == [won(71_000)]
    assert [(one.at - AT).total_seconds() / 60 for one in card.candles] == [-30, -5, 0]
    assert card.held_for == timedelta(minutes=12, seconds=5)
    assert card.reason
    assert "점수" in card.facts[0]
    ((owner, photo, mode, silent),) = sent
    assert (owner, photo.kind, mode, silent) == (OWNER, AttachmentKind.PHOTO, Mode.PAPER, False)
    assert photo.caption == "a &lt;picture&gt;"


async def test_the_book_may_hear_of_the_sale_a_moment_later(desk: Desk) -> None:
    desk.hold(krx_position())
    await desk.look()
    await desk.write(Entry(DeskName.KRX, AT, TODAY, (), (), (), {}))
    desk.late = [round_trip()]
    desk.hold()
    await desk.look()
    assert len(desk.courier.sent) == 1
    assert desk.pauses == 1


async def test_what_was_sold_by_hand_has_no_picture(desk: Desk) -> None:
    await desk.write(Entry(DeskName.KRX, AT, TODAY, (), (), (), {}))
    desk.hold(krx_position())
    await desk.look()
    desk.hold()
    await desk.look()
    assert desk.painter.asked == []


async def test_a_desk_between_two_modes_has_closed_nothing(desk: Desk) -> None:
    desk.hold(krx_position())
    await desk.look()
    desk.control.view = replace(desk.control.view, krx=None)
    assert desk.cards.look() == []


@pytest.mark.parametrize(("level", "sent"), [(Loudness.OFF, 0), (Loudness.SILENT, 1)])
async def test_a_picture_is_as_loud_as_the_fill_it_shows(
    desk: Desk, level: Loudness, sent: int
) -> None:
    await desk.preferences.set_level(AlertKind.FILL, level)
    desk.hold(krx_position())
    await desk.look()
    await desk.write(round_trip())
    desk.hold()
    await desk.look()
    assert [silent for *_, silent in desk.courier.sent] == [True] * sent


async def test_a_picture_that_fails_ends_nothing(desk: Desk) -> None:
    desk.painter.fails = True
    desk.hold(krx_position())
    await desk.look()
    await desk.write(round_trip())
    desk.hold()
    await desk.look()
    assert len(desk.painter.asked) == 1
    assert desk.courier.sent == []


async def test_a_picture_waits_until_a_flood_of_alerts_is_over(desk: Desk) -> None:
    desk.courier.floods = 5
    desk.hold(krx_position())
    await desk.look()
    await desk.write(round_trip())
    desk.hold()
    await desk.look()
    assert len(desk.courier.sent) == 1


async def test_what_was_bought_by_hand_shows_its_cost_where_no_execution_is_known(
    desk: Desk,
) -> None:
    held = position()
    await desk.write(sale_of(held))
    desk.hold_us(held)
    await desk.look()
    desk.hold_us()
    await desk.look()
    ((card,),) = (request.cards for request in desk.painter.asked)
    assert [fill.side for fill in card.fills] == [Side.SELL]
    assert [(zone.low, zone.high) for zone in card.zones] == [(held.avg_cost, held.avg_cost)]


async def test_a_position_sold_by_two_orders_is_one_card_of_both(desk: Desk) -> None:
    held = position()
    half = replace(held, qty=Qty(held.qty // 2))
    lower = replace(half, target_price=held.avg_cost - Usd(Decimal(10)))
    desk.hold_us(held)
    await desk.look()
    await desk.write(sale_of(lower, left=half.qty, at=AT + timedelta(minutes=1)))
    desk.hold_us(half)
    await desk.look()
    assert desk.painter.asked == []
    await desk.write(sale_of(half, at=AT + timedelta(minutes=2)))
    desk.hold_us()
    await desk.look()
    ((card,),) = (request.cards for request in desk.painter.asked)
    assert [(fill.qty, fill.price) for fill in card.fills] == [
        (half.qty, lower.target_price),
        (half.qty, held.target_price),
    ]
    gains = [
        (price - held.avg_cost) * half.qty for price in (lower.target_price, held.target_price)
    ]
    net = gains[0] + gains[1] - Usd(Decimal("2.94")) * 2
    assert card.net == net
    assert card.net_pct == net.ratio(held.avg_cost * half.qty * 2) * 100


async def test_a_rest_sold_by_hand_is_said_to_be_left_out(desk: Desk) -> None:
    whole = round_trip()
    bought, sold = whole.facts
    assert isinstance(sold, OrderFilled)
    part = replace(sold, fill=replace(sold.fill, qty=Qty(8), cum_qty=Qty(8)), left_qty=Qty(20))
    await desk.write(replace(whole, facts=(bought, part)))
    later = AT + timedelta(minutes=3)
    by_hand = SoldElsewhere(SAMSUNG, Qty(20), won(60_000), won(71_200), Qty(0), None)
    desk.hold(krx_position())
    await desk.look()
    await desk.write(Entry(DeskName.KRX, later, TODAY, (), (), (by_hand,), {}))
    desk.hold()
    await desk.look()
    ((card,),) = (request.cards for request in desk.painter.asked)
    assert [(fill.side, fill.qty) for fill in card.fills] == [
        (Side.BUY, 28),
        (Side.SELL, 8),
    ]
    assert any("직접 매도 20주 제외" in fact for fact in card.facts)
    assert card.held_for == timedelta(minutes=15)


async def test_another_mode_closes_nothing(desk: Desk) -> None:
    held = position()
    desk.hold_us(held)
    await desk.look()
    await desk.write(sale_of(held, left=3))
    desk.hold_us()
    modes = dict.fromkeys(DeskName, Mode.LIVE)
    desk.control.view = replace(desk.control.view, modes=modes)
    assert desk.cards.look() == []
    desk.hold_us()
    assert desk.cards.look() == []


async def test_what_ended_before_it_was_seen_has_no_card(desk: Desk) -> None:
    held = position()
    await desk.write(sale_of(held, at=AT - timedelta(days=1)))
    desk.hold_us(held)
    await desk.look()
    desk.hold_us()
    await desk.look()
    assert desk.painter.asked == []


async def test_a_stock_held_in_another_mode_is_watched_anew(desk: Desk) -> None:
    desk.hold(krx_position())
    await desk.look()
    view = desk.control.view
    later = AT + timedelta(minutes=9)
    modes = dict.fromkeys(DeskName, Mode.DRY_RUN)
    desk.control.view = replace(view, modes=modes, now=later)
    await desk.look()
    desk.control.view = replace(with_krx(view, replace(krx_view(), positions=())), modes=modes)
    (gone,) = desk.cards.look()
    assert (gone.mode, gone.since) == (Mode.DRY_RUN, later)
    assert [stop.at for stop in gone.stops] == [later]
