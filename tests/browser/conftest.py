"""One browser for all of them."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.browser.chromium import Browser, chromium


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as found:
        yield found
