"""/pause, /resume: what the desk may do. Whatever loosens asks first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.chat import Action, Button, Reply, Rows, Run, Style, Verb
from bot.commands_act import confirm_rows, dismiss_button
from bot.commands_view import usage
from bot.format import asking, replies, stopping, words
from bot.format.arguments import meant
from bot.format.desks import DeskView, running
from bot.preferences import Preferences
from engine.model.commands import Pause, ReleaseGuard, Resume
from engine.model.ids import DeskName, DeskState
from engine.ports.control import EngineControl


class ChangeCommands:
    """Latches."""

    def __init__(self, control: EngineControl, preferences: Preferences, confirm_s: int) -> None:
        self._control = control
        self._preferences = preferences
        self._confirm_s = confirm_s

    def commands(self) -> Mapping[str, Run]:
        """By name."""
        return {"pause": self.pause, "resume": self.resume}

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {
            Verb.PAUSE: self.pause,
            Verb.RESUME: self.resume_confirmed,
            Verb.RELEASE_ASK: self.ask_release,
            Verb.RELEASE: self.release_confirmed,
        }

    async def pause(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """Tightens, so it acts at once; without a desk: on both."""
        desks = self._desks(arguments)
        if desks is None:
            return usage("pause", self._preferences)
        lang = self._preferences.lang
        if arguments and desks[0] not in self._control.desks():
            return Reply(replies.desk_disabled(desks[0], lang))
        for desk in desks:
            answer = await self._control.command(Pause(), user_id, desk)
            if answer.refusal is not None:
                return Reply(asking.outcome("/pause", answer.refusal, lang))
        return Reply(stopping.paused(self._control.status(), desks, lang))

    async def resume(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Asks to release the user's latch; a guard's has its own button."""
        names = self._desks(arguments)
        if names is None:
            return usage("resume", self._preferences)
        lang = self._preferences.lang
        found = self._views(names)
        if not found:
            return Reply(replies.desk_disabled(names[0], lang) if names else replies.no_desk(lang))
        stopped = [(name, desk) for name, desk in found if _is_stopped(desk)]
        guard_rows = self._guard_rows(found)
        if stopped:
            rows = (*self._resume_rows([name for name, _desk in stopped]), *guard_rows)
            return Reply(asking.resume(stopped, lang), rows, self._confirm_s)
        still = [asking.guard_still(desk, lang) for _name, desk in found]
        told = [text for text in still if text is not None]
        if not told:
            return Reply(lang.pick("이미 가동 중입니다.", "Already running."))
        rows = (*guard_rows, (dismiss_button(self._preferences),))
        return Reply("\n".join(told), rows, self._confirm_s)

    async def resume_confirmed(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """[확인] under /resume; the arguments are desks."""
        lang, told = self._preferences.lang, []
        names = [DeskName(name) for name in arguments]
        for name in names:
            answer = await self._control.command(Resume(), user_id, name)
            label = "" if len(self._control.desks()) == 1 else f"{words.desk(name, lang)} "
            what = label + lang.pick("재개", "resumed" if label else "Resumed")
            told.append(asking.outcome(what, answer.refusal, lang))
        found = self._views(names)
        told += [text for _, desk in found if (text := asking.guard_still(desk, lang)) is not None]
        return Reply("\n".join(told), self._guard_rows(found), self._confirm_s)

    async def ask_release(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """[가드 해제] asks once more."""
        name, lang = DeskName(arguments[0]), self._preferences.lang
        found = self._views([name])
        if not found:
            return Reply(replies.desk_disabled(name, lang))
        text = asking.release_guard(name, found[0][1], lang)
        return self._confirm(text, Action(Verb.RELEASE, (name,)))

    async def release_confirmed(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """[확인] under the guard's release."""
        lang = self._preferences.lang
        answer = await self._control.command(ReleaseGuard(), user_id, DeskName(arguments[0]))
        return Reply(asking.outcome(lang.pick("가드 해제", "Guard released"), answer.refusal, lang))

    def _desks(self, arguments: tuple[str, ...]) -> tuple[DeskName, ...] | None:
        """The desk that is named, all that run without a name, None for anything else."""
        named = [meant(word) for word in arguments]
        if not named:
            return self._control.desks() or (DeskName.US,)
        if len(named) > 1 or named[0] not in set(DeskName):
            return None
        return (DeskName(named[0]),)

    def _views(self, names: Sequence[DeskName]) -> list[tuple[DeskName, DeskView]]:
        return [one for one in running(self._control.status()) if one[0] in names]

    def _resume_rows(self, names: Sequence[DeskName]) -> Rows:
        """[확인]; with two desks one button each and one for both."""
        lang = self._preferences.lang
        if len(names) == 1:
            return confirm_rows(Action(Verb.RESUME, tuple(names)), self._preferences)
        each = tuple(
            Button(words.desk(name, lang), Action(Verb.RESUME, (name,)), Style.DANGER)
            for name in names
        )
        both = Action(Verb.RESUME, tuple(names))
        every = Button(lang.pick("둘 다", "Both"), both, Style.DANGER)
        return (each, (every, dismiss_button(self._preferences)))

    def _guard_rows(self, found: Sequence[tuple[DeskName, DeskView]]) -> Rows:
        lang, guarded = self._preferences.lang, [one for one in found if _is_guarded(one[1])]
        label = lang.pick("가드 해제", "Release guard")
        return tuple(
            (
                Button(
                    label if len(found) == 1 else f"{words.desk(name, lang)} {label}",
                    Action(Verb.RELEASE_ASK, (name,)),
                    Style.DANGER,
                ),
            )
            for name, _desk in guarded
        )

    def _confirm(self, text: str, action: Action) -> Reply:
        return Reply(text, confirm_rows(action, self._preferences), self._confirm_s)


def _is_stopped(desk: DeskView) -> bool:
    return desk.user_latch is not DeskState.RUNNING


def _is_guarded(desk: DeskView) -> bool:
    return desk.guard_latch is not DeskState.RUNNING
