"""Urgent alerts come again until [확인], ever rarer; nothing else does."""

from __future__ import annotations

import pytest

from bot.app import chat_of
from bot.format.kinds import kind_of
from engine.flow.alerts import DIGEST, NORMAL, URGENT, alert_of
from engine.model.ids import DeskName, DeskState
from engine.model.state_facts import StateChanged
from tests.bot.krx_samples import krx_facts
from tests.bot.samples import all_facts, filled
from tests.bot.stage import SECOND, STRANGER, staged
from tests.bot.test_alerts import drain, put

FACTS = all_facts()
OK = "확인"


async def test_an_unconfirmed_rejection_comes_again_ever_rarer() -> None:
    async with staged() as stage:
        await put(stage, FACTS["order_rejected"])
        told_at = []
        for _ in range(6 * 60):
            told_at += [stage.watch.elapsed / 60 for _ in await drain(stage)]
            stage.watch.elapsed += 60
        assert told_at[:6] == [0, 5, 15, 35, 75, 135]
        assert told_at[-1] == 315


async def test_a_reminder_says_that_it_is_one_and_rings() -> None:
    async with staged() as stage:
        await stage.type("/quiet 00:00-23:59")
        await put(stage, FACTS["order_rejected"])
        (first,) = await drain(stage)
        stage.watch.elapsed += 300
        (again,) = await drain(stage)
        assert "아직 확인하지 않은" not in first.text
        assert "아직 확인하지 않은 알림 (1번 알림)" in again.text
        assert first.text.splitlines()[1:] == again.text.splitlines()[2:]
        assert again.fields["disable_notification"] is False


async def test_confirming_ends_the_reminders_and_keeps_the_text() -> None:
    async with staged() as stage:
        await put(stage, FACTS["order_rejected"])
        (call,) = await drain(stage)
        pressed = await stage.press(call.buttons()[OK], stage.last_id())
        assert [one.method for one in pressed] == ["answerCallbackQuery", "editMessageReplyMarkup"]
        assert "확인했습니다" in pressed[0].text
        assert not pressed[0].fields.get("show_alert")
        stage.watch.elapsed += 7200
        assert await drain(stage) == []


async def test_a_stranger_and_a_second_press_change_nothing() -> None:
    async with staged() as stage:
        await put(stage, FACTS["order_rejected"])
        (call,) = await drain(stage)
        data, shown = call.buttons()[OK], stage.last_id()
        await stage.press(data, shown, STRANGER)
        await stage.press(data, shown, SECOND)
        assert len(stage.outbox.waiting) == 1
        await stage.press(data, shown)
        again = await stage.press(data, shown)
        assert "이미 쓴" in again[0].text
        assert stage.outbox.waiting == {}


async def test_a_confirmation_that_cannot_be_stored_is_asked_for_again() -> None:
    async with staged() as stage:
        await put(stage, FACTS["order_rejected"])
        (call,) = await drain(stage)

        stage.outbox.is_read_only = True
        await stage.press(call.buttons()[OK], stage.last_id())
        stage.outbox.is_read_only = False
        stage.watch.elapsed += 300
        (again,) = await drain(stage)
        assert OK in again.buttons()


async def test_a_trouble_that_ended_needs_no_confirmation_any_more() -> None:
    async with staged() as stage:
        await put(stage, FACTS["trouble_began"], 1)
        assert len(await drain(stage)) == 1
        await put(stage, FACTS["trouble_ended"], 2)
        assert len(await drain(stage)) == 1
        stage.watch.elapsed += 7200
        assert await drain(stage) == []


async def test_what_comes_meanwhile_is_told_before_a_reminder() -> None:
    async with staged() as stage:
        await put(stage, FACTS["order_rejected"], 1)
        await drain(stage)
        stage.watch.elapsed += 300
        await put(stage, filled(), 2)
        first, second = await drain(stage)
        assert "전량 체결" in first.text
        assert "주문 거부" in second.text


async def test_an_ordinary_alert_comes_once() -> None:
    async with staged() as stage:
        await put(stage, filled())
        await drain(stage)
        stage.watch.elapsed += 7200
        assert await drain(stage) == []
        assert chat_of(stage.app).settings.remind_s == 300


@pytest.mark.parametrize("name", list(FACTS))
def test_whatever_must_be_confirmed_can_never_be_muted(name: str) -> None:
    fact = FACTS[name]
    alert, kind = alert_of(fact), kind_of(fact)
    if alert is not None and alert.must_ack:
        assert kind is not None
        assert not kind.is_mutable


def test_each_desk_speaks_of_its_own_window_state_and_troubles() -> None:
    topics = {
        (alert.topic, desk)
        for desk in DeskName
        for fact in (FACTS["state_running"], FACTS["window_regular"], FACTS["trouble_began"])
        if (alert := alert_of(fact, desk)) is not None
    }
    assert len(topics) == len({topic for topic, _desk in topics}) == 6


def test_a_limit_that_was_reached_and_ends_by_itself_needs_no_confirmation() -> None:
    for name in ("krx_limit", "krx_state"):
        alert = alert_of(krx_facts()[name], DeskName.KRX)
        assert alert is not None
        assert not alert.must_ack


@pytest.mark.parametrize(
    ("name", "priority", "replaces"),
    [
        ("krx_entry_decided", URGENT, False),
        ("krx_entry_filled", URGENT, False),
        ("krx_entry_refused", NORMAL, False),
        ("krx_phase_entries", DIGEST, True),
        ("krx_day_planned", DIGEST, False),
        ("krx_day_summary", DIGEST, False),
    ],
)
def test_entries_are_urgent_and_the_day_is_not(name: str, priority: int, *, replaces: bool) -> None:
    alert = alert_of(krx_facts()[name], DeskName.KRX)
    assert alert is not None
    assert (alert.priority, alert.replaces) == (priority, replaces)


def test_a_stop_by_the_trader_needs_no_confirmation_and_a_guard_s_does() -> None:
    running, exits_only = DeskState.RUNNING, DeskState.EXITS_ONLY
    by_user = alert_of(StateChanged(exits_only, exits_only, running, "user"))
    by_guard = alert_of(StateChanged(exits_only, running, exits_only, "account reads fail"))
    assert by_user is not None
    assert by_guard is not None
    assert (by_user.must_ack, by_guard.must_ack) == (False, True)
