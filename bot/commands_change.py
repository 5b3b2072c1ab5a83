"""/mode, /pause, /resume: what the desk may do. Whatever loosens asks first."""

from __future__ import annotations

from collections.abc import Mapping

from bot.chat import Action, Button, Reply, Rows, Run, Style, Verb
from bot.commands_act import confirm_rows, dismiss_button
from bot.commands_view import usage
from bot.format import asking, positions, replies, stopping
from bot.format.lang import Lang
from bot.preferences import Preferences
from engine.model.commands import Pause, ReleaseGuard, Resume
from engine.model.ids import DeskName, DeskState, Mode
from engine.model.views import UsDeskView
from engine.ports.control import EngineControl


class ChangeCommands:
    """Latches and modes."""

    def __init__(self, control: EngineControl, preferences: Preferences, confirm_s: int) -> None:
        self._control = control
        self._preferences = preferences
        self._confirm_s = confirm_s

    def commands(self) -> Mapping[str, Run]:
        """By name."""
        return {"mode": self.mode, "pause": self.pause, "resume": self.resume}

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {
            Verb.MODE_ASK: self.ask_mode,
            Verb.MODE: self.mode_confirmed,
            Verb.RESUME: self.resume_confirmed,
            Verb.RELEASE_ASK: self.ask_release,
            Verb.RELEASE: self.release_confirmed,
        }

    async def mode(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """/mode MODE [us]; without a mode: the one in force and buttons."""
        if not arguments:
            return self._mode_menu()
        words = {word.casefold() for word in arguments}
        modes = words & set(Mode)
        desks = words & set(DeskName)
        if len(modes) != 1 or len(desks) > 1 or words - modes - desks:
            return usage("mode", self._preferences)
        return await self.ask_mode((next(iter(desks), DeskName.US), modes.pop()), user_id)

    async def ask_mode(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """What would be in force, with a confirmation; or why it may not be."""
        desk, mode = DeskName(arguments[0]), Mode(arguments[1])
        lang = self._preferences.lang
        offer = self._control.offer_mode(desk, mode)
        if offer.refusal:
            return Reply(asking.mode_refused(offer.refusal, lang))
        settings = self._control.settings()
        text = asking.mode_change(desk, offer.current, mode, settings, self._confirm_s, lang)
        return self._confirm(text, Action(Verb.MODE, (desk, mode)))

    async def mode_confirmed(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """[확인] under a mode."""
        desk, mode = DeskName(arguments[0]), Mode(arguments[1])
        lang = self._preferences.lang
        offer = await self._control.switch_mode(desk, mode, user_id)
        if offer.refusal:
            return Reply(asking.mode_refused(offer.refusal, lang))
        return Reply(asking.mode_switched(desk, mode, lang))

    async def pause(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """Tightens, so it acts at once."""
        if not _names_us(arguments):
            return usage("pause", self._preferences)
        lang = self._preferences.lang
        answer = await self._control.command(Pause(), user_id)
        if answer.refusal is not None:
            return Reply(asking.outcome("/pause", answer.refusal, lang))
        return Reply(stopping.paused(self._control.status().us, lang))

    async def resume(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Asks to release the user's latch; a guard's has its own button."""
        if not _names_us(arguments):
            return usage("resume", self._preferences)
        lang = self._preferences.lang
        us = self._control.status().us
        if us is None:
            return Reply(replies.desk_disabled(lang))
        guard_row = _guard_row(us, lang)
        if us.user_latch is not DeskState.RUNNING:
            rows = (*confirm_rows(Action(Verb.RESUME), self._preferences), *guard_row)
            return Reply(asking.resume(us, lang), rows, self._confirm_s)
        still = asking.guard_still(us, lang)
        if still is None:
            return Reply(lang.pick("이미 가동 중입니다.", "Already running."))
        rows = (*guard_row, (dismiss_button(self._preferences),))
        return Reply(still, rows, self._confirm_s)

    async def resume_confirmed(self, _arguments: tuple[str, ...], user_id: int) -> Reply:
        """[확인] under /resume."""
        lang = self._preferences.lang
        answer = await self._control.command(Resume(), user_id)
        text = asking.outcome(lang.pick("재개", "Resumed"), answer.refusal, lang)
        us = self._control.status().us
        still = None if us is None else asking.guard_still(us, lang)
        if us is None or still is None:
            return Reply(text)
        return Reply(f"{text}\n{still}", _guard_row(us, lang), self._confirm_s)

    async def ask_release(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """[가드 해제] asks once more."""
        us = self._control.status().us
        if us is None:
            return Reply(replies.desk_disabled(self._preferences.lang))
        text = asking.release_guard(us, self._preferences.lang)
        return self._confirm(text, Action(Verb.RELEASE))

    async def release_confirmed(self, _arguments: tuple[str, ...], user_id: int) -> Reply:
        """[확인] under the guard's release."""
        lang = self._preferences.lang
        answer = await self._control.command(ReleaseGuard(), user_id)
        return Reply(asking.outcome(lang.pick("가드 해제", "Guard released"), answer.refusal, lang))

    def _mode_menu(self) -> Reply:
        lang = self._preferences.lang
        modes = self._control.status().modes
        current = modes.get(DeskName.US)
        rows = tuple(
            (Button(mode, Action(Verb.MODE_ASK, (DeskName.US, mode))),)
            for mode in Mode
            if mode is not current
        )
        text = positions.mode_line(modes, lang)
        return Reply(text, (*rows, (dismiss_button(self._preferences),)), self._confirm_s)

    def _confirm(self, text: str, action: Action) -> Reply:
        return Reply(text, confirm_rows(action, self._preferences), self._confirm_s)


def _guard_row(us: UsDeskView, lang: Lang) -> Rows:
    if us.guard_latch is DeskState.RUNNING:
        return ()
    label = lang.pick("가드 해제", "Release guard")
    return ((Button(label, Action(Verb.RELEASE_ASK), Style.DANGER),),)


def _names_us(arguments: tuple[str, ...]) -> bool:
    return not arguments or [word.casefold() for word in arguments] == [DeskName.US]
