"""One Bot API call as it came over HTTP: fields are text, files are bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, MultipartReader, web

from sandbox.telegram_refusal import Refusal

MAX_UPLOAD_BYTES = 50 * 1024 * 1024

_TRUE = {"true", "yes", "1"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart body."""

    name: str
    mime_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """Method name as written, field texts, uploads by field name."""

    method: str
    fields: Mapping[str, str] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A field, empty when absent."""
        return self.fields.get(name, "")

    def flag(self, name: str) -> bool:
        """A boolean field."""
        return self.text(name).strip().lower() in _TRUE

    def integer(self, name: str, default: int = 0) -> int:
        """A number field; what is no number counts as absent, as on the real server."""
        try:
            return int(self.text(name))
        except ValueError:
            return default

    def bounded(self, name: str, default: int, low: int, high: int) -> int:
        """A number field moved into its range."""
        return min(max(self.integer(name, default), low), high)

    def items(self, name: str) -> list[Any] | None:
        """A JSON array field; None when absent or no array."""
        try:
            value = json.loads(self.text(name) or "null")
        except ValueError:
            return None
        return value if isinstance(value, list) else None

    def shown(self) -> dict[str, str]:
        """The fields for the call log; files by name and size."""
        files = {
            name: f"<{upload.name}, {len(upload.content)} bytes>"
            for name, upload in self.uploads.items()
        }
        return {**self.fields, **files}


async def read_call(request: web.Request, method: str) -> Call:
    """Take query, form, multipart or JSON body.

    Raises:
        Refusal: 413 for an upload over 50 MB.
    """
    fields = {name: str(value) for name, value in request.query.items()}
    kind = request.content_type
    if kind == "multipart/form-data":
        more, uploads = await _multipart(request)
        return Call(method, {**fields, **more}, uploads)
    if kind == "application/json" and request.can_read_body:
        fields.update(_from_json(await request.read()))
    elif request.can_read_body:
        posted = await request.post()
        fields.update({name: str(value) for name, value in posted.items()})
    return Call(method, fields)


def _from_json(body: bytes) -> dict[str, str]:
    try:
        value = json.loads(body)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Refusal("can't parse request: object expected")
    return {
        name: item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
        for name, item in value.items()
    }


async def _multipart(request: web.Request) -> tuple[dict[str, str], dict[str, Upload]]:
    fields: dict[str, str] = {}
    uploads: dict[str, Upload] = {}
    total = 0
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if isinstance(part, MultipartReader) or part.name is None:
            continue
        content = await _content(part, MAX_UPLOAD_BYTES - total)
        total += len(content)
        if part.filename is None:
            fields[part.name] = content.decode("utf-8", "replace")
        else:
            kind = part.headers.get("Content-Type", "application/octet-stream")
            uploads[part.name] = Upload(part.filename, kind, content)
    return fields, uploads


async def _content(part: BodyPartReader, room: int) -> bytes:
    """Read on past the limit, so that the client gets the answer and not a broken pipe."""
    chunks = bytearray()
    size = 0
    while chunk := await part.read_chunk(65_536):
        size += len(chunk)
        if size <= room:
            chunks.extend(chunk)
    if size > room:
        raise Refusal("", code=413)
    return bytes(chunks)
