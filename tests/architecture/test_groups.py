"""Groups of tests stay with one worker: losing them would only be slower, and silent."""

from __future__ import annotations

import pytest

GROUP = "a group of its own"


@pytest.mark.xdist_group(GROUP)
def test_a_group_of_tests_has_one_worker(request: pytest.FixtureRequest) -> None:
    assert request.node.get_closest_marker("xdist_group").args == (GROUP,)
    if is_grouped(request.config):
        assert request.node.nodeid.endswith(f"@{GROUP}")


@pytest.mark.e2e
def test_real_processes_have_one_worker(request: pytest.FixtureRequest) -> None:
    """The group is given in conftest, which xdist must hear of in time."""
    assert request.node.get_closest_marker("xdist_group").args == ("e2e",)
    if is_grouped(request.config):
        assert request.node.nodeid.endswith("@e2e")


def is_grouped(config: pytest.Config) -> bool:
    """Whether this is a worker of ``--dist loadgroup``."""
    return bool(getattr(config.option, "loadgroup", False))
