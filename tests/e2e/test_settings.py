"""config.yaml edited under a running assistant, and the mode switched back and forth."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.stage import sandbox, started
from tests.e2e.trader import text_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(60)]


async def test_a_good_edit_is_applied_and_a_bad_one_refused_as_a_whole(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage, await started(stage) as bot:
        seen = await stage.say("/version")
        stage.configure("order_settings: {target_profit_rate: 4.5}")
        told = await stage.until_said("✅ config.yaml 적용", after=seen)
        assert "order_settings.target_profit_rate" in text_of(told)

        stage.configure("order_settings: {target_profit_rate: 2.0}\ntrading: {polling_min_s: 99}")
        told = await stage.until_said("config.yaml을 적용하지 않았습니다", after=seen)
        assert "trading.polling_min_s" in text_of(told)
        assert "99" in text_of(told)
        assert "허용" in text_of(told) or "allowed" in text_of(told)
        typed = await stage.say("/config target")
        await stage.until_said("= 4.5", after=typed)

        stage.configure("order_settings: {target_profit_rate: 5.5}", mode="paper")
        told = await stage.until_said("다음 시작 때 적용: mode", after=seen)
        assert "order_settings.target_profit_rate" in text_of(told)
        assert (await bot.health())[1]["mode"] == "dry_run"


@pytest.mark.long
async def test_paper_and_back_keeps_one_book_per_mode(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage, await started(stage) as bot:
        await stage.play(10)
        await stage.switch_to("paper", "모의투자")
        assert (await bot.health())[1]["mode"] == "paper"
        await stage.buy("KO", 3, server="paper")
        await stage.until_said("코카콜라 (KO) 3주 매수 확인", limit_s=30)
        await stage.go_live()
        typed = await stage.say("/positions")
        answer = await stage.until_said("포지션", after=typed)
        assert "KO" not in text_of(answer)
        assert {"dry_run.db", "paper.db", "live.db"} <= {path.name for path in stage.data.iterdir()}
