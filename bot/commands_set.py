"""/set, /alerts, /quiet, /lang."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot.chat import Action, Button, Reply, Rows, Run, Style, Verb
from bot.commands_act import confirm_rows, dismiss_button
from bot.commands_view import find_setting, usage
from bot.format import alert_settings, asking, desks, replies, settings
from bot.format.arguments import meant
from bot.format.kinds import AlertKind, Loudness
from bot.format.lang import Lang
from bot.preferences import Preferences, QuietHours
from engine.model.ids import DeskName, Symbol
from engine.model.views import SettingChange
from engine.ports.control import EngineControl, SettingRefused, TargetScope

_CODE = re.compile(r"[A-Z][A-Z0-9./]{0,9}")
_AMOUNT = re.compile(r"[0-9.,]+([십백천]?[억만][0-9.,십백천만]*)?원?")
_BARE_UNIT = re.compile(r"[십백천]?[억만]원?|원")
_A_KEY_ROW = 2
_MAX_KEYS = 40
_LANGUAGE = "language"

Redraw = Callable[[int], Awaitable[None]]
"""Draw the commands menu of a user again, in the language now chosen."""


class SetCommands:
    """Settings of the desk and of the chat itself."""

    def __init__(
        self,
        control: EngineControl,
        preferences: Preferences,
        confirm_s: int,
        redraw_menu: Redraw,
    ) -> None:
        self._control = control
        self._preferences = preferences
        self._confirm_s = confirm_s
        self._redraw_menu = redraw_menu

    def commands(self) -> Mapping[str, Run]:
        """By name."""
        return {
            "set": self.set,
            "alerts": self.alerts,
            "quiet": self.quiet,
            "lang": self.language,
        }

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {
            Verb.SET: self.set_confirmed,
            Verb.SET_HELP: self.how_to_set,
            Verb.SET_MENU: self.menu,
        }

    async def set(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """/set, /set KEY, /set KEY VALUE, /set target SYMBOL VALUE."""
        if not arguments:
            return await self.menu((), user_id)
        key, *rest = arguments
        if not rest and key.casefold() in self._groups():
            return await self.menu((key.casefold(),), user_id)
        if not rest:
            return await self.how_to_set((key,), user_id)
        symbol: Symbol | None = None
        rest = _amount(rest)
        if len(rest) > 1:
            named = self._symbol(" ".join(rest[:-1]))
            if isinstance(named, Reply):
                return named
            symbol = named
        return await self._change(key, rest[-1], symbol, user_id)

    async def how_to_set(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """What a key allows and what to type."""
        lang = self._preferences.lang
        rows = self._control.settings()
        row, near = find_setting(rows, arguments[0])
        if row is not None:
            back = Button(settings.group_name(row.group, lang), Action(Verb.SET_MENU, (row.group,)))
            buttons = ((back,),) if row.group else ()
            return Reply(settings.config_key(row, rows, lang), buttons, self._confirm_s)
        # Short names (target) are the control's business: its refusal says what is allowed.
        checked = self._control.check_setting(arguments[0], "")
        if isinstance(checked, SettingRefused):
            return self._refused(checked)
        return Reply(settings.unknown_key(arguments[0], near, lang))

    async def menu(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """The groups of settings; a group: its keys with their values."""
        lang, rows = self._preferences.lang, self._control.settings()
        if not arguments:
            groups = [
                Button(settings.group_name(group, lang), Action(Verb.SET_MENU, (group,)))
                for group in self._groups()
            ]
            return Reply(settings.groups(lang), _in_rows(groups), self._confirm_s)
        (group,) = arguments
        own = tuple(row for row in rows if row.settable and row.group == group)
        buttons = [
            Button(row.key.rpartition(".")[2], Action(Verb.SET_HELP, (row.key,)))
            for row in own[:_MAX_KEYS]
        ]
        text = settings.menu(group, own, lang)
        back = (Button(lang.pick("↩ 묶음", "↩ Groups"), Action(Verb.SET_MENU)),)
        return Reply(text, (*_in_rows(buttons), back), self._confirm_s)

    async def set_confirmed(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """[확인], [적용하고 팔기] or [새 매수부터]."""
        key, value, symbol, scope = arguments
        return await self._apply(
            key, value, Symbol(symbol) if symbol else None, TargetScope(scope), user_id
        )

    async def alerts(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """/alerts shows all kinds, /alerts KIND LEVEL changes one."""
        lang = self._preferences.lang
        if not arguments:
            quiet = self._preferences.quiet
            shown = None if quiet is None else str(quiet)
            return Reply(alert_settings.overview(self._preferences.levels, shown, lang))
        *named, level = arguments  # Korean kinds have several words
        kind_text, level_text = meant(" ".join(named)), meant(level)
        if kind_text not in set(AlertKind):
            return usage("alerts", self._preferences)
        kind = AlertKind(kind_text)
        if not kind.is_mutable:
            return Reply(alert_settings.never_muted(kind, lang))
        if level_text not in set(Loudness):
            return usage("alerts", self._preferences)
        level = Loudness(level_text)
        await self._preferences.set_level(kind, level)
        return Reply(alert_settings.changed(kind, level, lang))

    async def quiet(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """/quiet 23:00-07:00 in KST, /quiet off."""
        lang = self._preferences.lang
        typed = "".join(arguments).casefold()
        quiet = QuietHours.parse(typed)
        if typed and meant(typed) != Loudness.OFF and quiet is None:
            return usage("quiet", self._preferences)
        if typed:
            await self._preferences.set_quiet(quiet)
        now = self._preferences.quiet
        return Reply(alert_settings.quiet_line(None if now is None else str(now), lang))

    async def language(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """/lang ko|en."""
        typed = meant("".join(arguments))
        if typed not in set(Lang):
            return usage("lang", self._preferences)
        reply = await self._apply(_LANGUAGE, typed, None, TargetScope.ALL, user_id)
        return replace(reply, with_keyboard=not reply.rows)

    async def _change(self, key: str, value: str, symbol: Symbol | None, user_id: int) -> Reply:
        lang = self._preferences.lang
        change = self._control.check_setting(key, value, symbol)
        if isinstance(change, SettingRefused):
            return self._refused(change)
        arguments = (key, value, symbol or "")
        if change.qualifying:
            return self._ask_scope(change, arguments)
        if change.loosens:
            action = Action(Verb.SET, (*arguments, TargetScope.ALL))
            rows = confirm_rows(action, self._preferences)
            return Reply(
                settings.ask_loosening(change, self._name(change), lang), rows, self._confirm_s
            )
        return await self._apply(key, value, symbol, TargetScope.ALL, user_id)

    def _ask_scope(self, change: SettingChange, arguments: tuple[str, str, str]) -> Reply:
        lang = self._preferences.lang
        rows = (
            (
                Button(
                    lang.pick("적용하고 팔기", "Apply and sell"),
                    Action(Verb.SET, (*arguments, TargetScope.ALL)),
                    Style.DANGER,
                ),
            ),
            (
                Button(
                    lang.pick("새 매수부터", "New buys only"),
                    Action(Verb.SET, (*arguments, TargetScope.NEW_BUYS)),
                ),
            ),
            (dismiss_button(self._preferences),),
        )
        return Reply(
            settings.ask_qualifying(change, self._name(change), lang), rows, self._confirm_s
        )

    async def _apply(
        self, key: str, value: str, symbol: Symbol | None, scope: TargetScope, user_id: int
    ) -> Reply:
        change = await self._control.apply_setting(key, value, user_id, symbol=symbol, scope=scope)
        if isinstance(change, SettingRefused):
            return self._refused(change)
        if change.key == _LANGUAGE:
            return await self._speak(Lang(change.new), user_id)
        lang = self._preferences.lang
        is_new_only = scope is TargetScope.NEW_BUYS
        text = settings.changed(change, self._name(change), lang, is_new_only=is_new_only)
        held = {row.symbol for row in desks.held(self._control.status())}
        if symbol is not None and symbol not in held and not change.is_back:
            text += f"\n{settings.not_held(symbol, lang)}"
        return Reply(text)

    def _name(self, change: SettingChange) -> str:
        return "" if change.symbol is None else self._control.name_of(change.symbol)

    async def _speak(self, lang: Lang, user_id: int) -> Reply:
        """The chat's own language follows the setting."""
        await self._preferences.set_language(lang)
        await self._redraw_menu(user_id)
        return Reply(replies.language(lang))

    def _refused(self, refused: SettingRefused) -> Reply:
        lang = self._preferences.lang
        if not refused.allowed:
            return Reply(settings.unknown_key(refused.key, refused.nearest, lang))
        return Reply(
            settings.refused(refused.key, refused.value, refused.allowed, refused.example, lang)
        )

    def _groups(self) -> list[str]:
        """In the order of the settings' own table."""
        rows = (row.group for row in self._control.settings() if row.settable and row.group)
        return sorted(dict.fromkeys(rows), key=settings.group_place)

    def _symbol(self, typed: str) -> Symbol | Reply:
        lang = self._preferences.lang
        # Targets are the US desk's: F is Ford here, not the beginning of a Korean name.
        everywhere = self._control.find_symbol(typed)
        found = [s for s in everywhere if self._control.desk_of(s) is DeskName.US]
        # AA is Alcoa, although AAPL begins so: one stock's target is not another's.
        found = [s for s in found if s == typed.upper() or not s.startswith(typed.upper())]
        if len(found) == 1:
            return found[0]
        if found:
            shown = f"{typed}: {', '.join(found)}"
            return Reply(asking.which_symbol(shown, lang))
        if _CODE.fullmatch(typed.upper()):
            # A target may be set before the first share is bought.
            return Symbol(typed.upper())
        held = tuple(row.symbol for row in desks.held(self._control.status()))
        return Reply(replies.unknown_symbol(typed, held, lang))


def _amount(parts: list[str]) -> list[str]:
    """The parts of one amount as one, 1억 5000만 원; 5 200만 are two, as whatever else."""
    *joined, last = parts
    while joined and _BARE_UNIT.fullmatch(last):
        last = joined.pop() + last
    joined.append(last)
    is_one = all(part.endswith(("억", "만")) for part in joined[:-1])
    return ["".join(joined)] if is_one and _AMOUNT.fullmatch("".join(joined)) else parts


def _in_rows(buttons: list[Button]) -> Rows:
    return tuple(tuple(buttons[at : at + _A_KEY_ROW]) for at in range(0, len(buttons), _A_KEY_ROW))
