"""The one queue between the world and a desk."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Generic

from engine.model.events import CommandGiven, Event, TickSeen
from engine.model.ids import Symbol
from engine.model.money import M, M_co
from engine.model.quotes import QuoteSource


@dataclass(frozen=True, slots=True)
class Letter(Generic[M_co]):
    """An event; ``asked_in``: the generation of the clock in which it was asked for or came."""

    event: Event[M_co]
    asked_in: int | None


class Inbox(Generic[M]):
    """Keeps order; ticks that pile up are conflated per symbol, nothing else is ever dropped.

    Only the newest waiting tick of a symbol is kept: exits are decided on what can be had now,
    and KIS volume is cumulative.
    """

    def __init__(self) -> None:
        self._queue: deque[Letter[M] | Symbol] = deque()
        self._ticks: dict[Symbol, Letter[M]] = {}
        self._filled = asyncio.Event()
        self._handled = asyncio.Event()
        self.taken = 0  # events handed out so far

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, event: Event[M], asked_in: int | None = None) -> None:
        """Add an event; a streamed tick replaces a waiting one of its symbol, in its place.

        A price somebody asked for is an answer and is never replaced.
        """
        letter = Letter(event, asked_in)
        if isinstance(event, TickSeen) and event.tick.source is QuoteSource.STREAM:
            symbol = event.tick.symbol
            if symbol not in self._ticks:
                self._queue.append(symbol)
            self._ticks[symbol] = letter
        else:
            self._queue.append(letter)
        self._handled.clear()
        self._filled.set()

    async def get(self) -> Letter[M]:
        """The next event, waiting for one; asking for it says that the last was handled."""
        while not self._queue:
            self._filled.clear()
            self._handled.set()
            await self._filled.wait()
        head = self._queue.popleft()
        self.taken += 1
        if isinstance(head, str):
            return self._ticks.pop(head)
        return head

    def commands(self) -> tuple[CommandGiven, ...]:
        """Commands that nobody took yet."""
        letters = (letter for letter in self._queue if isinstance(letter, Letter))
        return tuple(one.event for one in letters if isinstance(one.event, CommandGiven))

    async def until_handled(self) -> None:
        """Wait until everything put in so far was taken and handled."""
        await self._handled.wait()
