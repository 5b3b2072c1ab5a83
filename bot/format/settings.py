"""/set and /config as text."""

from __future__ import annotations

from bot.format import numbers, reasons, setting_words
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
_IN_KOREAN = "한국어 이름도 됩니다: <code>/set 손절 3</code>, <code>/set 최대주문 200만</code>"
_BACK = {Lang.KO: " (따로 정한 목표를 지움)", Lang.EN: " (its own is taken back)"}
_SOURCES = {"default": ("기본", "default"), "file": ("파일", "file"), "chat": ("채팅", "chat")}


def groups(lang: Lang) -> str:
    """/set: what there is to set, by groups."""
    return lines(
        bold(lang.pick("설정", "Settings")),
        lang.pick("어느 묶음을 볼까요?", "Which group?"),
        _change(lang),
        _IN_KOREAN if lang is Lang.KO else None,
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
        *(_menu_row(row, lang) for row in rows[:_MAX_ROWS]),
        more(len(rows), _MAX_ROWS, lang),
        _change(lang),
    )


def _menu_row(row: SettingView, lang: Lang) -> str:
    meaning = setting_words.meaning(_file_key(row), lang)
    told = "" if meaning is None else f" · {foreign(meaning)}"
    return f"{code(foreign(row.key))} {_value(row, lang)}{told}"


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
    """One key: value, meaning, what is allowed, what to type."""
    meaning = setting_words.meaning(_file_key(row), lang)
    return lines(
        f"{code(foreign(row.key))} = {bold(_value(row, lang))} ({source(row, lang)})",
        None if meaning is None else lang.pick("뜻: ", "Meaning: ") + foreign(meaning),
        lang.pick("허용: ", "Allowed: ") + foreign(setting_words.allowed(row.allowed, lang)),
        lang.pick("보내기: ", "Send: ") + _typed(row.key, row.example),
        _names(row, lang),
        _in_the_file(row, lang),
    )


def _names(row: SettingView, lang: Lang) -> str | None:
    names = [name for name in row.names if lang is Lang.KO or name.isascii()]
    if not names:
        return None
    told = ", ".join(code(foreign(name)) for name in names)
    return lang.pick("다른 이름: ", "Other names: ") + told


def _own_targets(rows: tuple[SettingView, ...], lang: Lang) -> str | None:
    """Stocks that do not go by the target of all, with the way back."""
    own = [row for row in rows if setting_words.own_symbol(row.key)]
    if not own:
        return None
    chat = [setting_words.own_symbol(row.key) or "" for row in own if row.source == "chat"]
    return lines(
        lang.pick("따로 정한 종목:", "Stocks with a target of their own:"),
        *(_own_target(row, lang) for row in own[:_MAX_ROWS]),
        more(len(own), _MAX_ROWS, lang),
        _take_back(chat[0], lang) if chat else None,
    )


def _own_target(row: SettingView, lang: Lang) -> str:
    where = source(row, lang)
    if row.key.startswith("held_target:"):
        where = lang.pick("지금 보유한 주식만", "shares held now only")
    return f"· {foreign(setting_words.own_symbol(row.key) or '')} {_value(row, lang)} ({where})"


def _value(row: SettingView, lang: Lang) -> str:
    return foreign(setting_words.value(_file_key(row), row.value, lang), _VALUE)


def _file_key(row: SettingView) -> str:
    return row.file_key or row.key


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


def config_key(row: SettingView, rows: tuple[SettingView, ...], lang: Lang) -> str:
    """One key in full, out of all; the target with those of single stocks."""
    if row.settable:
        is_target = _file_key(row) == setting_words.TARGET
        return lines(how_to_set(row, lang), _own_targets(rows, lang) if is_target else None)
    return lines(
        f"{code(foreign(row.key))} = {bold(_value(row, lang))} ({source(row, lang)})",
        lang.pick("허용: ", "Allowed: ") + foreign(setting_words.allowed(row.allowed, lang)),
        lang.pick("config.yaml에서만 바꿉니다.", "Changed in config.yaml only."),
    )


def changed(change: SettingChange, name: str, lang: Lang, *, is_new_only: bool) -> str:
    """Old and new after it was stored. ``name``: that of the one stock it is for."""
    scope = lang.pick(" (새 매수부터)", " (new buys only)") if is_new_only else ""
    told = arrow(change, name, lang) + scope
    if change.symbol is None:
        return lang.pick("✅ 바꿈: ", "✅ Changed: ") + told
    back = None if change.is_back else _take_back(change.symbol, lang)
    return lines(f"✅ {told}", back)


def _take_back(symbol: str, lang: Lang) -> str:
    return lang.pick("되돌리기: ", "Take back: ") + code(f"/set target {foreign(symbol)} off")


def arrow(change: SettingChange, name: str, lang: Lang) -> str:
    """Old → new, and of what: a key, or the target of one stock."""
    old, new = (
        foreign(setting_words.value(change.key, text, lang), _VALUE)
        for text in (change.old, change.new)
    )
    if change.symbol is None:
        meaning = setting_words.meaning(change.key, lang)
        of = bold(foreign(meaning or change.key))
        key = "" if meaning is None else f" ({foreign(change.key)})"
        return f"{of}{key}: {old} → {bold(new)}"
    stock = title(change.symbol, name)
    common = "" if change.was_own else lang.pick(" (공통)", " (that of all)")
    only = lang.pick(f"{stock}만: 목표", f"{stock} only: target")
    told = f"{only} {old}{common} → {bold(new)}"
    return told + _BACK[lang] if change.is_back else told


def not_held(symbol: str, lang: Lang) -> str:
    """A target for a stock nobody holds may be one for a slip of the finger."""
    shown = foreign(symbol, 24)
    return lang.pick(
        f"⚠️ {shown}: 지금 보유한 종목이 아닙니다. 코드가 맞는지 보세요. 사면 이 목표로 팝니다.",
        f"⚠️ {shown} is not held now: look whether the code is right. "
        "Once bought, it is sold at this target.",
    )


def refused(key: str, value: str, allowed: str, example: str, lang: Lang) -> str:
    """A value that is not allowed, with what is and an example."""
    return lines(
        lang.pick("⚠️ 쓸 수 없는 값: ", "⚠️ Not allowed: ") + f"{foreign(key)} = {foreign(value)}",
        lang.pick("허용: ", "Allowed: ") + reasons.say(setting_words.allowed(allowed, lang), lang),
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


def ask_loosening(change: SettingChange, name: str, lang: Lang) -> str:
    """A change that loosens something asks first."""
    return lines(
        lang.pick("한도를 완화하는 변경입니다. 적용할까요?", "This loosens a limit. Apply it?"),
        arrow(change, name, lang),
    )


def ask_qualifying(change: SettingChange, name: str, lang: Lang) -> str:
    """A lower target under which positions would be sold now."""
    rows = change.qualifying
    return lines(
        arrow(change, name, lang),
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
