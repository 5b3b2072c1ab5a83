"""The mode badge every message carries: nobody may mistake whose money moves."""

from __future__ import annotations

from collections.abc import Mapping

from bot.format import words
from bot.format.lang import Lang
from bot.format.markup import bold, foreign
from engine.model.ids import DeskName, Mode

_NOTE = 40
_NOTES = {
    "paper_real_quotes": ("실시간 시세는 실전 키", "quotes by the real key"),
    "paper_polling": ("시세는 조회로", "quotes by polling"),
}


def badge(mode: Mode, note: str, lang: Lang) -> str:
    """[모의투자 · note]; the note says where quotes and fills come from when not obvious."""
    return bold(f"[{words.mode(mode, lang)}{_said(note, lang)}]")


def under_badge(text: str, modes: Mapping[DeskName, Mode] | Mode, note: str, lang: Lang) -> str:
    """A whole message: badge first, then the text. Desks of one mode share their word."""
    if isinstance(modes, Mode):
        return f"{badge(modes, note, lang)} {text}"
    if len(set(modes.values())) <= 1:
        return f"{badge(next(iter(modes.values()), Mode.DRY_RUN), note, lang)} {text}"
    shown = " · ".join(
        f"{words.desk(desk, lang)} {words.mode(mode, lang)}" for desk, mode in modes.items()
    )
    return f"{bold(f'[{shown}{_said(note, lang)}]')} {text}"


def _said(note: str, lang: Lang) -> str:
    known = _NOTES.get(note)
    said = foreign(note, _NOTE) if known is None else lang.pick(*known)
    return f" · {said}" if said else ""
