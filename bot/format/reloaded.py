"""What a changed config.yaml did: taken over, waiting for a start, or refused as a whole."""

from __future__ import annotations

from bot.format import reasons
from bot.format.lang import Lang
from bot.format.markup import code, foreign, lines

_LONGEST_REASON = 300
_MAX_KEYS = 20


def reloaded(changed: tuple[str, ...], at_next_start: tuple[str, ...], lang: Lang) -> str:
    """Dotted keys in force from now on, and those that a running process never changes."""
    applied = waiting = None
    if changed:
        applied = lang.pick("✅ config.yaml 적용: ", "✅ config.yaml applied: ") + _keys(changed)
    if at_next_start:
        waiting = lang.pick("⏸ 다음 시작 때 적용: ", "⏸ At the next start: ") + _keys(at_next_start)
    return lines(applied, waiting, lang.pick("값: /config", "Values: /config"))


def refused(reason: str, lang: Lang) -> str:
    """A bad edit; ``reason`` names file, key, value and what is allowed."""
    return lines(
        lang.pick(
            "⚠️ config.yaml을 적용하지 않았습니다. 이전 값이 모두 그대로입니다.",
            "⚠️ config.yaml was refused as a whole. All old values stay.",
        ),
        lang.pick("이유: ", "Reason: ") + code(reasons.say(reason, lang, _LONGEST_REASON)),
    )


def _keys(keys: tuple[str, ...]) -> str:
    shown = ", ".join(code(foreign(key)) for key in keys[:_MAX_KEYS])
    return f"{shown} (+{len(keys) - _MAX_KEYS})" if len(keys) > _MAX_KEYS else shown
