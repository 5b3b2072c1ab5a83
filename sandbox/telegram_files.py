"""Files the bot uploaded, found again by id or by path."""

from __future__ import annotations

from hashlib import sha256
from pathlib import PurePath

from sandbox.telegram_call import Call, Upload
from sandbox.telegram_photo import photo_size
from sandbox.telegram_records import JsonObject, StoredFile
from sandbox.telegram_refusal import Refusal

_THUMB_SIDE = 320
_SHOWN_SIDE = 2560
_ATTACH = "attach://"


class FileShelf:
    """One shelf for all chats. Ids are unguessable and stay valid."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._count = 0

    def get(self, file_id: str) -> StoredFile | None:
        """The file of an id."""
        return self._by_id.get(file_id)

    def at_path(self, path: str) -> StoredFile | None:
        """The file of a ``file_path``."""
        return next((item for item in self._by_id.values() if item.path == path), None)

    def take(self, call: Call, source: str, kind: str) -> StoredFile:
        """The file behind a field or a ``media`` value: an upload or a known id.

        Raises:
            Refusal: nothing there, a wrong id, an empty file, a bad picture.
        """
        upload = call.uploads.get(source.removeprefix(_ATTACH) if source else kind)
        if upload is not None:
            return self._shelve(upload, kind)
        if not source:
            raise Refusal(f"There is no {kind} in the request")
        if source.startswith(("http://", "https://")):
            raise Refusal("WEBPAGE_CURL_FAILED: the sandbox fetches nothing from outside")
        known = self._by_id.get(source)
        if known is None:
            raise Refusal("Wrong remote file identifier specified: Wrong string length")
        if (kind == "photo") != bool(known.width):
            raise Refusal(f"Can't use file of type {_type(known)} as {kind.capitalize()}")
        return known

    def _shelve(self, upload: Upload, kind: str) -> StoredFile:
        if not upload.content:
            raise Refusal("File must be non-empty")
        width, height = photo_size(upload.content) if kind == "photo" else (0, 0)
        self._count += 1
        digest = sha256(upload.content).hexdigest()
        number = self._count
        suffix = ".jpg" if kind == "photo" else PurePath(upload.name).suffix
        stored = StoredFile(
            file_id=f"Ag{kind[0].upper()}{number:06d}{digest[:40]}",
            unique_id=f"AQ{digest[:14]}",
            path=f"{kind}s/file_{number}{suffix}",
            name=upload.name,
            mime_type=upload.mime_type,
            content=upload.content,
            width=width,
            height=height,
        )
        self._by_id[stored.file_id] = stored
        return stored


def photo_content(stored: StoredFile) -> JsonObject:
    """The ``photo`` field: a small and the shown size; Telegram shrinks long sides."""
    sizes = []
    for side, mark in ((_THUMB_SIDE, "s"), (_SHOWN_SIDE, "")):
        scale = min(1.0, side / max(stored.width, stored.height))
        sizes.append(
            {
                **stored.to_api(),
                "file_unique_id": stored.unique_id + mark,
                "width": max(round(stored.width * scale), 1),
                "height": max(round(stored.height * scale), 1),
            }
        )
    return {"photo": sizes}


def document_content(stored: StoredFile) -> JsonObject:
    """The ``document`` field."""
    return {
        "document": {
            **stored.to_api(),
            "file_name": stored.name,
            "mime_type": stored.mime_type,
        }
    }


def _type(stored: StoredFile) -> str:
    return "Photo" if stored.width else "Document"
