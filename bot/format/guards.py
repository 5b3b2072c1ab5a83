"""How near the guards are to holding a desk back."""

from __future__ import annotations

from collections.abc import Sequence

from bot.format import words
from bot.format.lang import Lang
from engine.model.state_facts import Trouble
from engine.model.views import GuardView


def guard_lines(guards: Sequence[GuardView], lang: Lang) -> tuple[str, ...]:
    """One line a guard: it trips when the first figure reaches the second."""
    return tuple(_guard(guard, lang) for guard in guards)


def _guard(guard: GuardView, lang: Lang) -> str:
    name = words.trouble(guard.trouble, lang)
    if guard.trouble.is_limit:
        unit = lang.pick("원", " won") if guard.trouble is Trouble.DAILY_LOSS else ""
        return f"🛡 {name} {guard.used:,}/{guard.limit:,}{unit}"
    return f"🛡 {name} {lang.pick('실패', 'failed')} {guard.used}/{guard.limit}"
