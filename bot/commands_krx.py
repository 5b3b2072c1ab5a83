"""/scan, /why, /lock and its kin: what only the KRX desk has."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.chat import Action, Button, Reply, Run, Verb
from bot.commands_act import confirm_rows, dismiss_button
from bot.commands_view import usage
from bot.format import asking, desks, hints, replies, scan, status
from bot.format.markup import lines
from bot.preferences import Preferences
from engine.model.ids import DeskName, Symbol
from engine.ports.control import EngineControl

_MAX_PICKS = 8
_US_CODE = re.compile(r"[A-Za-z]{1,5}(?:[./][A-Za-z])?")


class KrxCommands:
    """Reads of the scan, and the trader's lock list."""

    def __init__(self, control: EngineControl, preferences: Preferences, confirm_s: int) -> None:
        self._control = control
        self._preferences = preferences
        self._confirm_s = confirm_s

    def commands(self) -> Mapping[str, Run]:
        """By name."""
        return {
            "scan": self.scan,
            "why": self.why,
            "lock": self.lock,
            "unlock": self.unlock,
            "locks": self.locks,
        }

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {
            Verb.WHY: self.why,
            Verb.LOCK: self.lock,
            Verb.UNLOCK_ASK: self.unlock,
            Verb.UNLOCK: self.unlock_confirmed,
        }

    async def scan(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """The funnel and the best candidates."""
        lang, view = self._preferences.lang, self._control.scan()
        if view is None:
            return self._no_krx()
        return Reply(scan.scan(view, self._control.now(), lang))

    async def why(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """/why SYMBOL: the reasons of one stock; /why alone: why nothing was bought."""
        lang = self._preferences.lang
        if not arguments:
            view = self._control.scan()
            if view is None:
                return self._no_krx()
            return Reply(self._with_stops(scan.why_nothing(view, self._control.now(), lang)))
        named = self._symbol(" ".join(arguments), Verb.WHY)
        if isinstance(named, Reply):
            return named
        reasons = self._control.why(named)
        if reasons is None:
            return Reply(scan.never_seen(named, self._control.name_of(named), lang))
        return Reply(self._with_stops(scan.why(reasons, lang)))

    def _with_stops(self, text: str) -> str:
        """With what stops the desk as a whole: no stock's own reason says it."""
        running = dict(desks.running(self._control.status()))
        krx = running.get(DeskName.KRX)
        return lines(text, None if krx is None else status.latch_lines(krx, self._preferences.lang))

    async def locks(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """The lock list, with a button to lift each."""
        rows = self._control.locks()
        buttons = tuple(
            (Button(f"🔓 {name or symbol}", Action(Verb.UNLOCK_ASK, (symbol,))),)
            for symbol, name in rows[:_MAX_PICKS]
        )
        return Reply(scan.locks(rows, self._preferences.lang), buttons, self._confirm_s)

    async def lock(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """Tightens, so it acts at once."""
        if not arguments:
            return usage("lock", self._preferences)
        named = self._symbol(" ".join(arguments), Verb.LOCK)
        if isinstance(named, Reply):
            return named
        is_new = await self._control.set_lock(named, user_id, is_locked=True)
        name = self._control.name_of(named)
        return Reply(scan.locked(named, name, self._preferences.lang, is_new=is_new))

    async def unlock(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Loosens, so it asks."""
        lang = self._preferences.lang
        if not arguments:
            return usage("unlock", self._preferences)
        named = self._symbol(" ".join(arguments), Verb.UNLOCK_ASK)
        if isinstance(named, Reply):
            return named
        name = self._control.name_of(named)
        if named not in {symbol for symbol, _name in self._control.locks()}:
            return Reply(scan.unlocked(named, name, lang, was_locked=False))
        rows = confirm_rows(Action(Verb.UNLOCK, (named,)), self._preferences)
        return Reply(scan.ask_unlock(named, name, lang), rows, self._confirm_s)

    async def unlock_confirmed(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """[확인] under /unlock."""
        symbol = Symbol(arguments[0])
        was_locked = await self._control.set_lock(symbol, user_id, is_locked=False)
        name = self._control.name_of(symbol)
        return Reply(scan.unlocked(symbol, name, self._preferences.lang, was_locked=was_locked))

    def _symbol(self, typed: str, verb: Verb) -> Symbol | Reply:
        """The Korean stock that was named, or an answer that says what could be meant."""
        lang = self._preferences.lang
        everywhere = self._control.find_symbol(typed)
        found = [one for one in everywhere if self._control.desk_of(one) is DeskName.KRX]
        if everywhere and not found:
            return Reply(hints.us_stock(typed, lang, is_held=True))
        if DeskName.KRX not in self._control.desks():
            return self._no_krx()
        if len(found) == 1:
            return found[0]
        if not found and _US_CODE.fullmatch(typed):
            return Reply(hints.us_stock(typed, lang, is_held=False))
        if not found:
            return Reply(replies.unknown_stock(typed, self._looked_at(), lang))
        rows = tuple(
            (Button(f"{self._control.name_of(symbol)} {symbol}", Action(verb, (symbol,))),)
            for symbol in found[:_MAX_PICKS]
        )
        text = asking.which_symbol(typed, lang)
        return Reply(text, (*rows, (dismiss_button(self._preferences),)), self._confirm_s)

    def _looked_at(self) -> list[tuple[str, str]]:
        """Code and name of stocks to ask about, the best candidates first."""
        view = self._control.scan()
        if view is None:
            return []
        return [*((one.symbol, one.name) for one in view.top), *view.quiet]

    def _no_krx(self) -> Reply:
        return Reply(replies.desk_disabled(DeskName.KRX, self._preferences.lang))
