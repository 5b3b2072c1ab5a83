"""What the assistant is made of besides itself: ``python -m tests.dependencies``.

Checks that every package is pinned with its hashes and installed in that version, that there is a
built package for this machine (``--wheels``, asks the package index), and lists the licences.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, version

from tests.dependencies.pinned import FILES, ROOT, Pin, read_pins

_CLASSIFIER = "License :: "
_SHOWN = 40
_DRY = ("install", "--dry-run", "--quiet", "--ignore-installed", "--disable-pip-version-check")


def main() -> int:
    """0 when nothing is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.dependencies", description=__doc__)
    parser.add_argument("--wheels", action="store_true", help="look whether each has a wheel")
    parser.add_argument("--all", action="store_true", help="developers' packages, too")
    options = parser.parse_args()
    name = FILES[1] if options.all else FILES[0]
    pins = [one for one in read_pins((ROOT / name).read_text(encoding="utf-8")) if one.is_meant]
    troubles = list(trouble(pins))
    for one in pins:
        _say(f"{one.name:24} {one.version:12} {len(one.hashes):3} hashes  {licence(one.name)}")
    if options.wheels:
        troubles += _without_wheel(name)
    for line in troubles:
        _say(f"WRONG {line}")
    _say(f"{name}: {len(pins)} packages for this machine, {len(troubles)} troubles")
    return 1 if troubles else 0


def trouble(pins: list[Pin]) -> Iterator[str]:
    """What is installed in another version than the pinned one."""
    for one in pins:
        try:
            found = version(one.name)
        except PackageNotFoundError:
            yield f"{one.name} is not installed"
            continue
        if found != one.version:
            yield f"{one.name} {found} is installed, {one.version} is pinned"


def licence(name: str) -> str:
    """As the package names it, in one short line."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return "not installed"
    classified = [
        line.rpartition(" :: ")[2]
        for line in told.get_all("Classifier") or []
        if line.startswith(_CLASSIFIER)
    ]
    free, first = (
        (told.get_all(field) or [""])[0].strip().partition("\n")[0]
        for field in ("License", "License-Expression")
    )
    return (first or ", ".join(classified) or free or "?")[:_SHOWN]


def _without_wheel(name: str) -> list[str]:
    """What would have to be built here, or no longer has one of the hashes: pip's own words."""
    asked = (*_DRY, "--only-binary", ":all:", "--require-hashes", "-r", name)
    done = subprocess.run(  # noqa: S603 - our own interpreter's pip
        [sys.executable, "-m", "pip", *asked], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if not done.returncode:
        return []
    return [line for line in done.stderr.splitlines() if "ERROR" in line] or ["pip failed"]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
