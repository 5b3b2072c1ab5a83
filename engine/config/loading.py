"""config.yaml and the values set from chat, checked and put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from engine.config.checks import Check, Raw
from engine.config.document import read_document
from engine.config.keys import CHECKS, SECTIONS, TARGET_PCT, TARGETS
from engine.config.legacy import is_ignored
from engine.config.relations import ensure_consistent, fill_relative_defaults
from engine.config.sections import Config
from engine.config.several import SYMBOL
from engine.config.shown import shown, shown_key
from engine.config.sources import Source
from engine.errors import ConfigError

_CHAT = "chat"
_RATE = "rate_limit.requests_per_second"
_KIS_PER_SECOND = 18  # the account's 20, less a margin for calls that arrive bunched

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class FileValues:
    """What one reading of the file gave, by dotted key; ``where`` names it in messages."""

    where: str
    values: Mapping[str, Any]
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The effective configuration. ``sources`` by dotted key; ``notices`` for the start message."""

    config: Config
    sources: Mapping[str, Source]
    notices: tuple[str, ...] = ()


def load_config(path: Path | None, overrides: Mapping[str, str] = MappingProxyType({})) -> Loaded:
    """The file (None: defaults only) under the values set from chat, by dotted key.

    ConfigError names file, key, value and allowed range; a bad file is refused as a whole.
    """
    return combine(read_file(path), overrides)


def read_file(path: Path | None) -> FileValues:
    """The checked values of a file; None: nothing. Raises ConfigError."""
    if path is None:
        return FileValues("config", MappingProxyType({}), ())
    values, notices = _read_file(path)
    return FileValues(str(path), MappingProxyType(values), tuple(notices))


def combine(file: FileValues, overrides: Mapping[str, str]) -> Loaded:
    """Chat over file over defaults, checked as one. Raises ConfigError."""
    values: dict[str, Any] = dict(file.values)
    sources = dict.fromkeys(CHECKS, Source.DEFAULT)
    notices = list(file.notices)
    sources.update(dict.fromkeys(values, Source.FILE))
    for symbol in values.get(TARGETS, ()):
        sources[f"{TARGETS}.{symbol}"] = Source.FILE
    for key, text in overrides.items():
        _override(values, key, text)
        sources[key] = Source.CHAT
    asked = values.get(_RATE, 0)
    if asked > _KIS_PER_SECOND:
        values[_RATE] = _KIS_PER_SECOND
        notices.append(f"{_RATE}: {asked} is above {_KIS_PER_SECOND}; taken as {_KIS_PER_SECOND}")
    fill_relative_defaults(values)
    config = _build(Config, "", values)
    ensure_consistent(config, file.where, sources)
    return Loaded(config, MappingProxyType(sources), tuple(notices))


def faults(
    path: Path | None, overrides: Mapping[str, str] = MappingProxyType({})
) -> tuple[str, ...]:
    """Every wrong key, where ``load_config`` stops at the first; empty: it would not stop.

    A file that is no YAML hides its keys, wrong keys hide what contradicts each other.
    """
    wrong = list(_wrong_overrides(overrides))
    try:
        if path is not None:
            wrong = [*_look_through(path)[2], *wrong]
        if not wrong:
            load_config(path, overrides)
    except ConfigError as error:
        wrong = [error, *wrong]
    return tuple(str(error) for error in wrong)


def nearest_key(key: str) -> str | None:
    """The known key most like a misspelt one, wherever it stands."""
    names = {name.rpartition(".")[2]: name for name in reversed(tuple(CHECKS))}
    known = [*CHECKS, *SECTIONS]
    if found := get_close_matches(key, known, n=1, cutoff=0.75):
        return found[0]
    if found := get_close_matches(key.rpartition(".")[2], list(names), n=1, cutoff=0.6):
        return names[found[0]]
    found = get_close_matches(key, known, n=1, cutoff=0.4)
    return found[0] if found else None


def _read_file(path: Path) -> tuple[dict[str, Any], list[str]]:
    values, notices, wrong = _look_through(path)
    if wrong:
        raise wrong[0]
    return values, notices


def _look_through(path: Path) -> tuple[dict[str, Any], list[str], list[ConfigError]]:
    """The good values, what to say of the file, and every bad key."""
    values: dict[str, Any] = {}
    ignored: list[str] = []
    wrong: list[ConfigError] = []
    for key, raw in _leaves(read_document(path), ""):
        check = CHECKS.get(key)
        if check is not None:
            try:
                values[key] = _checked(str(path), key, raw, check)
            except ConfigError as error:
                wrong.append(error)
        elif key in SECTIONS:
            told = f"{path}: {key}: {shown(raw)} is not allowed; allowed: a section"
            wrong.append(ConfigError(told))
        elif is_ignored(key):
            ignored.append(shown_key(key))
        else:
            wrong.append(ConfigError(_unknown(str(path), key)))
    if not ignored:
        return values, [], wrong
    return values, [f"{path}: ignored, no longer needed: {', '.join(ignored)}"], wrong


def _leaves(raw: Mapping[str, Raw], prefix: str) -> Iterator[tuple[str, Raw]]:
    for name, value in raw.items():
        key = prefix + name
        if key not in SECTIONS:
            yield key, value
        elif isinstance(value, dict):
            yield from _leaves(value, key + ".")
        elif not isinstance(value, str) or value.strip() not in ("", "~", "null"):
            yield key, value


def _override(values: dict[str, Any], key: str, text: str) -> None:
    symbol = key.removeprefix(TARGETS + ".")
    if symbol != key and SYMBOL.fullmatch(symbol):
        target = _checked(_CHAT, key, text, TARGET_PCT)
        values[TARGETS] = MappingProxyType({**values.get(TARGETS, {}), symbol: target})
    elif key in CHECKS:
        values[key] = _checked(_CHAT, key, text, CHECKS[key])
    else:
        raise ConfigError(_unknown(_CHAT, key))


def _wrong_overrides(overrides: Mapping[str, str]) -> Iterator[ConfigError]:
    for key, text in overrides.items():
        try:
            _override({}, key, text)
        except ConfigError as error:
            yield error


def _checked(where: str, key: str, raw: Raw, check: Check) -> object:
    try:
        return check.read(raw)
    except ValueError:
        raise ConfigError(
            f"{where}: {key}: {shown(raw)} is not allowed; allowed: {check.allowed}"
        ) from None


def _unknown(where: str, key: str) -> str:
    near = nearest_key(key)
    return f"{where}: {shown_key(key)}: unknown key" + (f"; did you mean {near}?" if near else "")


def _build(section: type[_T], prefix: str, values: Mapping[str, Any]) -> _T:
    parts: dict[str, Any] = {}
    for part in fields(section):  # type: ignore[arg-type]  # every section is a dataclass
        key = prefix + part.name
        below: object = part.default_factory
        if isinstance(below, type) and is_dataclass(below):
            parts[part.name] = _build(below, key + ".", values)
        elif key in values:
            parts[part.name] = values[key]
    return section(**parts)
