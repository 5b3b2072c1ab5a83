"""What the chat is given of the configuration."""

from __future__ import annotations

from dataclasses import fields

from bot.terminal.chat_settings import chat_settings
from engine.config import Config
from engine.config.sections import Language, Telegram


def test_every_value_of_the_telegram_section_reaches_the_chat() -> None:
    telegram = Telegram("http://one/bot", "http://one/file", 31, 32, 33, "dark", "western")
    assert not {getattr(telegram, one.name) for one in fields(Telegram)} & {
        getattr(Telegram(), one.name) for one in fields(Telegram)
    }
    chat = chat_settings(Config(language=Language.EN, telegram=telegram), (7, 8))
    for one in fields(Telegram):
        assert getattr(chat, one.name) == getattr(telegram, one.name), one.name
    assert (chat.user_ids, chat.language) == ((7, 8), "en")
