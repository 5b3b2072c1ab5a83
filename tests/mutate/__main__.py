"""Breaks the order path on purpose, one fault at a time: ``python -m tests.mutate``.

Each fault is put into a copy of the tree, and the tests named for it must fail there. 1 when one of
them passes all the same, or does not pass in the tree as it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.mutate.faults import MUTATIONS, Mutation

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("bot", "engine", "reports", "sandbox", "tests", "benchmarks", "config.yaml", "run.py")
PASSED, FAILED = 0, 1  # pytest's exit codes; any other means that nothing was proved


def main() -> int:
    """0 when every fault was noticed."""
    named = sorted({test for mutation in MUTATIONS for test in mutation.tests})
    if run(ROOT, named) != PASSED:
        say("the named tests do not pass as the tree is")
        return 1
    missed = [mutation for mutation in MUTATIONS if not is_noticed(mutation)]
    say(f"mutate: faults={len(MUTATIONS)} noticed={len(MUTATIONS) - len(missed)}")
    return 1 if missed else 0


def is_noticed(mutation: Mutation) -> bool:
    """Whether each of its tests fails in a tree with the fault."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        copy(tree)
        plant(mutation, tree)
        verdicts = {test: run(tree, [test]) for test in mutation.tests}
    silent = [test for test, code in verdicts.items() if code != FAILED]
    say(
        f"{'MISSED' if silent else 'noticed'}: {mutation.name}"
        + "".join(f"\n  {t}" for t in silent)
    )
    return not silent


def copy(tree: Path) -> None:
    """What the tests need, and the data beside it."""
    tree.mkdir()
    for name in (*PARTS, "pyproject.toml", "docs", "deploy", "README.md"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, tree / name)
    shared = ROOT.parent / "shared"
    if shared.exists():
        (tree.parent / "shared").symlink_to(shared)


def plant(mutation: Mutation, tree: Path) -> None:
    """Put the fault in.

    Raises:
        ValueError: its place is not there, or not the only one.
    """
    path = tree / mutation.path
    text = path.read_text()
    if text.count(mutation.before) != 1:
        raise ValueError(
            f"{mutation.name}: {text.count(mutation.before)} places in {mutation.path}"
        )
    path.write_text(text.replace(mutation.before, mutation.after))


def run(tree: Path, tests: list[str]) -> int:
    """Pytest's exit code, in a process of its own that imports the tree's files."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(  # noqa: S603 - our own words
        command, cwd=tree, env=environment, capture_output=True, check=False
    )
    return done.returncode


def say(text: str) -> None:
    """At once: each takes a while."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
