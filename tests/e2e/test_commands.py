"""The commands of the machine: check-config, doctor, and what they must not print."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.children import run
from tests.e2e.stage import command, sandbox
from tests.e2e.trader import Sandbox

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(60)]

OLD_CONFIG = """\
api:
  base_url: "https://openapi.koreainvestment.com:9443"
  websocket_url: "ws://ops.koreainvestment.com:21000"
order_settings:
  target_profit_rate: 3.0
trading:
  timezone: "US/Eastern"
  exchange_code: "NASD"
rate_limit:
  requests_per_second: 20
  daily_limit: 5000
"""


async def test_the_old_systems_files_pass_and_print_no_secret(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage:
        stage.config.write_text(OLD_CONFIG, encoding="utf-8")
        (stage.data / "demo.json").unlink()
        code, printed = await command(stage, "check-config")
        assert code == 0, printed
        for line in (
            "order_settings.target_profit_rate = 3.0 (config.yaml, 기본값과 같음)",
            "rate_limit.requests_per_second = 18 (config.yaml, 기본값과 같음)",
            "rate_limit.daily_limit = 5000 (config.yaml, 기본값과 같음)",
            "trading.timezone = US/Eastern (config.yaml, 기본값과 같음)",
            "trading.exchange_code = NASD (config.yaml, 기본값과 같음)",
            "domestic.enabled = true (기본값)",
            "rate_limit.requests_per_second: 20, 18보다 커서 18(으)로 씁니다",
        ):
            assert line in printed
        assert _leaked(stage, printed) == []


async def test_a_broken_config_ends_with_2_and_names_what_is_wrong(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    for word, setting, told in (
        ("bot", "target_profit_rate: 99", ("order_settings.target_profit_rate", "99", "0.1")),
        ("check-config", "target_profit_rat: 3", ("order_settings.target_profit_rate",)),
    ):
        config.write_text(f"order_settings: {{{setting}}}", encoding="utf-8")
        code, printed = await run(tmp_path, word)
        assert code == 2
        for part in (str(config), *told):
            assert part in printed


async def test_the_doctor_is_well_with_good_keys_and_ill_with_a_wrong_one(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage:
        await stage.play(60)  # KIS gives one token a minute
        code, printed = await command(stage, "doctor")
        assert code == 0, printed
        assert "이상" not in printed
        assert _leaked(stage, printed) == []
        for name in ("실전 토큰", "실전 계좌", "실전 웹소켓", "모의 토큰", "텔레그램", "시계"):
            assert any(line.startswith(name) for line in printed.splitlines()), name

        wrong = stage.secrets()["KIS_APP_SECRET"][::-1]
        code, printed = await command(stage, "doctor", env={"KIS_APP_SECRET": wrong})
        assert code == 1
        assert "앱시크릿을 거부" in printed
        assert wrong not in printed
        assert _leaked(stage, printed) == []


def _leaked(stage: Sandbox, printed: str) -> list[str]:
    """Names of secrets whose value was printed; the owner's user id is none."""
    named = stage.secrets().items()
    return [
        name
        for name, value in named
        if name != "TELEGRAM_CHAT_ID" and (value in printed or value[:8] in printed)
    ]
