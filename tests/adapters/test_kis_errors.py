"""Every code of the reference notes has a meaning."""

import re
from pathlib import Path

import pytest

from engine.adapters.kis.errors import GROUPS, MEANINGS, OrderFate, order_fate, read_error
from engine.errors import AuthExpired, BrokerRefused, BrokerUnavailable, RateLimited
from tests.conftest import MARKET_DATA

NOTES = MARKET_DATA.parent / "reference"
FULL = re.compile(r"\b(?:(EGW|IGW|OPSQ|APBK|APAC|APTR|MCA|KIOK)(\d{4,5})|([49]0\d{6}))\b")
FIRST_CELL = re.compile(r"^\| ?\**((?:EGW|IGW|OPSQ|APBK|APAC|MCA|KIOK|\d{8})[^|]*)\|", re.MULTILINE)


def codes_of(text: str) -> set[str]:
    return {(prefix + digits) if prefix else bare for prefix, digits, bare in FULL.findall(text)}


def codes_of_cell(cell: str) -> set[str]:
    """Cells shorten: "OPSQ0001, 0003-0009", "OPSQ2000 / 2001 / 2002", "OPSQ9995–9999"."""
    found: set[str] = set()
    prefix = ""
    for part in re.split(r"[,/*]", cell):
        match = re.match(r"\s*([A-Z]*)(\d+)(?:[-–](\d+))?\s*$", part)
        if match is None:
            continue
        prefix = match[1] or ("" if len(match[2]) == 8 else prefix)
        first, last = int(match[2]), int(match[3] or match[2])
        found |= {f"{prefix}{number:0{len(match[2])}d}" for number in range(first, last + 1)}
    return found


def test_shortened_cells_are_read_in_full() -> None:
    assert codes_of_cell("OPSQ0001, 0003-0005, 0010 ") == {
        "OPSQ0001", "OPSQ0003", "OPSQ0004", "OPSQ0005", "OPSQ0010",
    }  # fmt: skip
    assert codes_of_cell("EGW00301 / EGW00302** ") == {"EGW00301", "EGW00302"}
    assert codes_of_cell("40030000 ") == {"40030000"}


@pytest.mark.market_data
@pytest.mark.parametrize("name", ["kis-rest-domestic.md", "kis-rest-overseas.md"])
def test_every_code_in_the_notes_is_mapped(name: str) -> None:
    notes = NOTES / name
    if not notes.is_file():
        pytest.skip("reference notes absent (looked in ../shared/reference)")
    text = notes.read_text(encoding="utf-8")
    named = codes_of(text)
    for cell in FIRST_CELL.findall(text):
        named |= codes_of_cell(cell)
    assert len(named) > 25
    assert sorted(named - set(MEANINGS)) == []


@pytest.mark.market_data
def test_every_code_in_the_recorded_replies_is_mapped(market_data: Path) -> None:
    folder = market_data / "kis-replies"
    text = (folder / "rest.jsonl").read_text("utf-8") + (folder / "facts.md").read_text("utf-8")
    assert sorted(codes_of(text) - set(MEANINGS)) == []


def test_no_code_has_two_meanings() -> None:
    named = [code for _, codes in GROUPS for code in codes.split()]
    assert sorted(named) == sorted(set(named))


@pytest.mark.parametrize("code", ["EGW00301", "EGW00302", "EGW00001", "EGW00202", "IGW00009", ""])
def test_an_order_answered_with_trouble_may_be_live(code: str) -> None:
    assert order_fate(code, 500) is OrderFate.UNKNOWN


@pytest.mark.parametrize("code", ["EGW00121", "EGW00123", "EGW00201"])
def test_only_the_gateways_own_refusals_certainly_had_no_effect(code: str) -> None:
    assert order_fate(code, 500) is OrderFate.NO_EFFECT


def test_an_unknown_code_is_a_no_only_beside_http_200() -> None:
    assert order_fate("APBK7777", 200) is OrderFate.REJECTED
    assert order_fate("APBK7777", 500) is OrderFate.UNKNOWN


def test_reads_are_told_how_to_react() -> None:
    assert read_error("EGW00201", 500) is RateLimited
    assert read_error("", 429) is RateLimited
    assert read_error("EGW00123", 200) is AuthExpired
    assert read_error("", 200) is BrokerUnavailable
    assert read_error("WHATEVER", 503) is BrokerUnavailable
    assert read_error("WHATEVER", 200) is BrokerRefused
    assert read_error("KIOK0510", 200) is BrokerRefused
