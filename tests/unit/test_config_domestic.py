"""The KRX desk's part of config.yaml: what it becomes, and which values contradict each other."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from engine.config import (
    CHECKS,
    SETTABLE,
    Config,
    check_value,
    find_settable,
    krx_settings,
    load_config,
)
from engine.config.settable_rows import Group
from engine.errors import ConfigError
from engine.model.krx_settings import KrxSettings, RiskSettings
from engine.model.listing import Segment
from engine.model.orders import OrderKind
from engine.model.score import Stage, Zone

GIVE, ARM = "domestic.exit.trailing_give_pct", "domestic.exit.trailing_arm_pct"
WEIGHTS = "domestic.stages.weights"


def write(directory: Path, text: str) -> Path:
    path = directory / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_defaults_are_the_desks_own() -> None:
    assert krx_settings(Config()) == KrxSettings()


def test_every_section_reaches_the_desk(tmp_path: Path) -> None:
    text = """
domestic:
  requests_per_second: 6.5
  universe: {segments: [kosdaq], include_etf: true}
  scan: {max_watched: 20, max_candidates: 30}
  stages:
    weights: {liquidity: 20, trend: 10, volume: 20, zones: 30, strength: 10, market: 10}
    zone_shares: {opening_range: 100, prev_high: 0, n_day_high: 0, volatility: 0}
  entry: {threshold: 80, kind: market}
  exit: {take_profit_pct: null, time_stop_min: ~}
risk: {max_positions: 3, sizing: {max_position_pct: 10}}
costs: {krx_fee_pct: 0.0140527}
"""
    settings = krx_settings(load_config(write(tmp_path, text)).config)
    assert settings.scan.calls_per_second == Decimal("6.5")
    assert settings.universe.segments == {Segment.KOSDAQ}
    assert settings.universe.include_etf
    assert (settings.scan.max_watched, settings.scan.max_candidates) == (20, 30)
    assert settings.stages.weights[Stage.LIQUIDITY] == 20
    assert settings.stages.zone_shares[Zone.OPENING_RANGE] == 100
    assert (settings.entry.threshold, settings.entry.kind) == (80, OrderKind.MARKET)
    assert (settings.exits.take_profit_pct, settings.exits.time_stop_min) == (None, None)
    assert settings.risk == RiskSettings(max_positions=3)
    assert settings.sizing.max_position_pct == Decimal(10)
    assert settings.fee_pct == Decimal("0.0140527")


def test_days_and_hours_of_the_exchange_can_be_corrected(tmp_path: Path) -> None:
    text = """
calendar:
  krx: {closed: [2027-07-16], open: [2027-07-19], early_close: {2027-01-05: 12:00},
        hours: {2026-11-19: 10:00-16:30}}
