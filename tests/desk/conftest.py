"""Worlds at the moments tests begin with."""

from __future__ import annotations

from typing import TypeVar

import pytest

from tests.desk.world import World, et

W = TypeVar("W", bound=World)


def regular_world(kind: type[W]) -> W:
    world = kind(now=et("09:29:00"))
    world.start()
    world.run_until(et("09:35:00"))
    return world


def armed_world(kind: type[W]) -> W:
    """Ten MU bought at 100, in the socket window."""
    world = regular_world(kind)
    world.price("MU", "100")
    world.buy("MU", 10, "100")
    world.run_for(2)
    world.price("MU", "100.50")
    world.run_for(1)
    return world


@pytest.fixture
def regular() -> World:
    """An empty account, five minutes into the socket window."""
    return regular_world(World)


@pytest.fixture
def premarket() -> World:
    """An empty account, five minutes into premarket."""
    world = World(now=et("03:45:00"))
    world.start()
    world.run_until(et("04:05:00"))
    return world


@pytest.fixture
def armed() -> World:
    """Ten MU bought at 100 in the socket window, told, and once quoted below the target."""
    return armed_world(World)
