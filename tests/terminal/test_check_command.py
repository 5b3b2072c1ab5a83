"""``check-config``: origins, faults, and the same verdict as a start's."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from engine.adapters.sqlite.settings import SqliteSettings
from engine.ports.settings import Override
from tests.terminal.conftest import Told

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HANGUL = re.compile("[가-힣]")
KEYS = "TELEGRAM_BOT_TOKEN=1:a\nKIS_APP_KEY=k\nKIS_APP_SECRET=s\nKIS_ACCOUNT_NO=12345678-01\n"
MARKS = ("lock:005930", "held_target:AAPL", "small:krx")  # of the chat, beside the settings


async def _from_chat(data: Path, values: Mapping[str, str]) -> None:
    async with Database(data / "state.db", STATE) as database:
        for name, value in {**values, **dict.fromkeys(MARKS, "4")}.items():
            await SqliteSettings(database).set_override(Override(name, value, "", 7, NOW))


def from_chat(data: Path, values: Mapping[str, str]) -> None:
    data.mkdir(mode=0o700)
    asyncio.run(_from_chat(data, values))


def test_every_value_names_its_origin_and_the_last_line_says_that_all_is_well(
    told: Told, tmp_path: Path
) -> None:
    from_chat(tmp_path / "data", {"risk.max_positions": "4"})
    file = "language: ko\norder_settings: {target_profit_rate: 4.5}\n"
    code, said = told("check-config", config=file)
    assert code == 0
    lines = said.splitlines()
    for line in (
        "language = ko (config.yaml, 기본값과 같음)",
        "order_settings.target_profit_rate = 4.5 (config.yaml, 기본값은 3.0)",
        "order_settings.sell_price = bid (기본값)",
        "risk.max_positions = 4 (채팅, config.yaml은 5)",
        "health.host = 127.0.0.1 (기본값)",  # deploy/parts/release.sh reads it
    ):
        assert line in lines
    assert str(tmp_path / "config.yaml") in lines[1]
    assert lines[-1].startswith("✅ 설정이 모두 올바릅니다")
    assert lines[-1].endswith("그중 기본값과 다른 것 2개.")
    said = told("check-config", config=file.replace("ko", "en"))[1]
    assert "risk.max_positions = 4 (chat, config.yaml says 5)" in said
    assert said.splitlines()[-1].startswith("✅ All is well")
    assert HANGUL.search(said) is None


def test_chat_values_that_cannot_be_read_are_no_reason_to_say_nothing(
    told: Told, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "state.db").write_bytes(b"no database" * 200)
    code, said = told("check-config")
    assert code == 0
    assert "채팅에서 바꾼 값은 읽지 못했습니다" in said


def test_every_wrong_key_is_told_and_counted(told: Told) -> None:
    wrong = "order_settings: {target_profit_rate: 99, sell_prise: bid}\nrisk: 5\n"
    code, said = told("check-config", config=f"language: ko\n{wrong}")
    assert code == 2
    assert said.count("⚠️") == 3
    assert "혹시 order_settings.sell_price?" in said
    assert said.splitlines()[-1].startswith("위 3곳을 고친 뒤 다시: python3 run.py check-config")
    said = told("check-config", config=f"language: en\n{wrong}")[1]
    assert said.splitlines()[-1].startswith("Mend the 3 above, then again:")


def test_what_is_in_the_way_is_told_without_a_count(told: Told) -> None:
    for config in ("language: ko\n", "language: ko\nrisk: 5\n"):
        code, said = told("check-config", config=config, keys="KIS_ACCOUNT_NO=77\n")
        assert code == 2
        assert "KIS_ACCOUNT_NO: 쓸 수 없는 값입니다. 허용: 12345678-01 꼴" in said
        assert "나머지는 보지 못했습니다" in said.splitlines()[-1]
        assert "1곳" not in said


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("no.such.key", "1", "chat: no.such.key: 모르는 키"),
        ("order_settings.targets.AAPL", "-1", "chat: order_settings.targets.AAPL: 쓸 수 없는 값"),
        ("risk.max_positions", "no", "chat: risk.max_positions: 쓸 수 없는 값"),
    ],
)
def test_what_bot_refuses_of_the_chats_values_is_refused(
    told: Told, tmp_path: Path, key: str, value: str, part: str
) -> None:
    from_chat(tmp_path / "data", {key: value, "no.other": "1"})
    code, said = told("check-config")
    assert code == 2
    assert part in said
    assert said.splitlines()[-1].startswith("위 2곳")
    code, said = told("bot", keys=KEYS)
    assert code == 2
    assert "chat: " in said


def test_targets_of_single_symbols_are_shown_with_their_origin(told: Told, tmp_path: Path) -> None:
    from_chat(tmp_path / "data", {"order_settings.targets.AAPL": "4"})
    code, said = told("check-config", config="order_settings: {targets: {MSFT: 5}}\n")
    assert code == 0
    assert "order_settings.targets.AAPL = 4 (채팅" in said
    assert "order_settings.targets.MSFT = 5 (config.yaml" in said
    assert "lock:" not in said


def test_wrong_keys_of_the_chat_are_told_beside_a_broken_file(told: Told, tmp_path: Path) -> None:
    from_chat(tmp_path / "data", {"no.such.key": "1"})
    said = told("check-config", config="risk:\n\tmax: 1")[1]
    assert "2번째 줄: 탭 대신 빈칸" in said
    assert "no.such.key" in said


@pytest.mark.parametrize("command", ["check-config", "bot", "doctor"])
def test_a_key_pasted_into_the_wrong_file_is_not_printed_back(told: Told, command: str) -> None:
    secret = "PSabcdefgh0123456789"
    keys = KEYS.replace("KIS_APP_KEY=k", f"KIS_APP_KEY={secret}")
    code, said = told(command, config=f"{secret}: 1\n", keys=keys)
    assert code == 2
    assert "***: 모르는 키" in said
    assert secret not in said
