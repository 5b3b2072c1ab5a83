"""No secret is taken in the chat: it is deleted, told of once, and kept nowhere."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bot.format.command_list import BY_WORD, COMMANDS
from bot.typed_secrets import is_secret_file, looks_secret
from engine.adapters.secrets import Recogniser, Secret, Secrets
from tests.bot.stage import OWNER, STRANGER, Call, Stage, staged

APP_KEY = "PSa8Kx0dQ2mZ7vTn4LwR1yBc6HsJ9fUe3GpX"
APP_SECRET = "a8Kx0dQ2+mZ7vTn4LwR1yB/c6HsJ9fUe3GpX" * 5 + "=="
BOT_TOKEN = "7000000001:AAE-planted_token_planted_token_1"
SECRETS = (
    *(APP_KEY, APP_SECRET, BOT_TOKEN, "73549182-01", "73549182 - 01", "7354918201"),
    *(f"/set app_key {APP_KEY}", f"내 키는 {APP_KEY}야", f"KIS_APP_SECRET={APP_SECRET}"),
    *("계좌 7354918201입니다", f"/start {BOT_TOKEN}", f'"{APP_KEY}"'),
)
WORDS = (
    *(f"/{command.name} {command.arguments}" for command in COMMANDS),
    *(command.example for command in COMMANDS),
    *BY_WORD,
    *("/cancel 0030138295", "/cancel 1230138201", "/report 2026-03-01 2026-03-31", "20260301"),
    "/set domestic.exit.failed_breakout_pct_and_some_more_letters 1.0",
    "https://example.com/news/Samsung2026-Abcdefghijklmnopqrstuvwxyz0123456789",
    "01012345678 전화주세요",
    "삼성전자005930매도" * 4,
    "supercalifragilisticexpialidociousness",
)


@pytest.mark.parametrize("text", SECRETS)
def test_keys_tokens_and_accounts_are_known_by_their_shape(text: str) -> None:
    assert looks_secret(text)


@pytest.mark.parametrize("text", WORDS)
def test_what_a_trader_says_is_no_secret(text: str) -> None:
    assert not looks_secret(text)


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        *((".env", True), ("my.env", True), (".env.txt", True), ("secrets.enc", True)),
        *(("envelope.pdf", False), ("report.csv", False), ("", False)),
    ],
)
def test_files_of_secrets_are_known_by_their_name(name: str, *, is_secret: bool) -> None:
    assert is_secret_file(name) == is_secret


def test_loaded_secrets_are_found_whatever_they_look_like() -> None:
    known = Recogniser(
        Secrets(
            kis_hts_id=Secret("stop"),
            kis_account=Secret("7354918201"),
            master_passphrase=Secret("correct horse battery"),
        )
    )
    for text in ("my: CORRECT horse battery!", "73549182", "/set id stop"):
        assert known.finds(text), text
    for text in ("/stop", "stop", "/stop all", "/nonstop", "correct horse"):
        assert not known.finds(text), text


def deletions(calls: list[Call]) -> list[Call]:
    return [call for call in calls if call.method == "deleteMessage"]


def said(calls: list[Call]) -> list[str]:
    return [call.text for call in calls if call.method == "sendMessage"]


async def typed(stage: Stage, kind: str, text: str) -> list[Call]:
    if kind == "caption":
        body = {**stage.message("", OWNER), "caption": text}
        del body["text"]
        return await stage.give({"message": body})
    if kind == "edited":
        return await stage.give({"edited_message": stage.message(text, OWNER)})
    changes = {"date": 1} if kind == "late" else {}
    return await stage.type(text, **changes)


@pytest.mark.parametrize("kind", ["new", "late", "edited", "caption"])
@pytest.mark.parametrize("text", [f"/set app_key {APP_KEY}", BOT_TOKEN])
async def test_a_typed_secret_is_deleted_told_of_once_and_kept_nowhere(
    kind: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with staged() as stage:
        calls = await typed(stage, kind, text)
        (gone,) = deletions(calls)
        assert gone.fields == {"chat_id": OWNER, "message_id": 7}
        (told,) = said(calls)
        assert "지웠습니다" in told
        assert "새로 발급" in told
        assert stage.control.asked == []
        kept = f"{stage.values.held} {stage.outbox.__dict__} {stage.nonces.__dict__}"
    for place in (told, kept, caplog.text):
        assert APP_KEY not in place
        assert BOT_TOKEN not in place
        assert APP_KEY[:12] not in place


async def test_a_file_of_secrets_is_deleted_too() -> None:
    async with staged() as stage:
        document = {"file_id": "f", "file_unique_id": "u", "file_name": ".env"}
        body = {**stage.message("", OWNER), "document": document}
        assert len(deletions(await stage.give({"message": body}))) == 1


@pytest.mark.parametrize("trouble", ["refused", "network"])
async def test_where_it_cannot_be_deleted_the_trader_is_asked_to(trouble: str) -> None:
    async def refuse(call: Call) -> tuple[int, dict[str, Any]] | None:
        if call.method != "deleteMessage":
            return None
        if trouble == "network":
            return 502, {}
        return 400, {"ok": False, "description": "Bad Request: message can't be deleted"}

    async with staged() as stage:
        stage.sent.rule = refuse
        (told,) = said(await stage.type(APP_KEY))
        assert "직접 지워" in told


async def test_a_lost_answer_to_the_deletion_is_a_deletion() -> None:
    asked: list[Call] = []

    async def lose(call: Call) -> tuple[int, dict[str, Any]] | None:
        if call.method != "deleteMessage":
            return None
        asked.append(call)
        if len(asked) == 1:
            return 502, {}
        return 400, {"ok": False, "description": "Bad Request: message to delete not found"}

    async with staged() as stage:
        stage.sent.rule = lose
        (told,) = said(await stage.type(APP_KEY))
        assert "지웠습니다" in told
        assert len(asked) == 2


async def test_a_stranger_is_not_even_told() -> None:
    async with staged() as stage:
        stage.values.held["chat.strangers_told"] = "2026-07-06"
        assert await stage.type(APP_KEY, STRANGER) == []
