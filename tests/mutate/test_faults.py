"""The faults still have their places, and the tests named for them still exist."""

import ast
from pathlib import Path

import pytest

from tests.mutate.faults import MUTATIONS, Mutation

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_fault_has_one_place_and_its_tests(mutation: Mutation) -> None:
    assert (ROOT / mutation.path).read_text().count(mutation.before) == 1
    assert mutation.tests
    for test in mutation.tests:
        path, _, name = test.partition("::")
        assert (ROOT / path).exists(), test
        assert not name or name in _functions(ROOT / path), test


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    return {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
