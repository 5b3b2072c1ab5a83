"""Links of the documents lead somewhere, and both READMEs are built alike."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import Page, anchor, page, pages

PAGES = pages()


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.name)
def test_links_lead_somewhere(one: Page) -> None:
    assert [link for link in one.links() if not _leads(one, link)] == []


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.name)
def test_no_heading_stands_there_twice(one: Page) -> None:
    headings = [anchor(text) for _level, text in one.headings()]
    assert sorted(headings) == sorted(set(headings))


@pytest.mark.parametrize("name", ["README", "docs/faq"])
def test_both_languages_are_built_alike(name: str) -> None:
    english, korean = page(f"{name}.md"), page(f"{name}.ko.md")
    assert _shape(english) == _shape(korean)
    assert english.pictures() == korean.pictures()
    assert _blocks(english) == _blocks(korean)
    assert [_target(link) for link in english.links()] == [_target(link) for link in korean.links()]


def test_the_readme_is_short_enough_to_be_read() -> None:
    for name in ("README.md", "README.ko.md"):
        assert page(name).text.count("\n") <= 170


def test_every_document_is_found_from_the_readme() -> None:
    here = {one.name for one in PAGES if not one.name.startswith(("docs/adr/", "README"))}
    linked = {link.partition("#")[0] for link in page("README.md").links()}
    linked.add("docs/faq.ko.md")  # from its English sister, and from README.ko.md
    assert here - linked == set()


def test_links_and_anchors_are_read_as_github_does() -> None:
    assert anchor("When a desk stops by itself") == "when-a-desk-stops-by-itself"
    assert anchor("Books & broker: `/set`?") == "books--broker-set"
    assert anchor("체결이란?") == "체결이란"


def _leads(one: Page, link: str) -> bool:
    if re.match(r"https://\S+\.\S+", link):
        return True
    target, _hash, heading = link.partition("#")
    path = (one.path.parent / target).resolve() if target else one.path
    if not path.exists():
        return False
    return not heading or heading in Page(path).anchors()


def _target(link: str) -> str:
    """The same for a document and its Korean sister, whatever its headings are called."""
    return link.partition("#")[0].replace(".ko.md", ".md")


def _shape(one: Page) -> list[str]:
    """Headings, lists, tables and blocks in order."""
    shape = []
    for _number, line, language in one.lines():
        if language is not None:
            shape.append(f"code {language}")
        elif line.startswith("#") or re.match(r"(\d+\.|-) ", line):
            shape.append(line.split()[0])
        elif line.startswith("|"):
            shape.append(f"row of {line.count('|')}")
    return shape


def _blocks(one: Page) -> list[str]:
    """Commands in blocks without their remarks, and names of files in diagrams."""
    blocks = []
    for _number, line, language in one.lines():
        if language == "sh":
            blocks.append(re.sub(r"\s+#.*", "", line))
        elif language is not None:
            blocks += re.findall(r"[a-z_]+/[\w/]+", line)
    return blocks
