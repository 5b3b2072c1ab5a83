"""The commands menu by scope and language: all of it for allowed users, /start for strangers."""

from __future__ import annotations

import logging

from telegram import Bot, BotCommand, BotCommandScopeChat, BotCommandScopeDefault
from telegram.error import TelegramError

from bot.format.command_list import COMMANDS
from bot.format.lang import Lang

_LOG = logging.getLogger(__name__)


def commands(lang: Lang) -> list[BotCommand]:
    """Every command with its description."""
    return [BotCommand(command.name, lang.pick(command.ko, command.en)) for command in COMMANDS]


async def draw_default(bot: Bot) -> None:
    """What strangers see: English, and Korean in Korean clients."""
    await _set(bot, [BotCommand("start", "Start")], BotCommandScopeDefault(), None)
    await _set(bot, [BotCommand("start", "시작")], BotCommandScopeDefault(), Lang.KO)


async def draw(bot: Bot, user_id: int, lang: Lang) -> None:
    """The menu of one allowed user.

    Korean and English clients read their own language, all others the chosen one.
    """
    scope = BotCommandScopeChat(user_id)
    await _set(bot, commands(lang), scope, None)
    for spoken in Lang:
        await _set(bot, commands(spoken), scope, spoken)


async def _set(
    bot: Bot,
    rows: list[BotCommand],
    scope: BotCommandScopeChat | BotCommandScopeDefault,
    language_code: str | None,
) -> None:
    """Cosmetic: failing (the user never pressed Start) changes nothing else."""
    try:
        await bot.set_my_commands(rows, scope=scope, language_code=language_code)
    except TelegramError as error:
        _LOG.info("commands menu not set: %s", type(error).__name__)
