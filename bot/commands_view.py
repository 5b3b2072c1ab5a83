"""Commands that only look: answered from memory and the book, without a broker call."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from bot import questions
from bot.chat import Action, Button, Reply, Rows, Run, Verb
from bot.format import account, asking, command_list, positions, replies, settings, status
from bot.format.command_list import BY_NAME
from bot.preferences import Preferences
from engine.model.views import SettingView
from engine.ports.control import EngineControl

_DEFAULT_TRADES, _MAX_TRADES, _DIGITS = 10, 30, 4
_REFRESH_VALID_S = 3600
_BALANCE, _POSITIONS = "balance", "positions"


class ViewCommands:
    """/status and its kin."""

    def __init__(self, control: EngineControl, preferences: Preferences) -> None:
        self._control = control
        self._preferences = preferences

    def commands(self) -> Mapping[str, Run]:
        """By name."""
        return {
            "start": self.start,
            "help": self.help,
            "status": self.status,
            "positions": self.positions,
            "balance": self.balance,
            "orders": self.orders,
            "trades": self.trades,
            "stats": self.stats,
            "quota": self.quota,
            "config": self.config,
            "version": self.version,
        }

    def presses(self) -> Mapping[Verb, Run]:
        """By verb."""
        return {Verb.REFRESH: self.refresh}

    async def start(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """First screen, with the daily words as a keyboard."""
        lang = self._preferences.lang
        modes = positions.mode_line(self._control.status().modes, lang)
        text = replies.welcome(lang, modes, asking.responsibility(lang))
        return Reply(text, with_keyboard=True)

    async def help(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Every command."""
        return Reply(command_list.help_text(self._preferences.lang))

    async def status(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """State of everything."""
        return Reply(status.status(self._control.status(), self._preferences.lang))

    async def positions(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Holdings with their age, open questions, and a button that asks KIS."""
        view, lang = self._control.status(), self._preferences.lang
        open_questions = () if view.us is None else questions.rows(view.us.questions, lang)
        return self._with_refresh(positions.positions(view, lang), _POSITIONS, open_questions)

    async def balance(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Cash with its age and a button that asks KIS."""
        view = self._control.balance()
        text = account.balance(view, self._control.now(), self._preferences.lang)
        return self._with_refresh(text, _BALANCE)

    async def refresh(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """[KIS 조회]: one balance and one cash call, then the same view again."""
        is_fresh = await self._control.refresh_account()
        show = self.balance if arguments == (_BALANCE,) else self.positions
        reply = await show((), user_id)
        if is_fresh:
            return reply
        failed = replies.refresh_failed(self._preferences.lang)
        return Reply(f"{failed}\n{reply.text}", reply.rows, reply.valid_s)

    async def orders(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Own orders of today."""
        us = self._control.status().us
        rows = () if us is None else us.orders
        return Reply(positions.orders(rows, positions.names(us), self._preferences.lang))

    async def trades(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Latest sales; /trades 20 for more."""
        limit = _DEFAULT_TRADES
        if arguments:
            typed = arguments[0]
            is_number = typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS
            if len(arguments) > 1 or not is_number or not 1 <= int(typed) <= _MAX_TRADES:
                return usage("trades", self._preferences)
            limit = int(typed)
        names = positions.names(self._control.status().us)
        sales = await self._control.sales(limit)
        return Reply(account.trades(sales, names, self._preferences.lang))

    async def stats(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Sums over the book."""
        return Reply(account.stats(await self._control.stats(), self._preferences.lang))

    async def quota(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """KIS calls spent and left."""
        return Reply(status.quota(self._control.status().quota, self._preferences.lang))

    async def version(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Version and time since the start."""
        return Reply(status.version(self._control.status(), self._preferences.lang))

    async def config(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Settings in force with their sources; one key in full."""
        lang = self._preferences.lang
        rows = self._control.settings()
        if not arguments:
            first, *following = settings.config(rows, lang)
            return Reply(first, following=tuple(following))
        row, near = find_setting(rows, arguments[0])
        if row is None:
            return Reply(settings.unknown_key(arguments[0], near, lang))
        return Reply(settings.config_key(row, lang))

    def _with_refresh(self, text: str, what: str, rows: Rows = ()) -> Reply:
        label = self._preferences.lang.pick("KIS 조회", "Ask KIS")
        refresh = Button(label, Action(Verb.REFRESH, (what,)))
        return Reply(text, (*rows, (refresh,)), _REFRESH_VALID_S)


def find_setting(
    rows: tuple[SettingView, ...], typed: str
) -> tuple[SettingView | None, str | None]:
    """The row of a key or of its last part, else the nearest key."""
    wanted = typed.casefold()
    for row in rows:
        if wanted in {row.key.casefold(), row.key.rpartition(".")[2].casefold()}:
            return row, None
    known = [row.key for row in rows]
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.4)
    return None, near[0] if near else None


def usage(name: str, preferences: Preferences) -> Reply:
    """What a command allows, with its example."""
    command = BY_NAME[name]
    text = replies.usage(name, command.arguments, command.example, preferences.lang)
    return Reply(text)
