"""The words of the commands' arguments: Korean as the bot prints them, beside the English ones."""

from __future__ import annotations

import re

from bot.format import kinds, report, words
from bot.format.lang import Lang
from engine.model.ids import DeskName, Mode
from reports.periods import SPANS, Span

# What a word of a form is called in Korean; each is also taken when it is typed.
_WORDS: dict[str, str] = {
    **{mode: words.mode(mode, Lang.KO) for mode in Mode},
    **{desk: words.desk(desk, Lang.KO) for desk in DeskName},
    **{span: report.span_name(span, Lang.KO) for span in SPANS},
    **{level: kinds.level_name(level, Lang.KO) for level in kinds.Loudness},
    **{kind: kinds.name(kind, Lang.KO) for kind in kinds.AlertKind},
    Lang.KO: "한국어",
    Lang.EN: "영어",
    "reasons": "사유",
}
# What a form leaves open.
_OPEN = {
    "STOCK": "종목",
    "SYMBOL": "종목",
    "KEY": "항목",
    "VALUE": "값",
    "KIND": "종류",
    "ORDER": "주문번호",
    "QTY": "수량",
    "WORD": "낱말",
    "FROM": "시작일",
    "TO": "종료일",
}
# Other words for the same.
_ALSO: dict[str, str] = {
    "조용히": kinds.Loudness.SILENT,
    **dict.fromkeys(("켜기", "켜"), kinds.Loudness.ON),
    **dict.fromkeys(("끄기", "꺼"), kinds.Loudness.OFF),
    **dict.fromkeys(("전량", "모두", "전부"), Span.ALL),
    "결산": kinds.AlertKind.SUMMARY,
    "한도": kinds.AlertKind.QUOTA,
    "거래일": kinds.AlertKind.CALENDAR,
    **dict.fromkeys(("거래정지", "거래 정지", "vi"), kinds.AlertKind.HALT),
    **dict.fromkeys(("정지", "상태"), kinds.AlertKind.STATE),
}
_MEANT = {**{shown.casefold(): word for word, shown in _WORDS.items()}, **_ALSO}
_WORD = re.compile(r"(?<![/\w])[A-Za-z_]+")
_SPLIT = re.compile(r"(이번|지난)\s+")

# Periods counted from today: of which kind, and how many back.
RELATIVE: dict[str, tuple[Span, int]] = {
    "오늘": (Span.DAY, 0),
    "어제": (Span.DAY, 1),
    "이번주": (Span.WEEK, 0),
    "지난주": (Span.WEEK, 1),
    "이번달": (Span.MONTH, 0),
    "지난달": (Span.MONTH, 1),
    "이번분기": (Span.QUARTER, 0),
    "지난분기": (Span.QUARTER, 1),
    "올해": (Span.YEAR, 0),
    "작년": (Span.YEAR, 1),
    "지난해": (Span.YEAR, 1),
}


def meant(typed: str) -> str:
    """The English word that is meant; what is no Korean one comes back in small letters."""
    plain = " ".join(typed.casefold().split())
    return _MEANT.get(plain, plain)


def joined(typed: str) -> str:
    """'지난 달' as the one word that ``RELATIVE`` has."""
    return _SPLIT.sub(r"\1", typed)


def shown(form: str, lang: Lang) -> str:
    """Arguments or an example of ours in the reader's words."""
    if lang is Lang.EN:
        return form
    return _WORD.sub(lambda found: _called(found.group()), form)


def _called(word: str) -> str:
    return _OPEN.get(word) or _WORDS.get(word, word)
