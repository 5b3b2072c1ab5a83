"""An answer of getUpdates, with what Telegram would never send taken out of it. Pure.

The library checks no types: an odd one would raise in its own task, which nobody restarts, and one
that it cannot read would be fetched again for ever, with every /stop behind it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from telegram import MessageEntity, Update

ALLOWED_UPDATES = (
    Update.MESSAGE,
    Update.EDITED_MESSAGE,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
)
_LONGEST_ID = 2**63
_Check = Callable[[object], bool]


def sound(body: bytes) -> bytes:
    """The same answer; an update that is not sound keeps its number only, and so is done with.

    What cannot be read stays as it is, the library says so; what is nested without end becomes
    blank, since that would surprise it.
    """
    try:
        answer = json.loads(body.decode("utf-8", "replace"))  # as the library does
    except RecursionError:
        return b""
    except ValueError:
        return body
    updates = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(updates, list):
        return body
    kept = [_kept(update) for update in updates]
    numbered = [update for update in kept if update is not None]
    if numbered == updates:
        return body
    return json.dumps({**answer, "result": numbered}).encode()


def update_ids(body: bytes) -> list[int]:
    """Ids in an answer that went through ``sound``; none in one that failed."""
    try:
        answer = json.loads(body.decode("utf-8", "replace"))
    except ValueError:
        return []
    updates = answer.get("result") if isinstance(answer, dict) else None
    return [update["update_id"] for update in updates] if isinstance(updates, list) else []


def _kept(update: object) -> Mapping[str, object] | None:
    if not isinstance(update, dict) or not _is_whole(update.get("update_id")):
        return None
    return update if _is_sound(update) else {"update_id": update["update_id"]}


def _is_sound(update: dict[str, Any]) -> bool:
    kinds = update.keys() - {"update_id"}
    if not kinds <= _KINDS.keys() or not all(_KINDS[kind](update[kind]) for kind in kinds):
        return False
    try:
        json.dumps(update, ensure_ascii=False).encode()  # no half of a character
        Update.de_json(update, None)
    except Exception:
        return False
    return True


def _is_whole(value: object) -> bool:
    return type(value) is int and -_LONGEST_ID < value < _LONGEST_ID


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _has(value: object, must: Mapping[str, _Check], may: Mapping[str, _Check]) -> bool:
    if not isinstance(value, dict) or not must.keys() <= value.keys():
        return False
    checks = {**must, **may}
    return all(checks[name](inner) for name, inner in value.items() if name in checks)


def _is_person(value: object) -> bool:
    return _has(value, {"id": _is_whole, "is_bot": _is_flag, "first_name": _is_text}, {})


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_chat(value: object) -> bool:
    return _has(value, {"id": _is_whole, "type": _is_text}, {})


def _are_entities(value: object) -> bool:
    must = {"type": _is_text, "offset": _is_whole, "length": _is_whole}
    return isinstance(value, list) and all(_has(one, must, {}) for one in value)


def _is_file(value: object) -> bool:
    return _has(value, {"file_id": _is_text}, {"file_name": _is_text})


def _is_message(value: object) -> bool:
    texts = {"text": _is_text, "caption": _is_text, "document": _is_file}
    entities = {"entities": _are_entities, "caption_entities": _are_entities}
    must = {"message_id": _is_whole, "date": _is_whole, "chat": _is_chat}
    return _has(value, must, {"from": _is_person, **texts, **entities}) and _has_slash(value)


def _has_slash(value: object) -> bool:
    """The library takes whatever is marked as a command for one, its first character unseen."""
    if not isinstance(value, dict) or str(value.get("text", "")).startswith("/"):
        return True
    marked = value.get("entities", ())
    return not any(one["type"] == MessageEntity.BOT_COMMAND and not one["offset"] for one in marked)


def _is_query(value: object) -> bool:
    must = {"id": _is_text, "from": _is_person}
    return _has(value, must, {"data": _is_text, "message": _is_message})


def _is_change(value: object) -> bool:
    return _has(value, {"chat": _is_chat, "from": _is_person}, {})


_KINDS: Mapping[str, _Check] = {
    Update.MESSAGE: _is_message,
    Update.EDITED_MESSAGE: _is_message,
    Update.CALLBACK_QUERY: _is_query,
    Update.MY_CHAT_MEMBER: _is_change,
}
