"""Tasks that live and die together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def run_together(*runs: Coroutine[Any, Any, None]) -> None:
    """Run all until one fails or the caller is cancelled; the first error comes out as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for run in runs:
                group.create_task(run)
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None
