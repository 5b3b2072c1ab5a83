"""Texts that are no command: what they may have meant, as a command or a button that asks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.chat import Action, Button, Reply, Rows, Style, Verb
from bot.commands_act import dismiss_button, is_amount, split_amount, stock_label
from bot.format import desks, hints, replies
from bot.format.arguments import meant
from bot.format.command_list import nearest
from bot.format.stop_words import names_stop
from bot.preferences import Preferences
from engine.model.ids import DeskName, Symbol
from engine.ports.control import EngineControl
from reports.periods import Span

_MAX_PICKS = 8
_STOP_VALID_S = 600  # as the menu it opens
_SHORTEST, _LONGEST = 2, 60  # of a text that is looked at
_PLEASE = r"(?:\s*(?:줘|주세요|라|요|버려|하자|해))*"
_KOREAN = re.compile(rf"(.*?)\s*(?:팔아|팔자|팔기|매도|청산|손절){_PLEASE}(?:\s+(.+))?")
_ENGLISH = re.compile(r"()sell(?:\s+(.+))?", re.IGNORECASE)
_NOT = re.compile(r"지\s*[마말]|금지|(?:^|\s)(?:안|못)\s")
_EVERY = {"다", "싹", "everything"}
_PART = {"반": "50%", "절반": "50%"}
_OBJECT = re.compile(r"(?<=.)[을를]$")
_FIGURE = re.compile(r"[\W\d_]*\d[\W\d_]*주?")
_CODE = re.compile(r"\d{6}")
_LEVEL = re.compile(r"(?!\d[\dA-Za-z]{5}(?:[을를]|$))[-+]?\d[\d.,]*(?!주)(?:\D.*)?")


class PlainWords:
    """Answers a text that is no command. It only looks."""

    def __init__(self, control: EngineControl, preferences: Preferences, confirm_s: int) -> None:
        self._control = control
        self._preferences = preferences
        self._confirm_s = confirm_s

    def answer(self, typed: str) -> Reply:
        """/stop, a sale that was meant, a stock that was named, or the nearest command."""
        typed = unicodedata.normalize("NFC", typed)
        if names_stop(typed):  # before all else: it is never led elsewhere
            return self._unknown(typed, "stop")
        bare = typed.removeprefix("/").strip().rstrip("!?.~…").strip()
        wish = sale_wish(bare)
        if wish is not None:
            return self._sale(typed, wish)
        if bare == typed.strip() and (found := self._named(bare)):
            return self._stock(bare, found)
        word = (typed.split() or [""])[0].removeprefix("/").partition("@")[0]
        return self._unknown(typed, nearest(word))

    def _unknown(self, typed: str, near: str | None) -> Reply:
        """No command; where stopping may have been meant, the way to it is one press."""
        lang = self._preferences.lang
        text = replies.unknown_command(typed, near, lang)
        if near != "stop":
            return Reply(text)
        label = lang.pick("멈추기: 고르기", "Stop: choose")
        button = Button(label, Action(Verb.STOP_MENU), Style.DANGER)
        return Reply(text, ((button,),), _STOP_VALID_S)

    def _sale(self, typed: str, wish: Sequence[str]) -> Reply:
        """Buttons of what is held; each asks as /sell does."""
        lang = self._preferences.lang
        words = [word for word in wish if not _is_every(word)]
        if wish and not words:
            return Reply(hints.sale_by(typed, "sellall", lang))
        if _is_level(typed):
            return Reply(hints.stop_loss(typed, lang))
        name, amount = split_amount(tuple(words)) if words else ("", "")
        found = self._held(name, amount)
        if not found:
            return Reply(hints.sale_by(typed, "sell", lang))
        rest = (amount,) if amount else ()
        verb = lang.pick("팔기", "sell")
        rows: Rows = tuple(
            (
                Button(
                    " ".join((stock_label(self._control, symbol), *rest, verb)),
                    Action(Verb.SELL_ASK, (symbol, *rest)),
                ),
            )
            for symbol in found[:_MAX_PICKS]
        )
        text = hints.sale(typed, name, amount, lang)
        return Reply(text, (*rows, (dismiss_button(self._preferences),)), self._confirm_s)

    def _held(self, name: str, amount: str) -> list[Symbol]:
        """What is held, is called so and has that many shares; '삼성전자를' is 삼성전자."""
        rows = desks.held(self._control.status())
        held = {row.symbol for row in rows if is_amount(amount, row.qty)}
        for one in (name, _OBJECT.sub("", name)):
            found = [symbol for symbol in self._meant(one) if symbol in held]
            if found:
                return found
        return []

    def _meant(self, name: str) -> Sequence[Symbol]:
        """Stocks of that name. A figure is none, and one letter is part of too many."""
        if _FIGURE.fullmatch(name) and not _CODE.fullmatch(name):
            return ()
        found = self._control.find_symbol(name)
        return [one for one in found if len(name) > 1 or one == name.upper()]

    def _named(self, text: str) -> tuple[Symbol, ...]:
        is_name = _SHORTEST <= len(text) <= _LONGEST
        return self._control.find_symbol(text) if is_name else ()

    def _stock(self, typed: str, found: Sequence[Symbol]) -> Reply:
        korean = [symbol for symbol in found if self._control.desk_of(symbol) is DeskName.KRX]
        lang = self._preferences.lang
        why = lang.pick("왜?", "Why?")
        rows: Rows = tuple(
            (Button(f"{why} {stock_label(self._control, symbol)}", Action(Verb.WHY, (symbol,))),)
            for symbol in korean[:_MAX_PICKS]
        )
        text = hints.stock(typed, lang, is_korean=bool(korean))
        return Reply(text, rows, self._confirm_s)


def sale_wish(text: str) -> tuple[str, ...] | None:
    """The words beside a word of selling; None where none is said, or 'do not'."""
    if len(text) > _LONGEST:
        return None
    found = _ENGLISH.fullmatch(text) or _KOREAN.fullmatch(text)
    if found is None or _NOT.search(text):
        return None
    words = " ".join(part for part in found.groups() if part).split()
    return tuple(_PART.get(word, word) for word in words)


def _is_level(text: str) -> bool:
    """손절 with a price or a percentage: where to sell, not how much."""
    return "손절" in text and any(map(_LEVEL.fullmatch, text.replace("손절", " ").split()))


def _is_every(word: str) -> bool:
    return meant(word) == Span.ALL or word.casefold() in _EVERY
