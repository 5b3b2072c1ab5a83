"""What a person in front of the terminal hears of the assistant, beside its log.

Under systemd, in a pipe or a file there is the log alone.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Awaitable, Callable, Iterator
from queue import Full, Queue
from threading import Thread
from typing import TextIO

from bot.format.desks import running
from bot.format.lang import Lang
from bot.terminal import command_words as words
from engine.adapters.logs.background import write_at_once
from engine.model.state_facts import Trouble
from engine.model.status import StatusView

CHECK_S = 5.0
_NO_POLL_S = 60.0
_MOST_WAITING = 32  # lines; a terminal that takes none (Ctrl-S) gets no more
_LAST_WORD_S = 0.5
_UNREACHED = frozenset({Trouble.ACCOUNT, Trouble.API, Trouble.SILENCE})
TELEGRAM, KIS = "Telegram", "KIS"

Say = Callable[[str], None]


class Voice:
    """Says that it runs, whom it cannot reach, and when that is over."""

    def __init__(self, say: Say, lang: Lang, given: str) -> None:
        self._say = say
        self._given = given
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
                self._say(words.not_reached(name, self._given, self._lang))
            for name in sorted(self._away - now):
                self._say(words.reached_again(name, self._lang))
            self._away = now


def unreached(view: StatusView, poll_age_s: float, *, is_chat_up: bool) -> frozenset[str]:
    """Of Telegram and KIS. ``poll_age_s``: since the chat was last heard."""
    found = set() if is_chat_up and poll_age_s < _NO_POLL_S else {TELEGRAM}
    if any(_UNREACHED.intersection(desk.troubles) for _, desk in running(view)):
        found.add(KIS)
    return frozenset(found)


class _Mouth:
    """Speaks in a thread of its own: a terminal can be held as long as its person likes."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._waiting: Queue[str] = Queue(_MOST_WAITING)
        self._thread = Thread(target=self._speak, name="voice", daemon=True)
        self._thread.start()

    def say(self, text: str) -> None:
        """Waits for nothing; what comes too fast is dropped."""
        with contextlib.suppress(Full):
            self._waiting.put_nowait(text)

    def close(self) -> None:
        """A moment for what was said last."""
        self.say("")
        self._thread.join(_LAST_WORD_S)

    def _speak(self) -> None:
        while text := self._waiting.get():
            with contextlib.suppress(OSError):  # the terminal was closed
                write_at_once(self._stream, text + "\n")


@contextlib.contextmanager
def spoken(lang: Lang, given: str) -> Iterator[Voice | None]:
    """The voice, where stdout is a terminal; at the end it says that this is the end.

    ``given``: of ``here.elsewhere``.
    """
    if sys.stdout is None or not sys.stdout.isatty():
        yield None
        return
    mouth = _Mouth(sys.stdout)
    yield Voice(mouth.say, lang, given)
    mouth.say(words.ended(given, lang))
    mouth.close()
