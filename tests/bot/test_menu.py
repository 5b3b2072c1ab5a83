"""Menu, help, handlers and words come from one table."""

from __future__ import annotations

import json
import re

import pytest
from telegram.ext import CommandHandler

from bot import menu
from bot.format.command_list import BY_NAME, COMMANDS, Group, help_text, nearest
from bot.format.lang import Lang
from bot.handlers import REST, STOP
from sandbox.telegram_commands import CommandMenus
from tests.bot.stage import OWNER, STRANGER, staged


async def test_every_listed_command_has_a_handler_and_no_other_has() -> None:
    async with staged() as stage:
        handled = {
            name
            for group in (STOP, REST)
            for handler in stage.app.handlers[group]
            if isinstance(handler, CommandHandler)
            for name in handler.commands
        }
        assert handled == set(BY_NAME)


def test_the_menu_keeps_telegrams_rules() -> None:
    for lang in Lang:
        rows = menu.commands(lang)
        assert len(rows) == len(COMMANDS) <= 100
        for row in rows:
            assert re.fullmatch(r"[a-z0-9_]{1,32}", row.command)
            assert 1 <= len(row.description) <= 256


async def shown_in(language: str, chosen: Lang, user_id: int = OWNER) -> list[tuple[str, str]]:
    """The menu button's list in a client of that language, as the sandbox's server keeps it."""
    menus = CommandMenus(lambda _chat: True)
    async with staged() as stage:
        await menu.draw_default(stage.app.bot)
        await menu.draw(stage.app.bot, OWNER, chosen)
        for call in stage.sent.calls:
            fields = call.fields
            scope, spoken = json.dumps(fields["scope"]), fields.get("language_code", "")
            menus.put(json.dumps(fields["commands"]), scope, spoken)
    return [(row["command"], row["description"]) for row in menus.shown_to(user_id, language)]


def rows(lang: Lang) -> list[tuple[str, str]]:
    return [(row.command, row.description) for row in menu.commands(lang)]


@pytest.mark.parametrize("chosen", list(Lang))
async def test_korean_and_english_clients_read_their_own_others_the_chosen(chosen: Lang) -> None:
    assert await shown_in("ko", chosen) == rows(Lang.KO)
    assert await shown_in("en", chosen) == rows(Lang.EN)
    assert await shown_in("de", chosen) == rows(chosen)


async def test_strangers_are_offered_nothing_but_start() -> None:
    assert await shown_in("en", Lang.KO, STRANGER) == [("start", "Start")]
    assert await shown_in("de", Lang.KO, STRANGER) == [("start", "Start")]
    assert await shown_in("ko", Lang.EN, STRANGER) == [("start", "시작")]


async def test_changing_the_language_redraws_the_menu_of_clients_without_their_own() -> None:
    async with staged() as stage:
        await stage.type("/lang en")
        drawn = [call for call in stage.sent.calls if call.method == "setMyCommands"]
        texts = {call.fields.get("language_code"): call.fields["commands"] for call in drawn}
        assert texts.keys() == {None, "ko", "en"}
        assert texts[None] == texts["en"] != texts["ko"]


def test_help_names_every_command_and_word() -> None:
    for lang in Lang:
        text = help_text(lang)
        for command in COMMANDS:
            assert f"/{command.name}" in text
            assert all(word in text for word in command.words)


def test_every_example_begins_with_its_command() -> None:
    for command in COMMANDS:
        assert command.example.split()[0] == f"/{command.name}"


def test_words_lead_to_their_command() -> None:
    assert nearest("잔고가") == "balance"
    assert nearest("zzzzzz") is None
    assert nearest("halt") == nearest("멈춰") == "stop"
    assert nearest("AAPL") is None


@pytest.mark.parametrize("typed", ["sel", "sell", "sellal", "cancl", "dril"])
def test_what_acts_is_never_guessed(typed: str) -> None:
    near = nearest(typed)
    assert near is None or BY_NAME[near].group is not Group.ACT
