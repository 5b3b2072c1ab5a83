"""Work in a thread that ticks hardly notice."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_USUAL_S = sys.getswitchinterval()
_SOON_S = 0.0005  # the interpreter's own 5 ms would be how late a tick is


async def aside(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Its result; meanwhile the loop gets the interpreter back ten times as soon."""
    sys.setswitchinterval(_SOON_S)
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    finally:
        sys.setswitchinterval(_USUAL_S)
