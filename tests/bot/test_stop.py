"""/stop waits for nothing and nobody."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from telegram.error import TimedOut

from bot.handlers import REST, STOP
from engine.errors import JournalFailed
from engine.model.ids import DeskName, DeskState, Mode
from engine.ports.control import StopKind
from tests.bot.samples import latched, us_view
from tests.bot.stage import OWNER, SECOND, Call, Stage, staged, until


async def menu_of(stage: Stage) -> tuple[dict[str, str], int]:
    calls = await stage.type("/stop")
    return calls[-1].buttons(), stage.last_id()


async def test_stop_names_the_positions_and_offers_three_ways() -> None:
    async with staged() as stage:
        (call,) = await stage.type("/stop")
        assert "<b>애플</b> (AAPL) 12주\n" in call.text
        assert list(call.buttons()) == ["신규만", "엔진", "프로그램", "취소"]
        assert stage.control.asked == []


@pytest.mark.parametrize(
    ("label", "kind"), [("신규만", StopKind.ENTRIES), ("엔진", StopKind.ENGINES)]
)
async def test_entries_and_engines_stop_at_once_on_the_press(label: str, kind: StopKind) -> None:
    async with staged() as stage:
        buttons, message_id = await menu_of(stage)
        await stage.press(buttons[label], message_id)
        assert stage.control.asked == [("stop", kind, OWNER)]


async def test_a_stop_acts_before_telegram_is_spoken_to() -> None:
    async with staged() as stage:
        buttons, message_id = await menu_of(stage)
        stopped_first: list[bool] = []

        async def look(_call: Call) -> None:
            stopped_first.append(bool(stage.control.asked))

        stage.sent.rule = look
        await stage.press(buttons["엔진"], message_id)
        assert stopped_first
        assert all(stopped_first)


async def test_the_program_ends_after_one_confirmation() -> None:
    async with staged() as stage:
        (call,) = await stage.type("/stop all")
        assert stage.control.asked == []
        await stage.press(call.buttons()["확인"], stage.last_id())
        assert stage.control.asked == [("stop", StopKind.PROGRAM, OWNER)]


async def test_the_program_button_asks_in_the_same_message() -> None:
    async with staged() as stage:
        buttons, message_id = await menu_of(stage)
        calls = await stage.press(buttons["프로그램"], message_id)
        assert stage.control.asked == []
        await stage.press(calls[-1].buttons()["확인"], message_id)
        assert stage.control.asked == [("stop", StopKind.PROGRAM, OWNER)]


@pytest.mark.parametrize("slow_text", ["/status", "/sell AAPL", "/nonsense", "/trades"])
async def test_stop_is_answered_while_another_answer_hangs(slow_text: str) -> None:
    async with staged() as stage:
        hangs = asyncio.Event()
        first: list[Call] = []

        async def hang_first(call: Call) -> None:
            if not first:
                first.append(call)
                await hangs.wait()

        stage.sent.rule = hang_first
        await stage.start({"message": stage.message(slow_text, OWNER)})
        await until(lambda: first)
        await stage.start({"message": stage.message("중지", OWNER)})
        await until(lambda: any("무엇을 멈출까요" in call.text for call in stage.sent.calls))
        assert not hangs.is_set()
        hangs.set()
        await stage.settle()


async def test_a_stop_press_is_not_held_back_by_a_command_that_waits_for_the_desk() -> None:
    async with staged() as stage:
        buttons, message_id = await menu_of(stage)
        desk = asyncio.Event()

        async def wait_for_desk(*_arguments: Any) -> None:
            await desk.wait()
            raise TimeoutError

        stage.control.command = wait_for_desk  # type: ignore[method-assign, assignment]
        await stage.start({"message": stage.message("/pause", OWNER)})
        body = stage.press_body(buttons["엔진"], message_id, OWNER)
        await stage.start({"callback_query": body})
        await until(lambda: stage.control.asked)
        desk.set()
        await stage.settle()
        assert stage.control.asked == [("stop", StopKind.ENGINES, OWNER)]


async def test_every_handler_but_the_gate_runs_beside_the_others() -> None:
    async with staged() as stage:
        for group in (STOP, REST):
            assert all(handler.block is False for handler in stage.app.handlers[group])


async def test_stop_with_nothing_held_says_so() -> None:
    async with staged() as stage:
        view = stage.control.view
        stage.control.view = replace(view, us=replace(us_view(), positions=()))
        (call,) = await stage.type("/stop")
        assert "포지션 없음" in call.text


@pytest.mark.parametrize("typed", ["/stop now", "/stop 내일", "/stop all of it"])
async def test_any_other_word_after_stop_still_shows_the_menu(typed: str) -> None:
    async with staged() as stage:
        (call,) = await stage.type(typed)
        assert list(call.buttons()) == ["신규만", "엔진", "프로그램", "취소"]


@pytest.mark.parametrize("typed", ["/stop ALL", "/stop All", "/stop 전체"])
async def test_all_is_all_in_any_case_and_in_korean(typed: str) -> None:
    async with staged() as stage:
        (call,) = await stage.type(typed)
        await stage.press(call.buttons()["확인"], stage.last_id())
        assert stage.control.asked == [("stop", StopKind.PROGRAM, OWNER)]


async def test_stop_works_while_the_store_fails() -> None:
    async with staged() as stage:
        stage.nonces.trouble = JournalFailed("state.db")
        stage.values.trouble = JournalFailed("state.db")
        buttons, message_id = await menu_of(stage)
        await stage.press(buttons["엔진"], message_id)
        assert stage.control.asked == [("stop", StopKind.ENGINES, OWNER)]


async def test_a_menu_whose_sending_got_no_answer_still_stops() -> None:
    async with staged() as stage:
        shown: list[Call] = []

        async def lose(call: Call) -> None:
            if call.method == "sendMessage" and call.buttons() and not shown:
                shown.append(call)
                raise TimedOut("lost")

        stage.sent.rule = lose
        await stage.type("/stop")
        stage.sent.rule = None
        await stage.press(shown[0].buttons()["엔진"], 777, SECOND)
        assert stage.control.asked == []
        await stage.press(shown[0].buttons()["엔진"], 777)
        assert stage.control.asked == [("stop", StopKind.ENGINES, OWNER)]
        await stage.press(shown[0].buttons()["신규만"], 777)
        assert len(stage.control.asked) == 1


async def test_a_stop_press_does_not_wait_for_the_answer_of_sending() -> None:
    async with staged() as stage:
        shown: list[Call] = []
        hangs = asyncio.Event()

        async def hang(call: Call) -> None:
            if call.method == "sendMessage":
                shown.append(call)
                await hangs.wait()

        stage.sent.rule = hang
        await stage.start({"message": stage.message("/stop", OWNER)})
        await until(lambda: shown)
        body = stage.press_body(shown[0].buttons()["엔진"], 501, OWNER)
        await stage.start({"callback_query": body})
        await until(lambda: stage.control.asked)
        assert not hangs.is_set()
        hangs.set()
        await stage.settle()


async def test_a_stop_button_that_is_too_old_brings_the_menu_again() -> None:
    async with staged() as stage:
        buttons, message_id = await menu_of(stage)
        stage.watch.elapsed += 3600
        calls = await stage.press(buttons["엔진"], message_id)
        assert stage.control.asked == []
        await stage.press(calls[-1].buttons()["엔진"], message_id)
        assert stage.control.asked == [("stop", StopKind.ENGINES, OWNER)]


async def test_a_stop_button_works_after_the_mode_was_switched() -> None:
    async with staged() as stage:
        buttons, message_id = await menu_of(stage)
        stage.control.view = replace(stage.control.view, modes={DeskName.US: Mode.PAPER})
        await stage.press(buttons["엔진"], message_id)
        assert stage.control.asked == [("stop", StopKind.ENGINES, OWNER)]


def halt(stage: Stage) -> None:
    stage.control.view = latched(DeskState.HALTED, DeskState.RUNNING)


async def test_stopping_entries_of_a_halted_desk_does_not_promise_exits() -> None:
    async with staged() as stage:
        halt(stage)
        buttons, message_id = await menu_of(stage)
        assert "지금: 정지" in stage.told[-1].text
        assert "청산은 계속" not in stage.told[-1].text
        calls = await stage.press(buttons["신규만"], message_id)
        assert "청산도 하지 않습니다" in calls[-1].text


async def test_a_pause_of_a_halted_desk_does_not_promise_exits() -> None:
    async with staged() as stage:
        halt(stage)
        (call,) = await stage.type("/pause")
        assert "계속" not in call.text
        assert "청산도 하지 않습니다" in call.text


async def test_the_end_of_a_halted_program_names_how_it_comes_up_again() -> None:
    async with staged() as stage:
        halt(stage)
        (call,) = await stage.type("/stop all")
        assert "다음 시작도 /resume까지 정지" in call.text
