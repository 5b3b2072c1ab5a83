"""Every reason the engine gives has words in both languages."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.format import reasons, words
from bot.format.lang import Lang
from engine.errors import BrokerUnavailable
from engine.model.quota import Priority, Quota
from engine.model.state_facts import Trouble
from engine.rules.rate_limit import refusal

ROOT = Path(__file__).resolve().parent.parent.parent / "engine"
# What hands a reason on to the trader, and which of its arguments are one.
GIVERS = {
    "tell_state": (2,),
    "clear": (3,),
    "Cause": (0,),
    "_trip": (3,),
    "trip_from_outside": (2,),
    "TripGuard": (0,),
    "begin_trouble": (3,),
    "doubt": (2,),
    "_doubt": (0,),
    "SessionOver": (1,),
    "OutcomeUnknown": (0,),
    "Rejected": (0, 1),
    "MismatchSeen": (1, 2),
    "FetchFailed": (1,),
    "AuthExpired": (0,),
}


def literals() -> set[str]:
    """Texts given as reasons in the code; figures stand for what is filled in."""
    found: set[str] = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found |= {text for text in map(as_text, given(node)) if text}
    return found


def given(call: ast.Call) -> list[ast.expr]:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    places = GIVERS.get(name, ())
    return [call.args[place] for place in places if place < len(call.args)]


def as_text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "7" for part in node.values]
        return "".join(str(part) for part in parts)
    return ""


def test_the_walk_finds_the_reasons_of_the_desk() -> None:
    assert {"user", "new day", "daily calls spent", "silent", "7 held"} <= literals()


@pytest.mark.parametrize("text", sorted(literals()))
def test_every_reason_in_the_code_has_words(text: str) -> None:
    assert reasons.is_known(text)


def test_figures_go_into_the_words() -> None:
    assert reasons.say("12 reads, 300 s", Lang.KO) == "조회 12번, 300초"
    assert reasons.say("12 reads, 300 s", Lang.EN) == "12 reads, 300 s"


@pytest.mark.parametrize(
    "quota", [Quota(5000, 0, 4500, 500, 5000), Quota(4500, 0, 4500, 500, 5000)]
)
def test_a_refusal_of_the_quota_has_words(quota: Quota) -> None:
    text = refusal(quota, Priority.RECONCILE) or refusal(quota, Priority.SCAN)
    assert text is not None
    assert reasons.is_known(text)


def test_an_error_of_the_broker_is_said_without_its_codes() -> None:
    error = BrokerUnavailable("ReadTimeout", tr_id="TTTS3012R")
    assert reasons.say(str(error), Lang.KO) == "응답 시간 초과"
    assert reasons.say(f"not sent: {error}", Lang.KO) == "보내지 못함: 응답 시간 초과"


def test_every_cause_of_the_guard_is_said_with_its_figures() -> None:
    held = "daily calls spent (4500 / 4500), account reads fail (12 reads, 300 s / 10 reads, 300 s)"
    assert reasons.causes(held, Lang.KO) == (
        "오늘 호출 안전 한도에 닿음 (4,500 / 4,500), "
        "계좌 조회 실패가 이어짐 (조회 12번, 300초 / 조회 10번, 300초)"
    )
    assert reasons.causes("the desk's service keeps failing ( / )", Lang.KO) == (
        "데스크 프로그램이 거듭 멈춤"
    )


def test_what_has_no_words_is_shown_as_it_came_and_escaped() -> None:
    assert reasons.say("EGW99999 <b>", Lang.KO) == "EGW99999 &lt;b&gt;"
    assert reasons.causes("something (odd", Lang.KO) == "something (odd"


def test_every_trouble_has_words() -> None:
    for trouble in Trouble:
        assert words.trouble(trouble, Lang.KO) != ""


def test_refusals_in_a_row_are_counted_and_keep_the_brokers_words() -> None:
    assert reasons.say("3 x APBK0919 장 종료", Lang.KO) == "거부 3번: APBK0919 장 종료"
    assert reasons.say("3 x NOT_SENT", Lang.KO) == "거부 3번: 보내지 않음"
