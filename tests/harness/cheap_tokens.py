"""A token store with a key that costs nothing: a real one takes a tenth of a second a start."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from engine.adapters.secrets import Secret

PASSPHRASE = Secret("a passphrase for tests")
_SALT, _COST, _BLOCK, _LANES = bytes(16), 2, 1, 1


def write_cheap_tokens(path: Path) -> None:
    """An empty store as an earlier start would have left it; later ones keep its parameters."""
    key = Scrypt(_SALT, 32, _COST, _BLOCK, _LANES).derive(PASSPHRASE.reveal().encode())
    texts = Fernet(base64.urlsafe_b64encode(key)).encrypt(b"{}").decode()
    parameters = {"cost": _COST, "block": _BLOCK, "lanes": _LANES}
    salt = base64.b64encode(_SALT).decode()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 1, "salt": salt, **parameters, "texts": texts}))
    path.chmod(0o600)
