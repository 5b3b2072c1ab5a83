"""Every public function of bot.format that makes a text, filled with given words.

Arguments are made from the annotations, so that a new function is covered the moment it is
written; one whose arguments cannot be made raises and has to be given a sample here.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache, cached_property
from typing import Any

import bot.format
from bot.format.card import Books
from bot.format.lang import Lang
from bot.format.markup import foreign
from engine.model.ids import DeskState
from engine.model.money import Money
from engine.model.views import SettingChange
from tests.bot import krx_samples, mode_messages, report_samples, samples

# Pieces that others put together into texts, and what is no text at all.
PIECES = {
    "bot.format.markup", "bot.format.table", "bot.format.numbers", "bot.format.times",
    "bot.format.lang", "bot.format.words", "bot.format.bars", "bot.format.krx_words",
    "bot.format.desks", "bot.format.trade_card", "bot.format.sale_result",
    "bot.format.arguments", "bot.format.setting_words",
}  # fmt: skip
NO_TEXTS = {
    "command_list.nearest",
    "command_list.spoken",
    "stop_words.is_stop",
    "stop_words.names_stop",
    "asking.is_left_alone",
    "reasons.against",
    "kinds.kind_of",
    "positions.names",
    "positions.to_target",
    "report_symbols.pages",
    "settings.group_name",
    "settings.group_place",
    "score.figure",
    "reasons.is_known",
    "second.brief",
}
# Arguments that are escaped already, and those that are ours, by function.
ESCAPED = {
    "asking.outcome.what",
    "badge.under_badge.text",
    "card.dated.text",
    "facts.dated.text",
    "replies.welcome.mode_line",
    "replies.welcome.responsibility",
}
OURS = {
    "alert_settings.overview.quiet": "23:00-07:00",
    "alert_settings.quiet_line.quiet": "23:00-07:00",
    "hints.sale_by.command": "sellall",
    "replies.unknown_command.nearest": "status",
    "stopping.stopped.kind": "entries",
}


class Words(Iterator[str]):
    """Words for the templates, over and over; ``used`` counts what was taken."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self.used = 0

    def __next__(self) -> str:
        self.used += 1
        return self._texts[(self.used - 1) % len(self._texts)]


class AnyName(dict[Any, str]):
    """Knows a name for every symbol."""

    def __init__(self, words: Words) -> None:
        super().__init__()
        self._words = words

    def get(self, _key: Any, _default: Any = None) -> Any:
        return next(self._words)


@dataclass(frozen=True, eq=False)
class Template:
    """One function that makes texts."""

    name: str
    make: Callable[..., Any]

    def texts(self, words: Words, lang: Lang, turn: int) -> list[str]:
        """Filled with the next words; ``turn`` picks among several samples of a type."""
        arguments = {
            name: self._argument(name, hint, words, lang, turn) for name, hint in self._hints
        }
        answer = self.make(**arguments)
        given = answer if isinstance(answer, tuple) else (answer,)
        return [text for text in given if text is not None]

    def variants(self) -> int:
        """How many turns it takes to see every sample of every argument."""
        return max((len(choices(hint)) for _name, hint in self._hints), default=1)

    @cached_property
    def _hints(self) -> list[tuple[str, Any]]:
        hints = typing.get_type_hints(self.make)
        return [(name, hints[name]) for name in inspect.signature(self.make).parameters]

    def _argument(self, name: str, hint: Any, words: Words, lang: Lang, turn: int) -> Any:
        if hint is Lang:
            return lang
        if f"{self.name}.{name}" in OURS:
            return OURS[f"{self.name}.{name}"]
        if f"{self.name}.{name}" in ESCAPED:
            return foreign(next(words))
        offered = choices(hint)
        return filled(offered[turn % len(offered)], words)


def templates() -> list[Template]:
    """All of bot.format, by module."""
    found = []
    for module_info in pkgutil.iter_modules(bot.format.__path__, "bot.format."):
        if module_info.name in PIECES:
            continue
        module = importlib.import_module(module_info.name)
        short = module_info.name.rpartition(".")[2]
        for name, make in inspect.getmembers(module, inspect.isfunction):
            is_own = make.__module__ == module_info.name and not name.startswith("_")
            if is_own and f"{short}.{name}" not in NO_TEXTS:
                found.append(Template(f"{short}.{name}", make))
    return found


