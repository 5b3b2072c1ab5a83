"""systemd's unit files, read as far as the tests and the trial need them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = DEPLOY / "systemd"

Settings = Mapping[str, Sequence[str]]


def settings(path: Path) -> Settings:
    """Each setting with its values in order, whatever its section."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[name].append(value)
    return found


def one(unit: Settings, name: str) -> str:
    """The value of a setting that may stand there once."""
    (value,) = unit[name]
    return value
