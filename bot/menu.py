"""The commands menu: the owner's chats get it all, strangers see /start only."""

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
    """What strangers see."""
    await _set(bot, [BotCommand("start", "Start")], BotCommandScopeDefault(), None)


async def draw(bot: Bot, user_id: int, lang: Lang) -> None:
    """The menu of one allowed user: Korean for Korean clients, the chosen language else."""
    scope = BotCommandScopeChat(user_id)
    await _set(bot, commands(lang), scope, None)
    await _set(bot, commands(lang), scope, "ko")


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
