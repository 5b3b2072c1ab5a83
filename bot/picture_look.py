"""How the trader likes pictures."""

from __future__ import annotations

from bot.chat import ChatSettings
from bot.format.lang import Lang
from reports.pictures import subjects


def look(settings: ChatSettings, lang: Lang) -> subjects.Look:
    """Theme and colours as set, in the language of the chat."""
    return subjects.Look(
        subjects.Lang(lang.value),
        subjects.Theme(settings.chart_theme),
        subjects.Colours(settings.chart_colours),
    )
