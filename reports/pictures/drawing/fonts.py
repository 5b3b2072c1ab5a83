"""Which letters: NanumGothic from its wheel, a Korean font of the system, else DejaVu Sans."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from matplotlib.font_manager import FontProperties, fontManager, get_font

_WHEEL = "koreanize_matplotlib"  # its own code is never run: it sets pyplot's defaults
_OF_SYSTEM = (
    "NanumGothic",
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
)
_PROBE = "가"
_LATIN = "DejaVu Sans"


@dataclass(frozen=True, slots=True)
class Face:
    """Files of one family. ``is_korean`` False: labels are English, stocks are their codes."""

    name: str
    regular: str
    bold: str
    is_korean: bool

    def of(self, size: float, *, is_bold: bool = False) -> FontProperties:
        """``size`` in pixels."""
        return FontProperties(fname=self.bold if is_bold else self.regular, size=size)

    def has(self, letter: str) -> bool:
        """Whether there is a glyph in both files."""
        return all(get_font(file).get_char_index(ord(letter)) for file in {self.regular, self.bold})

    def readable(self, text: str) -> str:
        """Without line breaks and without letters that would be empty boxes."""
        known = (
            letter if letter.isprintable() and self.has(letter) else _beside(letter)
            for letter in " ".join(text.split())
        )
        return "".join(known)


def _beside(letter: str) -> str:
    """For a letter without a glyph; marks that only join others vanish."""
    return "?" if letter.isalnum() else ""


@cache
def face() -> Face:
    """The first there is."""
    for find in (_from_wheel, _from_system):
        for found in find():
            if found.has(_PROBE):
                return found
    return latin()


def latin() -> Face:
    """Comes with matplotlib."""
    return _family(_LATIN, is_korean=False)


def _from_wheel() -> Iterator[Face]:
    found = importlib.util.find_spec(_WHEEL)
    for place in (found.submodule_search_locations or ()) if found else ():
        regular = Path(place) / "fonts" / "NanumGothic.ttf"
        bold = regular.with_name("NanumGothicBold.ttf")
        if regular.exists() and bold.exists():
            yield Face("NanumGothic", str(regular), str(bold), is_korean=True)


def _from_system() -> Iterator[Face]:
    there = {entry.name for entry in fontManager.ttflist}
    for name in _OF_SYSTEM:
        if name in there:
            yield _family(name, is_korean=True)


def _family(name: str, *, is_korean: bool) -> Face:
    find: Callable[[FontProperties], str] = fontManager.findfont
    regular = find(FontProperties(family=[name]))
    bold = find(FontProperties(family=[name], weight="bold"))
    return Face(name, str(regular), str(bold), is_korean)
