"""The mode badge every message carries: nobody may mistake whose money moves."""

from __future__ import annotations

from bot.format import words
from bot.format.lang import Lang
from bot.format.markup import bold, foreign
from engine.model.ids import Mode

_NOTE = 40
_NOTES = {
    "paper_real_quotes": ("실시간 시세는 실전 키", "quotes by the real key"),
    "paper_polling": ("시세는 조회로", "quotes by polling"),
}


def badge(mode: Mode, note: str, lang: Lang) -> str:
    """[모의투자 · note]; the note says where quotes and fills come from when not obvious."""
    known = _NOTES.get(note)
    said = foreign(note, _NOTE) if known is None else lang.pick(*known)
    added = f" · {said}" if said else ""
    return bold(f"[{words.mode(mode, lang)}{added}]")


def under_badge(text: str, mode: Mode, note: str, lang: Lang) -> str:
    """A whole message: badge first, then the text."""
    return f"{badge(mode, note, lang)} {text}"