@cache
def choices(hint: Any) -> list[Any]:
    """Samples of a type; every text in them is a placeholder for ``filled``."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, typing.NewType):
        return choices(hint.__supertype__)
    if origin in {typing.Union, types.UnionType}:
        return [sample for argument in arguments for sample in choices(argument)]
    if origin in {tuple, Sequence, Iterable} or origin is list:
        return _rows(*arguments) if arguments[1:] in {(), (...,)} else _together(*arguments)
    if isinstance(hint, type) and issubclass(hint, Money):
        return [samples.usd("1234.5"), krx_samples.won(71_200)]
    if origin in {dict, Mapping}:
        return _mappings(*arguments)
    if isinstance(origin, type) and is_dataclass(origin):
        return choices(origin)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return list(hint)
    return _SIMPLE[hint] if hint in _SIMPLE else _SAMPLES[hint]


def filled(value: Any, words: Words) -> Any:
    """The value with every text in it replaced by the next word; enums and figures stay."""
    if type(value) is str:
        return next(words)
    if isinstance(value, tuple):
        return tuple(filled(item, words) for item in value)
    if value is AnyName:
        return AnyName(words)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {field.name: filled(getattr(value, field.name), words) for field in fields(value)}
        return replace(value, **changed)
    return value


def _rows(item: Any, *_ellipsis: Any) -> list[Any]:
    inner = choices(item)
    return [tuple(inner[:1] * 3), tuple(inner * 3), ()]


def _together(*parts: Any) -> list[Any]:
    offered = [choices(part) for part in parts]
    longest = max(map(len, offered))
    return [tuple(one[at % len(one)] for one in offered) for at in range(longest)]


def _mappings(key: Any, inner: Any) -> list[Any]:
    keys = choices(key)
    if all(type(sample) is str for sample in keys):
        return [AnyName, {}]
    values = itertools.cycle(choices(inner))
    return [dict(zip(keys, values, strict=False)), {}]


def _reachable(value: Any) -> Iterator[Any]:
    """Every dataclass in a sample, itself included."""
    if isinstance(value, tuple):
        for item in value:
            yield from _reachable(item)
    elif is_dataclass(value) and not isinstance(value, type):
        yield value
        for field in fields(value):
            yield from _reachable(getattr(value, field.name))


def _samples() -> dict[type, list[Any]]:
    limited = samples.latched(DeskState.HALTED, DeskState.EXITS_ONLY)
    assert limited.us is not None
    troubled = replace(limited.us, troubles=("x",) * 9, questions=(samples.question(),))
    every: list[Any] = [
        samples.status_view(),
        replace(limited, us=troubled, badge_note="x"),
        replace(limited, us=None),
        samples.balance_view(),
        samples.day_view(),
        samples.sale(),
        samples.sale(by_bot=False),
        *samples.SETTINGS,
        SettingChange("x", "x", "x", loosens=False, qualifying=(samples.position(),)),
        *samples.all_facts().values(),
        *krx_samples.krx_facts().values(),
        krx_samples.with_krx(samples.status_view()),
        krx_samples.krx_latched(DeskState.HALTED, DeskState.EXITS_ONLY),
        krx_samples.krx_balance(),
        krx_samples.krx_day(),
        krx_samples.krx_sale(),
        krx_samples.scan_view(),
        krx_samples.why_view(),
        krx_samples.why_entered(),
        krx_samples.plan_view(),
        Books(samples.balance_view(), samples.day_view()),
        Books(krx_samples.krx_balance(), None),
        samples.UNTOLD,
        samples.SETTLED,
        report_samples.digest(AnyName),
        report_samples.krx(AnyName),
        report_samples.us(AnyName),
        report_samples.us_year(AnyName),
        report_samples.empty(),
        report_samples.fallen(),
        report_samples.both(),
        *report_samples.tax_years(),
        report_samples.agreed(AnyName),
        report_samples.differing(AnyName),
        report_samples.by_hand(AnyName),
        report_samples.without_cost(AnyName),
        report_samples.waiting(AnyName),
        report_samples.on_paper(AnyName),
        samples.LOG_LINE,
        mode_messages.live_check(lacks=True, fails=True, desk=mode_messages.KRX),
    ]
    found: dict[type, list[Any]] = {}
    for sample in _reachable(tuple(every)):
        if sample not in found.setdefault(type(sample), []):
            found[type(sample)].append(sample)
    return found


_SIMPLE: dict[Any, list[Any]] = {
    str: ["x"],
    int: [12, 0],
    bool: [True, False],
    float: [1.5],
    Decimal: [Decimal("3.0175"), Decimal(-1)],
    datetime: [samples.NOW],
    date: [samples.NOW.date()],
    timedelta: [timedelta(minutes=3)],
    types.NoneType: [None],
}
_SAMPLES = _samples()
