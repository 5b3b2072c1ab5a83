"""Arguments in Korean: the words that are printed are taken, and do what the English ones do."""

from __future__ import annotations

from datetime import date

import pytest

from bot.format import kinds, report, words
from bot.format.arguments import meant, shown
from bot.format.command_list import BY_NAME, COMMANDS, help_text
from bot.format.lang import Lang
from bot.report_request import Request, Wrong, desk_named, parse
from engine.model.commands import Pause
from engine.model.ids import DeskName, Mode
from reports.periods import SPANS, Span
from tests.bot.stage import OWNER, press, reply_to, staged
from tests.bot.test_plain_words import with_both

TODAY = date(2026, 3, 1)
KO = Lang.KO


def test_every_printed_word_is_the_one_it_stands_for() -> None:
    for mode in Mode:
        assert meant(words.mode(mode, KO)) == mode
    for desk in DeskName:
        assert meant(words.desk(desk, KO)) == desk
    for span in SPANS:
        assert meant(report.span_name(span, KO)) == span
    for level in kinds.Loudness:
        assert meant(kinds.level_name(level, KO)) == level
    for kind in kinds.AlertKind:
        assert meant(kinds.name(kind, KO)) == kind


def test_other_words_come_back_in_small_letters() -> None:
    assert meant("LIVE") == "live"
    assert meant("삼성전자") == "삼성전자"


def test_help_in_korean_has_no_english_arguments() -> None:
    for command in COMMANDS:
        arguments = command.arguments_in(KO).replace("YYYY-MM-DD", "").replace("HH:MM", "")
        assert not any(char.isascii() and char.isalpha() for char in arguments), command.name
    assert "/why [종목]" in help_text(KO)
    assert "왜 [종목]" in help_text(KO)
    assert "월간|분기|연간 [YYYY-MM-DD]" in help_text(KO)
    assert "month|quarter|year [YYYY-MM-DD]" in help_text(Lang.EN)
    assert shown("/mode paper", Lang.EN) == "/mode paper"


@pytest.mark.parametrize("name", sorted(BY_NAME.keys() - {"lang"}))
async def test_the_example_in_korean_is_answered_as_the_english_one(name: str) -> None:
    command = BY_NAME[name]
    async with staged() as stage:
        answer = await reply_to(stage, command.example_in(KO))
        assert "형식:" not in answer
        if name not in {"lock", "unlock", "quiet", "alerts"}:
            assert answer == await reply_to(stage, command.example)


@pytest.mark.parametrize(
    ("korean", "english"),
    [
        ("/mode 실전 미국", "/mode live us"),
        ("/mode 모의투자 국내", "/mode paper krx"),
        ("/mode 실전", "/mode live"),
    ],
)
async def test_a_mode_in_korean_asks_as_the_english_one(korean: str, english: str) -> None:
    async with staged() as stage:
        with_both(stage)
        (said,) = await stage.type(korean)
        (known,) = await stage.type(english)
        assert said.text == known.text
        assert list(said.buttons()) == list(known.buttons())
        assert stage.control.asked == []


async def test_live_in_korean_needs_the_same_confirmation() -> None:
    async with staged() as stage:
        with_both(stage)
        assert "실제 돈" in await reply_to(stage, "/mode 실전 미국")
        assert stage.control.checked == [DeskName.US]
        assert stage.control.asked == []
        await press(stage, "확인")
        assert stage.control.asked == [("mode", DeskName.US, Mode.LIVE, OWNER)]


async def test_a_desk_in_korean_is_paused_alone() -> None:
    async with staged() as stage:
        with_both(stage)
        await reply_to(stage, "/pause 국내")
        assert stage.control.asked == [(Pause(), OWNER, DeskName.KRX)]


@pytest.mark.parametrize(
    ("typed", "kind", "level"),
    [
        ("체결 끔", "fill", "off"),
        ("체결 조용히", "fill", "silent"),
        ("호출 한도 무음", "quota", "silent"),
        ("거래 정지와 VI 끔", "halt", "off"),
        ("결산 켬", "summary", "on"),
        ("하루 계획, 하루·주·달 결산 끔", "summary", "off"),
    ],
)
async def test_alerts_are_set_in_korean(typed: str, kind: str, level: str) -> None:
    async with staged() as stage:
        assert "✅" in await reply_to(stage, f"/alerts {typed}")
        assert stage.values.held == {f"chat.alert.{kind}": level}


@pytest.mark.parametrize("typed", ["오류 끔", "정지와 상태 끔", "정지 끔"])
async def test_what_is_never_muted_is_not_muted_in_korean(typed: str) -> None:
    async with staged() as stage:
        assert "끌 수 없습니다" in await reply_to(stage, f"/alerts {typed}")
        assert stage.values.held == {}


async def test_quiet_hours_and_the_language_in_korean() -> None:
    async with staged() as stage:
        await reply_to(stage, "/quiet 23:00-07:00")
        assert "없음" in await reply_to(stage, "/quiet 끔")
        said = (await stage.type("/lang 영어"))[-1].text
        assert stage.control.asked[-1][:3] == ("set", "language", "en")
        assert said


@pytest.mark.parametrize(
    ("typed", "span", "until"),
    [
        ("오늘", Span.DAY, "2026-03-01"),
        ("어제", Span.DAY, "2026-02-28"),
        ("이번주", Span.WEEK, "2026-03-01"),
        ("지난 주", Span.WEEK, "2026-02-22"),
        ("이번 달", Span.MONTH, "2026-03-01"),
        ("지난달", Span.MONTH, "2026-02-28"),
        ("지난분기", Span.QUARTER, "2025-12-31"),
        ("올해", Span.YEAR, "2026-03-01"),
        ("작년", Span.YEAR, "2025-12-31"),
    ],
)
def test_periods_are_counted_from_today(typed: str, span: Span, until: str) -> None:
    day = date.fromisoformat(until)
    assert parse(typed.split(), TODAY) == Request(span, None, day)
    assert parse(("미국", *typed.split()), TODAY) == Request(span, DeskName.US, day)


@pytest.mark.parametrize(
    "typed", ["지난달 월간", "지난달 오늘", "오늘 2026-02-01", "지난", "지난 번"]
)
def test_a_period_is_named_once(typed: str) -> None:
    assert parse(typed.split(), TODAY) is Wrong.USAGE


def test_a_period_by_its_printed_name() -> None:
    assert parse(("월간", "국내"), TODAY) == parse(("month", "krx"), TODAY)
    assert parse(("전체",), TODAY) == Request(Span.ALL)


def test_today_is_the_named_desks() -> None:
    assert desk_named(("오늘", "미국")) is DeskName.US
    assert desk_named(("day", "krx")) is DeskName.KRX
    assert desk_named(("오늘",)) is None
    assert desk_named(("krx", "us")) is None
