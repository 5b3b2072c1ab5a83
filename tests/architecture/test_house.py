"""The house keeps its shape."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("bot", "engine", "reports", "sandbox")
MODULES = [
    *sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")),
    ROOT / "run.py",
]
LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
FORBIDDEN_NAMES = ("utils", "util", "helpers", "helper", "common", "misc")


def ids(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("path", MODULES, ids=ids(MODULES))
def test_a_module_fits_on_a_few_pages(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_MODULE


@pytest.mark.parametrize("path", MODULES, ids=ids(MODULES))
def test_a_function_fits_on_a_screen(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    too_long = {
        node.name: (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert too_long == {}


def test_there_is_no_junk_drawer() -> None:
    drawers = [path for path in MODULES if path.stem in FORBIDDEN_NAMES]
    assert drawers == []


def test_the_map_in_the_readme_is_the_tree() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    named = {name.strip("`/ ").split("/")[0] for row in rows for name in row.split(",")}
    there = {path.name for path in ROOT.iterdir() if any(path.glob("*.py"))} | {"docs", "deploy"}
    assert named - {"rules", "desk", "flow", "adapters"} == there


def test_the_project_does_not_speak_of_this_machine() -> None:
    texts = [*MODULES, ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    named = [path for path in texts if "/work/" in path.read_text(encoding="utf-8")]
    assert named == []
