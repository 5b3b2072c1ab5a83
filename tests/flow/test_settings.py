"""Settings in force: file, chat, single symbols, and what a reload may change."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from engine.flow.settings import EffectiveSettings, Reloaded, open_settings
from engine.model.ids import Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import Usd
from engine.model.views import LotState, PositionView, SettingChange
from engine.ports.control import SettingRefused
from tests.fakes.settings_store import FakeSettingsStore

AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
OWNER = 10_001
AAPL = Symbol("AAPL")


def position(gain: str, target: str = "3.0") -> PositionView:
    return PositionView(
        symbol=AAPL,
        name="Apple",
        exchange=Exchange.NASD,
        qty=Qty(10),
        avg_cost=Usd(Decimal(100)),
        target_pct=Decimal(target),
        target_price=Usd(Decimal(103)),
        last_price=Usd(Decimal(102)),
        priced_at=AT,
        gain_pct=Decimal(gain),
        state=LotState.ARMED,
        is_shadow=False,
    )


@pytest.fixture
def store() -> FakeSettingsStore:
    return FakeSettingsStore()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text("order_settings:\n  target_profit_rate: 3.5\n")
    return path


@pytest.fixture
async def settings(path: Path, store: FakeSettingsStore) -> EffectiveSettings:
    return await open_settings(path, store)


async def change(settings: EffectiveSettings, key: str, value: str) -> SettingChange:
    found = settings.check(key, value, None, ())
    assert isinstance(found, SettingChange)
    await settings.apply(found, None, (), OWNER, AT)
    return found


async def test_a_value_from_chat_wins_over_the_file_and_survives_a_restart(
    settings: EffectiveSettings, path: Path, store: FakeSettingsStore
) -> None:
    made = await change(settings, "target", "2.5")
    assert (made.old, made.new) == ("3.5", "2.5")
    again = await open_settings(path, store)
    assert again.us().target_pct == Decimal("2.5")
    [view] = [view for view in again.views() if view.key == "target"]
    assert (view.value, view.source) == ("2.5", "chat")
    assert (view.key, view.file_key) == ("target", "order_settings.target_profit_rate")


@pytest.mark.parametrize("value", ["0", "51", "lots", ""])
async def test_a_value_outside_its_range_is_refused_with_what_is_allowed(
    settings: EffectiveSettings, value: str
) -> None:
    refused = settings.check("target", value, None, ())
    assert isinstance(refused, SettingRefused)
    assert refused.allowed
    assert refused.example


async def test_an_unknown_key_names_the_nearest_one(settings: EffectiveSettings) -> None:
    refused = settings.check("targt", "3", None, ())
    assert isinstance(refused, SettingRefused)
    assert refused.nearest == "target"


async def test_only_positions_between_new_and_old_target_qualify(
    settings: EffectiveSettings,
) -> None:
    rows = (position("2.6"),)
    lower = settings.check("target", "2.5", None, rows)
    higher = settings.check("target", "2.7", None, rows)
    assert isinstance(lower, SettingChange)
    assert isinstance(higher, SettingChange)
    assert (lower.qualifying, higher.qualifying) == (rows, ())


async def test_held_shares_keep_the_old_target_until_they_are_gone(
    settings: EffectiveSettings,
) -> None:
    found = settings.check("target", "2.5", None, (position("2.6"),))
    assert isinstance(found, SettingChange)
    await settings.apply(found, None, (AAPL,), OWNER, AT)
    assert settings.us().target_pct == Decimal("2.5")
    assert settings.us().target_overrides == {AAPL: Decimal("3.5")}
    assert await settings.forget_held(AAPL, AT)
    assert settings.us().target_overrides == {}


async def test_one_symbol_may_have_its_own_target(settings: EffectiveSettings) -> None:
    found = settings.check("target", "5", AAPL, ())
    assert isinstance(found, SettingChange)
    await settings.apply(found, AAPL, (), OWNER, AT)
    assert settings.us().target_overrides == {AAPL: Decimal(5)}
    assert settings.us().target_pct == Decimal("3.5")


async def test_a_good_edit_is_applied_and_a_mode_waits_for_the_next_start(
    settings: EffectiveSettings, path: Path
) -> None:
    path.write_text("mode: paper\norder_settings:\n  target_profit_rate: 4\n")
    result = settings.reload()
    assert result.changed == ("order_settings.target_profit_rate",)
    assert result.at_next_start == ("mode",)
    assert settings.us().target_pct == Decimal(4)


async def test_a_bad_edit_changes_nothing_and_says_why(
    settings: EffectiveSettings, path: Path
) -> None:
    path.write_text("order_settings:\n  target_profit_rate: 4\n  sell_prize: bid\n")
    result = settings.reload()
    assert result.changed == ()
    assert "sell_prize" in result.refused
    assert settings.us().target_pct == Decimal("3.5")
    path.write_text("order_settings:\n  target_profit_rate: 3.5\n")
    assert settings.reload() == Reloaded()
