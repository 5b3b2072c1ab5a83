"""[취소] under an entry: before, during and after its fill, and by whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.app import chat_of
from engine.flow.alerts import alert_of
from engine.model.commands import CancelOpenOrder, Refusal, SellNow
from engine.model.ids import BrokerOrderNo, ClientOrderId, DeskName, Mode
from engine.model.krx_views import KrxDeskView
from engine.model.order_facts import OrderAccepted
from engine.model.orders import OrderReason, OrderState
from engine.ports.chat_store import Alert
from engine.ports.journal import NumberedFact
from tests.bot.krx_samples import (
    AT,
    SAMSUNG,
    both_desks,
    entry,
    exit_order,
    krx_order_view,
    krx_position,
    krx_view,
)
from tests.bot.stage import OWNER, SECOND, Call, Stage, staged

KRX = DeskName.KRX
CANCELLED = (CancelOpenOrder(ClientOrderId("krx-20260706-3")), OWNER, KRX)
ACCEPTED, PARTIAL, FILLED = OrderState.ACCEPTED, OrderState.PARTIAL, OrderState.FILLED


def desk(state: OrderState, filled: int, *, is_held: bool) -> KrxDeskView:
    rows = (krx_position(),) if is_held else ()
    return replace(krx_view(), orders=(krx_order_view(state, filled),), positions=rows)


async def told(stage: Stage, krx: KrxDeskView, book: str = "paper") -> Call:
    """The alert of an accepted entry, as it was sent."""
    both_desks(stage.control)
    show(stage, krx)
    fact = OrderAccepted(entry(), BrokerOrderNo("17011"))
    alert = alert_of(fact, KRX) or Alert(0)
    await stage.outbox.put(book, NumberedFact(1, AT, KRX, fact), alert)
    await chat_of(stage.app).alerts.tell_next()
    return stage.told[-1]


def show(stage: Stage, krx: KrxDeskView) -> None:
    stage.control.view = replace(stage.control.view, krx=krx)


async def test_it_takes_an_open_entry_back_at_once() -> None:
    async with staged() as stage:
        call = await told(stage, desk(ACCEPTED, 0, is_held=False))
        assert list(call.buttons()) == ["취소"]
        assert "삼성전자" in call.text
        calls = await stage.press(call.buttons()["취소"], stage.last_id())
        assert stage.control.asked == [CANCELLED]
        assert "매수 취소 요청" in calls[-1].text
        assert calls[-1].buttons() == {}


async def test_of_a_part_fill_the_rest_is_cancelled_and_the_part_offered_for_sale() -> None:
    async with staged() as stage:
        call = await told(stage, desk(PARTIAL, 10, is_held=True))
        calls = await stage.press(call.buttons()["취소"], stage.last_id())
        assert stage.control.asked == [CANCELLED]
        assert "매수 취소 요청" in calls[-1].text
        assert "팔까요?" in calls[-1].text
        assert list(calls[-1].buttons()) == ["확인", "취소"]


async def test_after_the_fill_it_offers_the_sale_and_sells_only_on_confirmation() -> None:
    async with staged() as stage:
        call = await told(stage, desk(FILLED, 28, is_held=True))
        calls = await stage.press(call.buttons()["취소"], stage.last_id())
        assert stage.control.asked == []
        assert "이미 끝났습니다" in calls[-1].text
        await stage.press(calls[-1].buttons()["확인"], stage.last_id())
        assert stage.control.asked == [(SellNow(SAMSUNG, None), OWNER, KRX)]


async def test_a_fill_that_beats_the_cancel_leads_to_the_sale() -> None:
    async with staged() as stage:
        call = await told(stage, desk(ACCEPTED, 0, is_held=False))
        stage.control.refusal = Refusal.UNKNOWN_ORDER
        stage.control.on_command = lambda _: show(stage, desk(FILLED, 28, is_held=True))
        calls = await stage.press(call.buttons()["취소"], stage.last_id())
        assert stage.control.asked == [CANCELLED]
        assert "팔까요?" in calls[-1].text


@pytest.mark.parametrize(
    "krx",
    [
        desk(OrderState.CANCELLED, 0, is_held=False),
        # bought before, by another order: not what this button is about
        desk(OrderState.CANCELLED, 0, is_held=True),
        replace(desk(FILLED, 28, is_held=False), orders=()),
        replace(
            desk(FILLED, 28, is_held=True), positions=(replace(krx_position(), is_selling=True),)
        ),
    ],
    ids=["cancelled", "cancelled beside a position", "sold since", "being sold"],
)
async def test_an_entry_that_is_over_offers_nothing(krx: KrxDeskView) -> None:
    async with staged() as stage:
        call = await told(stage, krx)
        calls = await stage.press(call.buttons()["취소"], stage.last_id())
        assert stage.control.asked == []
        assert "이미 끝났습니다" in calls[-1].text
        assert calls[-1].buttons() == {}


async def test_an_order_in_doubt_says_that_it_has_to_wait() -> None:
    async with staged() as stage:
        call = await told(stage, desk(OrderState.UNRESOLVED, 0, is_held=False))
        stage.control.refusal = Refusal.ORDER_IN_DOUBT
        calls = await stage.press(call.buttons()["취소"], stage.last_id())
        assert "기다려야" in calls[-1].text


async def test_a_second_press_and_a_foreign_one_do_nothing_and_are_answered() -> None:
    async with staged() as stage:
        call = await told(stage, desk(ACCEPTED, 0, is_held=False))
        data, message_id = call.buttons()["취소"], stage.last_id()
        foreign = await stage.press(data, message_id, SECOND)
        assert "만료" in foreign[0].text
        assert stage.control.asked == []
        await stage.press(data, message_id)
        again = await stage.press(data, message_id)
        assert "만료" in again[0].text
        assert stage.control.asked == [CANCELLED]


async def test_a_press_after_days_is_answered_as_expired() -> None:
    async with staged() as stage:
        call = await told(stage, desk(ACCEPTED, 0, is_held=False))
        stage.watch.elapsed += 8 * 24 * 3600
        calls = await stage.press(call.buttons()["취소"], stage.last_id())
        assert "만료" in calls[0].text
        assert stage.control.asked == []


async def test_an_entry_of_another_mode_is_not_cancelled_in_this_one() -> None:
    async with staged() as stage:
        call = await told(stage, desk(ACCEPTED, 0, is_held=False), book="live")
        assert call.text.startswith("<b>[실전]</b>")
        calls = await stage.press(call.buttons()["취소"], stage.last_id())
        assert stage.control.asked == []
        assert "실전" in calls[0].text


async def test_the_other_desks_mode_does_not_matter() -> None:
    async with staged() as stage:
        call = await told(stage, desk(ACCEPTED, 0, is_held=False))
        modes = {KRX: Mode.PAPER, DeskName.US: Mode.LIVE}
        stage.control.view = replace(stage.control.view, modes=modes)
        await stage.press(call.buttons()["취소"], stage.last_id())
        assert stage.control.asked == [CANCELLED]


async def test_a_sale_that_was_accepted_has_no_such_button() -> None:
    async with staged() as stage:
        fact = OrderAccepted(exit_order(OrderReason.STOP_LOSS), BrokerOrderNo("17012"))
        numbered = NumberedFact(1, AT, KRX, fact)
        await stage.outbox.put("dry_run", numbered, alert_of(fact, KRX) or Alert(0))
        await chat_of(stage.app).alerts.tell_next()
        assert stage.told[-1].buttons() == {}
