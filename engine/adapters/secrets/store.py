"""Short texts kept encrypted over restarts: access tokens, so that a restart asks for no new one.

Fernet under a key that scrypt makes of the passphrase (RFC 7914); salt and cost stand in the file.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from engine.adapters.secrets.values import Secret

_log = logging.getLogger(__name__)

_VERSION = 1
_SALT_BYTES = 16
_KEY_BYTES = 32
_COST = 2**15  # 32 MiB with r = 8: about a tenth of a second, once a start
_MAX_COST = 2**18
_BLOCK, _LANES = 8, 1
_MAX_BLOCK, _MAX_LANES = 16, 4
_MAX_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class _Kdf:
    salt: bytes
    cost: int = _COST
    block: int = _BLOCK
    lanes: int = _LANES

    def __post_init__(self) -> None:
        is_power = self.cost > 1 and self.cost & (self.cost - 1) == 0
        if not is_power or self.cost > _MAX_COST or len(self.salt) < _SALT_BYTES:
            raise ValueError("scrypt cost or salt out of bounds")
        if not 1 <= self.block <= _MAX_BLOCK or not 1 <= self.lanes <= _MAX_LANES:
            raise ValueError("scrypt block or lanes out of bounds")

    def fernet(self, passphrase: Secret) -> Fernet:
        scrypt = Scrypt(self.salt, _KEY_BYTES, self.cost, self.block, self.lanes)
        return Fernet(
            base64.urlsafe_b64encode(
                scrypt.derive(passphrase.reveal().encode("utf-8", "surrogatepass"))
            )
        )


class TokenStore:
    """Without a passphrase it lives in memory only. Never raises: a lost token costs one call."""

    def __init__(self, path: Path, passphrase: Secret | None) -> None:
        self._path = path
        self._texts: dict[str, str] = {}
        self._kdf: _Kdf | None = None
        self._fernet: Fernet | None = None
        if passphrase is None:
            return
        if not self._open(passphrase):
            self._kdf = _Kdf(secrets.token_bytes(_SALT_BYTES))
            self._fernet = self._kdf.fernet(passphrase)

    @property
    def is_durable(self) -> bool:
        """Whether it survives the process."""
        return self._fernet is not None

    def load(self, key: str) -> str | None:
        """The text saved last; None when there is none, the file broken or the key another."""
        return self._texts.get(key)

    def save(self, key: str, text: str) -> None:
        """Replace it, in the file too. A disk that refuses is logged; memory still has it."""
        self._texts[key] = text
        if self._kdf is None or self._fernet is None:
            return
        try:
            _replace(self._path, _document(self._kdf, self._fernet, self._texts))
        except OSError as error:
            _log.warning("token cache cannot be written: %s", error.strerror)

    def _open(self, passphrase: Secret) -> bool:
        try:
            with self._path.open("rb") as file:
                document = json.loads(file.read(_MAX_BYTES))
            kdf = _read_kdf(document)
            fernet = kdf.fernet(passphrase)
            texts = json.loads(fernet.decrypt(document["texts"]))
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
        self._kdf, self._fernet = kdf, fernet
        return True


def _read_kdf(document: dict[str, object]) -> _Kdf:
    numbers = [document[name] for name in ("version", "cost", "block", "lanes")]
    version, cost, block, lanes = (n for n in numbers if isinstance(n, int))
    if version != _VERSION:
        raise ValueError("another version")
    try:
        salt = base64.b64decode(str(document["salt"]), validate=True)
    except binascii.Error:
        raise ValueError("no salt") from None
    return _Kdf(salt, cost, block, lanes)


def _document(kdf: _Kdf, fernet: Fernet, texts: dict[str, str]) -> bytes:
    return json.dumps(
        {
            "version": _VERSION,
            "salt": base64.b64encode(kdf.salt).decode("ascii"),
            "cost": kdf.cost,
            "block": kdf.block,
            "lanes": kdf.lanes,
            "texts": fernet.encrypt(json.dumps(texts).encode()).decode("ascii"),
        }
    ).encode("ascii")


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
