"""A small check of Telegram's HTML, written apart from what renders it."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"<(/?)([a-z-]+)>|(&(?:lt|gt|amp|quot|#\d+|#x[0-9a-f]+);)|([<>&])", re.IGNORECASE
)
_ALLOWED = {"b", "i", "code"}


def check_html(text: str) -> None:
    """Raises AssertionError for what Telegram's parser would refuse or trim away."""
    open_tags: list[str] = []
    for found in _TOKEN.finditer(text):
        closing, tag, _entity, stray = found.groups()
        assert stray is None, f"stray {stray!r} at {found.start()} of {text!r}"
        if tag is None:
            continue
        assert tag in _ALLOWED, f"<{tag}> in {text!r}"
        if not closing:
            open_tags.append(tag)
        else:
            assert open_tags, f"nothing to close in {text!r}"
            assert open_tags.pop() == tag, f"crossed tags in {text!r}"
    assert not open_tags, f"left open: {open_tags} in {text!r}"


def check_message(text: str) -> None:
    """Valid, not empty, within the limits, readable on a phone."""
    check_html(text)
    assert text.strip()
    assert len(text.encode("utf-16-le", "surrogatepass")) // 2 <= 4096
    assert len(text.encode("utf-8", "surrogatepass")) <= 32768
