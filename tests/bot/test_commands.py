"""What each command asks of the engine, and what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.format.command_list import BY_WORD, COMMANDS
from engine.errors import JournalFailed
from engine.model.commands import (
    Answer,
    CancelOpenOrder,
    Choice,
    Pause,
    ReleaseGuard,
    Resume,
    SellNow,
)
from engine.model.facts import Refusal
from engine.model.ids import ClientOrderId, DeskName, DeskState, Mode, Qty, QuestionId, Symbol
from engine.model.views import LotState
from engine.ports.control import TargetScope
from tests.bot.samples import AAPL, MSFT, latched, position, question, us_view
from tests.bot.stage import OWNER, Call, Stage, staged

RUNNING, EXITS_ONLY = DeskState.RUNNING, DeskState.EXITS_ONLY


async def reply_to(stage: Stage, text: str) -> str:
    calls = await stage.type(text)
    assert len(calls) == 1
    return calls[0].text


async def press(stage: Stage, label: str) -> str:
    """Press a button of the last message that has it."""
    shown = next(call for call in reversed(stage.told) if label in call.buttons())
    message_id = int(shown.fields.get("message_id", stage.last_id()))
    return (await stage.press(shown.buttons()[label], message_id))[-1].text


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
async def test_every_listed_command_is_answered_and_changes_nothing_by_itself(name: str) -> None:
    async with staged() as stage:
        text = await reply_to(stage, f"/{name}")
        assert text.startswith("<b>[모의실행]</b> ")
        assert "모르는 말" not in text
        assert stage.control.asked == ([(Pause(), OWNER)] if name == "pause" else [])


@pytest.mark.parametrize(("word", "name"), list(BY_WORD.items()))
async def test_korean_words_do_what_their_command_does(word: str, name: str) -> None:
    async with staged() as stage:
        assert await reply_to(stage, word) == await reply_to(stage, f"/{name}")


async def test_a_word_inside_a_sentence_is_no_command() -> None:
    async with staged() as stage:
        assert "모르는 말" in await reply_to(stage, "재개 하지 마")


@pytest.mark.parametrize(
    ("typed", "meant"), [("/statsu", "/stat"), ("/positon", "/positions"), ("상테", "/status")]
)
async def test_an_unknown_command_is_answered_with_the_nearest(typed: str, meant: str) -> None:
    async with staged() as stage:
        text = await reply_to(stage, typed)
        assert "모르는 말" in text
        assert meant in text


async def test_capital_letters_are_the_same_command_and_answered_once() -> None:
    async with staged() as stage:
        assert "상태" in await reply_to(stage, "/STATUS")


@pytest.mark.parametrize(
    "text", ["/trades x", "/trades 0", "/trades 31", "/trades 1 2", "/trades ²"]
)
async def test_a_wrong_number_of_trades_is_answered_with_an_example(text: str) -> None:
    async with staged() as stage:
        assert "/trades 20" in await reply_to(stage, text)


async def test_ask_kis_reads_the_account_and_offers_itself_again() -> None:
    async with staged() as stage:
        assert "3분 전" in await reply_to(stage, "/balance")
        assert stage.control.asked == []
        assert "잔고" in await press(stage, "KIS 조회")
        assert stage.control.asked == [("refresh",)]
        stage.control.can_refresh = False
        assert "조회 실패" in await press(stage, "KIS 조회")


@pytest.mark.parametrize(
    ("amount", "qty"),
    [
        ("", None),
        (" 5", Qty(5)),
        (" 5주", Qty(5)),
        (" 50%", Qty(6)),
        (" 12.5%", Qty(1)),
        (" 100%", Qty(12)),
    ],
)
async def test_sell_takes_shares_or_a_part(amount: str, qty: Qty | None) -> None:
    async with staged() as stage:
        await reply_to(stage, f"/sell 애플{amount}")
        await press(stage, "확인")
        assert stage.control.asked == [(SellNow(AAPL, qty), OWNER)]


@pytest.mark.parametrize("amount", ["0", "13", "1%", "101%", "-5", "5.5", "5x", "0%", "²"])
async def test_an_amount_that_cannot_be_sold_is_refused_with_an_example(amount: str) -> None:
    async with staged() as stage:
        text = await reply_to(stage, f"/sell AAPL {amount}")
        assert "확인" not in stage.told[-1].buttons()
        assert "예:" in text
        assert stage.control.asked == []


async def test_an_ambiguous_name_is_answered_with_buttons_that_ask_again() -> None:
    async with staged() as stage:
        await reply_to(stage, "/sell 소프트 2")
        await press(stage, "MSFT")
        assert stage.control.asked == []
        await press(stage, "확인")
        assert stage.control.asked == [(SellNow(MSFT, Qty(2)), OWNER)]


async def test_an_unknown_symbol_is_answered_with_what_is_held() -> None:
    async with staged() as stage:
        assert "AAPL, MSFT" in await reply_to(stage, "/sell NOPE")


async def test_sell_without_a_symbol_offers_the_positions() -> None:
    async with staged() as stage:
        await reply_to(stage, "/sell")
        assert list(stage.told[-1].buttons()) == ["AAPL", "MSFT", "취소"]


async def test_a_refused_sale_says_why() -> None:
    async with staged() as stage:
        stage.control.refusal = Refusal.MARKET_CLOSED
        await reply_to(stage, "/sell AAPL")
        assert "주문을 받지 않는 시간" in await press(stage, "확인")


async def test_sellall_leaves_excluded_holdings_alone() -> None:
    async with staged() as stage:
        text = await reply_to(stage, "/sellall")
        assert "1개 종목은 팔지 않습니다" in text
        await press(stage, "확인")
        assert stage.control.asked == [(SellNow(AAPL, None), OWNER)]


async def test_sellall_sells_what_was_shown_not_what_came_later() -> None:
    async with staged() as stage:
        await reply_to(stage, "/sellall")
        later = replace(us_view(), positions=(position(), position(Symbol("NEW"), "새것")))
        stage.control.view = replace(stage.control.view, us=later)
        await press(stage, "확인")
        assert stage.control.asked == [(SellNow(AAPL, None), OWNER)]


async def test_sellall_with_nothing_to_sell_offers_no_button() -> None:
    async with staged() as stage:
        only = (replace(position(), state=LotState.EXCLUDED),)
        stage.control.view = replace(stage.control.view, us=replace(us_view(), positions=only))
        assert "없습니다" in await reply_to(stage, "/sellall")
        assert stage.told[-1].buttons() == {}


@pytest.mark.parametrize("number", ["30112345", "0030112345", "us-20260706-1"])
async def test_an_order_is_cancelled_by_either_number(number: str) -> None:
    async with staged() as stage:
        assert "✅" in await reply_to(stage, f"/cancel {number}")
        cancelled = CancelOpenOrder(ClientOrderId("us-20260706-1"))
        assert stage.control.asked == [(cancelled, OWNER)]


async def test_an_unknown_order_asks_the_desk_nothing() -> None:
    async with staged() as stage:
        assert "그런 주문이 없습니다" in await reply_to(stage, "/cancel 999")
        assert stage.control.asked == []


async def test_set_shows_old_and_new() -> None:
    async with staged() as stage:
        assert "3.0 → <b>4</b>" in await reply_to(stage, "/set target 4")
        assert stage.control.asked == [("set", "target", "4", None, TargetScope.ALL, OWNER)]


@pytest.mark.parametrize("value", ["0.05", "51", "abc", "nan", "-3", "<b>"])
async def test_a_target_out_of_range_is_answered_with_the_range(value: str) -> None:
    async with staged() as stage:
        text = await reply_to(stage, f"/set target {value}")
        assert "0.1 - 50" in text
        assert "/set target 3.0" in text
        assert stage.control.asked == []


async def test_one_symbol_may_have_its_own_target() -> None:
    async with staged() as stage:
        await reply_to(stage, "/set target 애플 4")
        assert stage.control.asked == [("set", "target", "4", AAPL, TargetScope.ALL, OWNER)]


@pytest.mark.parametrize(
    ("label", "scope"),
    [("적용하고 팔기", TargetScope.ALL), ("새 매수부터", TargetScope.NEW_BUYS)],
)
async def test_a_target_that_would_sell_now_asks_first(label: str, scope: TargetScope) -> None:
    async with staged() as stage:
        await reply_to(stage, "/set target 1.5")
        assert stage.control.asked == []
        assert list(stage.told[-1].buttons()) == ["적용하고 팔기", "새 매수부터", "취소"]
        await press(stage, label)
        assert stage.control.asked == [("set", "target", "1.5", None, scope, OWNER)]


async def test_loosening_asks_first() -> None:
    async with staged() as stage:
        await reply_to(stage, "/set safe_per_day 4900")
        assert stage.control.asked == []
        await press(stage, "확인")
        assert len(stage.control.asked) == 1


async def test_an_unknown_key_names_the_nearest() -> None:
    async with staged() as stage:
        assert "<code>target</code>" in await reply_to(stage, "/set tagret 3")


async def test_the_menu_of_settings_shows_how_to_type_one() -> None:
    async with staged() as stage:
        await reply_to(stage, "/set")
        assert "/set target 3.0" in await press(stage, "target")


async def test_pause_acts_at_once() -> None:
    async with staged() as stage:
        await reply_to(stage, "/pause us")
        assert stage.control.asked == [(Pause(), OWNER)]


async def test_resume_asks_and_releases_the_users_latch_only() -> None:
    async with staged() as stage:
        stage.control.view = latched(EXITS_ONLY, RUNNING)
        await reply_to(stage, "재개")
        assert list(stage.told[-1].buttons()) == ["확인", "취소"]
        await press(stage, "확인")
        assert stage.control.asked == [(Resume(), OWNER)]


async def test_a_guards_latch_has_its_own_button_and_confirmation() -> None:
    async with staged() as stage:
        stage.control.view = latched(RUNNING, EXITS_ONLY)
        text = await reply_to(stage, "/resume")
        assert "호출 한도 4,500회에 닿음" in text
        assert list(stage.told[-1].buttons()) == ["가드 해제", "취소"]
        await press(stage, "가드 해제")
        assert stage.control.asked == []
        stage.control.refusal = Refusal.CAUSE_HOLDS
        assert "원인이 아직" in await press(stage, "확인")
        assert stage.control.asked == [(ReleaseGuard(), OWNER)]


async def test_after_resume_the_guard_still_holding_is_said() -> None:
    async with staged() as stage:
        stage.control.view = latched(EXITS_ONLY, EXITS_ONLY)
        await reply_to(stage, "/resume")
        assert "가드가 걸려" in await press(stage, "확인")
        assert stage.control.asked == [(Resume(), OWNER)]


async def test_resume_of_a_running_desk_has_nothing_to_ask() -> None:
    async with staged() as stage:
        assert "이미 가동" in await reply_to(stage, "/resume")


async def test_live_lists_what_will_be_in_force_and_who_is_responsible() -> None:
    async with staged() as stage:
        text = await reply_to(stage, "/mode live")
        assert "실제 돈" in text
        assert "target = 3.0" in text
        assert "책임은 본인" in text
        assert stage.control.asked == []
        await press(stage, "확인")
        assert stage.control.asked == [("mode", DeskName.US, Mode.LIVE, OWNER)]


async def test_live_at_real_addresses_is_refused_with_the_reason() -> None:
    async with staged() as stage:
        stage.control.mode_refusal = "not_loopback"
        assert "실제 KIS" in await reply_to(stage, "/mode live us")
        assert stage.told[-1].buttons() == {}


@pytest.mark.parametrize("text", ["/mode foo", "/mode live paper", "/mode us", "/mode live us x"])
async def test_a_wrong_mode_is_answered_with_the_modes(text: str) -> None:
    async with staged() as stage:
        assert "dry_run|paper|live" in await reply_to(stage, text)


async def test_alert_kinds_are_set_and_shown() -> None:
    async with staged() as stage:
        assert "order" in await reply_to(stage, "/alerts order off")
        assert "🚫 <code>order</code>" in await reply_to(stage, "/alerts")
        assert stage.values.held["chat.alert.order"] == "off"


@pytest.mark.parametrize("kind", ["error", "state"])
async def test_errors_and_stops_cannot_be_muted(kind: str) -> None:
    async with staged() as stage:
        assert "끌 수 없습니다" in await reply_to(stage, f"/alerts {kind} off")
        assert stage.values.held == {}


@pytest.mark.parametrize(
    "text", ["/alerts nope on", "/alerts order", "/alerts order loud", "/alerts a b c"]
)
async def test_a_wrong_alert_kind_is_answered_with_an_example(text: str) -> None:
    async with staged() as stage:
        assert "/alerts order silent" in await reply_to(stage, text)


async def test_quiet_hours_are_set_and_ended() -> None:
    async with staged() as stage:
        assert "23:00-07:00" in await reply_to(stage, "/quiet 23:00-07:00")
        assert "23:00-07:00" in await reply_to(stage, "/quiet")
        assert "없음" in await reply_to(stage, "/quiet off")
        assert "/quiet 23:00-07:00" in await reply_to(stage, "/quiet 25:00-07:00")


async def test_the_language_changes_texts_and_menu() -> None:
    async with staged() as stage:
        calls = await stage.type("/lang en")
        assert calls[-1].text == "<b>[DRY RUN]</b> ✅ Switched to English."
        assert [call.method for call in calls[:-1]] == ["setMyCommands", "setMyCommands"]
        assert "Positions" in await reply_to(stage, "/positions")


async def test_the_badge_says_where_quotes_come_from() -> None:
    async with staged() as stage:
        stage.control.view = replace(
            stage.control.view, modes={DeskName.US: Mode.PAPER}, badge_note="실시세 <KIS>"
        )
        assert (await reply_to(stage, "/orders")).startswith(
            "<b>[모의투자 · 실시세 &lt;KIS&gt;]</b> "
        )


async def test_a_disabled_desk_is_said_not_guessed() -> None:
    async with staged() as stage:
        stage.control.view = replace(stage.control.view, us=None)
        for name in ("status", "positions", "resume"):
            assert "꺼져 있" in await reply_to(stage, f"/{name}")


async def test_open_questions_can_be_answered_under_the_positions() -> None:
    async with staged() as stage:
        stage.control.view = replace(
            stage.control.view, us=replace(us_view(), questions=(question(),))
        )
        await reply_to(stage, "포지션")
        assert list(stage.told[-1].buttons()) == ["AAPL 관리", "AAPL 제외", "KIS 조회"]
        assert "AAPL 관리" in await press(stage, "AAPL 관리")
        assert stage.control.asked == [(Answer(QuestionId("q1"), Choice.MANAGE), OWNER)]


async def test_cancel_without_a_number_offers_the_open_orders() -> None:
    async with staged() as stage:
        await reply_to(stage, "/cancel")
        await press(stage, "AAPL 30112345")
        cancelled = CancelOpenOrder(ClientOrderId("us-20260706-1"))
        assert stage.control.asked == [(cancelled, OWNER)]


async def test_the_mode_menu_leads_to_the_same_confirmation() -> None:
    async with staged() as stage:
        await reply_to(stage, "/mode")
        assert list(stage.told[-1].buttons()) == ["paper", "live", "취소"]
        assert "모의투자" in await press(stage, "paper")
        assert stage.control.asked == []
        await press(stage, "확인")
        assert stage.control.asked == [("mode", DeskName.US, Mode.PAPER, OWNER)]


async def test_a_mode_that_became_impossible_is_refused_at_the_press() -> None:
    async with staged() as stage:
        await reply_to(stage, "/mode paper")
        stage.control.mode_refusal = "order_in_flight"
        assert "열린 주문" in await press(stage, "확인")


async def test_sellall_goes_on_after_a_symbol_without_an_answer() -> None:
    async with staged() as stage:
        both = (position(), position(MSFT, "마이크로소프트"))
        stage.control.view = replace(stage.control.view, us=replace(us_view(), positions=both))
        await reply_to(stage, "/sellall")
        stage.control.trouble = TimeoutError()
        assert (await press(stage, "확인")).count("답이 없습니다") == 2
        assert len(stage.control.asked) == 2


async def test_a_target_needs_a_symbol_that_can_be_one() -> None:
    async with staged() as stage:
        assert "모르는 종목" in await reply_to(stage, "/set target 없는회사 4")
        assert "여러 종목" in await reply_to(stage, "/set target 소프트 4")
        assert stage.control.asked == []
        await reply_to(stage, "/set target brk.b 4")
        assert stage.control.asked == [
            ("set", "target", "4", Symbol("BRK.B"), TargetScope.ALL, OWNER)
        ]


async def test_a_short_name_of_a_key_is_the_engines_business() -> None:
    async with staged() as stage:
        stage.control.setting_views = ()
        assert "0.1 - 50" in await reply_to(stage, "/set target")
        assert "모르는 설정" in await reply_to(stage, "/set nope")


async def test_config_shows_one_key_and_where_it_is_changed() -> None:
    async with staged() as stage:
        assert "config.yaml에서만" in await reply_to(stage, "/config port")
        assert "target" in await reply_to(stage, "/config targt")


@pytest.mark.parametrize(
    "text", ["/pause krx", "/resume now", "/sellall now", "/cancel 1 2", "/lang fr"]
)
async def test_words_that_do_not_belong_there_are_answered_with_an_example(text: str) -> None:
    async with staged() as stage:
        assert "예:" in await reply_to(stage, text)
        assert stage.control.asked == []


async def test_a_pause_the_desk_refuses_is_not_called_done() -> None:
    async with staged() as stage:
        stage.control.refusal = Refusal.NOT_LATCHED
        assert "⚠️" in await reply_to(stage, "/pause")


async def test_a_desk_that_does_not_answer_a_command_is_said() -> None:
    async with staged() as stage:
        stage.control.trouble = TimeoutError()
        assert "답이 없습니다" in await reply_to(stage, "/pause")


async def test_preferences_survive_a_restart() -> None:
    async with staged() as stage:
        stage.values.held.update({"chat.language": "en", "chat.quiet": "23:00-07:00"})
        assert "Quiet hours 23:00-07:00" in await reply_to(stage, "/quiet")


async def test_a_store_that_cannot_be_read_leaves_the_defaults() -> None:
    async with staged() as stage:
        stage.values.trouble = JournalFailed("state.db")
        assert "상태" in await reply_to(stage, "/status")


async def test_a_reply_waits_when_telegram_asks_for_patience() -> None:
    async with staged() as stage:
        busy = [
            {"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": 3}}
        ]

        async def once(_call: Call) -> tuple[int, dict[str, Any]] | None:
            return (429, busy.pop()) if busy else None

        stage.sent.rule = once
        assert len(await stage.type("/status")) == 2
        assert stage.watch.pauses == [3.5]


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_every_key_of_the_keyboard_is_understood(lang: str) -> None:
    async with staged() as stage:
        stage.values.held["chat.language"] = lang
        (call,) = await stage.type("/start")
        keys = [key["text"] for row in call.fields["reply_markup"]["keyboard"] for key in row]
        assert len(keys) == 6
        for key in keys:
            text = await reply_to(stage, key)
            assert "모르는 말" not in text
            assert "Unknown" not in text
