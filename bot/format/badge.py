"""The mode badge every message carries: nobody may mistake whose money moves."""

from __future__ import annotations

from bot.format import words
from bot.format.lang import Lang
from bot.format.markup import bold, foreign
from engine.model.ids import Mode

_NOTE = 40


def badge(mode: Mode, note: str, lang: Lang) -> str:
    """[모의투자 · note]; the note says where quotes and fills come from when not obvious."""
    added = f" · {foreign(note, _NOTE)}" if note else ""
    return bold(f"[{words.mode(mode, lang)}{added}]")


def under_badge(text: str, mode: Mode, note: str, lang: Lang) -> str:
    """A whole message: badge first, then the text."""
    return f"{badge(mode, note, lang)} {text}"
