"""Recordings as compressed JSON lines: a heading, then a line for each event a desk was given."""

from __future__ import annotations

import gzip
import json
import logging
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TextIO, TypeAlias, TypeVar, get_args, get_origin

from cattrs import Converter
from cattrs.errors import BaseValidationError
from cattrs.strategies import configure_tagged_union

from engine.adapters.plain import CONVERTER
from engine.model.commands import Command
from engine.model.events import Event
from engine.model.ids import BrokerOrderNo, ClientOrderId
from engine.model.intents import Intent
from engine.model.krx_settings import KrxSettings
from engine.model.money import M, Money
from engine.model.orders import PlaceAnswer
from engine.model.settings import UsSettings
from engine.ports.recorder import Heading, Step

log = logging.getLogger(__name__)
T = TypeVar("T")

SUFFIX = ".jsonl.gz"
_TYPE = "type"
_UNREADABLE = (
    *(BaseValidationError, ValueError, TypeError, LookupError, ArithmeticError),
    *(gzip.BadGzipFile, zlib.error),
)
_QUICKLY = 1  # a desk does not wait for a better compression


def _converter() -> Converter:
    """Names the class wherever a value may be of several, and writes sets in order."""
    made = CONVERTER.copy(unstruct_collection_overrides={frozenset: sorted})
    # A desk's snapshot is JSON already.
    made.register_structure_hook_func(lambda kind: kind is object, lambda plain, _: plain)
    # Both are text; nothing tells them apart, and nothing has to.
    made.register_structure_hook(ClientOrderId | BrokerOrderNo, lambda text, _: str(text))
    for several in (UsSettings | KrxSettings, PlaceAnswer, Command):
        configure_tagged_union(several, made, tag_name=_TYPE)
    return made


def _by_name(several: object) -> dict[str, Any]:
    return {(get_origin(kind) or kind).__name__: kind for kind in get_args(several)}


_CONVERTER = _converter()
# Each figure is written with its currency, so one reader serves all desks.
_AnyEvent: TypeAlias = Event[Money]
_AnyIntent: TypeAlias = Intent[Money]
_EVENTS, _INTENTS = _by_name(_AnyEvent), _by_name(_AnyIntent)


class RecordingFile(Generic[M]):
    """Implements ports.recorder.Recorder; the file appears with the first event.

    What cannot be written ends the recording and is logged; the desk goes on.
    """

    def __init__(self, path: Path, heading: Heading) -> None:
        self._path = path
        self._heading = heading
        self._lines: TextIO | None = None
        self._last: dict[str, object] | None = None
        self._is_over = False

    def given(self, event: Event[M], at: datetime) -> None:
        """Keep an event until it is known what it led to."""
        self._write_last()
        self._last = {"at": at.isoformat(), "given": _named(event)}

    def wanted(self, intents: tuple[Intent[M], ...]) -> None:
        """Write it down with the intents."""
        if self._last is not None and intents:
            self._last["wanted"] = [_named(intent) for intent in intents]
        self._write_last()

    def close(self) -> None:
        """End the file; an event that broke the desk is its last line."""
        self._write_last()
        self._is_over = True
        self._last = None
        lines, self._lines = self._lines, None
        if lines is not None:
            try:
                lines.close()
            except OSError:
                log.exception("%s could not be finished", self._path)

    def _write_last(self) -> None:
        line, self._last = self._last, None
        if line is None or self._is_over:
            return
        try:
            if self._lines is None:
                self._lines = self._open()
            self._lines.write(_text(line))
        except OSError:
            log.exception("%s cannot be written: nothing more is recorded", self._path)
            self.close()

    def _open(self) -> TextIO:
        # Holdings and orders are nobody else's business, as in the book.
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.touch(mode=0o600, exist_ok=False)
        lines = gzip.open(self._path, "wt", compresslevel=_QUICKLY, encoding="utf-8")  # noqa: SIM115 - open for the whole run
        lines.write(_text(_CONVERTER.unstructure(self._heading)))
        return lines


def read_heading(path: Path) -> Heading:
    """What the recorded desk was made of.

    Raises:
        ValueError: no recording of this version.
    """
    heading = next(_read_lines(path, _heading), None)
    if heading is None:
        raise ValueError(f"{path}: nothing was recorded")
    return heading


def read_steps(path: Path) -> Iterator[Step[Money]]:
    """The events in order; where the process was ended amid writing, up to there.

    Raises:
        ValueError: no recording of this version.
    """
    return _read_lines(path, _step, skipped=1)


def _read_lines(path: Path, read: Callable[[Any], T], *, skipped: int = 0) -> Iterator[T]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in islice(lines, skipped, None):
                yield read(json.loads(line))
    except EOFError:
        return
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise ValueError(
            f"{path}: a folder; name one of the recordings in it (*{SUFFIX})"
        ) from None
    except _UNREADABLE as error:
        raise ValueError(f"{path}: no recording, or one of another version") from error
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error


def _heading(plain: Any) -> Heading:
    return _CONVERTER.structure(plain, Heading)


def _step(plain: dict[str, Any]) -> Step[Money]:
    at, event = datetime.fromisoformat(plain["at"]), _read(plain["given"], _EVENTS)
    return Step(at, event, tuple(_read(one, _INTENTS) for one in plain.get("wanted", ())))


def _named(value: object) -> dict[str, object]:
    return {_TYPE: type(value).__name__, **_CONVERTER.unstructure(value)}


def _read(plain: dict[str, Any], kinds: Mapping[str, Any]) -> Any:
    return _CONVERTER.structure(plain, kinds[plain.pop(_TYPE)])


def _text(plain: object) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")) + "\n"
