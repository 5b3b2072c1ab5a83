"""The configuration's part that the chat is given."""

from __future__ import annotations

from bot.chat import ChatSettings
from engine.config import Config


def chat_settings(config: Config, user_ids: tuple[int, ...]) -> ChatSettings:
    """``user_ids``: whom it obeys; none for what is only drawn or printed."""
    telegram = config.telegram
    return ChatSettings(
        user_ids=user_ids,
        language=config.language,
        base_url=telegram.base_url,
        base_file_url=telegram.base_file_url,
        confirm_s=telegram.confirm_s,
        late_after_s=telegram.late_after_s,
        remind_s=telegram.remind_s,
        chart_theme=telegram.chart_theme,
        chart_colours=telegram.chart_colours,
    )
