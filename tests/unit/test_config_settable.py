"""Keys of the chat: names, values, and which change is the riskier one."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import (
    CHECKS,
    SETTABLE,
    Config,
    Settable,
    check_value,
    find_settable,
    load_config,
    nearest_settable,
    text_of,
    us_settings,
    value_of,
)
from engine.config.settable_rows import Looser
from engine.errors import ConfigError

BY_NAME = {one.name: one for one in SETTABLE}
TARGET = BY_NAME["target"]


@pytest.mark.parametrize("one", SETTABLE, ids=lambda one: one.name)
def test_every_row_names_a_known_key_and_an_allowed_example(one: Settable) -> None:
    assert one.key in CHECKS
    assert check_value(one, one.example) == one.example
    assert text_of(load_config(None, {one.key: one.example}).config, one.key) == one.example
    for name in (one.name, one.key, *one.aliases):
        assert find_settable(f" {name.upper()} ") is one
    # Two desks have a max_reprices: the last part alone is the older one's.
    last = find_settable(one.key.rpartition(".")[2])
    assert last is not None
    assert SETTABLE.index(last) <= SETTABLE.index(one) or last.name == one.key.rpartition(".")[2]


@pytest.mark.parametrize("one", SETTABLE, ids=lambda one: one.name)
def test_the_direction_fits_the_kind_of_value(one: Settable) -> None:
    default = value_of(Config(), one.key)
    if one.looser in (Looser.UP, Looser.DOWN):
        assert isinstance(default, int | Decimal) or one.allowed.endswith("| null")
        assert not isinstance(default, bool)
    if one.looser is Looser.OTHER:
        assert sorted(one.allowed.split(" | ")) == sorted(one.cautious_first)


def test_names_are_found_and_misspelt_ones_get_a_hint() -> None:
    assert find_settable("max-gain") is BY_NAME["max_gain"]
    assert find_settable("목표") is TARGET
    assert find_settable("targt") is None
    assert nearest_settable("targt") == "target"
    assert nearest_settable("polling") in ("poll_min", "poll_max")
    assert nearest_settable("zzzzzz") is None
    assert nearest_settable("최대금액") is None
    assert nearest_settable("손절매") == "stop"


@pytest.mark.parametrize(
    ("typed", "name"),
    [("손절", "stop"), ("익절", "take"), ("최대주문", "max_order"), ("비중", "size")],
)
def test_the_most_used_have_korean_names(typed: str, name: str) -> None:
    assert find_settable(typed) is BY_NAME[name]


@pytest.mark.parametrize(
    ("name", "old", "new", "loosens"),
    [
        ("max_gain", "15", "20", True),
        ("max_gain", "15", "10", False),
        ("max_gain", "15", "15.0", False),
        ("fee", "0.25", "0.1", True),
        ("fee", "0.25", "0.3", False),
        ("existing", "ask", "always", True),
        ("existing", "never", "ask", True),
        ("existing", "always", "never", False),
        ("include_costs", "true", "off", True),
        ("include_costs", "false", "on", False),
        ("execution", "monitor", "resting", True),
        ("window_end", "follow", "cancel", False),
        ("target", "3.0", "2.0", False),
        ("language", "ko", "en", False),
        ("safe_per_day", "4500", "4600", True),
    ],
)
def test_only_the_bolder_direction_loosens(name: str, old: str, new: str, loosens: bool) -> None:
    assert BY_NAME[name].loosens(old, new) is loosens


@pytest.mark.parametrize(
    ("name", "text", "stored"),
    [
        ("target", " 3.50% ", "3.50"),
        ("sell_price", "LAST", "last"),
        ("include_costs", "on", "true"),
        ("safe_per_day", "4,000", "4000"),
    ],
)
def test_a_value_is_stored_in_one_spelling(name: str, text: str, stored: str) -> None:
    assert check_value(BY_NAME[name], text) == stored


@pytest.mark.parametrize("text", ["", "0.09", "50.01", "-3", "three", "3,5", "1e1", "NaN", "٣"])
def test_a_bad_target_is_answered_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^target: .* allowed: 0\.1 - 50 \(%\)$"):
        check_value(TARGET, text)


@given(st.sampled_from(SETTABLE), st.text(max_size=12))
def test_what_is_stored_passes_again_and_means_the_same(one: Settable, text: str) -> None:
    try:
        stored = check_value(one, text)
    except ConfigError:
        return
    assert check_value(one, stored) == stored
    assert one.loosens(stored, stored) is False


def test_settings_from_chat_reach_the_desk() -> None:
    settings = us_settings(
        load_config(None, {"order_settings.max_reprices": "0", "costs.us_fee_pct": "0.1"}).config
    )
    assert (settings.max_reprices, settings.fee_pct) == (0, Decimal("0.1"))
