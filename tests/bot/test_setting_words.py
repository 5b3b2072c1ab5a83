"""Every setting of the chat has a meaning in both languages, and its value a unit."""

from __future__ import annotations

import re

import pytest

from bot.format import setting_words
from bot.format.lang import Lang
from bot.format.setting_meanings import PCT, WON
from engine.config import CHECKS, SETTABLE, Config, Settable, text_of

_WIDEST = 34


def test_the_table_has_just_the_keys_of_the_chat() -> None:
    assert set(setting_words.MEANINGS) == {one.key for one in SETTABLE}


@pytest.mark.parametrize("one", SETTABLE, ids=lambda one: one.name)
def test_a_key_is_told_shortly_in_both_languages(one: Settable) -> None:
    ko, en = (setting_words.meaning(one.key, lang) for lang in Lang)
    assert ko is not None
    assert en is not None
    assert any("가" <= letter <= "힣" for letter in ko)
    assert en.isascii()
    assert len(ko) <= _WIDEST
    assert len(en) <= 2 * _WIDEST
    assert ": " not in ko + en  # a value follows after one


@pytest.mark.parametrize("one", SETTABLE, ids=lambda one: one.name)
def test_the_unit_is_that_of_the_check(one: Settable) -> None:
    unit = setting_words.MEANINGS[one.key].unit
    assert (unit is WON) is ("(KRW)" in one.allowed)
    assert (unit is PCT) is ("%" in one.allowed or one.name in {"zone_points", "zone_shares"})
    for suffix, en in (("_s", "s"), ("_min", "min"), ("_days", "days")):
        if one.key.endswith(suffix):
            assert unit.en == en


@pytest.mark.parametrize("one", SETTABLE, ids=lambda one: one.name)
def test_a_word_of_ours_is_explained(one: Settable) -> None:
    text = text_of(Config(), one.key)
    if text.isalpha() and text.islower():
        assert setting_words.value(one.key, text, Lang.KO) != text
    for word in one.cautious_first:
        assert word in setting_words.value(one.key, word, Lang.KO)
        assert "(" in setting_words.value(one.key, word, Lang.KO)


@pytest.mark.parametrize(
    ("key", "text", "ko", "en"),
    [
        ("risk.max_order_krw", "2000000", "2,000,000원", "₩2,000,000"),
        ("risk.max_daily_loss_pct", "2.0", "2.0 %", "2.0 %"),
        ("risk.max_positions", "5", "5종목", "5"),
        ("risk.max_daily_loss_krw", "null", "없음", "none"),
        ("risk.index_floor_pct", "-1.5", "-1.5 %", "-1.5 %"),
        ("domestic.exit.time_stop_min", "60", "60분", "60 min"),
        ("domestic.exit.hold_upper_limit", "true", "true (켬)", "true (on)"),
        ("order_settings.targets.AAPL", "5", "5 %", "5 %"),
        ("held_target:AAPL", "5", "5 %", "5 %"),
        ("domestic.universe.segments", "KOSDAQ,KOSPI", "KOSDAQ,KOSPI", "KOSDAQ,KOSPI"),
        ("health.port", "8000", "8000", "8000"),
        ("trading.mode", "null", "mode를 따름", "as mode"),
        ("domestic.mode", "null", "mode를 따름", "as mode"),
        ("domestic.mode", "paper", "paper", "paper"),
        ("risk.max_order_krw", "x", "x", "x"),
    ],
)
def test_a_value_is_told_with_its_unit(key: str, text: str, ko: str, en: str) -> None:
    assert setting_words.value(key, text, Lang.KO) == ko
    assert setting_words.value(key, text, Lang.EN) == en


def test_what_is_allowed_has_thousands_and_units() -> None:
    shown = setting_words.allowed("10000 - 1000000000 (KRW) | null", Lang.KO)
    assert shown == "10,000 - 1,000,000,000 (원, 200만이나 1.5억처럼도) | null (없음)"
    assert setting_words.allowed("5 - 600 (s)", Lang.KO) == "5 - 600 (초)"
    assert setting_words.allowed("0.05 - 5 (%)", Lang.EN) == "0.05 - 5 (%)"


_NO_ENGLISH = re.compile(r"\b(a|or|of|each|one|for|such|time|list|fixed|name)\b")


@pytest.mark.parametrize("key", CHECKS)
def test_what_is_allowed_is_told_in_korean(key: str) -> None:
    allowed = CHECKS[key].allowed
    told = setting_words.allowed(allowed, Lang.KO)
    assert not _NO_ENGLISH.search(told)
    # No word, figure or bound of it is lost.
    said = setting_words.allowed(allowed, Lang.EN)
    for part in re.findall(r"[A-Z]{4,}|[0-9.,:]*[0-9]|\b[a-z]+_[a-z_]+|https?|wss?", said):
        assert part in told


@pytest.mark.parametrize(
    ("key", "ko", "en"),
    [
        ("domestic.stages.max_gap_pct", "추세 점수 0", "no points"),
        ("order_settings.max_gain_pct", "평균단가보다", "over the average cost"),
        ("rate_limit.safe_per_day", "미국 데스크의", "the US desk's"),
        ("risk.max_trades", "새로 여는 포지션", "positions opened"),
        ("trading.polling_min_s", "장 시작 전", "before the open"),
        ("trading.polling_max_s", "장 시작 전", "before the open"),
        ("live.small_round_trips", "0이면 처음부터 온전히", "with 0, full size at once"),
    ],
)
def test_a_meaning_says_what_the_rule_does(key: str, ko: str, en: str) -> None:
    assert ko in (setting_words.meaning(key, Lang.KO) or "")
    assert en in (setting_words.meaning(key, Lang.EN) or "")
