"""What stands in the documents: pages, code, headings, links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^\s*```(\w*)\s*$")
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_HEADING = re.compile(r"^(#+) (.+)$")
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
_SOURCE = re.compile(r"<img src=\"([^\"]+)\"")


@dataclass(frozen=True)
class Code:
    """A line of a block of code (``language``: what stands behind the fence) or a span."""

    text: str
    language: str | None
    where: str


@dataclass(frozen=True)
class Page:
    """One document, cut into what is code and what is not."""

    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        return _read(self.path)

    def lines(self) -> Iterator[tuple[int, str, str | None]]:
        """Number, text and, within a block, its language; ``indented`` for four spaces."""
        language: str | None = None
        before = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            fence = _FENCE.match(line)
            if fence:
                language = None if language is not None else fence[1] or "none"
            elif language is None and line.startswith("    ") and _is_block(before):
                yield number, line.strip(), "indented"
            else:
                yield number, line, language
            before = line

    def code(self) -> Iterator[Code]:
        """Every line of a block and every span."""
        for number, line, language in self.lines():
            where = f"{self.name}:{number}"
            if language is not None:
                yield Code(line.strip(), language, where)
            else:
                yield from (Code(span, None, where) for span in _SPAN.findall(line))

    def prose(self) -> Iterator[tuple[int, str]]:
        """Lines outside of blocks."""
        return ((number, line) for number, line, language in self.lines() if language is None)

    def headings(self) -> list[tuple[int, str]]:
        """Level and text."""
        found = (_HEADING.match(line) for _number, line in self.prose())
        return [(len(match[1]), match[2]) for match in found if match]

    def links(self) -> list[str]:
        """Targets of links and pictures."""
        found = []
        for _number, line in self.prose():
            bare = _SPAN.sub("`", line)
            found += [match[2] for match in _LINK.findall(bare)] + _SOURCE.findall(bare)
        return found

    def pictures(self) -> list[str]:
        """Targets of pictures, in order."""
        return [link for link in self.links() if link.endswith(".png")]

    def anchors(self) -> set[str]:
        """What a link to a heading ends with, as GitHub makes it."""
        return {anchor(text) for _level, text in self.headings()}

    def rows(self) -> list[tuple[str, ...]]:
        """Cells of every row of every table, without the lines under heads."""
        cut = (_cells(line) for _number, line in self.prose() if line.startswith("|"))
        return [cells for cells in cut if not all(re.fullmatch(r":?-+:?", cell) for cell in cells)]


def pages() -> list[Page]:
    """The READMEs, what is under docs, and how to contribute."""
    named = [ROOT / "README.md", ROOT / "README.ko.md", ROOT / "CONTRIBUTING.md"]
    return [Page(path) for path in (*named, *sorted((ROOT / "docs").rglob("*.md")))]


def page(name: str) -> Page:
    """One of them."""
    return Page(ROOT / name)


def anchor(heading: str) -> str:
    """Lower case, letters, digits and hyphens; blanks become hyphens."""
    bare = re.sub(r"[^\w\- ]", "", heading.lower())
    return bare.replace(" ", "-")


def table_under(found: Page, heading: str) -> Sequence[tuple[str, ...]]:
    """Rows of the tables under a heading, smaller headings below it included."""
    under, lines = 0, []
    for _number, line in found.prose():
        match = _HEADING.match(line)
        if match and match[2] == heading:
            under = len(match[1])
        elif match and len(match[1]) <= under:
            under = 0
        elif under and line.startswith("|"):
            lines.append(_cells(line))
    return [cells for cells in lines if not all(re.fullmatch(r":?-+:?", cell) for cell in cells)]


def _cells(line: str) -> tuple[str, ...]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return tuple(cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", inner))


def _is_block(before: str) -> bool:
    """Four spaces go on with a block, or begin one after an empty line."""
    return not before.strip() or before.startswith("    ")


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
