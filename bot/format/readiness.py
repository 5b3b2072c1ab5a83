"""The check before a desk's window: one line for what is well, one each for the rest."""

from __future__ import annotations

from datetime import datetime

from bot.format import reasons, times, words
from bot.format.lang import Lang
from bot.format.markup import bold, lines
from engine.model.ids import DeskName
from engine.model.readiness import ReadinessChecked, ReadyItem, ReadyLine
from engine.model.state_facts import Trouble

_NO_NOTICES = "polling"
_ITEMS: dict[ReadyItem, tuple[str, str]] = {
    ReadyItem.TOKEN: ("접근토큰", "token"),
    ReadyItem.ACCOUNT: ("계좌 조회", "account read"),
    ReadyItem.BOOKS: ("장부 일치", "books agree"),
    ReadyItem.CLOCK: ("시계", "clock"),
    ReadyItem.CALLS: ("호출", "calls"),
    ReadyItem.DISK: ("디스크", "disk"),
    ReadyItem.STREAM: ("실시간", "stream"),
    ReadyItem.TROUBLE: ("장애 없음", "no trouble"),
    ReadyItem.GUARD: ("가드 풀림", "no guard"),
    ReadyItem.USER_STOP: ("정지 없음", "no stop"),
}
# What a red line is called, and what to do about it.
_RED: dict[ReadyItem, tuple[tuple[str, str], tuple[str, str]]] = {
    ReadyItem.TOKEN: (
        ("접근토큰 없음", "no token"),
        ("서버에서 doctor로 키를 확인하세요.", "check the keys with doctor on the machine."),
    ),
    ReadyItem.ACCOUNT: (
        ("계좌를 읽지 못함", "account not read"),
        ("KIS 공지와 /status를 보세요.", "see KIS's notices and /status."),
    ),
    ReadyItem.BOOKS: (
        ("장부와 계좌가 다름", "books and account differ"),
        ("/positions에서 답하세요.", "answer under /positions."),
    ),
    ReadyItem.CLOCK: (
        ("시계가 다름", "the clock is off"),
        ("서버의 NTP를 켜세요.", "switch NTP on."),
    ),
    ReadyItem.CALLS: (
        ("호출이 얼마 안 남음", "few calls left"),
        ("/quota를 보세요.", "see /quota."),
    ),
    ReadyItem.DISK: (
        ("디스크가 거의 참", "the disk is nearly full"),
        ("지울 것을 찾으세요.", "make room."),
    ),
    ReadyItem.STREAM: (
        ("실시간 연결이 끊김", "the stream is away"),
        ("KIS 공지를 보세요. 조회로 이어 갑니다.", "see KIS's notices; it goes on by polling."),
    ),
    ReadyItem.TROUBLE: (
        ("장애", "trouble"),
        ("/status를 보세요.", "see /status."),
    ),
    ReadyItem.GUARD: (
        ("가드가 걸림", "a guard holds it back"),
        ("원인을 보고 /resume.", "look at the cause, then /resume."),
    ),
    ReadyItem.USER_STOP: (
        ("직접 건 정지", "stopped by you"),
        ("풀려면 /resume.", "/resume releases it."),
    ),
}
_STOPS = {"exits_only": ("청산만", "exits only"), "halted": ("완전 정지", "halted")}


def checked(fact: ReadinessChecked, desk: DeskName, lang: Lang) -> str:
    """Green and red, what to do, and when the next one is due."""
    well = [line for line in fact.lines if line.is_well]
    bad = [line for line in fact.lines if not line.is_well]
    return lines(
        _head(fact, desk, len(bad), lang),
        *(f"🔴 {_bad(line, lang)}" for line in bad),
        "🟢 " + ", ".join(_well(line, lang) for line in well) if well else None,
        lang.pick("다음 점검 ", "Next check ")
        + _when(fact.next_at, desk, lang)
        + lang.pick(". 그때 오지 않으면 문제입니다.", ". If it does not come, something is wrong."),
    )


def _head(fact: ReadinessChecked, desk: DeskName, bad: int, lang: Lang) -> str:
    mark = "🔴" if bad else "🟢"
    found = (
        lang.pick(f"확인할 것 {bad}가지", f"{bad} to look at")
        if bad
        else lang.pick("이상 없음", "all well")
    )
    name, mode = words.desk(desk, lang), words.mode(fact.mode, lang)
    title = lang.pick(f"{name} 장 전 점검: {found}", f"{name} before the session: {found}")
    begins = lang.pick("시작 ", "begins ") + _when(fact.opens_at, desk, lang)
    return lines(f"{mark} {bold(title)}", f"{mode} · {begins}")


def _well(line: ReadyLine, lang: Lang) -> str:
    name = lang.pick(*_ITEMS[line.item])
    if line.item is ReadyItem.STREAM:
        if line.measured == _NO_NOTICES:
            return name + lang.pick("(HTS ID 없어 조회로)", " (by polling: no HTS id)")
        return name
    shown = reasons.figure(line.measured, lang)
    # Only behind a figure: elsewhere a slash would begin a command that can be pressed.
    if line.item is ReadyItem.CALLS and line.limit and shown[-1:].isdecimal():
        shown += f"/{reasons.figure(line.limit, lang)}"
    return f"{name} {shown}" if shown else name


def _bad(line: ReadyLine, lang: Lang) -> str:
    name, to_do = (lang.pick(*pair) for pair in _RED[line.item])
    told = _told(line, lang)
    if line.limit and told:
        told += lang.pick(", 한도 ", ", limit ") + reasons.figure(line.limit, lang)
    return f"{name}{f' ({told})' if told else ''}: {to_do}"


def _told(line: ReadyLine, lang: Lang) -> str:
    match line.item:
        case ReadyItem.STREAM:
            return ""
        case ReadyItem.GUARD:
            return reasons.causes(line.measured, lang)
        case ReadyItem.USER_STOP if line.measured in _STOPS:
            return lang.pick(*_STOPS[line.measured])
        case ReadyItem.TROUBLE:
            known, names = set(Trouble), line.measured.split(", ")
            return ", ".join(
                words.trouble(Trouble(one), lang) if one in known else reasons.say(one, lang)
                for one in names
            )
        case _:
            parts = [part for part in line.measured.split(", ") if part]
            return ", ".join(reasons.figure(part, lang) for part in parts)


def _when(at: datetime, desk: DeskName, lang: Lang) -> str:
    return times.kst(at) if desk is DeskName.KRX else times.both(at, lang)
