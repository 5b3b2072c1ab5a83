"""What a message to oneself may hold: the text template (ADR 0026)."""

from __future__ import annotations

import json

from sandbox.kakao_refusal import KakaoRefusal

MEMO = "TALK_MEMO_DEFAULT_SEND"
LONGEST_TEXT = 200
_KEYS = {"object_type", "text", "link", "button_title", "buttons"}
_LINKS = ("web_url", "mobile_web_url")


def check_template(template: str | None) -> tuple[str, str]:
    """Text and link of a template that is as it should be. Raises KakaoRefusal."""
    if template is None:
        raise _wrong("The Parameter [template_object] cannot be null.")
    try:
        found = json.loads(template)
    except ValueError:
        raise _wrong("[template_object] is no JSON.") from None
    if not isinstance(found, dict) or found.get("object_type") != "text":
        raise _wrong("[object_type] must be text here.")
    unknown = set(found) - _KEYS
    if unknown:
        raise _wrong(f"unknown: {', '.join(sorted(unknown))}")
    text = found.get("text")
    if not isinstance(text, str) or not text:
        raise _wrong("[text] is required.")
    if len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
        raise _wrong(f"[text] is longer than {LONGEST_TEXT}.")
    return text, _link(found.get("link"))


def _link(link: object) -> str:
    urls = [link.get(name) for name in _LINKS] if isinstance(link, dict) else []
    told = [url for url in urls if isinstance(url, str) and url.startswith(("http://", "https://"))]
    if not told:
        raise _wrong("[link] is required.")
    return told[0]


def _wrong(why: str) -> KakaoRefusal:
    return KakaoRefusal(400, -2, why)
