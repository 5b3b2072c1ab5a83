"""Starting, stopping, dying and coming back."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.e2e.children import PASSPHRASE, Assistant, assistant
from tests.e2e.stage import command, sandbox, started
from tests.e2e.trader import Sandbox, text_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(90)]


async def test_two_sigterms_end_it_once_and_a_second_instance_is_refused(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage, await started(stage) as bot:
        code, printed = await command(stage, "bot")
        assert code == 3
        assert "이미 실행 중" in printed

        bot.process.send_signal(signal.SIGTERM)
        bot.process.send_signal(signal.SIGTERM)
        assert await bot.exit_code() == 0
        farewells = [said for said in await stage.spoken() if "Dolpa 종료" in text_of(said)]
        assert len(farewells) == 1
        assert "Traceback" not in bot.words


async def test_a_killed_assistant_comes_back_live_and_sells_each_share_once(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage:
        async with await started(stage) as bot:
            await stage.go_live()
            await stage.play(20)
            await stage.buy("AAPL", 5)
            await stage.buy("KO", 7)
            await stage.until_said("코카콜라 (KO) 7주 매수 확인")
            await stage.until_said("애플 (AAPL) 5주 매수 확인")
            await stage.lift("AAPL", 8.0, 60)
            await _until_sold(stage, "AAPL", 5)
            bot.process.kill()
            assert await bot.exit_code() == -signal.SIGKILL
        await stage.lift("KO", 8.0, 20)
        asked = await stage.say("/version")
        async with await started(stage, name="second.log"):
            await stage.until_said("[실전] ▶️ Dolpa", after=asked)
            await _until_sold(stage, "KO", 7)
            await stage.until_said("코카콜라 (KO) 매도 전량 체결", after=asked)
            await stage.until(lambda: _is_told(stage, "AAPL"), "the sale of AAPL was not told")
        assert await stage.sold("AAPL") == 5
        assert await stage.sold("KO") == 7


async def test_a_telegram_that_refuses_at_the_start_stops_no_exit(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage:
        await stage.fault("telegram", "reset", times=0)
        async with await assistant(stage.home) as bot:
            assert (await bot.health())[0] == 200
            assert await bot.stop() == 0
            assert "Traceback" not in bot.words
        assert await stage.spoken() == []


@pytest.mark.long
async def test_a_telegram_that_is_silent_at_the_start_stops_neither_sale_nor_exit(
    tmp_path: Path,
) -> None:
    kept = {"AUTOTRADE_MASTER_PASSPHRASE": PASSPHRASE}  # KIS gives one token a minute
    async with sandbox(tmp_path) as stage:
        async with await started(stage, env=kept) as bot:
            await stage.go_live()
            assert await bot.stop() == 0
        heard = (await stage.spoken())[-1]["message_id"]
        await stage.fault("telegram", "black_hole", times=0)
        known = await stage.reads()
        async with await assistant(stage.home, env=kept, name="deaf.log") as bot:
            await stage.until_read(known)
            code, health = await bot.health()
            assert (code, health["mode"]) == (200, "live")
            await stage.play(20)
            await stage.buy("AAPL", 5)
            await stage.lift("AAPL", 8.0, 60)
            await _until_sold(stage, "AAPL", 5)
            assert (await bot.health())[0] == 200
            assert await bot.stop() == 0
            assert "Traceback" not in bot.words
        await stage.end_faults()
        async with await started(stage, env=kept, name="heard.log"):
            await stage.until_said("매도 전량 체결", after=heard)
            said = [text_of(message) for message in await stage.spoken(heard)]
            story = [text for text in said if "애플 (AAPL)" in text]
            assert [text.partition("\n")[0] for text in story] == [
                "[실전] 🛒 애플 (AAPL) 5주 매수 확인",
                "[실전] 📨 애플 (AAPL) 매도 주문 접수",
                "[실전] 🔴 애플 (AAPL) 매도 전량 체결 · 봇 매도",
            ]


@pytest.mark.parametrize("way", ["chat", pytest.param("machine", marks=pytest.mark.long)])
async def test_a_stopped_program_comes_back_with_exits_only_until_resume(
    tmp_path: Path, way: str
) -> None:
    async with sandbox(tmp_path) as stage:
        async with await started(stage) as bot:
            typed = await stage.say("/set target 2.5")
            await stage.until_said("3.0 % → 2.5 %", after=typed)
            await _stop_program(stage, bot, way)
        asked = await stage.say("/version")
        async with await started(stage, name="second.log") as bot:
            greeting = await stage.until_said("시작", after=asked)
            assert "/resume" in text_of(greeting)
            assert (await bot.health())[1]["desks"]["us"]["state"] == "exits_only"
            typed = await stage.say("/config target")
            await stage.until_said("= 2.5", after=typed)
            typed = await stage.say("/resume")
            await stage.press("확인", after=typed)
            await stage.until_said("✅ 재개", after=typed)
            assert (await bot.health())[1]["desks"]["us"]["state"] == "running"
        async with await started(stage, name="third.log") as bot:
            assert (await bot.health())[1]["desks"]["us"]["state"] == "running"


async def _stop_program(stage: Sandbox, bot: Assistant, way: str) -> None:
    if way == "chat":
        typed = await stage.say("/stop")
        await stage.press("프로그램", after=typed)
        await stage.press("확인", after=typed)
    else:
        code, printed = await command(stage, "stop")
        assert code == 0, printed
    assert await bot.exit_code() == 0


async def _is_told(stage: Sandbox, symbol: str) -> bool:
    """Before the kill with its name, or after it, when the position is gone, without."""
    said = [text_of(message) for message in await stage.spoken()]
    return any(symbol in text and "매도 전량 체결" in text for text in said)


async def _until_sold(stage: Sandbox, symbol: str, qty: int) -> None:
    async def look() -> bool:
        return await stage.sold(symbol) >= qty

    await stage.until(look, f"{symbol} was not sold")
