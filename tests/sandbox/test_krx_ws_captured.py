"""The sandbox's domestic frames beside frames that KIS really sent."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.frames import render_plain
from sandbox.krx.hours import KrxPhase
from sandbox.krx.model import BookLevels, Level
from sandbox.krx.ws_columns import book_columns, trade_columns
from sandbox.ws_settings import OLDER, Layout
from tests.sandbox.krx_ws_stage import MORNING, scene, trade

pytestmark = pytest.mark.market_data

# What no other print of the day can tell: the weighted average leaves block trades out, and
# yesterday's volume by this minute is invented.
UNKNOWN = {6, 41, 42}


@pytest.fixture
def frames(market_data: Path) -> dict[str, str]:
    """The frame of each TR that was captured on 2026-07-13."""
    text = (market_data / "kis-replies" / "ws-frames.jsonl").read_text("utf-8")
    lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    return {
        line["tr_id"]: line["raw"]
        for line in lines
        if line["kind"] == "captured" and line.get("tr_id", "").startswith("H0ST")
    }


def levels(prices: list[str], sizes: list[str]) -> tuple[Level, ...]:
    return tuple(
        Level(Decimal(price), int(size)) for price, size in zip(prices, sizes, strict=True)
    )


def captured_book(fields: list[str]) -> BookLevels:
    return BookLevels(
        MORNING, levels(fields[3:13], fields[23:33]), levels(fields[13:23], fields[33:43])
    )


def test_a_captured_trade_is_reproduced_to_the_character(frames: dict[str, str]) -> None:
    head, _, payload = frames["H0STCNT0"].rpartition("|")
    theirs = payload.split("^")
    # The totals are those of a book beyond the ten levels: any book with these sums will do.
    whole = BookLevels(
        MORNING,
        (Level(Decimal(1_997_000), int(theirs[38])),),
        (Level(Decimal(1_996_000), int(theirs[39])),),
    )
    columns = Layout(OLDER).fit("H0STCNT0", trade_columns(trade(), scene(book=whole)))
    [frame] = render_plain("H0STCNT0", [columns])
    mine = frame.rpartition("|")[2].split("^")
    assert frame.startswith(head)
    assert len(mine) == len(theirs) == 46
    assert {index for index in range(46) if mine[index] != theirs[index]} <= UNKNOWN


def test_a_captured_book_is_reproduced_to_the_character(frames: dict[str, str]) -> None:
    head, _, payload = frames["H0STASP0"].rpartition("|")
    theirs = payload.split("^")
    shown = captured_book(theirs)
    asks, bids = int(theirs[43]), int(theirs[44])
    assert (asks, bids) == tuple(
        sum(level.size for level in side) for side in (shown.asks, shown.bids)
    )
    before = (asks - int(theirs[54]), bids - int(theirs[55]))
    stage = scene(book=shown, totals=before, day=trade(cum_volume=int(theirs[53])))
    columns = book_columns(stage, MORNING, KrxPhase.CONTINUOUS, None)
    [frame] = render_plain("H0STASP0", [Layout(OLDER).fit("H0STASP0", columns)])
    assert frame == f"{head}|{payload}"
