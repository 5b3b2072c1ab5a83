"""The methods about photos and documents."""

from __future__ import annotations

import json

from sandbox.telegram_call import Call
from sandbox.telegram_delivery import Delivery
from sandbox.telegram_files import document_content, photo_content
from sandbox.telegram_markup import Markup, parse_markup
from sandbox.telegram_methods import Method
from sandbox.telegram_records import JsonObject
from sandbox.telegram_refusal import Refusal
from sandbox.telegram_store import ChatStore
from sandbox.telegram_text import caption_text

MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
ALBUM = range(2, 11)

_CONTENT = {"photo": photo_content, "document": document_content}


class MediaMethods:
    """Each method returns the ``result`` or raises a Refusal."""

    def __init__(self, store: ChatStore, delivery: Delivery) -> None:
        self._store = store
        self._delivery = delivery
        self._albums = 0

    def table(self) -> dict[str, Method]:
        """Method names as the documentation writes them."""
        return {
            "sendPhoto": lambda call: self._send(call, "photo"),
            "sendDocument": lambda call: self._send(call, "document"),
            "sendMediaGroup": self._send_group,
            "editMessageCaption": self._edit_caption,
            "editMessageMedia": self._edit_media,
            "getFile": self._get_file,
        }

    def _send(self, call: Call, kind: str) -> JsonObject:
        stored = self._store.files.take(call, call.text(kind), kind)
        content = {**_CONTENT[kind](stored), **_caption(call)}
        markup = parse_markup(call.text("reply_markup"))
        return self._delivery.send(call, [content], markup)[0].to_api()

    def _send_group(self, call: Call) -> list[JsonObject]:
        """An album has 2-10 items; keyboards are not taken. The text for one item is ours."""
        items = call.items("media")
        if items is None:
            raise Refusal("Can't parse media JSON object")
        if not items:
            raise Refusal("There are no messages to send")
        if len(items) not in ALBUM:
            size = "many" if len(items) > 1 else "few"
            raise Refusal(f"Too {size} messages to send as an album")
        if len({item.get("type") for item in items if isinstance(item, dict)}) > 1:
            raise Refusal("Document can't be mixed with other media types")
        contents = [self._media(call, item) for item in items]
        self._albums += 1
        album = str(13_000_000_000_000_000 + self._albums)
        sent = self._delivery.send(call, contents, Markup(), album)
        return [message.to_api() for message in sent]

    def _edit_caption(self, call: Call) -> JsonObject:
        caption = _caption(call)
        message = self._delivery.editable(call)
        kept = _without_caption(message.content)
        if "text" in message.content:
            raise Refusal("There is no caption in the message to edit")
        return self._delivery.edit(call, message, {**kept, **caption}).to_api()

    def _edit_media(self, call: Call) -> JsonObject:
        try:
            value = json.loads(call.text("media"))
        except ValueError:
            raise Refusal("Can't parse input media JSON object") from None
        content = self._media(call, value)
        message = self._delivery.editable(call)
        return self._delivery.edit(call, message, content).to_api()

    def _media(self, call: Call, item: object) -> JsonObject:
        if not isinstance(item, dict):
            raise Refusal("Can't parse InputMedia: expected an Object")
        kind = str(item.get("type", ""))
        if kind not in _CONTENT:
            raise Refusal(f'Can\'t parse InputMedia: type "{kind}" is unsupported')
        source = str(item.get("media", ""))
        if not source:
            raise Refusal("Can't parse InputMedia: media not found")
        stored = self._store.files.take(call, source, kind)
        entities = item.get("caption_entities")
        caption = caption_text(
            str(item.get("caption", "")),
            str(item.get("parse_mode", "")),
            entities if isinstance(entities, list) else None,
        )
        return {**_CONTENT[kind](stored), **caption.to_api("caption", "caption_entities")}

    def _get_file(self, call: Call) -> JsonObject:
        file_id = call.text("file_id")
        if not file_id:
            raise Refusal("file_id not specified")
        stored = self._store.files.get(file_id)
        if stored is None:
            raise Refusal("wrong file_id or the file is temporarily unavailable")
        if len(stored.content) > MAX_DOWNLOAD_BYTES:
            raise Refusal("file is too big")
        return {**stored.to_api(), "file_path": stored.path}


def _caption(call: Call) -> JsonObject:
    formatted = caption_text(
        call.text("caption"), call.text("parse_mode"), call.items("caption_entities")
    )
    return formatted.to_api("caption", "caption_entities")


def _without_caption(content: JsonObject) -> JsonObject:
    return {name: value for name, value in content.items() if not name.startswith("caption")}
