"""The passphrase of the store, typed by somebody at a terminal."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.format.lang import Lang
from bot.terminal.console import Terminal
from bot.terminal.typed_passphrase import store_opener
from engine.adapters.secrets import STORE_FILE, Secret, SecretStore
from tests.terminal.terminal import Wizard

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
WORDS = "correct-horse-battery-staple-9"
EARLY = "typed-while-the-first-was-tried"
ASKED = r"master passphrase\): "
CP949 = "비밀".encode("cp949")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """With a store, whose passphrase is nowhere to be found."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    store = SecretStore.open(data / STORE_FILE, Secret(WORDS))
    store.put({"TELEGRAM_BOT_TOKEN": "123456789:" + "A" * 35}, NOW)
    (tmp_path / "config.yaml").write_text("language: en\n")
    return tmp_path


@pytest.mark.e2e
@pytest.mark.timeout(60)
@pytest.mark.parametrize("command", [("check-config",), ("secrets", "list")])
async def test_what_is_typed_while_the_last_one_is_tried_is_not_shown(
    home: Path, command: tuple[str, ...]
) -> None:
    async with Wizard(home, *command) as house:
        await house.answer("passphrase", "wrong")
        await house.until("\n")  # the line was taken, and is being tried
        house.type(f"{EARLY}\n")
        await house.until(r"2 left")
        await house.answer("passphrase", WORDS)
        assert await house.code() == 0
    assert EARLY not in house.screen
    assert WORDS not in house.screen


@pytest.mark.e2e
@pytest.mark.timeout(60)
async def test_a_slip_in_another_encoding_is_a_wrong_try(home: Path) -> None:
    async with Wizard(home, "check-config", env={"LC_ALL": "C.UTF-8"}) as house:
        for left in ("2 left", "1 left"):
            await house.until(ASKED)
            house.type_bytes(CP949 + b"\n")
            await house.until(left)
        await house.until(ASKED)
        house.type_bytes(CP949 + b"\n")
        assert await house.code() == 2
    assert "does not open it" in house.screen
    assert "Traceback" not in house.screen


def test_without_a_stdin_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert store_opener(Lang.KO) is None
    assert not Terminal().is_person
    with pytest.raises(EOFError):
        Terminal().ask("?")
