"""Changes single values in a YAML text; every comment and every other line stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode

from engine.errors import ConfigError

_INDENT = 2
_NOTHING = ("", "~", "null")  # a section without keys


def edited(text: str, changes: Mapping[str, str]) -> str:
    """The text with ``changes`` by dotted key; values as they stand in the file: ``ko``, ``2.0``.

    Raises:
        ConfigError: the text is no YAML mapping, or a section stands where a value should.
    """
    for key, value in changes.items():
        expected = _set(_loaded(text), key.split("."), value)
        text = _with(text, key, value)
        if _loaded(text) != expected:
            raise ConfigError(f"{key}: cannot be changed in this file; write it there by hand")
    return text


def _with(text: str, key: str, value: str) -> str:
    path = key.split(".")
    node: Node | None = yaml.compose(text, Loader=yaml.BaseLoader)
    if node is None:
        return _ended(text) + _block(path, value, 0)
    while isinstance(node, MappingNode):
        below = _child(node, path[0])
        if below is None:
            return _inserted(text, node, path, value)
        node, path = below, path[1:]
        if not path:
            return _replaced(text, node, value)
    if isinstance(node, ScalarNode) and node.value in _NOTHING:
        return _replaced(text, node, f"{{{_flow(path, value)}}}")
    raise ConfigError(f"{key}: a value stands where a section should")


def _child(node: MappingNode, name: str) -> Node | None:
    pairs = node.value
    return next((below for key, below in pairs if key.value == name), None)


def _replaced(text: str, node: Node, value: str) -> str:
    begin, end = node.start_mark.index, node.end_mark.index
    return text[:begin] + (" " if begin == end else "") + value + text[end:]


def _inserted(text: str, node: MappingNode, path: list[str], value: str) -> str:
    """A key the mapping does not have yet."""
    if node.flow_style:
        at = node.start_mark.index + 1
        rest = ", " if node.value else ""
        return text[:at] + _flow(path, value) + rest + text[at:]
    column = node.value[0][0].start_mark.column
    if column == 0:
        return _ended(text) + _block(path, value, 0)
    at = node.value[0][0].start_mark.index - column
    return text[:at] + _block(path, value, column) + text[at:]


def _flow(path: list[str], value: str) -> str:
    name, *below = path
    return f"{name}: {{{_flow(below, value)}}}" if below else f"{name}: {value}"


def _block(path: list[str], value: str, column: int) -> str:
    name, *below = path
    head = " " * column + f"{name}:"
    if not below:
        return f"{head} {value}\n"
    return f"{head}\n{_block(below, value, column + _INDENT)}"


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _loaded(text: str) -> dict[str, Any]:
    try:
        found = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - texts only, no objects
    except yaml.YAMLError:
        told = "config.yaml: not YAML; python3 run.py check-config names the line"
        raise ConfigError(told) from None
    if found is None or found == "":
        return {}
    if not isinstance(found, dict):
        raise ConfigError("config.yaml: the file must consist of 'key: value' lines")
    return found


def _set(found: dict[str, Any], path: list[str], value: str) -> dict[str, Any]:
    name, *below = path
    if not below:
        return {**found, name: yaml.load(value, Loader=yaml.BaseLoader)}  # noqa: S506 - as above
    inner = found.get(name, "")
    if inner in _NOTHING:
        inner = {}
    if not isinstance(inner, dict):
        raise ConfigError(f"{name}: a value stands where a section should")
    return {**found, name: _set(inner, below, value)}
