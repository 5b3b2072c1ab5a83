"""/alerts and /quiet as text."""

from __future__ import annotations

from collections.abc import Mapping

from bot.format.kinds import AlertKind, Loudness, level_name, name
from bot.format.lang import Lang
from bot.format.markup import bold, code, lines

_MARKS = {Loudness.ON: "🔔", Loudness.SILENT: "🔕", Loudness.OFF: "🚫"}


def overview(levels: Mapping[AlertKind, Loudness], quiet: str | None, lang: Lang) -> str:
    """Every kind with its loudness, and the quiet hours."""
    return lines(
        bold(lang.pick("알림", "Alerts")),
        *(_line(kind, level, lang) for kind, level in levels.items()),
        quiet_line(quiet, lang),
        lang.pick("예: ", "Example: ")
        + code(lang.pick("/alerts 주문 무음", "/alerts order silent")),
    )


def changed(kind: AlertKind, level: Loudness, lang: Lang) -> str:
    """After /alerts KIND LEVEL."""
    return lines(lang.pick("✅ 바꿨습니다.", "✅ Changed."), _line(kind, level, lang))


def never_muted(kind: AlertKind, lang: Lang) -> str:
    """Stops, errors and emergencies cannot be switched off."""
    return lang.pick(
        f"⚠️ {name(kind, lang)} 알림은 끌 수 없습니다.",
        f"⚠️ Alerts of {name(kind, lang)} cannot be muted.",
    )


def quiet_line(quiet: str | None, lang: Lang) -> str:
    """Quiet hours in force."""
    if quiet is None:
        return lang.pick("조용한 시간 없음", "No quiet hours")
    return lang.pick(
        f"조용한 시간 {quiet} KST\n(소리 없이, 오류·정지는 제외)",
        f"Quiet hours {quiet} KST\n(without sound; errors and stops excepted)",
    )


def _line(kind: AlertKind, level: Loudness, lang: Lang) -> str:
    return f"{_MARKS[level]} {code(kind)} {name(kind, lang)}: {level_name(level, lang)}"
