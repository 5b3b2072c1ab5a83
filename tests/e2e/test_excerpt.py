"""One excerpt of the US opening, played by real children."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.demo_verdict import judge
from tests.e2e.stage import sandbox, started
from tests.e2e.trader import text_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(60)]


async def test_a_buy_by_hand_is_seen_sold_and_told_in_order(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage, await started(stage) as bot:
        await stage.go_live()
        begun = (await stage.spoken())[-1]["message_id"]
        await stage.play(60)
        await stage.buy("AAPL", 5)
        await stage.lift("AAPL", 8.0, 120)
        await stage.until_said("애플 (AAPL) 매도 전량 체결 · 봇 매도", after=begun)
        await stage.play(1)
        assert await bot.stop() == 0

        said = [text_of(message) for message in await stage.spoken(begun)]
        story = [
            next(number for number, text in enumerate(said) if part in text)
            for part in ("매수 확인", "매도 주문 접수", "매도 전량 체결", "Dolpa 종료")
        ]
        assert story == sorted(story)
        assert all(text.startswith("[") for text in said), "a message without its mode badge"
        verdict = judge(await stage.get("/sandbox/books"), await stage.transcript(), stage.data)
        assert verdict.us_sells == 1
        assert verdict.mismatches == ()
