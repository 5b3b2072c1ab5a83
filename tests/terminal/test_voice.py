"""What the terminal of a running assistant says beside its log."""

from __future__ import annotations

import asyncio
import socket
import sys
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot.format.lang import Lang
from bot.terminal.voice import CHECK_S, KIS, TELEGRAM, Voice, spoken, unreached
from engine.model.state_facts import Trouble
from tests.bot.samples import status_view
from tests.e2e.children import paths
from tests.terminal.terminal import Wizard

NOWHERE = "http://127.0.0.1:1"
CONFIG = f"""\
language: ko
api: {{base_url: {NOWHERE}, websocket_url: ws://127.0.0.1:1, master_url: {NOWHERE}}}
telegram: {{base_url: {NOWHERE}/bot, base_file_url: {NOWHERE}/file}}
health: {{port: 0}}
"""
KEYS = """\
TELEGRAM_BOT_TOKEN=123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
TELEGRAM_CHAT_ID=1234
KIS_APP_KEY=PSplantedappkeyoftheusuallengthofkis
KIS_APP_SECRET=plantedsecret
KIS_ACCOUNT_NO=12345678-01
"""


@pytest.mark.e2e
@pytest.mark.timeout(60)
async def test_without_a_network_a_person_hears_what_goes_on(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / ".env").write_text(KEYS)
    (tmp_path / ".env").chmod(0o600)
    async with Wizard(tmp_path, "bot") as house:
        await house.until("비서가 돌기 시작했습니다")
        await house.until("/start")
        await house.until("Ctrl-C")
        await house.until(r"Telegram에 연결되지 않습니다.*python3 run\.py doctor --config /")
        house.interrupt()
        assert await house.code() == 0
    given = " ".join(paths(tmp_path))
    assert house.screen.splitlines()[-1] == (
        f"비서가 끝났습니다. 다시 시작: python3 run.py bot {given}"
    )


@pytest.mark.e2e
@pytest.mark.timeout(90)
@pytest.mark.parametrize("is_held_from_the_start", [True, False])
async def test_a_held_terminal_holds_nothing_else(
    tmp_path: Path, is_held_from_the_start: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "config.yaml").write_text(CONFIG.replace("port: 0", f"port: {port}"))
    (tmp_path / ".env").write_text(KEYS)
    (tmp_path / ".env").chmod(0o600)
    async with Wizard(tmp_path, "bot") as house:
        if not is_held_from_the_start:
            await house.until("비서가 돌기 시작했습니다")
        house.hold()
        await answered(port)
        await asyncio.sleep(CHECK_S + 1)  # by now it has wanted to say who is away
        await answered(port)
        house.terminate()
        assert await asyncio.wait_for(house.code(), 20) == 0
    assert "비서가 끝났습니다" not in house.screen


async def answered(port: int) -> None:
    """Wait until /health says anything."""
    async with asyncio.timeout(20), httpx.AsyncClient(timeout=5) as http:
        while True:
            try:
                await http.get(f"http://127.0.0.1:{port}/health")
            except httpx.ConnectError:
                await asyncio.sleep(0.1)
            else:
                return


async def test_each_of_them_is_told_once_until_it_answers_again() -> None:
    said: list[str] = []
    away = iter([{TELEGRAM}, {TELEGRAM, KIS}, {KIS}, {KIS}, set[str]()])

    async def pause(_: float) -> None:
        await asyncio.sleep(0)

    def now() -> frozenset[str]:
        try:
            return frozenset(next(away))
        except StopIteration:
            raise asyncio.CancelledError from None

    with pytest.raises(asyncio.CancelledError):
        await Voice(said.append, Lang.KO, "").run(now, pause)
    assert [line.split(" ", 2)[:2] for line in said[1:]] == [
        ["⚠️", "Telegram에"],
        ["⚠️", "KIS에"],
        ["✅", "Telegram에"],
        ["✅", "KIS에"],
    ]


def test_who_cannot_be_reached_is_known_from_the_status() -> None:
    view = status_view()
    assert unreached(view, 1.0, is_chat_up=True) == frozenset()
    assert unreached(view, 1.0, is_chat_up=False) == {TELEGRAM}
    assert unreached(view, 61.0, is_chat_up=True) == {TELEGRAM}
    assert view.us is not None
    for trouble, away in ((Trouble.API, {KIS}), (Trouble.DAILY_LOSS, set())):
        troubled = replace(view, us=replace(view.us, troubles=(trouble.value,)))
        assert unreached(troubled, 1.0, is_chat_up=True) == away


def test_without_a_stdout_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with spoken(Lang.KO, "") as voice:
        assert voice is None


def test_nothing_is_said_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    with spoken(Lang.KO, "") as voice:
        assert voice is None
    assert capsys.readouterr().out == ""
