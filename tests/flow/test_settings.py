"""Settings in force: file, chat, single symbols, and what a reload may change."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.flow.settings import EffectiveSettings, Reloaded, open_settings
from engine.model.ids import Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import Usd
from engine.model.views import LotState, PositionView, SettingChange
from engine.ports.control import SettingRefused
from engine.ports.settings import Override
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


async def own(settings: EffectiveSettings, value: str, *held: Symbol) -> SettingChange:
    found = settings.check("target", value, AAPL, ())
    assert isinstance(found, SettingChange)
    await settings.apply(found, AAPL, held, OWNER, AT)
    return found


async def test_a_change_of_one_stock_says_what_it_had_before(settings: EffectiveSettings) -> None:
    first, second = await own(settings, "5"), await own(settings, "6")
    assert (first.symbol, first.old, first.was_own) == (AAPL, "3.5", False)
    assert (second.old, second.new, second.was_own) == ("5", "6", True)


@pytest.mark.parametrize("word", ["off", "OFF", "기본"])
async def test_an_own_target_is_taken_back(
    settings: EffectiveSettings, store: FakeSettingsStore, word: str
) -> None:
    await own(settings, "5")
    back = await own(settings, word)
    assert (back.old, back.new, back.is_back) == ("5", "3.5", True)
    assert settings.us().target_overrides == {}
    assert store.rows == {}


async def test_taken_back_to_that_of_the_file(settings: EffectiveSettings, path: Path) -> None:
    path.write_text("order_settings:\n  target_profit_rate: 3.5\n  targets: {AAPL: 7}\n")
    settings.reload()
    refused = settings.check("target", "off", AAPL, ())
    assert isinstance(refused, SettingRefused)
    assert "config.yaml" in refused.allowed
    await own(settings, "5")
    assert (await own(settings, "off")).new == "7"
    assert settings.us().target_overrides == {AAPL: Decimal(7)}


async def test_a_kept_target_alone_is_taken_back(settings: EffectiveSettings) -> None:
    found = settings.check("target", "2.5", None, (position("2.6"),))
    assert isinstance(found, SettingChange)
    await settings.apply(found, None, (AAPL,), OWNER, AT)
    back = await own(settings, "off")
    assert (back.old, back.new, back.is_back) == ("3.5", "2.5", True)
    assert settings.us().target_overrides == {}


@pytest.mark.parametrize("gain", ["2.5", "3.4"])
async def test_shares_just_at_the_new_target_qualify(
    settings: EffectiveSettings, gain: str
) -> None:
    at, above = position(gain, "3.4"), position("2.6", "3.4")
    found = settings.check("target", "2.5", None, (at, above))
    assert isinstance(found, SettingChange)
    assert found.qualifying == ((at, above) if gain == "2.5" else (above,))


async def test_there_may_be_nothing_to_take_back(settings: EffectiveSettings) -> None:
    refused = settings.check("target", "off", AAPL, ())
    assert isinstance(refused, SettingRefused)
    assert "no target of its own" in refused.allowed
    assert isinstance(settings.check("target", "off", None, ()), SettingRefused)


async def test_a_target_taken_back_asks_where_it_would_sell_now(
    settings: EffectiveSettings,
) -> None:
    await own(settings, "5")
    back = settings.check("target", "off", AAPL, (position("4", "5"),))
    assert isinstance(back, SettingChange)
    assert len(back.qualifying) == 1
    await settings.apply(back, AAPL, (AAPL,), OWNER, AT)
    assert settings.us().target_overrides == {AAPL: Decimal(5)}  # what is held keeps it
    assert await settings.forget_held(AAPL, AT)
    assert settings.us().target_overrides == {}


async def test_a_stocks_new_target_for_new_buys_leaves_its_held_shares_alone(
    settings: EffectiveSettings,
) -> None:
    await own(settings, "2", AAPL, Symbol("MSFT"))
    assert settings.us().target_overrides == {AAPL: Decimal("3.5")}
    await change(settings, "target", "4")
    assert settings.us().target_overrides == {AAPL: Decimal("3.5")}
    assert await settings.forget_held(AAPL, AT)
    assert settings.us().target_overrides == {AAPL: Decimal(2)}
    await own(settings, "3", AAPL)
    await own(settings, "6")
    assert settings.us().target_overrides == {AAPL: Decimal(6)}


KEPT, OWN = "held_target:AAPL", "order_settings.targets.AAPL"


async def stored(store: FakeSettingsStore, key: str, value: str, minute: int) -> None:
    await store.set_override(Override(key, value, "", OWNER, AT + timedelta(minutes=minute)))


async def test_an_own_target_set_after_a_kept_one_of_an_earlier_version_is_in_force(
    path: Path, store: FakeSettingsStore
) -> None:
    await stored(store, KEPT, "3.0", 0)
    await stored(store, OWN, "20", 1)
    settings = await open_settings(path, store)
    assert settings.us().target_overrides == {AAPL: Decimal(20)}
    assert set(store.rows) == {OWN}  # taken back, the older one does not come again
    await own(settings, "off")
    assert (await open_settings(path, store)).us().target_overrides == {}


@pytest.mark.parametrize("minute", [0, -1])
async def test_a_kept_target_as_young_as_the_own_one_survives_a_restart(
    path: Path, store: FakeSettingsStore, minute: int
) -> None:
    await stored(store, OWN, "2", minute)
    await stored(store, KEPT, "3.0", 0)
    settings = await open_settings(path, store)
    assert settings.us().target_overrides == {AAPL: Decimal("3.0")}
    assert set(store.rows) == {OWN, KEPT}


@pytest.mark.parametrize(("in_file", "in_force"), [("20", "20"), ("2", "3.0")])
async def test_of_a_kept_target_and_that_of_the_file_the_higher_one_holds(
    path: Path, store: FakeSettingsStore, in_file: str, in_force: str
) -> None:
    path.write_text(f"order_settings:\n  targets: {{AAPL: {in_file}}}\n")
    await stored(store, KEPT, "3.0", 0)
    settings = await open_settings(path, store)
    assert settings.us().target_overrides == {AAPL: Decimal(in_force)}
    shown = {view.key: view.value for view in settings.views() if "AAPL" in view.key}
    kept = {KEPT: "3.0"} if in_force == "3.0" else {}
    assert shown == {OWN: in_file, **kept}


async def test_shares_that_kept_an_older_target_are_asked_about_again(
    settings: EffectiveSettings,
) -> None:
    held = position("2.6", "3.5")
    found = settings.check("target", "2.5", None, (held,))
    assert isinstance(found, SettingChange)
    await settings.apply(found, None, (AAPL,), OWNER, AT)
    lower = settings.check("target", "2.4", None, (held,))
    assert isinstance(lower, SettingChange)
    assert lower.qualifying == (held,)


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
