"""/set and /config as text."""

from __future__ import annotations

from bot.format import numbers, reasons
from bot.format.lang import Lang
from bot.format.markup import bold, code, foreign, in_parts, lines
from bot.format.positions import more, title
from engine.model.views import PositionView, SettingChange, SettingView

_MAX_ROWS = 40
_MAX_QUALIFYING = 8
_VALUE = 80
_GROUPS = {
    "entry": ("진입", "entries"),
    "exits": ("청산", "exits"),
    "risk": ("위험 한도", "risk"),
    "stages": ("점수 단계", "stages"),
    "weights": ("가중치", "weights"),
    "universe": ("대상과 스캔", "universe and scan"),
    "us": ("미국", "US desk"),
    "calls": ("호출 한도", "calls to KIS"),
    "live": ("실전 조건", "before LIVE"),
    "chat": ("채팅", "chat"),
}
_SOURCES = {"default": ("기본", "default"), "file": ("파일", "file"), "chat": ("채팅", "chat")}


def groups(lang: Lang) -> str:
    """/set: what there is to set, by groups."""
    return lines(
        bold(lang.pick("설정", "Settings")),
        lang.pick("어느 묶음을 볼까요?", "Which group?"),
        _change(lang),
        lang.pick(
            "따로: /alerts 알림, /quiet 조용한 시간, /lang 언어, /mode 모드.",
            "Elsewhere: /alerts, /quiet hours, /lang, /mode.",
        ),
        lang.pick(
            "config.yaml에서 바꾸고 다시 시작: 데스크 켜기, 주소, telegram(그림 색, 확인 시간), "
            "kakao, health. 바로 적용: calendar.",
            "In config.yaml, with a restart: desks on and off, addresses, telegram (colours of "
            "pictures, times of buttons), kakao, health. Without one: calendar.",
        ),
    )


def menu(group: str, rows: tuple[SettingView, ...], lang: Lang) -> str:
    """Keys of a group, with their values."""
    return lines(
        bold(f"{lang.pick('설정', 'Settings')} · {foreign(group_name(group, lang), 24)}"),
        *(f"{code(foreign(row.key))} = {foreign(row.value, _VALUE)}" for row in rows[:_MAX_ROWS]),
        more(len(rows), _MAX_ROWS, lang),
        _change(lang),
    )


def group_name(group: str, lang: Lang) -> str:
    """The trader's word for a group of settings; not escaped."""
    pair = _GROUPS.get(group)
    return group if pair is None else lang.pick(*pair)


def group_place(group: str) -> int:
    """Where the group stands among the others."""
    return list(_GROUPS).index(group) if group in _GROUPS else len(_GROUPS)


def _change(lang: Lang) -> str:
    return lang.pick(
        "바꾸기: 아래 버튼, 또는 <code>/set target 3.0</code>",
        "Change: a button below, or <code>/set target 3.0</code>",
    )


def how_to_set(row: SettingView, lang: Lang) -> str:
    """One key: value, what is allowed, what to type."""
    return lines(
        f"{code(foreign(row.key))} = {bold(foreign(row.value, _VALUE))} ({source(row, lang)})",
        lang.pick("허용: ", "Allowed: ") + foreign(row.allowed),
        lang.pick("보내기: ", "Send: ") + _typed(row.key, row.example),
        _in_the_file(row, lang),
    )


def _in_the_file(row: SettingView, lang: Lang) -> str | None:
    if row.file_key in {"", row.key}:
        return None
    return lang.pick("config.yaml에서는: ", "In config.yaml: ") + code(foreign(row.file_key))


def config(rows: tuple[SettingView, ...], lang: Lang) -> tuple[str, ...]:
    """Every effective value with its source, in as many messages as that takes."""
    head = bold(lang.pick("적용 중인 설정", "Settings in force"))
    shown = (
        f"{code(foreign(row.key, 48))} = {foreign(row.value, _VALUE)} · {source(row, lang)}"
        for row in rows
    )
    return in_parts((head, *shown))


def config_key(row: SettingView, lang: Lang) -> str:
    """One key in full."""
    if row.settable:
        return how_to_set(row, lang)
    return lines(
        f"{code(foreign(row.key))} = {bold(foreign(row.value))} ({source(row, lang)})",
        lang.pick("허용: ", "Allowed: ") + foreign(row.allowed),
        lang.pick("config.yaml에서만 바꿉니다.", "Changed in config.yaml only."),
    )


def changed(change: SettingChange, lang: Lang) -> str:
    """Old and new after it was stored."""
    return lang.pick("✅ 바꿈: ", "✅ Changed: ") + arrow(change)


def arrow(change: SettingChange) -> str:
    """key: old → new."""
    return f"{bold(foreign(change.key))}: {foreign(change.old)} → {bold(foreign(change.new))}"


def refused(key: str, value: str, allowed: str, example: str, lang: Lang) -> str:
    """A value that is not allowed, with what is and an example."""
    return lines(
        lang.pick("⚠️ 쓸 수 없는 값: ", "⚠️ Not allowed: ") + f"{foreign(key)} = {foreign(value)}",
        lang.pick("허용: ", "Allowed: ") + reasons.say(allowed, lang),
        lang.pick("예: ", "Example: ") + _typed(key, example),
    )


def unknown_key(key: str, nearest: str | None, lang: Lang) -> str:
    """A key nobody knows, with the nearest one."""
    hint = None
    if nearest is not None:
        hint = lang.pick("혹시: ", "Did you mean: ") + code(foreign(nearest))
    return lines(
        lang.pick("⚠️ 모르는 설정: ", "⚠️ Unknown setting: ") + foreign(key),
        hint,
        lang.pick("목록: /set", "List: /set"),
    )


def ask_loosening(change: SettingChange, lang: Lang) -> str:
    """A change that loosens something asks first."""
    return lines(
        lang.pick("한도를 완화하는 변경입니다. 적용할까요?", "This loosens a limit. Apply it?"),
        arrow(change),
    )


def ask_qualifying(change: SettingChange, lang: Lang) -> str:
    """A lower target under which positions would be sold now."""
    rows = change.qualifying
    return lines(
        arrow(change),
        lang.pick(
            f"새 목표를 이미 넘은 포지션 {len(rows)}개가 바로 팔릴 수 있습니다:",
            f"{len(rows)} positions already qualify and may be sold at once:",
        ),
        *(_qualifying(row, lang) for row in rows[:_MAX_QUALIFYING]),
        more(len(rows), _MAX_QUALIFYING, lang),
    )


def source(row: SettingView, lang: Lang) -> str:
    """Where a value came from."""
    pair = _SOURCES.get(row.source)
    return foreign(row.source) if pair is None else lang.pick(*pair)


def _typed(key: str, example: str) -> str:
    """The example as a whole command, whether or not it names its key."""
    words = example if key in example.split() else f"{key} {example}"
    return code(f"/set {foreign(words.removeprefix('/set '))}")


def _qualifying(row: PositionView, lang: Lang) -> str:
    gain = "-" if row.gain_pct is None else numbers.pct(row.gain_pct)
    shares = numbers.shares(row.qty, lang)
    return f"{numbers.mark(row.gain_pct)} {title(row.symbol, row.name)} {shares} {gain}"
