"""Groups of tests stay with one worker: losing them would only be slower, and silent."""

from __future__ import annotations

import os

import pytest

GROUP = "a group of its own"


@pytest.mark.xdist_group(GROUP)
def test_a_group_of_tests_has_one_worker(request: pytest.FixtureRequest) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        assert request.node.get_closest_marker("xdist_group").args == (GROUP,)
        return
    assert request.node.nodeid.endswith(f"@{GROUP}")


@pytest.mark.e2e
def test_real_processes_have_one_worker(request: pytest.FixtureRequest) -> None:
    """The group is given in conftest, which xdist must hear of in time."""
    assert request.node.get_closest_marker("xdist_group").args == ("e2e",)
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@e2e")
