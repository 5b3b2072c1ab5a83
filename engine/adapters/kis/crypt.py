"""Decryption of notices: AES-256-CBC, PKCS#7, standard base64, UTF-8 inside. Pure.

Source: kis-websocket notes section 5.3.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from engine.errors import PayloadError

_KEY_BYTES = 32
_IV_BYTES = 16


@dataclass(frozen=True, slots=True, repr=False)
class NoticeKey:
    """Key and iv of one registration on one connection."""

    key: bytes
    iv: bytes


def parse_notice_key(key: object, iv: object) -> NoticeKey | None:
    """The pair of an acknowledgement; None if it holds no usable one."""
    if not isinstance(key, str) or not isinstance(iv, str):
        return None
    pair = NoticeKey(key.encode(errors="replace"), iv.encode(errors="replace"))
    return pair if len(pair.key) == _KEY_BYTES and len(pair.iv) == _IV_BYTES else None


def decrypt(payload: str, pair: NoticeKey) -> str:
    """The text inside.

    Raises:
        PayloadError: not encrypted with this pair, or damaged.
    """
    try:
        sealed = base64.b64decode(payload.strip(), validate=True)
        decryptor = Cipher(AES(pair.key), CBC(pair.iv)).decryptor()
        padded = decryptor.update(sealed) + decryptor.finalize()
        remover = PKCS7(AES.block_size).unpadder()
        return (remover.update(padded) + remover.finalize()).decode()
    except (ValueError, binascii.Error):
        raise PayloadError("a notice cannot be decrypted") from None
