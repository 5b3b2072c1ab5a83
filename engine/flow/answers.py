"""Who waits for the answer to which command."""

from __future__ import annotations

import asyncio

from engine.model.commands import CommandAnswered
from engine.model.ids import CommandId
from engine.ports.journal import NumberedFact

ANSWER_S = 10.0


class Answers:
    """Joins commands with the facts that answer them."""

    def __init__(self) -> None:
        self._waiting: dict[CommandId, asyncio.Future[CommandAnswered]] = {}

    def on_fact(self, numbered: NumberedFact) -> None:
        """Subscriber: hand an answer to whoever waits for it."""
        if isinstance(numbered.fact, CommandAnswered):
            waiting = self._waiting.get(numbered.fact.command_id)
            if waiting is not None and not waiting.done():
                waiting.set_result(numbered.fact)

    def expect(self, command_id: CommandId) -> None:
        """Keep the answer, should it come before somebody waits for it."""
        self._waiting[command_id] = asyncio.get_running_loop().create_future()

    async def wait(self, command_id: CommandId) -> CommandAnswered:
        """As expected. Raises TimeoutError after 10 s of human time: it may have been done."""
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._waiting[command_id]
        finally:
            self._waiting.pop(command_id, None)
