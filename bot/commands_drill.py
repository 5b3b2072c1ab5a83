"""/drill: see an emergency stop happen, in the demo and nowhere else.

Nearly all are troubles of the sandbox. The day's calls are the assistant's own count: its caps
are lowered, and put back from what the button to end it carries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.chat import Action, Button, Drills, Reply, Rows, Run, Verb
from bot.format import drill
from bot.format.drill import Drill
from bot.preferences import Preferences
from engine.ports.control import EngineControl, SettingRefused

_VALID_S = 600
_ON, _OFF = "on", "off"
_CAPS = ("safe_per_hour", "safe_per_day")  # the first is never above the second
_LEAST = "1"


class DrillCommands:
    """``drills`` None: this is no demo, and nothing is ever thrown."""

    def __init__(
        self, drills: Drills | None, preferences: Preferences, control: EngineControl
    ) -> None:
        self._drills = drills
        self._preferences = preferences
        self._control = control
        self._former: dict[str, str] = {}

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

    async def thrown(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """A drill begins or ends."""
        lang = self._preferences.lang
        if self._drills is None:
            return Reply(drill.no_demo(lang))
        one, is_on = Drill(arguments[0]), arguments[1] == _ON
        if one is not Drill.CALLS:
            is_done = await self._drills.throw(one, is_on=is_on)
        elif is_on:
            is_done = await self._cap(user_id)
        else:
            is_done = await self._uncap(arguments[2:], user_id)
        if not is_done:
            return Reply(drill.not_done(lang))
        if not is_on:
            return Reply(drill.ended(one, lang))
        former = self._former.values() if one is Drill.CALLS else ()
        end = Button(lang.pick("끝내기", "End it"), Action(Verb.DRILL, (one, _OFF, *former)))
        return Reply(drill.begun(one, lang), () if one.ends_itself else ((end,),), _VALID_S)

    async def _cap(self, user_id: int) -> bool:
        """Lower the caps; False where that is refused."""
        for key in _CAPS:
            change = await self._control.apply_setting(key, _LEAST, user_id)
            if isinstance(change, SettingRefused):
                return False
            self._former.setdefault(key, change.old)
        return True

    async def _uncap(self, former: Sequence[str], user_id: int) -> bool:
        """Put them back, the higher one first; False where that is refused."""
        for key, value in reversed(tuple(zip(_CAPS, former, strict=True))):
            change = await self._control.apply_setting(key, value, user_id)
            if isinstance(change, SettingRefused):
                return False
        self._former.clear()
        return True
