"""What a reply holds: its bytes within bounds, and the JSON object in them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping

import httpx

MOST_BYTES = 4 * 1024 * 1024
_ANY_HEADER = zlib.MAX_WBITS | 32  # gzip's or zlib's own
_PACKED = frozenset({"gzip", "deflate"})  # what is asked for


async def read_body(response: httpx.Response) -> bytes:
    """The whole body, unpacked; none of it where it is too large or packed in another way.

    Unpacking is ours: the library would let a packed kilobyte grow to a megabyte, without end.

    Raises:
        httpx.HTTPError: the connection broke.
    """
    content = await read_raw(response, MOST_BYTES)
    if content is None:
        return b""
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding in {"", "identity"}:
        return content
    return _unpacked(content) if coding in _PACKED else b""


async def read_raw(response: httpx.Response, most: int) -> bytes | None:
    """The bytes as they came; None as soon as there are more than ``most``.

    Raises:
        httpx.HTTPError: the connection broke.
    """
    content = bytearray()
    if not isinstance(response.stream, httpx.AsyncByteStream):
        raise TypeError("a reply is read in the loop")
    async for part in response.stream:
        content += part
        if len(content) > most:
            return None
    return bytes(content)


def parse_body(content: bytes) -> Mapping[str, object] | None:
    """The JSON object in a reply, None if it holds none."""
    if len(content) > MOST_BYTES:
        return None
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _unpacked(content: bytes) -> bytes:
    unpacker = zlib.decompressobj(_ANY_HEADER)
    try:
        found = unpacker.decompress(content, MOST_BYTES)
    except zlib.error:
        return b""
    return found if unpacker.eof else b""
