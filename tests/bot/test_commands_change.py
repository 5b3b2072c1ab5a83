"""What changing settings, modes and latches asks of the engine, and what it says."""

from __future__ import annotations

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
from tests.bot.samples import AAPL, latched
from tests.bot.stage import OWNER, press, reply_to, staged

RUNNING, EXITS_ONLY = DeskState.RUNNING, DeskState.EXITS_ONLY


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


async def test_the_menus_of_settings_lead_to_how_to_type_one_and_back() -> None:
    async with staged() as stage:
        await reply_to(stage, "/set")
        assert list(stage.told[-1].buttons()) == ["청산", "미국"]
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
