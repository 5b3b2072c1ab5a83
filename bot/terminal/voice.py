"""What a person in front of the terminal hears of the assistant, beside its log.

Under systemd, in a pipe or a file there is the log alone.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Awaitable, Callable, Iterator

from bot.format.desks import running
from bot.format.lang import Lang
from bot.terminal import command_words as words
from engine.model.state_facts import Trouble
from engine.model.status import StatusView

CHECK_S = 5.0
_NO_POLL_S = 60.0
_UNREACHED = frozenset({Trouble.ACCOUNT, Trouble.API, Trouble.SILENCE})
TELEGRAM, KIS = "Telegram", "KIS"

Say = Callable[[str], None]


class Voice:
    """Says that it runs, whom it cannot reach, and when that is over."""

    def __init__(self, say: Say, lang: Lang) -> None:
        self._say = say
        self._lang = lang
        self._away: frozenset[str] = frozenset()

    async def run(
        self, away: Callable[[], frozenset[str]], pause: Callable[[float], Awaitable[None]]
    ) -> None:
        """Until cancelled. ``away``: who cannot be reached at present."""
        self._say(words.started(self._lang))
        while True:
            await pause(CHECK_S)
            now = away()
            for name in sorted(now - self._away):
                self._say(words.not_reached(name, self._lang))
            for name in sorted(self._away - now):
                self._say(words.reached_again(name, self._lang))
            self._away = now


def unreached(view: StatusView, poll_age_s: float, *, is_chat_up: bool) -> frozenset[str]:
    """Of Telegram and KIS. ``poll_age_s``: since the chat was last heard."""
    found = set() if is_chat_up and poll_age_s < _NO_POLL_S else {TELEGRAM}
    if any(_UNREACHED.intersection(desk.troubles) for _, desk in running(view)):
        found.add(KIS)
    return frozenset(found)


@contextlib.contextmanager
def spoken(lang: Lang) -> Iterator[Voice | None]:
    """The voice, where stdout is a terminal; at the end it says that this is the end."""
    if not sys.stdout.isatty():
        yield None
        return
    yield Voice(_print, lang)
    _print(words.ended(lang))


def _print(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal was closed
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
