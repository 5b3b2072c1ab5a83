"""Language, alert kinds and quiet hours: what the trader chose about the chat itself."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from bot.format.kinds import DEFAULTS, AlertKind, Loudness
from bot.format.lang import Lang
from bot.format.times import KST
from engine.errors import TradingError
from engine.ports.chat_store import ChatValues

_LOG = logging.getLogger(__name__)
_LANG, _QUIET, _ALERT = "chat.language", "chat.quiet", "chat.alert."
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*[-~]\s*([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A daily span in KST; it may cross midnight. Equal ends mean the whole day."""

    begin: time
    end: time

    @classmethod
    def parse(cls, text: str) -> QuietHours | None:
        """23:00-07:00; None for anything else."""
        found = _SPAN.fullmatch(text.strip())
        if found is None:
            return None
        first, second, third, fourth = (int(part) for part in found.groups())
        return cls(time(first, second), time(third, fourth))

    def cover(self, at: datetime) -> bool:
        """Whether the moment is quiet."""
        clock = at.astimezone(KST).time()
        if self.begin < self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"


class Preferences:
    """Read once, then kept in memory. Defaults stand in while the store cannot be read."""

    def __init__(self, values: ChatValues, language: str) -> None:
        self._values = values
        self._lang = Lang.EN if language == Lang.EN else Lang.KO
        self._levels = dict(DEFAULTS)
        self._quiet: QuietHours | None = None
        self._is_loaded = False

    @property
    def lang(self) -> Lang:
        """Language of every text."""
        return self._lang

    @property
    def levels(self) -> Mapping[AlertKind, Loudness]:
        """Loudness of every kind."""
        return self._levels

    @property
    def quiet(self) -> QuietHours | None:
        """Quiet hours in force."""
        return self._quiet

    async def load(self) -> None:
        """Read the store once; a store that fails is tried again next time."""
        if self._is_loaded:
            return
        try:
            await self._read()
        except TradingError:
            _LOG.warning("chat preferences cannot be read: defaults are used")
            return
        self._is_loaded = True

    async def set_language(self, lang: Lang) -> None:
        """Remember the language."""
        await self._values.put(_LANG, lang)
        self._lang = lang

    async def set_level(self, kind: AlertKind, level: Loudness) -> None:
        """Remember a kind's loudness. Raises ValueError for kinds that are never muted."""
        if not kind.is_mutable:
            raise ValueError(f"{kind} is never muted")
        await self._values.put(_ALERT + kind, level)
        self._levels[kind] = level

    async def set_quiet(self, quiet: QuietHours | None) -> None:
        """Remember the quiet hours."""
        await self._values.put(_QUIET, "" if quiet is None else str(quiet))
        self._quiet = quiet

    def loudness(self, kind: AlertKind, at: datetime) -> Loudness:
        """How to tell it now; quiet hours make mutable kinds silent."""
        level = self._levels[kind]
        if not kind.is_mutable:
            return Loudness.ON
        if level is Loudness.ON and self._quiet is not None and self._quiet.cover(at):
            return Loudness.SILENT
        return level

    async def _read(self) -> None:
        language = await self._values.get(_LANG)
        if language in set(Lang):
            self._lang = Lang(language)
        self._quiet = QuietHours.parse(await self._values.get(_QUIET) or "")
        for kind in AlertKind:
            level = await self._values.get(_ALERT + kind)
            if kind.is_mutable and level in set(Loudness):
                self._levels[kind] = Loudness(level)
