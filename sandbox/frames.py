"""Wire text of the KIS WebSocket: system frames, data frames, encryption. No I/O, no state.

Source: kis-websocket.md sections 3 to 5.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from sandbox.ws_answers import Answer

KST = timezone(timedelta(hours=9), "KST")


@dataclass(frozen=True, slots=True)
class CipherPair:
    """Key (32 ASCII characters) and iv (16) of one registration on one connection."""

    key: str
    iv: str

    @classmethod
    def fresh(cls) -> CipherPair:
        """One that nobody has seen."""
        return cls(key=secrets.token_hex(16), iv=secrets.token_hex(8))


def encrypt(text: str, pair: CipherPair) -> str:
    """AES-256-CBC over UTF-8 with PKCS#7, as standard base64."""
    padder = PKCS7(AES.block_size).padder()
    padded = padder.update(text.encode()) + padder.finalize()
    encryptor = Cipher(AES(pair.key.encode()), CBC(pair.iv.encode())).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode("ascii")


def render_answer(answer: Answer, tr_id: str, tr_key: str, pair: CipherPair | None = None) -> str:
    """The reply to a request; success carries the registration's key and iv, whatever the TR."""
    body: dict[str, object] = {
        "rt_cd": answer.rt_cd,
        "msg_cd": answer.msg_cd,
        "msg1": answer.msg1,
    }
    if pair is not None:
        body["output"] = {"iv": pair.iv, "key": pair.key}
    header = {
        "tr_id": tr_id if answer.names_tr else "(null)",
        "tr_key": tr_key if answer.names_tr else "",
        "encrypt": "N",
    }
    return _compact({"header": header, "body": body})


def render_pingpong(at: datetime) -> str:
    """The keep-alive of that moment, stamped in KST."""
    return _compact({"header": {"tr_id": "PINGPONG", "datetime": pingpong_stamp(at)}})


def pingpong_stamp(at: datetime) -> str:
    """YYYYMMDDHHMMSS in KST."""
    return at.astimezone(KST).strftime("%Y%m%d%H%M%S")


def render_plain(
    tr_id: str, records: Sequence[Sequence[str]], *, most: int = 20, trailing: bool = False
) -> list[str]:
    """Plain data frames, each with at most ``most`` records that follow one another with ``^``."""
    return [
        f"0|{tr_id}|{len(batch):03d}|{_payload(batch, trailing=trailing)}"
        for batch in _batches(records, most)
    ]


def render_encrypted(
    tr_id: str, record: Sequence[str], pair: CipherPair, *, trailing: bool = False
) -> str:
    """One encrypted record in one frame, as notices come."""
    return f"1|{tr_id}|001|{encrypt(_payload([record], trailing=trailing), pair)}"


def _payload(records: Sequence[Sequence[str]], *, trailing: bool) -> str:
    joined = "^".join("^".join(record) for record in records)
    return joined + "^" if trailing else joined


def _batches(records: Sequence[Sequence[str]], most: int) -> Iterator[Sequence[Sequence[str]]]:
    for start in range(0, len(records), most):
        yield records[start : start + most]


def _compact(message: dict[str, object]) -> str:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
