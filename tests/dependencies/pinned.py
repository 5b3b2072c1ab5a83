"""What the requirements files say, read without pip. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
FILES = ("requirements.txt", "requirements-dev.txt")
_PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[a-z,-]+\])?==([A-Za-z0-9.+!]+)(?: ; (.+))?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package in one version; ``marker``: on which machines."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]

    @property
    def is_meant(self) -> bool:
        """Whether this machine gets it."""
        return not self.marker or Marker(self.marker).evaluate()


class Loose(ValueError):
    """A line that is no pinned package with its hashes."""


def read_pins(text: str) -> tuple[Pin, ...]:
    """Every package of a file. Raises Loose for anything else: an address, an option, no hash."""
    return tuple(_pin(line) for line in _whole_lines(text))


def wanted() -> dict[str, SpecifierSet]:
    """What pyproject.toml asks for, by name; what only developers need is among it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = (*project["dependencies"], *project["optional-dependencies"]["dev"])
    found: dict[str, SpecifierSet] = {}
    for one in map(Requirement, texts):
        name = canonicalize_name(one.name)
        found[name] = found.get(name, SpecifierSet()) & one.specifier
    return found


def runtime_names() -> frozenset[str]:
    """What the assistant itself asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return frozenset(canonicalize_name(Requirement(one).name) for one in project["dependencies"])


def _whole_lines(text: str) -> Iterator[str]:
    """Without comments, continued lines in one."""
    kept = ""
    for line in text.splitlines():
        bare = line.partition("#")[0].strip()
        if not bare:
            continue
        kept += bare.removesuffix("\\")
        if not bare.endswith("\\"):
            yield " ".join(kept.split())
            kept = ""
    if kept:
        yield " ".join(kept.split())


def _pin(line: str) -> Pin:
    head = line.partition("--hash=")[0].strip()
    found = _PIN.fullmatch(head)
    hashes = frozenset(_HASH.findall(line))
    if found is None or not hashes or line.count("--hash=") != len(_HASH.findall(line)):
        raise Loose(f"not one version with its hashes: {line[:80]}")
    return Pin(canonicalize_name(found[1]), found[2], found[3] or "", hashes)
