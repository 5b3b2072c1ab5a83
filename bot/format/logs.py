"""/logs and /bundle."""

from __future__ import annotations

from collections.abc import Sequence

from bot.format.lang import Lang
from bot.format.markup import bold, code, foreign, lines
from bot.format.times import KST
from engine.model.log_lines import REMARK, LogEntry, quoted

_LONGEST = 150
_SIGNS = {"WARNING": "⚠️", "ERROR": "🚨", "CRITICAL": "🚨"}
_SHOWN_BARE = ("event", "desk", "mode", "msg")
_LEFT_OUT = (*_SHOWN_BARE, "logger", "at")


def newest(entries: Sequence[LogEntry], word: str, lang: Lang) -> str:
    """The newest lines, oldest first, as many of the last ones as a message takes."""
    about = f": {foreign(word, 40)}" if word else ""
    if not entries:
        nothing = lang.pick("기록에 없습니다", "Nothing in the log")
        return f"{nothing}{about}"
    head = bold(lang.pick("로그 (KST)", "Log (KST)")) + about
    return lines(head, *(_line(entry) for entry in entries))


def ask_bundle(lang: Lang) -> str:
    """What is in it, before it is made."""
    return lines(
        bold(lang.pick("도움 요청용 묶음(zip)을 만들까요?", "Make a bundle (zip) for help?")),
        lang.pick(
            "로그, 설정, 버전, DB 상태, 헬스, 최근 주문의 상태(종목·방향·이유)를 담습니다.",
            "Log, configuration, versions, state of the databases, health, what became of the "
            "newest orders (stock, side, reason).",
        ),
        lang.pick(
            "키, 토큰, 계좌번호, 금액, 수량, DB는 담지 않습니다. 주기 전에 직접 열어 보세요.",
            "No keys, tokens, account numbers, amounts, shares or databases. Look through it "
            "before you hand it on.",
        ),
    )


def bundled(size: int, lang: Lang) -> str:
    """The file follows."""
    kib = max(1, size // 1024)
    return lang.pick(f"📎 묶음을 보냅니다 ({kib:,} KiB).", f"📎 Here is the bundle ({kib:,} KiB).")


def bundle_failed(lang: Lang) -> str:
    """The files could not be read."""
    return lang.pick(
        "⚠️ 묶음을 만들지 못했습니다. 디스크를 확인하세요: ",
        "⚠️ The bundle could not be made. Look at the disk: ",
    ) + code("python3 run.py doctor")


def owner_only(lang: Lang) -> str:
    """The bundle is for the first user of TELEGRAM_CHAT_ID."""
    return lang.pick("소유자만 받을 수 있습니다.", "Only the owner can have it.")


def unavailable(lang: Lang) -> str:
    """There is no log to read."""
    return lang.pick("로그를 읽을 수 없습니다.", "There is no log to read.")


def _line(entry: LogEntry) -> str:
    told = dict(entry.fields)
    at = f"{entry.at.astimezone(KST):%m-%d %H:%M:%S}"
    first = [told.get(name, "") for name in _SHOWN_BARE if told.get(name) != REMARK]
    rest = [f"{name}={quoted(value)}" for name, value in entry.fields if name not in _LEFT_OUT]
    words = " ".join(word for word in (*first, *rest) if word)
    sign = _SIGNS.get(entry.level)
    return (f"{sign} " if sign else "") + code(foreign(f"{at} {words}", _LONGEST))
