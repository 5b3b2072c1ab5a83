"""From the passphrase to a key: scrypt (RFC 7914), then HKDF (RFC 5869), one key per purpose.

Salt and cost stand in the file, so that a stronger cost of tomorrow still opens what is there.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from engine.adapters.secrets.values import Secret

_SALT_BYTES = 16
_KEY_BYTES = 32
_CHECK_BYTES = 16
_MAX_COST = 2**18
_MAX_BLOCK, _MAX_LANES = 16, 8


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess at the passphrase takes: 128 x ``cost`` x ``block`` bytes, ``lanes`` times."""

    cost: int
    block: int
    lanes: int

    def __post_init__(self) -> None:
        is_power = self.cost > 1 and self.cost & (self.cost - 1) == 0
        if not is_power or self.cost > _MAX_COST:
            raise ValueError("scrypt cost out of bounds")
        if not 1 <= self.block <= _MAX_BLOCK or not 1 <= self.lanes <= _MAX_LANES:
            raise ValueError("scrypt block or lanes out of bounds")

    def is_weaker_than(self, other: Cost) -> bool:
        """Whether a guess needs less memory or less work."""
        memory, others = self.cost * self.block, other.cost * other.block
        return memory < others or memory * self.lanes < others * other.lanes


# OWASP's password storage sheet: N = 2^15, r = 8, p = 3. 32 MiB and a third of a second, a file.
TODAY = Cost(2**15, 8, 3)


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """What a passphrase gives for one file. ``check`` stands in the file in clear.

    It tells a wrong passphrase from a damaged file, and helps nobody who guesses: the encrypted
    text would tell them as much.
    """

    fernet: Fernet
    check: bytes


@dataclass(frozen=True, slots=True)
class Kdf:
    """Salt and cost of one file."""

    salt: bytes
    cost: Cost = field(default_factory=lambda: TODAY)

    def __post_init__(self) -> None:
        if len(self.salt) < _SALT_BYTES:
            raise ValueError("the salt is too short")

    @classmethod
    def fresh(cls) -> Self:
        """Today's cost and a salt never used before."""
        return cls(secrets.token_bytes(_SALT_BYTES), TODAY)

    @property
    def is_outdated(self) -> bool:
        """Whether the next write should take today's cost."""
        return self.cost.is_weaker_than(TODAY)

    def keys(self, passphrase: Secret, purpose: str) -> Keys:
        """Keys of one purpose; those of another are unrelated, whatever the salt."""
        scrypt = Scrypt(self.salt, _KEY_BYTES, self.cost.cost, self.cost.block, self.cost.lanes)
        root = scrypt.derive(passphrase.reveal().encode("utf-8", "surrogatepass"))
        key = _expand(root, f"dolpa {purpose}", _KEY_BYTES)
        check = _expand(root, f"dolpa {purpose} check", _CHECK_BYTES)
        return Keys(Fernet(base64.urlsafe_b64encode(key)), check)

    def to_document(self) -> dict[str, object]:
        """The parameters as they stand in the file."""
        return {
            "salt": base64.b64encode(self.salt).decode("ascii"),
            "cost": self.cost.cost,
            "block": self.cost.block,
            "lanes": self.cost.lanes,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> Self:
        """Back from the file. Raises ValueError or KeyError for what we never wrote."""
        numbers = [document[name] for name in ("cost", "block", "lanes")]
        cost, block, lanes = (n for n in numbers if isinstance(n, int))
        return cls(decoded(document, "salt"), Cost(cost, block, lanes))


def decoded(document: Mapping[str, object], name: str) -> bytes:
    """Bytes that stand in a file as base64. Raises ValueError or KeyError."""
    try:
        return base64.b64decode(str(document[name]), validate=True)
    except binascii.Error:
        raise ValueError(f"no {name}") from None


def is_same(one: bytes, other: bytes) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(one, other)


def _expand(root: bytes, info: str, length: int) -> bytes:
    return HKDFExpand(SHA256(), length, info.encode()).derive(root)
