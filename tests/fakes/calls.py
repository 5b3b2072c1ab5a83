"""Calls that all go well."""

import asyncio

from engine.ports.calls import CallListener


class QuietCalls:
    """Implements ports.calls.Calls and has nothing to tell."""

    async def run(self, listener: CallListener) -> None:
        await asyncio.Event().wait()
