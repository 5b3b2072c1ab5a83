"""What the fake Telegram remembers: people, messages, files, presses, calls."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

JsonObject = dict[str, Any]


@dataclass(slots=True)
class ChatUser:
    """A person with a private chat. ``has_started``: pressed Start, so the bot may write."""

    user_id: int
    first_name: str = "Trader"
    username: str = ""
    language_code: str = "ko"
    has_started: bool = True
    has_blocked: bool = False

    def to_api(self) -> JsonObject:
        """User object."""
        found: JsonObject = {"id": self.user_id, "is_bot": False, "first_name": self.first_name}
        if self.username:
            found["username"] = self.username
        if self.language_code:
            found["language_code"] = self.language_code
        return found

    def chat(self) -> JsonObject:
        """Chat object of the private chat."""
        found: JsonObject = {
            "id": self.user_id,
            "first_name": self.first_name,
            "type": "private",
        }
        if self.username:
            found["username"] = self.username
        return found


@dataclass(frozen=True, slots=True)
class Revision:
    """How a message looked until ``at``."""

    at: datetime
    content: JsonObject
    markup: JsonObject | None


@dataclass(slots=True)
class StoredMessage:
    """One message as it stands now.

    ``content`` holds the fields that tell its kind (text and entities, photo and caption, ...),
    ``markup`` the inline keyboard, ``keyboard`` a reply keyboard sent along, ``extra`` the rest.
    """

    message_id: int
    chat: JsonObject
    sender: JsonObject
    date: datetime
    content: JsonObject
    markup: JsonObject | None = None
    keyboard: JsonObject | None = None
    extra: JsonObject = field(default_factory=dict)
    is_silent: bool = False
    is_pinned: bool = False
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    edits: list[Revision] = field(default_factory=list)
    changed: int = 0

    @property
    def chat_id(self) -> int:
        """Which chat it stands in."""
        return int(self.chat["id"])

    @property
    def is_from_bot(self) -> bool:
        """Sent by the bot itself."""
        return bool(self.sender.get("is_bot"))

    @property
    def is_service(self) -> bool:
        """A notice of the server ("pinned a message"), not something somebody wrote."""
        return "pinned_message" in self.content

    @property
    def text(self) -> str:
        """Text or caption as the user reads it."""
        return str(self.content.get("text", self.content.get("caption", "")))

    @property
    def labels(self) -> list[str]:
        """Texts of the inline buttons, row by row."""
        return [str(button["text"]) for button in self.buttons()]

    def buttons(self) -> list[JsonObject]:
        """The inline buttons, row by row."""
        rows = (self.markup or {}).get("inline_keyboard", [])
        return [button for row in rows for button in row]

    def revise(self, at: datetime, content: JsonObject, markup: JsonObject | None) -> None:
        """Put new content in place and keep the old one."""
        self.edits.append(Revision(at, self.content, self.markup))
        self.content, self.markup, self.edited_at = content, markup, at

    def to_api(self) -> JsonObject:
        """Message object of the Bot API."""
        found: JsonObject = {
            "message_id": self.message_id,
            "from": self.sender,
            "chat": self.chat,
            "date": unix(self.date),
            **self.extra,
            **self.content,
        }
        if self.edited_at is not None:
            found["edit_date"] = unix(self.edited_at)
        if self.markup is not None:
            found["reply_markup"] = self.markup
        return copy.deepcopy(found)

    def to_transcript(self) -> JsonObject:
        """Everything known about it, for the transcript and the chat page."""
        return {
            "message_id": self.message_id,
            "chat_id": self.chat_id,
            "from": self.sender,
            "date": self.date.isoformat(),
            "content": self.content,
            "extra": self.extra,
            "markup": self.markup,
            "keyboard": self.keyboard,
            "silent": self.is_silent,
            "pinned": self.is_pinned,
            "edited_at": self.edited_at.isoformat() if self.edited_at else None,
            "deleted_at": self.deleted_at.isoformat() if self.deleted_at else None,
            "edits": [
                {"at": item.at.isoformat(), "content": item.content, "markup": item.markup}
                for item in self.edits
            ],
            "changed": self.changed,
        }


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file the bot uploaded. Photos carry their size in pixels."""

    file_id: str
    unique_id: str
    path: str
    name: str
    mime_type: str
    content: bytes
    width: int = 0
    height: int = 0

    def to_api(self) -> JsonObject:
        """The fields every file object begins with."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": len(self.content),
        }


@dataclass(slots=True)
class Press:
    """A button pressed, and what the bot answered to it."""

    query_id: str
    user_id: int
    message_id: int
    payload: str
    at: datetime
    answered_at: datetime | None = None
    answer: str = ""
    is_alert: bool = False
    changed: int = 0

    def to_transcript(self) -> JsonObject:
        """For the transcript."""
        return {
            "query_id": self.query_id,
            "user_id": self.user_id,
            "message_id": self.message_id,
            "data": self.payload,
            "at": self.at.isoformat(),
            "answered_at": self.answered_at.isoformat() if self.answered_at else None,
            "answer": self.answer,
            "alert": self.is_alert,
            "changed": self.changed,
        }


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One method call as it came in; files are told by name and size."""

    at: datetime
    method: str
    fields: Mapping[str, str]
    status: int
    description: str
    fault: str
    changed: int

    def to_transcript(self) -> JsonObject:
        """For the transcript."""
        return {
            "at": self.at.isoformat(),
            "method": self.method,
            "fields": dict(self.fields),
            "status": self.status,
            "description": self.description,
            "fault": self.fault,
            "changed": self.changed,
        }


def unix(moment: datetime) -> int:
    """Whole seconds since 1970, as the Bot API dates."""
    return int(moment.timestamp())
