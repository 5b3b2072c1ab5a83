"""A drill as a user of the demo sees it: the stop in the chat, and its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.children import Assistant
from tests.e2e.stage import sandbox, started
from tests.e2e.trader import Sandbox, text_of

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


async def test_a_second_program_stops_the_desk_until_the_trader_releases_it(
    tmp_path: Path,
) -> None:
    async with sandbox(tmp_path, start="09:03KST") as stage:
        stage.configure(KOREA)
        async with await started(stage) as bot:
            typed = await stage.say("/drill")
            await stage.press("봇 중복 실행", after=typed)
            stopped = text_of(await stage.until_said("같은 봇 토큰", after=typed))
            assert "할 일: " in stopped
            assert (await bot.health())[1]["desks"]["krx"]["state"] == "exits_only"
            await released(stage, bot, "krx")
            assert await bot.stop() == 0


async def test_the_days_calls_stop_the_american_desk_until_the_trader_releases_it(
    tmp_path: Path,
) -> None:
    async with sandbox(tmp_path) as stage, await started(stage) as bot:
        typed = await stage.say("/drill")
        await stage.press("하루 호출 한도", after=typed)
        stopped = text_of(await stage.until_said("할 일: ", after=typed))
        assert "호출 안전 한도" in stopped
        await stage.press("끝내기", after=typed)
        await stage.until_said("되돌렸습니다", after=typed)
        await released(stage, bot, "us")
        assert await bot.stop() == 0


async def released(stage: Sandbox, bot: Assistant, desk: str) -> None:
    """The trader releases the guard of a desk, which runs again."""
    assert (await bot.health())[1]["desks"][desk]["state"] == "exits_only"
    typed = await stage.say(f"/resume {desk}")
    await stage.press("가드 해제", after=typed)
    await stage.press("확인", after=typed)

    async def runs() -> bool:
        return bool((await bot.health())[1]["desks"][desk]["state"] == "running")

    await stage.until(runs, "the desk runs again")


@pytest.mark.parametrize("kind", ["slow", "black_hole"])
async def test_a_program_ends_within_twenty_seconds_whatever_telegram_does(
    tmp_path: Path, kind: str
) -> None:
    async with sandbox(tmp_path) as stage, await started(stage) as bot:
        await stage.fault("telegram", kind, times=0, value="30")
        assert await bot.stop() == 0
