"""A book to report from."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path

import pytest

from tests.reports.book_maker import make_book


@pytest.fixture(scope="session")
def quarter_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made-up book up to the end of March 2025; to be copied, not to be written to."""
    path = tmp_path_factory.mktemp("quarter") / "book.db"
    asyncio.run(make_book(path, until=date(2025, 3, 31)))
    return path
