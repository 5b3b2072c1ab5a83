"""The demo's panel with a Korean side."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import aiohttp

from sandbox.krx.hours import at
from sandbox.krx.side import KrxScenario
from sandbox.model import Server
from sandbox.panel import upcoming_krx
from sandbox.scenario import Scenario, StartingHolding
from tests.browser.quiet import quiet_sandbox
from tests.sandbox.krx_every_second import BUSY, DAY, EverySecond

TEN = at(DAY, time(10))


async def panel(scenario: Scenario) -> Any:
    async with (
        quiet_sandbox(scenario=scenario) as url,
        aiohttp.ClientSession() as http,
        http.get(f"{url}/sandbox/panel") as reply,
    ):
        return await reply.json()


async def test_the_panel_tells_both_markets() -> None:
    holding = StartingHolding(Server.REAL, BUSY.symbol, 2, BUSY.base_price * 2)
    korean = KrxScenario((BUSY,), tape=EverySecond(TEN))
    shown = await panel(Scenario(TEN, listings=(), krx=korean, holdings=(holding,)))
    assert shown["clock"]["phase"] == "closed"
    assert shown["clock"]["next"] == "krx_closing"
    assert shown["clock"]["jumps"]["krx_closing"] == "2026-11-20T06:20:00+00:00"
    assert shown["clock"]["jumps"]["open"] == "2026-11-20T14:30:00+00:00"
    side = shown["krx"]
    assert (side["phase"], side["cash"]) == ("continuous", "50000000")
    [quote] = side["quotes"]
    assert (quote["symbol"], quote["name"]) == (BUSY.symbol, BUSY.name)
    [held] = side["holdings"]
    assert (held["symbol"], held["qty"], held["gain_pct"]) == (BUSY.symbol, 2, "-50.00")
    assert shown["holdings"] == []


async def test_without_a_korean_list_there_is_no_korean_side() -> None:
    shown = await panel(Scenario(TEN, listings=()))
    assert shown["krx"] is None
    assert not [name for name in shown["clock"]["jumps"] if name.startswith("krx")]


def test_the_korean_jumps_are_those_of_the_day_also_when_it_is_special() -> None:
    before_exam_day = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)  # Wednesday evening in Korea
    assert {
        name: f"{moment:%d %H:%M}" for name, moment in upcoming_krx(before_exam_day).items()
    } == {
        "krx_auction": "19 00:50",
        "krx_open": "19 01:00",
        "krx_closing": "19 07:20",
        "krx_close": "19 07:30",
    }
