"""Keys and passwords kept encrypted on disk, each with the time it was set.

Unlike the token cache it is no cache: what cannot be opened stops the start, and the message says
what to do. Values never stand in a message.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from cryptography.fernet import InvalidToken

from engine.adapters.secrets.kdf import Kdf, Keys, decoded, is_same
from engine.adapters.secrets.private_file import replace_file
from engine.adapters.secrets.values import Secret
from engine.adapters.secrets.variables import STORABLE
from engine.errors import ConfigError

_VERSION = 1
_PURPOSE = "secrets"
_MAX_BYTES = 256 * 1024
_FINGERPRINT_KEY_BYTES = 32
_FINGERPRINT_DIGITS = 8
_ANEW = "move it away and give them anew: python3 run.py setup"


class WrongPassphrase(ConfigError):
    """The store is sound, as far as can be told, but made with another passphrase."""


class StoreDamaged(ConfigError):
    """What lies there cannot be read with any passphrase."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value and when it was set, aware UTC."""

    value: Secret
    set_at: datetime


@dataclass(frozen=True, slots=True)
class _Content:
    """What is encrypted. The key of the fingerprints is made once and outlives passphrases."""

    entries: Mapping[str, Entry] = field(default_factory=lambda: MappingProxyType({}))
    passphrase_set_at: datetime | None = None
    fingerprint_key: bytes = field(
        default_factory=lambda: secrets.token_bytes(_FINGERPRINT_KEY_BYTES)
    )

    def dump(self) -> bytes:
        return json.dumps(
            {
                "entries": {
                    name: [entry.value.reveal(), entry.set_at.isoformat()]
                    for name, entry in self.entries.items()
                },
                "passphrase_set_at": _text_of(self.passphrase_set_at),
                "fingerprint_key": self.fingerprint_key.hex(),
            }
        ).encode()

    @classmethod
    def load(cls, content: bytes) -> Self:
        """Raises ValueError, TypeError, KeyError or AttributeError for what we never wrote."""
        raw = json.loads(content)
        entries = {
            str(name): Entry(Secret(str(text)), _moment(at))
            for name, (text, at) in raw["entries"].items()
        }
        since = raw["passphrase_set_at"]
        return cls(
            MappingProxyType(entries),
            None if since is None else _moment(since),
            bytes.fromhex(raw["fingerprint_key"]),
        )


class SecretStore:
    """One file. Changes are on disk when the call returns, or not there at all."""

    def __init__(self, path: Path, passphrase: Secret, kdf: Kdf, content: _Content) -> None:
        self._path = path
        self._passphrase = passphrase
        self._kdf = kdf
        self._content = content

    @classmethod
    def open(cls, path: Path, passphrase: Secret) -> Self:
        """The store as it is on disk; a missing file is an empty store, not yet written.

        Raises:
            ConfigError: the passphrase is another one, or the file is damaged.
        """
        document = _read(path)
        if document is None:
            return cls(path, passphrase, Kdf.fresh(), _Content())
        try:
            kdf = Kdf.from_document(document)
            keys = kdf.keys(passphrase, _PURPOSE)
            is_right = is_same(decoded(document, "check"), keys.check)
            content = _decrypted(document, keys) if is_right else None
        except (ValueError, TypeError, KeyError, AttributeError, InvalidToken, MemoryError):
            raise StoreDamaged(f"{path}: damaged; restore it from a backup, or {_ANEW}") from None
        if content is None:
            raise WrongPassphrase(
                f"{path}: the passphrase does not open it; give the one it was made with. Where "
                f"that is lost, so are the secrets: {_ANEW}"
            )
        return cls(path, passphrase, kdf, content)

    @property
    def entries(self) -> Mapping[str, Entry]:
        """What is kept, by name of the contract."""
        return self._content.entries

    @property
    def passphrase_set_at(self) -> datetime | None:
        """When the passphrase was chosen; None before the first write."""
        return self._content.passphrase_set_at

    def put(self, values: Mapping[str, str], at: datetime) -> None:
        """Keep these beside the others. Raises ConfigError."""
        unknown = set(values) - set(STORABLE)
        if unknown:
            raise ConfigError(f"{min(unknown)}: not one of the known names")
        fresh = {name: Entry(Secret(text), at) for name, text in values.items()}
        since = self.passphrase_set_at or at
        kept = MappingProxyType({**self.entries, **fresh})
        self._write(_Content(kept, since, self._content.fingerprint_key))

    @property
    def passphrase(self) -> Secret:
        """What it opens with."""
        return self._passphrase

    def rotate(self, passphrase: Secret, at: datetime) -> None:
        """Everything under another passphrase. The old file stays until the new one was read.

        Raises:
            ConfigError: it could not be written or read back; the old passphrase still holds.
        """
        content = _Content(self.entries, at, self._content.fingerprint_key)
        rotated = type(self)(self._path, passphrase, Kdf.fresh(), content)
        rotated._write(content)
        self._passphrase, self._kdf, self._content = passphrase, rotated._kdf, content

    def fingerprint(self, name: str, text: str) -> str:
        """Eight digits to tell values apart by.

        HMAC-SHA256 under a random key that only the opened store holds: without the passphrase
        nobody can try account numbers until one fits.
        """
        told = hmac.new(self._content.fingerprint_key, f"{name}\0{text}".encode(), hashlib.sha256)
        return told.hexdigest()[:_FINGERPRINT_DIGITS]

    def _write(self, content: _Content) -> None:
        """Under today's cost, where that was weaker; read back before the old file goes."""
        kdf = Kdf.fresh() if self._kdf.is_outdated else self._kdf
        keys = kdf.keys(self._passphrase, _PURPOSE)

        def verify(written: Path) -> None:
            found = self.open(written, self._passphrase)
            if found._content != content:
                raise ConfigError(f"{self._path}: what was written reads differently")

        try:
            replace_file(self._path, _document(kdf, keys, content), verify)
        except OSError as error:
            raise ConfigError(f"{self._path}: cannot be written: {error.strerror}") from None
        self._kdf, self._content = kdf, content


def _read(path: Path) -> dict[str, Any] | None:
    try:
        with path.open("rb") as file:
            document = json.loads(file.read(_MAX_BYTES))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("purpose") != _PURPOSE:
        raise StoreDamaged(f"{path}: damaged; restore it from a backup, or {_ANEW}")
    if document.get("version") != _VERSION:
        raise ConfigError(f"{path}: written by a newer version of this program; use that one")
    return document


def _decrypted(document: Mapping[str, Any], keys: Keys) -> _Content:
    return _Content.load(keys.fernet.decrypt(str(document["texts"])))


def _document(kdf: Kdf, keys: Keys, content: _Content) -> bytes:
    document = {
        "version": _VERSION,
        "purpose": _PURPOSE,
        **kdf.to_document(),
        "check": _base64(keys.check),
        "texts": keys.fernet.encrypt(content.dump()).decode("ascii"),
    }
    return json.dumps(document).encode("ascii")


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _text_of(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment.astimezone(UTC)
