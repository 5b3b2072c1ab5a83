"""/drill: see an emergency stop happen, in the demo and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

from bot.chat import Action, Button, Drills, Reply, Rows, Run, Verb
from bot.format import drill
from bot.format.drill import Drill
from bot.preferences import Preferences

_VALID_S = 600
_ON, _OFF = "on", "off"


class DrillCommands:
    """``drills`` None: this is no demo, and nothing is ever thrown."""

    def __init__(self, drills: Drills | None, preferences: Preferences) -> None:
        self._drills = drills
        self._preferences = preferences

    def commands(self) -> Mapping[str, Run]:
        """By name."""
        return {"drill": self.menu}

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {Verb.DRILL: self.thrown}

    async def menu(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """What can be seen."""
        lang = self._preferences.lang
        if self._drills is None:
            return Reply(drill.no_demo(lang))
        rows: Rows = tuple(
            (Button(drill.name(one, lang), Action(Verb.DRILL, (one, _ON))),) for one in Drill
        )
        return Reply(drill.menu(lang), rows, _VALID_S)

    async def thrown(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """A drill begins or ends."""
        lang = self._preferences.lang
        if self._drills is None:
            return Reply(drill.no_demo(lang))
        one, is_on = Drill(arguments[0]), arguments[1] == _ON
        if not await self._drills.throw(one, is_on=is_on):
            return Reply(drill.not_done(lang))
        if not is_on:
            return Reply(drill.ended(one, lang))
        end = Button(lang.pick("끝내기", "End it"), Action(Verb.DRILL, (one, _OFF)))
        return Reply(drill.begun(one, lang), ((end,),), _VALID_S)
