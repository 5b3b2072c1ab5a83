"""Every term of the glossary is used in the code, the chat or the README, and stands there once."""

from __future__ import annotations

import re
from functools import cache

from tests.docs.pages import ROOT, page

HEAD = ("한국어", "English", "Meaning", "뜻")


def rows() -> list[tuple[str, ...]]:
    return [row for row in page("docs/glossary.md").rows() if row != HEAD]


def test_every_korean_term_is_used() -> None:
    terms = [term for row in rows() for term in row[0].split(" / ")]
    used = _source() + page("README.ko.md").text + page("docs/faq.ko.md").text
    assert [term for term in terms if term not in used] == []


def test_every_identifier_is_used() -> None:
    names = [name for row in rows() for name in re.findall(r"`([^`]+)`", row[1])]
    assert set(names) - set(re.findall(r"\w+", _source())) == set()


def test_no_term_is_explained_twice() -> None:
    terms = [term for row in rows() for term in row[0].split(" / ")]
    assert sorted(terms) == sorted(set(terms))


def test_every_term_is_explained_in_both_languages() -> None:
    for row in rows():
        assert len(row) == len(HEAD)
        assert all(row), row
        assert re.search("[가-힣]", row[3]), row
        assert not re.search("[가-힣]", re.sub(r"\(.*?\)", "", row[2])), row


@cache
def _source() -> str:
    folders = ("bot", "engine", "reports", "sandbox")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return "".join(path.read_text(encoding="utf-8") for path in paths)
