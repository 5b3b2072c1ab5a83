"""A finished day that KIS counts differently, from the sale to the chat, with real children."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.model import Server, Side
from sandbox.session import at
from tests.e2e.stage import sandbox_within, started
from tests.e2e.trader import text_of

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(120)]
MONDAY = date(2026, 11, 23)
ALERT = "브로커 집계와 차이"


async def test_a_difference_is_told_once_and_stands_below_the_report(tmp_path: Path) -> None:
    async with sandbox_within(tmp_path) as (stage, world, _):
        bot = await started(stage)
        await stage.go_live()
        await stage.play(60)
        await stage.buy("AAPL", 5)
        await stage.lift("AAPL", 8.0, 120)
        await stage.until_said("애플 (AAPL) 매도 전량 체결 · 봇 매도")
        await stage.play(1)
        asked = await stage.say("/report all us")
        await stage.until_said("아직 비교 전: 1일", after=asked)

        account = world.books.accounts[Server.REAL]
        place, sale = next(
            (n, one) for n, one in enumerate(account.executions) if one.side is Side.SELL
        )
        account.executions[place] = replace(sale, realised=sale.realised - Decimal(5))
        await stage.post("/sandbox/clock", jump_to=at(MONDAY, time(3, 59, 30)).isoformat())
        await stage.play(60)
        told = text_of(await stage.until_said(ALERT))
        await stage.play(1)
        assert told.startswith("[실전]")
        assert "애플 장부 +" in told
        asked = await stage.say("/report all us")
        await stage.until_said("⚠️ KIS 집계와 차이: 1일 중 1일", after=asked)
        assert await bot.stop() == 0

        again = await started(stage, name="again.log")
        asked = await stage.say("/report all us")
        await stage.until_said("⚠️ KIS 집계와 차이", after=asked)
        assert await again.stop() == 0
        alerts = [one for one in await stage.spoken() if f"미국 {ALERT}" in text_of(one)]
        assert len(alerts) == 1
        calls = await stage.get("/sandbox/requests")
        assert sum(call["tr_id"] == "TTTS3039R" for call in calls) == 1
