"""Into another mode from the chat: LIVE by its checklist and a confirmation that works once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from engine.model.commands import Pause
from engine.model.ids import DeskName, Mode
from engine.model.live import CheckItem, LiveCheck, Verdict
from engine.ports.control import ModeOffer
from tests.bot.krx_samples import with_krx
from tests.bot.mode_messages import live_check
from tests.bot.stage import OWNER, SECOND, Stage, press, reply_to, staged
from tests.fakes.control import WELL_PROVEN

KRX, US = DeskName.KRX, DeskName.US
both_desks = pytest.mark.parametrize("desk", list(DeskName))
HARD = [item for item in CheckItem if item not in (CheckItem.DAYS, CheckItem.TRADES)]
MINE = "책임은 본인"


def with_both(stage: Stage, mode: Mode = Mode.DRY_RUN) -> None:
    view = with_krx(stage.control.view)
    stage.control.view = replace(view, modes={KRX: mode, US: mode})


async def asked_for_live(stage: Stage, desk: DeskName) -> tuple[dict[str, str], int]:
    with_both(stage)
    calls = await stage.type(f"/mode live {desk}")
    return calls[-1].buttons(), stage.last_id()


def failing(item: CheckItem) -> LiveCheck:
    findings = tuple(
        replace(found, verdict=Verdict.FAILED, measured="x") if found.item is item else found
        for found in WELL_PROVEN.findings
    )
    return replace(WELL_PROVEN, findings=findings, is_blocked=True)


@both_desks
async def test_live_shows_the_checklist_and_goes_there_on_one_confirmation(desk: DeskName) -> None:
    async with staged() as stage:
        with_both(stage)
        text = await reply_to(stage, f"/mode live {desk}")
        assert "실제 돈" in text
        assert text.count("🟢") == len(CheckItem)
        assert MINE in text
        assert stage.control.asked == []
        answer = await press(stage, "확인")
        assert stage.control.asked == [("mode", desk, Mode.LIVE, OWNER)]
        assert "✅" in answer


async def test_what_will_be_in_force_is_the_desks_own() -> None:
    async with staged() as stage:
        with_both(stage)
        us = await reply_to(stage, "/mode live us")
        assert "목표 수익률 (닿으면 팖): <b>3.0 %</b>" in us
        assert "파는 주문의 값: <b>bid (매수호가)</b>" in us
        krx = await reply_to(stage, "/mode live krx")
        assert "매수 주문 하나의 한도: <b>2,000,000원</b>" in krx
        assert "max_order" not in krx
        assert "AAPL" not in us


@both_desks
@pytest.mark.parametrize("item", HARD)
async def test_a_hard_item_that_fails_is_a_red_line_and_there_is_no_button(
    desk: DeskName, item: CheckItem
) -> None:
    async with staged() as stage:
        stage.control.live_check = failing(item)
        buttons, _ = await asked_for_live(stage, desk)
        assert buttons == {}
        text = stage.told[-1].text
        assert text.count("🔴") == 2  # the line, and the word on what to do
        assert stage.control.asked == []


@both_desks
@pytest.mark.parametrize("item", HARD)
async def test_the_second_look_decides(desk: DeskName, item: CheckItem) -> None:
    async with staged() as stage:
        buttons, message_id = await asked_for_live(stage, desk)

        async def worse(
            desk: DeskName, mode: Mode, user_id: int, *, accepts_small: bool = True
        ) -> ModeOffer:
            offer = stage.control.offer_mode(desk, mode)
            return replace(offer, refusal="checklist", check=failing(item))

        stage.control.switch_mode = worse  # type: ignore[method-assign]
        calls = await stage.press(buttons["확인"], message_id)
        assert "🔴" in calls[-1].text
        assert calls[-1].buttons() == {}


@both_desks
async def test_too_little_practice_asks_twice_and_begins_small(desk: DeskName) -> None:
    async with staged() as stage:
        stage.control.live_check = live_check(lacks=True, desk=desk)
        buttons, message_id = await asked_for_live(stage, desk)
        assert "🟠" in stage.told[-1].text
        calls = await stage.press(buttons["확인"], message_id)
        assert stage.control.asked == []
        assert "연습이 모자란" in calls[-1].text
        assert MINE in calls[-1].text
        await stage.press(calls[-1].buttons()["확인"], message_id)
        assert stage.control.asked == [("mode", desk, Mode.LIVE, OWNER, "small")]
        assert stage.control.checked == [desk, desk]


async def test_a_small_beginning_that_came_up_meanwhile_is_asked_anew() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_for_live(stage, US)
        stage.control.mode_refusal = "small"
        calls = await stage.press(buttons["확인"], message_id)
        assert stage.control.asked == [("mode", US, Mode.LIVE, OWNER)]
        assert "다시 하세요" in calls[-1].text


async def test_the_small_question_is_not_asked_where_something_fails_by_then() -> None:
    async with staged() as stage:
        stage.control.live_check = live_check(lacks=True)
        buttons, message_id = await asked_for_live(stage, US)
        stage.control.live_check = live_check(lacks=True, fails=True)
        calls = await stage.press(buttons["확인"], message_id)
        assert calls[-1].buttons() == {}
        assert stage.control.asked == []


# -- the confirmation


@both_desks
async def test_a_live_confirmation_ends_after_sixty_seconds(desk: DeskName) -> None:
    async with staged() as stage:
        buttons, message_id = await asked_for_live(stage, desk)
        stage.watch.elapsed += 60
        calls = await stage.press(buttons["확인"], message_id)
        assert "만료" in calls[0].text
        assert stage.control.asked == []


@both_desks
async def test_a_live_confirmation_pressed_twice_at_once_switches_once(desk: DeskName) -> None:
    async with staged() as stage:
        buttons, message_id = await asked_for_live(stage, desk)
        body = {"callback_query": stage.press_body(buttons["확인"], message_id, OWNER)}
        again = {"callback_query": stage.press_body(buttons["확인"], message_id, OWNER)}
        await asyncio.gather(stage.start(body), stage.start(again))
        await stage.settle()
        assert stage.control.asked == [("mode", desk, Mode.LIVE, OWNER)]


@both_desks
async def test_a_live_confirmation_of_another_person_does_nothing(desk: DeskName) -> None:
    async with staged() as stage:
        buttons, message_id = await asked_for_live(stage, desk)
        await stage.press(buttons["확인"], message_id, SECOND)
        assert stage.control.asked == []
        await stage.press(buttons["확인"], message_id)
        assert len(stage.control.asked) == 1


@both_desks
async def test_a_live_confirmation_replayed_under_another_message_does_nothing(
    desk: DeskName,
) -> None:
    async with staged() as stage:
        buttons, message_id = await asked_for_live(stage, desk)
        await stage.press(buttons["확인"], message_id + 1)
        assert stage.control.asked == []


@both_desks
async def test_a_live_confirmation_replayed_later_does_nothing(desk: DeskName) -> None:
    async with staged() as stage:
        buttons, message_id = await asked_for_live(stage, desk)
        await stage.press(buttons["확인"], message_id)
        with_both(stage, Mode.DRY_RUN)
        await stage.press(buttons["확인"], message_id)
        assert len(stage.control.asked) == 1


@both_desks
async def test_the_second_confirmation_works_once_and_not_for_ever(desk: DeskName) -> None:
    async with staged() as stage:
        stage.control.live_check = live_check(lacks=True, desk=desk)
        buttons, message_id = await asked_for_live(stage, desk)
        second = (await stage.press(buttons["확인"], message_id))[-1].buttons()
        await stage.press(second["확인"], message_id, SECOND)
        await stage.press(second["확인"], message_id + 1)
        assert stage.control.asked == []
        stage.watch.elapsed += 60
        await stage.press(second["확인"], message_id)
        assert stage.control.asked == []


async def test_a_confirmation_shown_in_another_mode_is_refused() -> None:
    async with staged() as stage:
        buttons, message_id = await asked_for_live(stage, US)
        with_both(stage, Mode.PAPER)
        await stage.press(buttons["확인"], message_id)
        assert stage.control.asked == []


# -- the way down


@both_desks
@pytest.mark.parametrize("current", [Mode.LIVE, Mode.PAPER])
async def test_back_to_a_dry_run_is_one_tap(desk: DeskName, current: Mode) -> None:
    async with staged() as stage:
        with_both(stage, current)
        assert "모의실행" in await reply_to(stage, f"/mode dry_run {desk}")
        assert stage.control.asked == [("mode", desk, Mode.DRY_RUN, OWNER)]
        assert stage.told[-1].buttons() == {}


@both_desks
async def test_under_the_word_that_live_is_on_lie_the_two_ways_down(desk: DeskName) -> None:
    async with staged() as stage:
        buttons, message_id = await asked_for_live(stage, desk)
        calls = await stage.press(buttons["확인"], message_id)
        down = calls[-1].buttons()
        assert list(down) == ["모의실행", "청산만"]
        stage.watch.elapsed += 3600
        stage.control.asked.clear()
        await stage.press(down["청산만"], message_id)
        own = () if desk is US else (KRX,)
        assert stage.control.asked == [(Pause(), OWNER, *own)]


async def test_the_menu_of_a_desk_in_live_offers_exits_only() -> None:
    async with staged() as stage:
        stage.control.view = replace(stage.control.view, modes={US: Mode.LIVE})
        await reply_to(stage, "/mode")
        assert list(stage.told[-1].buttons()) == ["모의실행", "모의투자", "청산만", "취소"]
        await press(stage, "청산만")
        assert stage.control.asked == [(Pause(), OWNER)]


async def test_a_way_down_that_is_closed_says_why() -> None:
    async with staged() as stage:
        with_both(stage, Mode.LIVE)
        stage.control.mode_refusal = "positions_held"
        assert "먼저 파세요" in await reply_to(stage, "/mode dry_run krx")
        # The engine hears of it: it may have to call off a switch to LIVE.
        assert stage.control.asked == [("mode", DeskName.KRX, Mode.DRY_RUN, OWNER)]


# -- the command


@pytest.mark.parametrize("text", ["/mode foo", "/mode live paper", "/mode us", "/mode live us x"])
async def test_a_wrong_mode_is_answered_with_the_modes(text: str) -> None:
    async with staged() as stage:
        assert "모의실행|모의투자|실전 [국내|미국]" in await reply_to(stage, text)


async def test_the_mode_menu_leads_to_the_same_confirmation() -> None:
    async with staged() as stage:
        await reply_to(stage, "/mode")
        assert list(stage.told[-1].buttons()) == ["모의투자", "실전", "취소"]
        assert "모의투자" in await press(stage, "모의투자")
        assert stage.control.asked == []
        await press(stage, "확인")
        assert stage.control.asked == [("mode", US, Mode.PAPER, OWNER)]


async def test_with_two_desks_the_mode_asks_which() -> None:
    async with staged() as stage:
        with_both(stage)
        await reply_to(stage, "/mode live")
        assert list(stage.told[-1].buttons()) == ["국내", "미국", "취소"]
        assert "국내 모드를" in await press(stage, "국내")
        assert stage.control.checked == [KRX]


async def test_a_mode_that_became_impossible_is_refused_at_the_press() -> None:
    async with staged() as stage:
        await reply_to(stage, "/mode paper")
        stage.control.mode_refusal = "order_in_flight"
        assert "열린 주문" in await press(stage, "확인")


async def test_live_without_keys_is_refused_before_anything_is_measured() -> None:
    async with staged() as stage:
        stage.control.mode_refusal = "no_keys"
        assert "키가 없습니다" in await reply_to(stage, "/mode live us")
        assert stage.control.checked == []


async def test_a_wish_for_the_mode_in_force_reaches_the_engine_unasked() -> None:
    async with staged() as stage:
        with_both(stage, Mode.PAPER)
        stage.control.mode_refusal = "already"
        assert "이미 그 모드" in await reply_to(stage, "/mode paper krx")
        assert stage.control.asked == [("mode", DeskName.KRX, Mode.PAPER, OWNER)]
