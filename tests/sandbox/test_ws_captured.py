"""The sandbox's frames beside frames that KIS really sent."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sandbox import ws_answers as answers
from sandbox.frames import CipherPair, render_answer, render_pingpong, render_plain
from sandbox.ws_columns import book_columns, trade_columns
from sandbox.ws_settings import TODAY
from sandbox.ws_ticks import Ticker
from tests.sandbox.ws_stage import LISTINGS, START, trade

pytestmark = pytest.mark.market_data


@pytest.fixture
def frames(market_data: Path) -> list[dict[str, Any]]:
    text = (market_data / "kis-replies" / "ws-frames.jsonl").read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def of_tr(frames: list[dict[str, Any]], tr_id: str) -> list[dict[str, Any]]:
    found = [line for line in frames if line.get("tr_id") == tr_id]
    assert found
    return found


def shape(field: str) -> str:
    """Digits to 9, letters to A; sign, point and number of decimals stay."""
    letters = re.sub(r"[A-Za-z]+", "A", field)
    whole, point, decimals = letters.partition(".")
    return re.sub(r"\d+", "9", whole) + point + re.sub(r"\d", "9", decimals)


def ours(tr_id: str, records: int) -> str:
    ticker, listing = Ticker(), LISTINGS["GOOGL"]
    # One tick down first, so that both sides of the day's volume count.
    ticker.read(trade(price="354.43"), listing)
    columns = trade_columns if tr_id == "HDFSCNT0" else book_columns
    made = [columns("DNASGOOGL", ticker.read(trade(), listing)) for _ in range(records)]
    return render_plain(tr_id, made)[0]


@pytest.mark.parametrize("tr_id", ["HDFSCNT0", "HDFSASP0"])
def test_width_and_count_agree_with_every_captured_frame(
    frames: list[dict[str, Any]], tr_id: str
) -> None:
    for line in of_tr(frames, tr_id):
        theirs, mine = line["raw"].split("|", 3), ours(tr_id, line["records"]).split("|", 3)
        assert mine[:3] == theirs[:3]
        assert len(mine[3].split("^")) == len(theirs[3].split("^"))
        assert line["fields_per_record"] == TODAY[tr_id]


def test_each_trade_field_is_written_as_in_the_captured_frames(
    frames: list[dict[str, Any]],
) -> None:
    width = TODAY["HDFSCNT0"]
    mine = [shape(field) for field in ours("HDFSCNT0", 1).split("|", 3)[3].split("^")]
    for line in of_tr(frames, "HDFSCNT0"):
        fields = line["raw"].split("|", 3)[3].split("^")
        for start in range(0, len(fields), width):
            theirs = [shape(field) for field in fields[start : start + width]]
            # The rate's sign follows the market; it is there in both.
            theirs[14], expected = theirs[14].lstrip("+-"), [*mine]
            expected[14] = mine[14].lstrip("+-")
            assert theirs == expected


def test_each_book_field_is_written_as_in_the_captured_frames(frames: list[dict[str, Any]]) -> None:
    mine = ours("HDFSASP0", 1).split("|", 3)[3].split("^")
    for line in of_tr(frames, "HDFSASP0"):
        theirs = line["raw"].split("|", 3)[3].split("^")
        assert [shape(field).lstrip("-") for field in theirs] == [
            shape(field).lstrip("-") for field in mine
        ]


def test_a_captured_trade_is_reproduced_to_the_character(frames: list[dict[str, Any]]) -> None:
    raw = next(line["raw"] for line in of_tr(frames, "HDFSCNT0") if "^104330^" in line["raw"])
    tick = Ticker().read(trade(), LISTINGS["GOOGL"])
    theirs, mine = raw.split("|", 3)[3].split("^"), list(trade_columns("DNASGOOGL", tick))
    # Which side traded is the day's history, not this trade's.
    assert mine[:22] + mine[25:] == theirs[:22] + theirs[25:]


def test_system_frames_have_the_captured_members_in_order(frames: list[dict[str, Any]]) -> None:
    lines = [line["raw"] for line in frames]
    system = [json.loads(raw) for raw in lines if raw.startswith("{")]
    [pingpong] = [text for text in lines if "PINGPONG" in text]
    [success, *_] = [each for each in system if each.get("body", {}).get("rt_cd") == "0"]
    mine = json.loads(render_answer(answers.SUBSCRIBED, "HDFSCNT0", "DAMSSPY", CipherPair.fresh()))
    assert [[*mine[part]] for part in ("header", "body")] == [
        [*success[part]] for part in ("header", "body")
    ]
    assert {name: len(value) for name, value in mine["body"]["output"].items()} == {
        name: len(value) for name, value in success["body"]["output"].items()
    }
    assert shape(render_pingpong(START)) == shape(pingpong)
    refusals = {each["body"]["msg_cd"]: each["body"] for each in system if "body" in each}
    for answer in (answers.APPROVAL_UNKNOWN, answers.TOO_MANY, answers.APPKEY_IN_USE):
        theirs = refusals[answer.msg_cd]
        assert (answer.rt_cd, answer.msg1) == (theirs["rt_cd"], theirs["msg1"])
