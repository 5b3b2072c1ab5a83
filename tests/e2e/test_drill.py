"""A drill as a user of the demo sees it: the stop in the chat, and its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.stage import sandbox, started
from tests.e2e.trader import text_of

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(120)]

KOREA = "domestic:\n  enabled: true\n"


async def test_errors_of_kis_stop_the_korean_desk_until_they_end(tmp_path: Path) -> None:
    async with sandbox(tmp_path, start="09:03KST") as stage:
        stage.configure(KOREA)
        async with await started(stage) as bot:
            await stage.play(5)
            typed = await stage.say("/drill")
            await stage.press("KIS 오류", after=typed)
            stopped = text_of(await stage.until_said("KIS 호출 실패가 이어짐", after=typed))
            assert "청산만" in stopped
            assert "측정" in stopped
            assert "할 일: " in stopped
            assert (await bot.health())[1]["desks"]["krx"]["state"] == "exits_only"
            await stage.press("끝내기", after=typed)
            await stage.until_said("KIS가 다시 답함", after=typed, limit_s=60)
            assert (await bot.health())[1]["desks"]["krx"]["state"] == "running"
            assert await bot.stop() == 0


@pytest.mark.parametrize("kind", ["slow", "black_hole"])
async def test_a_program_ends_within_twenty_seconds_whatever_telegram_does(
    tmp_path: Path, kind: str
) -> None:
    async with sandbox(tmp_path) as stage, await started(stage) as bot:
        await stage.fault("telegram", kind, times=0, value="30")
        assert await bot.stop() == 0
