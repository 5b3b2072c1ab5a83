"""Short texts kept encrypted over restarts: access tokens, so that a restart asks for no new one.

A cache: what cannot be read is asked for again. Keys and passwords are in ``vault``.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from cryptography.fernet import InvalidToken

from engine.adapters.secrets.kdf import Kdf, Keys
from engine.adapters.secrets.private_file import replace_file
from engine.adapters.secrets.values import Secret

_log = logging.getLogger(__name__)

_VERSION = 2
_PURPOSE = "tokens"
_MAX_BYTES = 256 * 1024


class TokenStore:
    """Without a passphrase it lives in memory only. Never raises: a lost token costs one call."""

    def __init__(self, path: Path, passphrase: Secret | None) -> None:
        self._path = path
        self._texts: dict[str, str] = {}
        self._kdf: Kdf | None = None
        self._keys: Keys | None = None
        if passphrase is None:
            return
        if not self._open(passphrase):
            self._take(Kdf.fresh(), passphrase)

    @property
    def is_durable(self) -> bool:
        """Whether it survives the process."""
        return self._keys is not None

    def load(self, key: str) -> str | None:
        """The text saved last; None when there is none, the file broken or the key another."""
        return self._texts.get(key)

    def save(self, key: str, text: str) -> None:
        """Replace it, in the file too. A disk that refuses is logged; memory still has it."""
        self._texts[key] = text
        if self._kdf is None or self._keys is None:
            return
        try:
            replace_file(self._path, _document(self._kdf, self._keys, self._texts))
        except OSError as error:
            _log.warning("token cache cannot be written: %s", error.strerror)

    def under(self, passphrase: Secret, names: tuple[str, ...]) -> None:
        """Begin the file anew under another passphrase, with these texts of the old one only."""
        taken = {name: text for name, text in self._texts.items() if name in names}
        self._path.unlink(missing_ok=True)
        self._texts = {}
        self._take(Kdf.fresh(), passphrase)
        for name, text in taken.items():
            self.save(name, text)

    def _take(self, kdf: Kdf, passphrase: Secret) -> Keys:
        self._kdf, self._keys = kdf, (keys := kdf.keys(passphrase, _PURPOSE))
        return keys

    def _open(self, passphrase: Secret) -> bool:
        """Whether the next write keeps the file's parameters; older ones are left behind."""
        try:
            document = _read(self._path)
            keys = self._take(Kdf.from_document(document), passphrase)
            texts = json.loads(keys.fernet.decrypt(document["texts"]))
            self._texts = {str(key): str(text) for key, text in texts.items()}
        except FileNotFoundError:
            return False
        except (OSError, ValueError, TypeError, KeyError, AttributeError, InvalidToken) as error:
            _log.warning(
                "token cache not readable, starting an empty one: %s", type(error).__name__
            )
            return False
        except (RecursionError, MemoryError):
            _log.warning("token cache not readable, starting an empty one")
            return False
        return self._kdf is not None and not self._kdf.is_outdated


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        document: dict[str, Any] = json.loads(file.read(_MAX_BYTES))
    if document["version"] != _VERSION:
        raise ValueError("another version")
    return document


def _document(kdf: Kdf, keys: Keys, texts: dict[str, str]) -> bytes:
    sealed = keys.fernet.encrypt(json.dumps(texts).encode()).decode("ascii")
    return json.dumps({"version": _VERSION, **kdf.to_document(), "texts": sealed}).encode("ascii")
