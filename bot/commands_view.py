"""Commands that only look: answered from memory and the book, without a broker call."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from bot import questions
from bot.chat import Action, Button, Reply, Rows, Run, Verb
from bot.format import (
    account,
    asking,
    command_list,
    desks,
    held,
    positions,
    quota,
    replies,
    settings,
    status,
)
from bot.format.command_list import BY_NAME
from bot.format.lang import Lang
from bot.format.positions import Names
from bot.format.setting_words import own_symbol
from bot.preferences import Preferences
from engine.config import find_settable
from engine.model.ids import DeskName
from engine.model.money import Money
from engine.model.views import OrderView, SaleView, SettingView
from engine.ports.control import EngineControl

_NEAR = 0.6
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
        text, asked = held.positions(view, lang), questions.rows(view, lang)
        return self._with_refresh(text, _POSITIONS, asked)

    async def balance(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Cash with its age and a button that asks KIS."""
        now, lang = self._control.now(), self._preferences.lang
        blocks = [
            account.balance(self._control.balance(desk), now, lang, label)
            for desk, label in self._labelled()
        ]
        return self._with_refresh(_blocks(blocks, lang), _BALANCE)

    async def refresh(self, arguments: tuple[str, ...], user_id: int) -> Reply:
        """[KIS 조회]: one balance and one cash call, then the same view again."""
        is_fresh = True
        for desk in self._control.desks():
            is_fresh &= await self._control.refresh_account(desk)
        show = self.balance if arguments == (_BALANCE,) else self.positions
        reply = await show((), user_id)
        if is_fresh:
            return reply
        failed = replies.refresh_failed(self._preferences.lang)
        return Reply(f"{failed}\n{reply.text}", reply.rows, reply.valid_s)

    async def orders(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Own orders of today."""
        view = self._control.status()
        rows = tuple(row for _name, desk in desks.running(view) for row in desk.orders)
        return Reply(positions.orders(rows, self._names(rows), self._preferences.lang))

    async def trades(self, arguments: tuple[str, ...], _user_id: int) -> Reply:
        """Latest sales; /trades 20 for more."""
        limit = _DEFAULT_TRADES
        if arguments:
            typed = arguments[0]
            is_number = typed.isascii() and typed.isdigit() and len(typed) <= _DIGITS
            if len(arguments) > 1 or not is_number or not 1 <= int(typed) <= _MAX_TRADES:
                return usage("trades", self._preferences)
            limit = int(typed)
        sales = await self._control.sales(limit)
        return Reply(account.trades(sales, self._names(sales), self._preferences.lang))

    async def quota(self, _arguments: tuple[str, ...], _user_id: int) -> Reply:
        """KIS calls spent and left."""
        view, lang = self._control.status(), self._preferences.lang
        blocks = []
        if view.krx_quota is not None:
            blocks.append(quota.krx_quota(view.krx_quota, self._control.plan(), lang))
        if view.us is not None or not blocks:
            blocks.append(quota.quota(view.quota, lang))
        return Reply(_blocks(blocks, lang))

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
        return Reply(settings.config_key(row, rows, lang))

    def _labelled(self) -> list[tuple[DeskName, DeskName | None]]:
        """The desks that run, each with itself as its label where there are two."""
        running = self._control.desks()
        return [(desk, desk if len(running) > 1 else None) for desk in running]

    def _names(self, rows: Iterable[OrderView[Money] | SaleView[Money]]) -> Names:
        """What the stocks are called, held or not."""
        return {row.symbol: self._control.name_of(row.symbol) for row in rows}

    def _with_refresh(self, text: str, what: str, rows: Rows = ()) -> Reply:
        label = self._preferences.lang.pick("KIS 조회", "Ask KIS")
        refresh = Button(label, Action(Verb.REFRESH, (what,)))
        return Reply(text, (*rows, (refresh,)), _REFRESH_VALID_S)


def _blocks(blocks: Sequence[str], lang: Lang) -> str:
    return "\n\n".join(blocks) or replies.no_desk(lang)


def find_setting(
    rows: tuple[SettingView, ...], typed: str
) -> tuple[SettingView | None, str | None]:
    """The row of a key by any of its names or its last part, else the nearest key."""
    # What /set KEY VALUE would change is what /set KEY explains.
    meant = find_settable(typed)
    for row in rows:
        if meant is not None and row.file_key == meant.key:
            return row, None
    wanted = typed.casefold().replace("-", "_")
    known = {
        name.casefold(): row for row in rows for name in (row.key, row.file_key, *row.names) if name
    }
    # What is a name of its own goes before the last part of another; ARM is a stock there.
    for row in rows:
        if own_symbol(row.key) is None:
            known.setdefault(row.key.rpartition(".")[2].casefold(), row)
            known.setdefault(row.file_key.rpartition(".")[2].casefold(), row)
    if wanted in known:
        return known[wanted], None
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=_NEAR)
    return None, known[near[0]].key if near else None


def usage(name: str, preferences: Preferences) -> Reply:
    """What a command allows, with its example."""
    command = BY_NAME[name]
    lang = preferences.lang
    return Reply(replies.usage(name, command.arguments_in(lang), command.example_in(lang), lang))