"""
    calendar = load_config(write(tmp_path, text)).config.calendar.krx
    assert calendar.closed == {date(2027, 7, 16)}
    assert calendar.open == {date(2027, 7, 19)}
    assert calendar.special_hours() == {
        date(2027, 1, 5): (None, time(12)),
        date(2026, 11, 19): (time(10), time(16, 30)),
    }


def test_a_slower_account_slows_the_desk(tmp_path: Path) -> None:
    text = "rate_limit: {requests_per_second: 4}"
    assert load_config(write(tmp_path, text)).config.domestic.requests_per_second == 4


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("domestic: {universe: {segments: [KONEX]}}", ("segments", "KOSPI, KOSDAQ")),
        ("domestic: {universe: {segments: []}}", ("segments", "one or more")),
        ("domestic: {stages: {weights: {liquidity: 100}}}", ("weights", "liquidity, trend")),
        ("domestic: {stages: {weights: 10}}", ("weights", "0 - 100 each")),
        ("domestic: {entry: {kind: best}}", ("kind", "limit | market")),
        ("domestic: {exit: {stop_loss_pct: 0}}", ("stop_loss_pct", "0.2 - 15")),
        ("domestic: {exit: {stop_loss: 2}}", ("unknown key", "domestic.exit.stop_loss_pct?")),
        ("domestic: {scan: {calls_per_second: 2}}", ("unknown key", "calls_per_second")),
        ("calendar: {krx: {hours: {2026-11-19: 16:30-10:00}}}", ("hours", "HH:MM-HH:MM")),
    ],
)
def test_a_bad_value_is_answered_with_what_is_allowed(
    tmp_path: Path, text: str, parts: tuple[str, ...]
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text))
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("overrides", "allowed"),
    [
        ({GIVE: "2.5"}, f"below {ARM} (2.5)"),
        ({GIVE: "2.5", ARM: "null"}, ""),
        ({GIVE: "2.4"}, ""),
        ({"domestic.exit.scale_out_pct": "5"}, "below domestic.exit.take_profit_pct (5.0)"),
        (
            {"domestic.exit.flatten_before_close_min": "20"},
            "below domestic.entry.last_entry_before_close_min (20)",
        ),
        ({"domestic.stages.full_surge": "1.5"}, "below domestic.stages.full_surge (1.5)"),
        ({"domestic.stages.min_strength": "150"}, "below domestic.stages.full_strength (150)"),
        (
            {"domestic.stages.long_average_days": "5"},
            "below domestic.stages.long_average_days (5)",
        ),
        (
            {"domestic.universe.min_price_krw": "500001"},
            "at most domestic.universe.max_price_krw (500000)",
        ),
        ({"domestic.universe.min_price_krw": "500000"}, ""),
        ({"domestic.scan.max_watched": "38", "domestic.scan.max_candidates": "37"}, "at most"),
        ({"risk.max_positions": "6", "domestic.scan.max_watched": "5"}, "at most"),
        ({"risk.sizing.risk_per_trade_pct": "2.5"}, "at most risk.max_daily_loss_pct (2.0)"),
        ({"risk.sizing.risk_per_trade_pct": "2.5", "risk.max_daily_loss_pct": "null"}, ""),
        ({"domestic.requests_per_second": "14", "rate_limit.safe_per_second": "13"}, "at most"),
        ({WEIGHTS: "10,15,25,30,10,11"}, "together 100"),
        ({WEIGHTS: "20,15,25,20,10,10"}, ""),
        ({"domestic.stages.zone_shares": "0,0,0,0"}, "more than 0 together"),
    ],
)
def test_values_that_contradict_each_other_are_refused(
    overrides: dict[str, str], allowed: str
) -> None:
    if not allowed:
        load_config(None, overrides)
        return
    with pytest.raises(ConfigError) as caught:
        load_config(None, overrides)
    assert str(caught.value).startswith("chat: ")
    assert allowed in str(caught.value).rpartition("allowed: ")[2]


@pytest.mark.parametrize(
    ("name", "text", "stored"),
    [
        ("weights", "10,15,25,30,10,10", ""),
        ("weights", "market=10,strength=10,zones=30,volume=25,trend=15,liquidity=10", ""),
        ("weights", "10,15,25,30,10", None),
        ("weights", "liquidity=10,liquidity=15,volume=25,zones=30,strength=10,market=10", None),
        ("segments", "kospi", "KOSPI"),
        ("segments", "KOSPI,NYSE", None),
        ("take", "null", "null"),
        ("stop", "1.5%", "1.5"),
    ],
)
def test_several_values_are_typed_as_one_word(name: str, text: str, stored: str | None) -> None:
    settable = find_settable(name)
    assert settable is not None
    if stored is None:
        with pytest.raises(ConfigError):
            check_value(settable, text)
        return
    assert check_value(settable, text) == (stored or settable.example)


@pytest.mark.parametrize(
    ("name", "old", "new", "loosens"),
    [
        ("score", "70", "69", True),
        ("score", "70", "71", False),
        ("max_loss", "2.0", "3", True),
        ("max_loss", "2.0", "null", True),
        ("max_loss", "null", "2.0", False),
        ("cooldown", "30", "20", True),
        ("index_floor", "-1.5", "-2", True),
        ("index_floor", "-1.5", "-1", False),
        ("last_entry", "20", "16", True),
        ("kind", "limit", "market", True),
        ("include_etf", "false", "true", True),
        ("stop", "2.0", "1.0", True),  # may sell at once
        ("stop", "2.0", "3.0", True),
        ("stop", "2.0", "2.00", False),
        ("weights", "10,15,25,30,10,10", "20,15,25,20,10,10", True),
        ("sweep", "120", "60", False),
    ],
)
def test_what_buys_risks_or_may_sell_asks_first(
    name: str, old: str, new: str, loosens: bool
) -> None:
    settable = find_settable(name)
    assert settable is not None
    assert settable.loosens(old, new) is loosens


@pytest.mark.parametrize(
    "alias",
    ["stop", "trail", "score", "max_positions", "max_trades", "max_loss", "cooldown", "손절"],
)
def test_the_daily_words_are_of_the_korean_desk(alias: str) -> None:
    settable = find_settable(alias)
    assert settable is not None
    assert settable.key.startswith(("domestic.", "risk."))


def test_every_setting_of_the_desk_but_its_switches_can_be_set_from_chat() -> None:
    own = {one.key for one in SETTABLE if one.key.startswith(("domestic.", "risk."))}
    every = {key for key in CHECKS if key.startswith(("domestic.", "risk."))}
    assert every - own == {"domestic.enabled", "domestic.mode"}
    assert {one.group for one in SETTABLE} == set(Group)
    assert len({field.name for field in fields(RiskSettings)} - {k.split(".")[1] for k in own}) == 0
