"""What a backup says of itself. Pure: nothing is read or written here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from engine.adapters.plain import CONVERTER
from engine.adapters.secrets import STORE_FILE
from engine.adapters.sqlite.schema import BOOK, STATE, Schema
from engine.errors import ConfigError
from engine.model.ids import Mode

FORMAT = 1
MANIFEST = "manifest.json"
STATE_DB = "state.db"
SECRETS_FILE = STORE_FILE
SCHEMAS: Mapping[str, Schema] = {STATE_DB: STATE, **{f"{mode}.db": BOOK for mode in Mode}}
NAMES = (*SCHEMAS, SECRETS_FILE)

_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Member:
    """One file. ``schema``: version of a database, None of the secrets.

    ``last_days``: of a book, the last exchange date of each desk.
    """

    name: str
    size: int
    sha256: str
    schema: int | None = None
    last_days: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which program made the backup, when (UTC), and of what."""

    program: str
    made_at: datetime
    is_demo: bool
    members: tuple[Member, ...]
    format: int = FORMAT

    def encode(self) -> bytes:
        """As the file in the archive."""
        return json.dumps(CONVERTER.unstructure(self), indent=1).encode()

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Back from the archive. Raises ConfigError for anything that was not written here."""
        try:
            plain = json.loads(content)
            if plain["format"] != FORMAT:
                raise ConfigError(
                    f"{MANIFEST}: format {plain['format']!r}; this program knows {FORMAT}"
                )
            found = CONVERTER.structure(plain, cls)
        except _UNREADABLE as error:
            raise ConfigError(f"{MANIFEST}: not readable ({type(error).__name__})") from None
        found.check()
        return found

    def check(self) -> None:
        """Raises ConfigError for names, sums and figures that cannot be."""
        names = [member.name for member in self.members]
        strange = [name for name in names if name not in NAMES]
        if strange or len(set(names)) != len(names):
            raise ConfigError(f"{MANIFEST}: names what is not ours; allowed: {', '.join(NAMES)}")
        if STATE_DB not in names:
            raise ConfigError(f"{MANIFEST}: names no {STATE_DB}")
        for member in self.members:
            if member.size < 0 or not _SHA256.fullmatch(member.sha256):
                raise ConfigError(f"{MANIFEST}: {member.name} has no sound size and sum")
