"""What /set KEY explains is what /set KEY VALUE changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.commands_view import find_setting
from engine.config import SETTABLE, find_settable, load_config, target_key
from engine.flow.setting_views import setting_views
from engine.flow.targets import HELD_TARGET
from engine.model.ids import Symbol
from engine.ports.settings import Override

# Stocks whose codes are names of settings too.
STOCKS = ("ARM", "K", "LANG", "TRADES")
_AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
_KEYS = (*(target_key(Symbol(one)) for one in STOCKS), f"{HELD_TARGET}SIZE")
_OVERRIDES = {key: Override(key, "5", "3", 1, _AT) for key in _KEYS}
_FILE_KEYS = {key: "5" for key in _KEYS if not key.startswith(HELD_TARGET)}
ROWS = setting_views(load_config(None, _FILE_KEYS), _OVERRIDES)
NAMES = sorted(
    {
        name
        for one in SETTABLE
        for name in (one.name, one.key, *one.aliases, one.key.rpartition(".")[2])
    }
)


@pytest.mark.parametrize("name", NAMES)
def test_both_look_ups_agree_on_every_name(name: str) -> None:
    for typed in (name, name.upper(), name.replace("_", "-")):
        changed, (shown, _near) = find_settable(typed), find_setting(ROWS, typed)
        assert changed is not None
        assert shown is not None
        assert shown.file_key == changed.key


def test_an_own_target_is_found_by_its_whole_key_alone() -> None:
    for key in _KEYS:
        assert (find_setting(ROWS, key)[0] or ROWS[0]).key == key
    found, _near = find_setting(ROWS, "TRADES")
    assert found is not None
    assert found.key == "max_trades"
    assert find_setting(ROWS, "NVDA")[0] is None


def test_what_only_the_file_has_is_found_by_its_last_part() -> None:
    found, _near = find_setting(ROWS, "Port")
    assert found is not None
    assert found.key == "health.port"
