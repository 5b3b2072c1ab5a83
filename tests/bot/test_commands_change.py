"""What changing settings, modes and latches asks of the engine, and what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import JournalFailed
from engine.model.commands import (
    Pause,
    Refusal,
    ReleaseGuard,
    Resume,
)
from engine.model.ids import DeskState, Symbol
from engine.ports.control import SettingRefused, TargetScope
from tests.bot.samples import AAPL, OWN_TARGETS, latched
from tests.bot.stage import OWNER, press, reply_to, staged

RUNNING, EXITS_ONLY = DeskState.RUNNING, DeskState.EXITS_ONLY


async def test_set_shows_old_and_new() -> None:
    async with staged() as stage:
        assert "3.0 % → <b>4 %</b>" in await reply_to(stage, "/set target 4")
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
        stage.control.called = {AAPL: "애플"}
        text = await reply_to(stage, "/set target 애플 4")
        assert stage.control.asked == [("set", "target", "4", AAPL, TargetScope.ALL, OWNER)]
        assert "<b>애플</b> (AAPL)만: 목표 3.0 % (공통) → <b>4 %</b>" in text
        assert "/set target AAPL off" in text
        assert "보유한 종목이 아닙니다" not in text


async def test_the_own_target_is_taken_back() -> None:
    async with staged() as stage:
        text = await reply_to(stage, "/set target AAPL off")
        assert stage.control.asked == [("set", "target", "off", AAPL, TargetScope.ALL, OWNER)]
        assert "5 % → <b>3.0 %</b> (따로 정한 목표를 지움)" in text
        assert "되돌리기" not in text


async def test_own_targets_stand_under_that_of_all() -> None:
    async with staged() as stage:
        stage.control.setting_views += OWN_TARGETS
        for typed in ("/set target", "/config target", "/config 목표"):
            text = await reply_to(stage, typed)
            assert "· AAPL 5 % (채팅)" in text
            assert "· MSFT 3.5 % (지금 보유한 주식만)" in text
            assert "/set target AAPL off" in text
        assert "AAPL" not in await reply_to(stage, "/config stop")


async def test_an_own_target_of_the_file_is_not_said_to_be_taken_back_here() -> None:
    async with staged() as stage:
        stage.control.setting_views += (replace(OWN_TARGETS[0], source="file"),)
        text = await reply_to(stage, "/config target")
        assert "· AAPL 5 % (파일)" in text
        assert "off" not in text


@pytest.mark.parametrize(
    "typed",
    ["stop", "STOP", "손절", "stop-loss", "domestic.exit.stop_loss_pct", "stop_loss_pct"],
)
async def test_a_key_is_found_by_its_short_its_long_and_its_korean_name(typed: str) -> None:
    async with staged() as stage:
        for command in ("/config", "/set"):
            text = await reply_to(stage, f"{command} {typed}")
            assert "<code>stop</code> = <b>2.0 %</b>" in text
            assert "뜻: 손절" in text
            assert "다른 이름: <code>stop_loss</code>, <code>손절</code>" in text


async def test_a_group_says_what_its_keys_mean() -> None:
    async with staged() as stage:
        text = await reply_to(stage, "/set risk")
        assert "<code>max_order</code> 2,000,000원 · 매수 주문 하나의 한도" in text


async def test_nothing_is_suggested_where_nothing_is_near() -> None:
    async with staged() as stage:
        for typed in ("최대금액", "most"):
            assert "혹시" not in await reply_to(stage, f"/config {typed}")
        assert "혹시: <code>target</code>" in await reply_to(stage, "/config tagret")


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


async def test_the_menus_of_settings_lead_to_how_to_type_one_and_back() -> None:
    async with staged() as stage:
        await reply_to(stage, "/set")
        assert list(stage.told[-1].buttons()) == ["청산", "위험 한도", "미국"]
        assert "sell_price" in await press(stage, "미국")
        assert "/set target 3.0" in await press(stage, "target")
        assert "safe_per_day" in await press(stage, "미국")
        assert "어느 묶음" in await press(stage, "↩ 묶음")


async def test_a_group_may_be_typed() -> None:
    async with staged() as stage:
        assert "stop" in await reply_to(stage, "/set exits")
        assert stage.control.asked == []


async def test_a_value_that_contradicts_another_says_which() -> None:
    async with staged() as stage:
        stage.control.check = lambda key, value, _symbol: SettingRefused(
            key, value, "below domestic.exit.trailing_arm_pct (2.5)", "trail 1.2", None
        )
        text = await reply_to(stage, "/set trail 2.5")
        assert "trailing_arm_pct(2.5)보다 작게" in text


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
        assert "오늘 호출 안전 한도에 닿음 (4,500 / 4,500)" in text
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
        assert "/alerts 주문 무음" in await reply_to(stage, text)


async def test_quiet_hours_are_set_and_ended() -> None:
    async with staged() as stage:
        assert "23:00-07:00" in await reply_to(stage, "/quiet 23:00-07:00")
        assert "23:00-07:00" in await reply_to(stage, "/quiet")
        assert "없음" in await reply_to(stage, "/quiet off")
        assert "/quiet 23:00-07:00" in await reply_to(stage, "/quiet 25:00-07:00")


@pytest.mark.parametrize("typed", ["/lang en", "/set language en", "/set lang en"])
async def test_the_language_changes_texts_menu_and_setting(typed: str) -> None:
    async with staged() as stage:
        calls = await stage.type(typed)
        assert [asked[0] for asked in stage.control.asked] == ["set"]
        assert calls[-1].text == "<b>[DRY RUN]</b> ✅ Switched to English."
        assert [call.method for call in calls[:-1]] == ["setMyCommands"] * 3
        assert "Positions" in await reply_to(stage, "/positions")


async def test_a_target_needs_a_symbol_that_can_be_one() -> None:
    async with staged() as stage:
        assert "모르는 종목" in await reply_to(stage, "/set target 없는회사 4")
        assert "여러 종목" in await reply_to(stage, "/set target 소프트 4")
        assert stage.control.asked == []
        text = await reply_to(stage, "/set target brk.b 4")
        assert "BRK.B: 지금 보유한 종목이 아닙니다" in text.replace("\u2060", "")
        assert stage.control.asked == [
            ("set", "target", "4", Symbol("BRK.B"), TargetScope.ALL, OWNER)
        ]


async def test_the_code_of_another_stock_is_not_the_beginning_of_a_held_one() -> None:
    async with staged() as stage:
        stage.control.names["aap"] = (AAPL,)
        text = await reply_to(stage, "/set target aap 4")
        assert stage.control.asked[0][3] == Symbol("AAP")
        assert "AAP: 지금 보유한 종목이 아닙니다" in text


async def test_a_short_name_of_a_key_is_the_engines_business() -> None:
    async with staged() as stage:
        stage.control.setting_views = ()
        assert "0.1 - 50" in await reply_to(stage, "/set target")
        assert "모르는 설정" in await reply_to(stage, "/set nope")


async def test_config_shows_one_key_and_where_it_is_changed() -> None:
    async with staged() as stage:
        assert "config.yaml에서만" in await reply_to(stage, "/config port")
        assert "target" in await reply_to(stage, "/config targt")


async def test_a_pause_the_desk_refuses_is_not_called_done() -> None:
    async with staged() as stage:
        stage.control.refusal = Refusal.NOT_LATCHED
        assert "⚠️" in await reply_to(stage, "/pause")


async def test_preferences_survive_a_restart() -> None:
    async with staged() as stage:
        stage.values.held.update({"chat.language": "en", "chat.quiet": "23:00-07:00"})
        assert "Quiet hours 23:00-07:00" in await reply_to(stage, "/quiet")


async def test_a_store_that_cannot_be_read_leaves_the_defaults() -> None:
    async with staged() as stage:
        stage.values.trouble = JournalFailed("state.db")
        assert "상태" in await reply_to(stage, "/status")
