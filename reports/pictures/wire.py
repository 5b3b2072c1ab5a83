"""Between the assistant and the child that draws: a request as JSON, pictures in frames."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable
from datetime import timedelta

from cattrs.errors import BaseValidationError

from engine.adapters.plain import CONVERTER
from reports.pictures.subjects import Picture, Request

_LENGTHS = struct.Struct(">II")  # of the head, of the PNG
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SIZE = struct.Struct(">II")  # width and height, at the beginning of the first chunk
_SIZE_AT = 16
_UNREADABLE = (BaseValidationError, ValueError, TypeError, LookupError, ArithmeticError)

_CONVERTER = CONVERTER.copy()
_CONVERTER.register_unstructure_hook(timedelta, timedelta.total_seconds)
_CONVERTER.register_structure_hook(timedelta, lambda seconds, _: timedelta(seconds=seconds))


class Garbled(Exception):
    """The other side wrote what is not of this form."""


def dump_request(request: Request) -> bytes:
    """For the child's stdin."""
    return json.dumps(_CONVERTER.unstructure(request), ensure_ascii=False).encode()


def load_request(content: bytes) -> Request:
    """The request again. Raises Garbled."""
    try:
        return _CONVERTER.structure(json.loads(content), Request)
    except _UNREADABLE as error:
        raise Garbled(f"no request: {error}") from error


def dump_pictures(pictures: Iterable[Picture]) -> Iterable[bytes]:
    """For the child's stdout: lengths, head, PNG; one picture after the other."""
    for one in pictures:
        head = json.dumps({"name": one.name, "alt": one.alt}).encode()
        yield _LENGTHS.pack(len(head), len(one.png)) + head + one.png


def load_pictures(content: bytes) -> tuple[Picture, ...]:
    """The pictures again, with the size that is in the file. Raises Garbled."""
    found: list[Picture] = []
    place = 0
    try:
        while place < len(content):
            head_length, length = _LENGTHS.unpack_from(content, place)
            begin = place + _LENGTHS.size
            head = json.loads(content[begin : begin + head_length])
            png = content[begin + head_length : begin + head_length + length]
            if len(png) != length or not png.startswith(_SIGNATURE):
                raise Garbled(f"picture {len(found) + 1} is cut off or no PNG")
            width, height = _SIZE.unpack_from(png, _SIZE_AT)
            found.append(Picture(head["name"], png, width, height, head["alt"]))
            place = begin + head_length + length
    except (struct.error, ValueError, LookupError, TypeError) as error:
        raise Garbled(f"after {len(found)} pictures: {error}") from error
    return tuple(found)
