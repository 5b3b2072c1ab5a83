"""The size of a picture, read from its first bytes, and what Telegram takes as a photo."""

from __future__ import annotations

import struct

from sandbox.telegram_refusal import Refusal

MAX_PHOTO_BYTES = 10 * 1024 * 1024
MAX_SIDES = 10_000  # width + height
MAX_RATIO = 20

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_HEAD = 24
_JPEG = b"\xff\xd8\xff"
_FRAME_HEADERS = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_MARKER = 0xFF
_LONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})


def photo_size(content: bytes) -> tuple[int, int]:
    """Width and height of a PNG or JPEG that Telegram would take as a photo.

    Raises:
        Refusal: too big, not an image, or of a shape that is refused.
    """
    if not content:
        raise Refusal("File must be non-empty")
    if len(content) > MAX_PHOTO_BYTES:
        raise Refusal(
            f"File of size {len(content)} bytes is too big for a photo; "
            f"the maximum size is {MAX_PHOTO_BYTES} bytes"
        )
    width, height = _png(content) or _jpeg(content) or (0, 0)
    if width == 0 or height == 0:
        raise Refusal("IMAGE_PROCESS_FAILED")
    if width + height > MAX_SIDES or max(width, height) > MAX_RATIO * min(width, height):
        raise Refusal("PHOTO_INVALID_DIMENSIONS")
    return width, height


def _png(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(_PNG) or len(content) < _PNG_HEAD or content[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", content[16:_PNG_HEAD])
    return int(width), int(height)


def _jpeg(content: bytes) -> tuple[int, int] | None:
    if not content.startswith(_JPEG):
        return None
    pos = 2
    while pos + 9 <= len(content):
        if content[pos] != _MARKER:
            return None
        marker = content[pos + 1]
        if marker in _FRAME_HEADERS:
            height, width = struct.unpack(">HH", content[pos + 5 : pos + 9])
            return int(width), int(height)
        if marker == _MARKER or marker in _LONE_MARKERS:
            pos += 1 if marker == _MARKER else 2
            continue
        (size,) = struct.unpack(">H", content[pos + 2 : pos + 4])
        pos += 2 + int(size)
    return None
