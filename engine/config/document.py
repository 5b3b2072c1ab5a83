"""A YAML file as plain text, lists and mappings; nothing is guessed from how a value looks.

YAML would read 12:00 as 720 and the symbol ON as true: here every scalar stays text, and the
check of its key says what it means.
"""

from __future__ import annotations

from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from engine.config.checks import Raw
from engine.config.shown import shown_key
from engine.errors import ConfigError

MAX_BYTES = 64 * 1024
_MAX_DEPTH = 8
_MAX_NODES = 2_000  # the file we ship has some 400; the library takes a second for a few thousand


class _PlainLoader(yaml.BaseLoader):
    """Refuses anchors, aliases, deep nesting and endless lists before anything is built of them."""

    depth = 0
    nodes = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # untyped in the stubs
        if getattr(event, "anchor", None) is not None:
            raise yaml.MarkedYAMLError(
                problem="anchors and aliases are not allowed", problem_mark=event.start_mark
            )
        if self.depth >= _MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=event.start_mark)
        self.nodes += 1
        if self.nodes > _MAX_NODES:
            raise yaml.MarkedYAMLError(
                problem="more values than can be", problem_mark=event.start_mark
            )
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def read_document(path: Path) -> dict[str, Raw]:
    """The top mapping; an empty file is an empty one. ConfigError names file and line."""
    text = _read_text(path)
    try:
        node = yaml.compose(text, Loader=_PlainLoader)
        raw = "" if node is None else _plain(node)
    except yaml.YAMLError as error:
        # Only place and kind: the library's own text quotes the line, whatever stands in it.
        raise ConfigError(f"{path}: {_place(error)}") from None
    except (ValueError, OverflowError):
        # Of the library itself: an escape beyond Unicode, a version of thousands of digits.
        raise ConfigError(f"{path}: not YAML") from None
    if raw == "":
        return {}
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: the file must consist of 'key: value' lines")
    return raw


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise ConfigError("the name of the file cannot be one") from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{path}: larger than the allowed {MAX_BYTES // 1024} KiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text") from None


def _plain(node: Node) -> Raw:
    if isinstance(node, ScalarNode):
        return str(node.value)
    if isinstance(node, SequenceNode):
        return [_plain(item) for item in node.value]
    if not isinstance(node, MappingNode):
        raise yaml.MarkedYAMLError(problem="unknown kind of node", problem_mark=node.start_mark)
    found: dict[str, Raw] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            raise yaml.MarkedYAMLError(problem="a key must be text", problem_mark=key.start_mark)
        if key.value in found:
            raise yaml.MarkedYAMLError(
                problem=f"key {shown_key(key.value)} stands twice", problem_mark=key.start_mark
            )
        found[str(key.value)] = _plain(value)
    return found


def _place(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "not YAML"
    return f"line {mark.line + 1}: {problem}" if mark is not None else str(problem)
