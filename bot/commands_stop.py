"""/stop: never waits behind anything, names the positions first, sets the user's latch."""

from __future__ import annotations

from collections.abc import Mapping

from bot.chat import Action, Button, Reply, Rows, Run, Style, Verb
from bot.commands_act import confirm_rows, dismiss_button
from bot.format import stopping
from bot.format.arguments import meant
from bot.preferences import Preferences
from engine.ports.control import EngineControl, StopKind

# Stopping is the safe direction: its buttons live longer than a confirmation's.
_MENU_VALID_S = 600


class StopCommands:
    """/stop and its buttons."""

    def __init__(self, control: EngineControl, preferences: Preferences, confirm_s: int) -> None:
        self._control = control
        self._preferences = preferences
        self._confirm_s = confirm_s

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {
            Verb.STOP: self.stop_confirmed,
            Verb.STOP_PROGRAM_ASK: self.ask_program,
            Verb.STOP_MENU: self.stop,
        }

    async def stop(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """/stop shows what can be stopped, /stop all asks once for the whole program."""
        if [meant(word) for word in arguments] == ["all"]:
            return await self.ask_program((), user_id)
        # Any other word still means stop: the menu says what can be stopped.
        lang = self._preferences.lang
        rows: Rows = (
            (_button(lang.pick("신규만", "Entries"), StopKind.ENTRIES),),
            (_button(lang.pick("엔진", "Engines"), StopKind.ENGINES),),
            (
                Button(
                    lang.pick("프로그램", "Program"), Action(Verb.STOP_PROGRAM_ASK), Style.DANGER
                ),
            ),
            (dismiss_button(self._preferences),),
        )
        return Reply(stopping.menu(self._control.status(), lang), rows, _MENU_VALID_S)

    async def ask_program(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """One confirmation before the process ends."""
        text = stopping.ask_program(self._control.status(), self._preferences.lang)
        action = Action(Verb.STOP, (StopKind.PROGRAM,))
        return Reply(text, confirm_rows(action, self._preferences), self._confirm_s)

    async def stop_confirmed(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """A stop button: acts at once."""
        kind = StopKind(arguments[0])
        await self._control.stop(kind, user_id)
        return Reply(stopping.stopped(kind, self._control.status(), self._preferences.lang))


def _button(label: str, kind: StopKind) -> Button:
    return Button(label, Action(Verb.STOP, (kind,)), Style.DANGER)
