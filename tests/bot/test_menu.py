"""Menu, help, handlers and words come from one table."""

from __future__ import annotations

import re

from telegram.ext import CommandHandler

from bot import menu
from bot.format.command_list import BY_NAME, COMMANDS, help_text, nearest
from bot.format.lang import Lang
from bot.handlers import REST, STOP
from tests.bot.stage import staged


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
