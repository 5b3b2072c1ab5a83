"""What /report says instead of a report, and beside its files."""

from __future__ import annotations

from datetime import date

from bot.format import times, words
from bot.format.lang import Lang
from bot.format.markup import code, foreign, lines
from engine.model.ids import DeskName

_EXAMPLE = "/report 2026-03-01 2026-03-31"


def no_such_day(lang: Lang) -> str:
    """A date the calendar does not have."""
    return _with_example(
        lang.pick("⚠️ 달력에 없는 날짜입니다.", "⚠️ There is no such date in the calendar."), lang
    )


def backwards(lang: Lang) -> str:
    """The end before the beginning."""
    return _with_example(
        lang.pick(
            "⚠️ 끝 날짜가 시작 날짜보다 앞섭니다. 시작을 먼저 쓰세요.",
            "⚠️ The end comes before the beginning. Type the beginning first.",
        ),
        lang,
    )


def future(today: date, lang: Lang) -> str:
    """Days that have not come yet; ``today`` at the exchange."""
    return _with_example(
        lang.pick(
            f"⚠️ 아직 오지 않은 날짜입니다 (오늘 {times.day(today)}).",
            f"⚠️ That day has not come yet (today is {times.day(today)}).",
        ),
        lang,
    )


def switched_off(desk: DeskName, lang: Lang) -> str:
    """A desk that does not run has no mode whose book could be meant."""
    name = words.desk(desk, lang)
    return lines(
        lang.pick(
            f"{name} 데스크가 꺼져 있어 어느 장부를 볼지 알 수 없습니다.",
            f"The {name} desk is off, so it is not known which book is meant.",
        ),
        lang.pick("파일로: ", "As files: ") + code("run.py report month --mode live --out DIR"),
    )


def _with_example(text: str, lang: Lang) -> str:
    return lines(text, lang.pick("예: ", "Example: ") + code(foreign(_EXAMPLE)))
