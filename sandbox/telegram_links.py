"""Which addresses the server keeps under a link."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from sandbox.telegram_entities import Entity

_USER = re.compile(r"tg://user\?id=(\d+)$")
_HOST = re.compile(r"[^\s.]+(\.[^\s.]+)+")
_SCHEMES = {"http", "https", "ftp", "tg", "ton", "tonsite", "mailto", "tel"}


def link_entity(url: str, offset: int, length: int) -> Entity | None:
    """A ``text_link``, a ``text_mention`` for a user, or nothing for what is no address."""
    user = _USER.match(url)
    if user is not None:
        person = {"id": int(user[1]), "is_bot": False, "first_name": "User"}
        return Entity("text_mention", offset, length, {"user": person})
    checked = checked_url(url)
    return Entity("text_link", offset, length, {"url": checked}) if checked else None


def checked_url(url: str) -> str:
    """The address as the server keeps it, empty when it is none."""
    trimmed = url.strip()
    if not trimmed or re.search(r"\s", trimmed):
        return ""
    if "://" not in trimmed and not trimmed.startswith(("mailto:", "tel:")):
        trimmed = f"http://{trimmed}"
    try:
        parts = urlsplit(trimmed)
    except ValueError:
        return ""
    if parts.scheme.lower() not in _SCHEMES:
        return ""
    if parts.scheme in {"http", "https"}:
        host = parts.hostname or ""
        if not _HOST.fullmatch(host) and host != "localhost":
            return ""
        return trimmed if parts.path or parts.query else f"{trimmed}/"
    return trimmed
