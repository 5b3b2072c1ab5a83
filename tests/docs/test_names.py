"""Files, settings, keys of .env and buttons that documents name are there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from engine.config import CHECKS
from tests.docs.pages import ROOT, Page, pages

FOLDERS = "bot|engine|reports|sandbox|tests|docs|benchmarks|deploy"
_PATH = re.compile(rf"(?<![\w/.-])(?:{FOLDERS})/[\w/.*-]*[\w/*]")
_ENV = re.compile(r"\b(?:KIS|TELEGRAM|KAKAO|AUTOTRADE)_[A-Z_]+\b")
_KEY = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")
_BUTTON = re.compile(r"\[([가-힣][가-힣 ]*)\](?!\()")
# Documents that say how things were when they were decided.
PAGES = [one for one in pages() if not one.name.startswith("docs/adr/")]
ONE_EACH = pytest.mark.parametrize("one", PAGES, ids=lambda one: one.name)
# A field of /health and the name of a book, which look like settings.
NO_KEYS = {"telegram.last_poll_age_s", "live.db"}


@ONE_EACH
def test_files_are_there(one: Page) -> None:
    assert [path for path in _PATH.findall(one.text) if not _is_there(path)] == []


@ONE_EACH
def test_settings_are_there(one: Page) -> None:
    sections = {key.partition(".")[0] for key in CHECKS if "." in key}
    named = [code.text.rstrip(":") for code in one.code() if code.language is None]
    keys = [text for text in named if _KEY.fullmatch(text) and text.partition(".")[0] in sections]
    assert [key for key in keys if not _is_setting(key) and key not in NO_KEYS] == []


@ONE_EACH
def test_keys_of_the_environment_are_there(one: Page) -> None:
    known = set(_ENV.findall((ROOT / ".env.example").read_text(encoding="utf-8")))
    assert set(_ENV.findall(one.text)) - known == set()


@ONE_EACH
def test_buttons_are_there(one: Page) -> None:
    shown = {label for _number, line in one.prose() for label in _BUTTON.findall(line)}
    assert [label for label in sorted(shown) if f'"{label}' not in _chat()] == []


def test_what_is_not_there_is_noticed() -> None:
    assert not _is_there("engine/desk/brain.py")
    assert not _is_there("docs/adr/9999")
    assert _is_there("docs/adr/0016")
    assert _is_there("bot/auth")
    assert _is_there("tests/snapshots/ko/alert_*.txt")
    assert _is_setting("risk.sizing")
    assert not _is_setting("risk.sizes")
    assert _PATH.findall("`engine/flow/execution`: see docs/adr/0005.") == [
        "engine/flow/execution",
        "docs/adr/0005",
    ]


def _is_there(path: str) -> bool:
    return any(True for _ in _found(path))


def _found(path: str) -> Iterator[Path]:
    """As written, without the ending of a module, or the number of an ADR."""
    bare = path.rstrip("/")
    yield from ROOT.glob(bare)
    yield from ROOT.glob(f"{bare}.py")
    if re.fullmatch(r"docs/adr/\d{4}", bare):
        yield from ROOT.glob(f"{bare}-*.md")


def _is_setting(key: str) -> bool:
    return any(known == key or known.startswith(f"{key}.") for known in CHECKS)


@cache
def _chat() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
