"""The book of two years."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.reports.book_maker import make_book


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: tests that want it are of one group, for one worker (xdist)."""
    path = tmp_path_factory.mktemp("book") / "live.db"
    asyncio.run(make_book(path))
    return path
