"""Keyboards: what the server accepts as ``reply_markup``."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sandbox.telegram_links import checked_url
from sandbox.telegram_records import JsonObject
from sandbox.telegram_refusal import Refusal

MAX_BUTTONS = 100
MAX_CALLBACK_BYTES = 64
MAX_COPY_TEXT = 256

_STYLES = {"", "default", "primary", "danger", "success"}
_OTHER_TYPES = (
    "callback_game",
    "pay",
    "switch_inline_query",
    "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat",
    "login_url",
)


@dataclass(frozen=True, slots=True)
class Markup:
    """``inline`` stands under the message and can be edited; ``keyboard`` replaces the keys."""

    inline: JsonObject | None = None
    keyboard: JsonObject | None = None


def parse_markup(raw: str) -> Markup:
    """Read the field ``reply_markup``.

    Raises:
        Refusal: with the server's words.
    """
    if not raw:
        return Markup()
    try:
        value = json.loads(raw)
    except ValueError:
        raise Refusal("Can't parse reply keyboard markup JSON object") from None
    if not isinstance(value, dict):
        raise Refusal("Object expected as reply markup")
    if "inline_keyboard" in value:
        rows = [
            [_inline_button(button) for button in row] for row in _rows(value, "inline_keyboard")
        ]
        return Markup(inline=_inline(rows))
    if "keyboard" in value:
        rows = [[_key(key) for key in row] for row in _rows(value, "keyboard")]
        return Markup(keyboard={**value, "keyboard": [row for row in rows if row]})
    if value.get("remove_keyboard") or value.get("force_reply"):
        return Markup(keyboard=value)
    return Markup()


def inline_only(raw: str) -> JsonObject | None:
    """The keyboard of an edit: only inline ones can be edited in.

    Raises:
        Refusal: for a reply keyboard or a malformed one.
    """
    markup = parse_markup(raw)
    if markup.keyboard is not None:
        raise Refusal("Inline keyboard expected")
    return markup.inline


def _inline(rows: list[list[JsonObject]]) -> JsonObject | None:
    filled = [row for row in rows if row]
    if sum(len(row) for row in filled) > MAX_BUTTONS:
        raise Refusal("reply markup is too long")
    return {"inline_keyboard": filled} if filled else None


def _rows(value: JsonObject, name: str) -> list[list[object]]:
    rows = value[name]
    if not isinstance(rows, list):
        raise Refusal(f'Field "{name}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise Refusal(f'Field "{name}" must be an Array of Arrays')
    return rows


def _inline_button(button: object) -> JsonObject:
    if not isinstance(button, dict):
        raise _bad_button("InlineKeyboardButton must be an Object")
    text = button.get("text")
    if text is None:
        raise _bad_button('Can\'t find field "text"')
    if not str(text).strip():
        raise Refusal("Inline keyboard button text must be non-empty")
    if str(button.get("style", "")).lower() not in _STYLES:
        raise _bad_button("Invalid button style specified")
    _check_type(button)
    return dict(button)


def _check_type(button: JsonObject) -> None:
    if button.get("url"):
        url = str(button["url"])
        if not checked_url(url):
            raise Refusal(f"Inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    elif button.get("callback_data"):
        if len(str(button["callback_data"]).encode()) > MAX_CALLBACK_BYTES:
            raise Refusal("BUTTON_DATA_INVALID")
    elif "web_app" in button:
        url = str(button["web_app"].get("url", ""))
        if not url.startswith("https://"):
            raise Refusal(
                f"Inline keyboard button Web App URL '{url}' is invalid: "
                "Only HTTPS links are allowed"
            )
    elif "copy_text" in button:
        if not 1 <= len(str(button["copy_text"].get("text", ""))) <= MAX_COPY_TEXT:
            raise Refusal("BUTTON_COPY_TEXT_INVALID")
    elif not any(name in button for name in _OTHER_TYPES):
        raise _bad_button("Text buttons are unallowed in the inline keyboard")


def _key(key: object) -> JsonObject:
    if isinstance(key, str):
        key = {"text": key}
    if not isinstance(key, dict):
        raise Refusal("Can't parse keyboard button: KeyboardButton must be a String or an Object")
    if not str(key.get("text", "")).strip():
        raise Refusal("Keyboard button text must be non-empty")
    return dict(key)


def _bad_button(reason: str) -> Refusal:
    return Refusal(f"Can't parse inline keyboard button: {reason}")
