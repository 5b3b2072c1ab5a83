"""The commands: one table for the menu, /help, usage and nearest names."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from bot.format.arguments import shown
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from bot.format.stop_words import is_stop


class Group(StrEnum):
    """Groups of /help."""

    SEE = "see"
    CHANGE = "change"
    ACT = "act"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class CommandText:
    """What the trader reads about a command. ``words``: texts that mean it without a slash.

    ``asks_of``: its words may be followed by a name.
    """

    name: str
    group: Group
    arguments: str
    example: str
    ko: str
    en: str
    words: tuple[str, ...] = ()
    asks_of: bool = False

    def arguments_in(self, lang: Lang) -> str:
        """What it takes, in the reader's words."""
        return shown(self.arguments, lang)

    def example_in(self, lang: Lang) -> str:
        """One that can be typed, in the reader's words."""
        return shown(self.example, lang)


COMMANDS: tuple[CommandText, ...] = (
    CommandText("start", Group.SEE, "", "/start", "처음 화면", "first screen"),
    CommandText("help", Group.SEE, "", "/help", "도움말", "all commands", ("도움말",)),
    CommandText("status", Group.SEE, "", "/status", "상태", "state of everything", ("상태",)),
    CommandText("positions", Group.SEE, "", "/positions", "포지션", "positions", ("포지션",)),
    CommandText("balance", Group.SEE, "", "/balance", "잔고", "cash and value", ("잔고",)),
    CommandText("orders", Group.SEE, "", "/orders", "오늘 주문", "orders of today", ("주문",)),
    CommandText("trades", Group.SEE, "[1-30]", "/trades 20", "최근 매도", "past sales", ("거래",)),
    CommandText(
        "stats",
        Group.SEE,
        "[reasons]",
        "/stats reasons",
        "오늘·주·달 통계",
        "day, week, month",
        ("통계",),
    ),
    CommandText(
        "report",
        Group.SEE,
        "day|week|month|quarter|year [YYYY-MM-DD]|all|FROM TO [krx|us]",
        "/report month",
        "성과 보고서 (오늘, 지난달, 올해도)",
        "what a period brought",
        ("보고서",),
    ),
    CommandText("scan", Group.SEE, "", "/scan", "스캔과 점수", "candidates with scores", ("스캔",)),
    CommandText(
        "why",
        Group.SEE,
        "[STOCK]",
        "/why 005930",
        "산 이유, 안 산 이유",
        "why or why not",
        ("왜",),
        asks_of=True,
    ),
    CommandText("locks", Group.SEE, "", "/locks", "진입 금지 종목", "locked stocks"),
    CommandText("quota", Group.SEE, "", "/quota", "호출 한도", "KIS call quota"),
    CommandText(
        "config", Group.SEE, "[KEY]", "/config target", "적용 중인 설정", "settings in force"
    ),
    CommandText(
        "logs", Group.SEE, "[1-50] [WORD]", "/logs 30 AAPL", "최근 로그", "newest lines of the log"
    ),
    CommandText("version", Group.SEE, "", "/version", "버전", "version"),
    CommandText("bundle", Group.SEE, "", "/bundle", "도움 요청용 묶음", "a zip to ask for help"),
    CommandText(
        "set",
        Group.CHANGE,
        "KEY [SYMBOL] VALUE",
        "/set target 3.0",
        "설정 바꾸기",
        "change a setting",
    ),
    CommandText(
        "mode",
        Group.CHANGE,
        "dry_run|paper|live [krx|us]",
        "/mode paper",
        "모드 바꾸기",
        "switch the mode",
    ),
    CommandText("pause", Group.CHANGE, "[krx|us]", "/pause", "신규 중단 (청산만)", "exits only"),
    CommandText("resume", Group.CHANGE, "[krx|us]", "/resume", "재개", "run again", ("재개",)),
    CommandText("lock", Group.CHANGE, "STOCK", "/lock 005930", "진입 금지", "never enter a stock"),
    CommandText("unlock", Group.CHANGE, "STOCK", "/unlock 005930", "금지 해제", "lift a lock"),
    CommandText(
        "alerts",
        Group.CHANGE,
        "KIND on|silent|off",
        "/alerts order silent",
        "알림 종류",
        "alert kinds",
    ),
    CommandText(
        "quiet", Group.CHANGE, "HH:MM-HH:MM|off", "/quiet 23:00-07:00", "조용한 시간", "quiet hours"
    ),
    CommandText("lang", Group.CHANGE, "ko|en", "/lang en", "언어", "language"),
    CommandText("sell", Group.ACT, "SYMBOL [QTY|%]", "/sell AAPL 50%", "팔기", "sell by hand"),
    CommandText("sellall", Group.ACT, "", "/sellall", "모두 팔기", "sell everything"),
    CommandText("cancel", Group.ACT, "ORDER", "/cancel 30112345", "주문 취소", "cancel an order"),
    CommandText(
        "drill", Group.ACT, "", "/drill", "비상 정지 연습 (데모)", "emergency drill (demo)"
    ),
    CommandText(
        "stop",
        Group.STOP,
        "[all]",
        "/stop",
        "멈추기",
        "stop",
        ("중지", "멈춰", "정지", "스톱", "그만", "종료", "꺼", "stop", "halt"),
    ),
)
_GROUPS: dict[Group, tuple[str, str]] = {
    Group.SEE: ("보기", "See"),
    Group.CHANGE: ("바꾸기", "Change"),
    Group.ACT: ("하기", "Act"),
    Group.STOP: ("멈추기", "Stop"),
}
BY_NAME = {command.name: command for command in COMMANDS}
BY_WORD = {word: command.name for command in COMMANDS for word in command.words}
_ASKS_OF = {word for command in COMMANDS if command.asks_of for word in command.words}
_LIKE = {"health": "status"}  # words of other programs
_MARKS = "!?.~…,！？。"


def help_text(lang: Lang) -> str:
    """Every command by group, with the words that need no slash."""
    blocks = []
    for group in Group:
        rows = [_row(command, lang) for command in COMMANDS if command.group is group]
        blocks.append(lines(bold(lang.pick(*_GROUPS[group])), *rows))
    said = ", ".join(
        f"{word} [{shown('STOCK', lang)}]" if word in _ASKS_OF else word for word in BY_WORD
    )
    return lines(
        *blocks,
        lang.pick("그냥 말해도 되는 것: ", "Words without a slash: ") + said,
    )


def spoken(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The command that a text without a slash means, and its arguments; None for other texts."""
    if is_stop(text):
        return "stop", ()
    said = unicodedata.normalize("NFC", text).strip().rstrip(_MARKS).split()
    if not said or (len(said) > 1 and said[0] not in _ASKS_OF):
        return None
    name = BY_WORD.get(said[0].casefold())
    return None if name is None else (name, tuple(said[1:]))


def nearest(typed: str) -> str | None:
    """The command that was probably meant. Nothing that sells is ever guessed."""
    acts = {command.name for command in COMMANDS if command.group is Group.ACT}
    word = typed.casefold()
    if word in _LIKE or word in BY_WORD:
        return _LIKE.get(word) or BY_WORD[word]
    # Short English words are near to tickers: AAPL is no halt.
    near = [one for one in BY_WORD if not one.isascii()]
    known = [name for name in (*BY_NAME, *near) if name not in acts]
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return BY_WORD.get(found[0], found[0]) if found else None


def _row(command: CommandText, lang: Lang) -> str:
    arguments = f" {foreign(command.arguments_in(lang))}" if command.arguments else ""
    return f"/{command.name}{arguments} - {lang.pick(command.ko, command.en)}"
