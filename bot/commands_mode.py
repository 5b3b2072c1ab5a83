"""/mode: into another mode. LIVE shows its checklist and asks; the way down is one tap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.chat import Action, Button, Reply, Rows, Run, Style, Verb
from bot.commands_act import confirm_rows, dismiss_button
from bot.commands_view import usage
from bot.format import asking, modes, positions, words
from bot.format.arguments import meant
from bot.preferences import Preferences
from engine.model.ids import DeskName, Mode
from engine.ports.control import EngineControl

# The way down is safe: its buttons live longer than a confirmation's.
_DOWN_VALID_S = 24 * 3600
_SMALL = "small"


class ModeCommands:
    """Everything between /mode and a desk in another mode."""

    def __init__(self, control: EngineControl, preferences: Preferences, confirm_s: int) -> None:
        self._control = control
        self._preferences = preferences
        self._confirm_s = confirm_s

    def commands(self) -> Mapping[str, Run]:
        """By name."""
        return {"mode": self.mode}

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {
            Verb.MODE_ASK: self.ask,
            Verb.MODE_SMALL_ASK: self.ask_small,
            Verb.MODE: self.confirmed,
        }

    async def mode(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """/mode MODE [krx|us]; without a mode: those in force and buttons."""
        if not arguments:
            return self._menu()
        typed = {meant(word) for word in arguments}
        wanted = typed & set(Mode)
        named = typed & set(DeskName)
        if len(wanted) != 1 or len(named) > 1 or typed - wanted - named:
            return usage("mode", self._preferences)
        desks = [DeskName(word) for word in named] or self._control.desks() or (DeskName.US,)
        (mode,) = wanted
        if len(desks) == 1:
            return await self.ask((desks[0], mode), user_id)
        return self._which([(desk, Action(Verb.MODE_ASK, (desk, mode))) for desk in desks])

    async def ask(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """What would be in force, with a confirmation; or why it may not be.

        Into a dry run at once: it sells nothing, buys nothing and loosens no limit.
        """
        desk, mode = DeskName(arguments[0]), Mode(arguments[1])
        lang = self._preferences.lang
        offer = self._control.offer_mode(desk, mode)
        if mode is Mode.DRY_RUN or offer.refusal == "already":
            # A wish for less calls off a switch to LIVE that is being measured.
            return await self.confirmed((desk, mode), user_id)
        if offer.refusal:
            return Reply(modes.refused(offer.refusal, lang))
        if mode is Mode.LIVE:
            return await self._ask_live(desk, offer.current)
        settings = self._control.settings()
        text = modes.change(desk, offer.current, mode, settings, self._confirm_s, lang)
        return self._confirm(text, Action(Verb.MODE, (desk, mode)))

    async def ask_small(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """[확인] under a checklist that lacks practice: asks once more."""
        desk, lang = DeskName(arguments[0]), self._preferences.lang
        check = await self._control.check_live(desk)
        if check.is_blocked:
            return Reply(modes.blocked(desk, check, lang))
        text = modes.go_live_small(desk, check, self._confirm_s, lang)
        return self._confirm(text, Action(Verb.MODE, (desk, Mode.LIVE, _SMALL)))

    async def confirmed(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """[확인] under a mode."""
        desk, mode, *small = DeskName(arguments[0]), Mode(arguments[1]), *arguments[2:]
        lang = self._preferences.lang
        offer = await self._control.switch_mode(
            desk, mode, user_id, accepts_small=small == [_SMALL]
        )
        if offer.refusal == "checklist" and offer.check is not None:
            return Reply(modes.blocked(desk, offer.check, lang))
        if offer.refusal:
            return Reply(modes.refused(offer.refusal, lang))
        rows = (self._down(desk),) if mode is Mode.LIVE else ()
        return Reply(modes.switched(desk, mode, offer.check, lang), rows, _DOWN_VALID_S, desk=desk)

    async def _ask_live(self, desk: DeskName, current: Mode) -> Reply:
        lang = self._preferences.lang
        check = await self._control.check_live(desk)
        if check.is_blocked:
            return Reply(modes.blocked(desk, check, lang))
        settings = self._control.settings()
        text = modes.go_live(desk, current, check, settings, self._confirm_s, lang)
        if check.is_small:
            return self._confirm(text, Action(Verb.MODE_SMALL_ASK, (desk,)))
        return self._confirm(text, Action(Verb.MODE, (desk, Mode.LIVE)))

    def _menu(self) -> Reply:
        lang = self._preferences.lang
        in_force = self._control.status().modes
        rows: list[tuple[Button, ...]] = []
        for desk, current in in_force.items():
            label = "" if len(in_force) == 1 else f"{words.desk(desk, lang)} "
            rows += [
                (Button(label + words.mode(mode, lang), Action(Verb.MODE_ASK, (desk, mode))),)
                for mode in Mode
                if mode is not current
            ]
            if current is Mode.LIVE:
                rows.append((self._exits_only(desk, label),))
        text = positions.mode_line(in_force, lang)
        return Reply(text, (*rows, (dismiss_button(self._preferences),)), self._confirm_s)

    def _down(self, desk: DeskName) -> tuple[Button, ...]:
        """The way back, under the word that LIVE is on."""
        label = words.mode(Mode.DRY_RUN, self._preferences.lang)
        back = Button(label, Action(Verb.MODE_ASK, (desk, Mode.DRY_RUN)), Style.PRIMARY)
        return back, self._exits_only(desk)

    def _exits_only(self, desk: DeskName, label: str = "") -> Button:
        text = label + self._preferences.lang.pick("청산만", "Exits only")
        return Button(text, Action(Verb.PAUSE, (desk,)), Style.PRIMARY)

    def _which(self, offered: Sequence[tuple[DeskName, Action]]) -> Reply:
        lang = self._preferences.lang
        buttons = tuple(Button(words.desk(desk, lang), action) for desk, action in offered)
        rows: Rows = (buttons, (dismiss_button(self._preferences),))
        return Reply(asking.which_desk(lang), rows, self._confirm_s)

    def _confirm(self, text: str, action: Action) -> Reply:
        return Reply(text, confirm_rows(action, self._preferences), self._confirm_s)
