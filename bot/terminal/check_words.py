"""What ``run.py check-config`` says of origins and faults, in both languages."""

from __future__ import annotations

from bot.format.lang import Lang
from bot.terminal import here
from engine.config import Source


def legend(name: str, lang: Lang) -> str:
    """The head: what stands in the brackets. ``name``: of the file."""
    return lang.pick(
        "# 키 = 값 (출처)\n"
        f"#   기본값: 파일에 없어서 프로그램의 값을 씀 · {name}: 그 파일에 적혀 있음\n"
        "#   채팅: /set으로 바꿈, 파일보다 우선",
        "# key = value (origin)\n"
        f"#   default: not in the file, the program's own · {name}: stands in that file\n"
        "#   chat: set by /set, wins over the file",
    )


def origin(source: Source, name: str, lang: Lang) -> str:
    """Where a value comes from."""
    match source:
        case Source.DEFAULT:
            return lang.pick("기본값", "default")
        case Source.CHAT:
            return lang.pick("채팅", "chat")
        case Source.FILE:
            return name


def usual(value: str, lang: Lang, *, is_same: bool) -> str:
    """Whether the file's value is the program's own one, too."""
    if is_same:
        return lang.pick(", 기본값과 같음", ", same as default")
    return lang.pick(f", 기본값은 {value or '-'}", f", default {value or '-'}")


def file_says(value: str, name: str, lang: Lang) -> str:
    """What the chat's value wins over."""
    return lang.pick(f", {name}은 {value or '-'}", f", {name} says {value or '-'}")


def no_chat_values(reason: str, lang: Lang) -> str:
    """state.db could not be read."""
    return lang.pick(
        f"⚠️ 채팅에서 바꾼 값은 읽지 못했습니다({reason}). 위는 파일의 값입니다.",
        f"⚠️ What was set from the chat could not be read ({reason}): above is the file alone.",
    )


def all_well(count: int, changed: int, lang: Lang) -> str:
    """The last line."""
    return lang.pick(
        f"✅ 설정이 모두 올바릅니다: 값 {count}개, 그중 기본값과 다른 것 {changed}개.",
        f"✅ All is well: {count} values, {changed} of them other than the default.",
    )


def are_wrong(count: int, given: str, lang: Lang) -> str:
    """The last line. What contradicts each other shows once every key is right: no total."""
    again = here.typed("check-config", given)
    return lang.pick(
        f"위 {count}곳을 고친 뒤 다시: {again}",
        f"Mend the {count} above, then again: {again}",
    )


def cut_short(given: str, lang: Lang) -> str:
    """The last line where something was in the way of looking on."""
    again = here.typed("check-config", given)
    return lang.pick(
        f"여기서 멈춰 나머지는 보지 못했습니다. 고친 뒤 다시: {again}",
        f"The rest was not looked at. Mend this, then again: {again}",
    )
