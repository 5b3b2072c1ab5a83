"""The engine as something that dies and comes back, beside a world that goes on."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from engine.adapters.clocks import LoopClock
from engine.model.ids import DeskName, Mode
from engine.ports.journal import Entry
from engine.wiring import Assembly, Paths, open_assembly
from tests.campaign.plan import End
from tests.harness.cheap_tokens import PASSPHRASE, cheap_keys
from tests.harness.direct import Direct
from tests.harness.stage import TRADER, secrets_of
from tests.harness.stepped_loop import SteppedLoop

Commit = Callable[..., Awaitable[Any]]
_STEP_OF = {
    "OrderAccepted": "accepted", "OrderFilled": "filled", "EntryFilled": "filled",
    "OrderEnded": "ended", "OrderRejected": "ended", "OrderUnresolved": "doubt",
    "OrderResolved": "doubt",
}  # fmt: skip
_START_S = 30.0


def step_of(name: str, args: tuple[object, ...]) -> str:
    """Which step of an order's life a commit belongs to."""
    if name == "record_answer":
        return "answer"
    if name == "put":
        return "alert"
    entry = args[0]
    assert isinstance(entry, Entry)
    if entry.orders:
        return "decided"
    if entry.cancels:
        return "cancel"
    kinds = (_STEP_OF.get(type(fact).__name__) for fact in entry.facts)
    return next((kind for kind in kinds if kind is not None), "other")


@dataclass(slots=True)
class Plug:
    """Pulled at a commit as the plan wants it."""

    end: End | None
    pulled: asyncio.Event = field(default_factory=asyncio.Event)
    seen: int = 0
    struck: str = ""

    def guard(self, owner: object, name: str) -> None:
        """Put the plug between a store and its caller."""
        commit: Commit = getattr(owner, name)

        async def guarded(*args: object, **kwargs: object) -> object:
            if not self._strikes(step_of(name, args)):
                return await commit(*args, **kwargs)
            assert self.end is not None
            if not self.end.is_before:
                await commit(*args, **kwargs)
            self.pulled.set()
            return await asyncio.Event().wait()  # nobody lives to see it return

        setattr(owner, name, guarded)

    def _strikes(self, step: str) -> bool:
        end = self.end
        if end is None or not end.nth or end.step not in {"", step}:
            return False
        self.seen += 1
        if self.seen != end.nth or self.struck:
            return False
        self.struck = f"{'before' if end.is_before else 'after'} {step}"
        return True


class DidNotStart(Exception):
    """What is on disk, or the trouble of the moment, kept a desk from coming up."""


class Lives:
    """One data directory, one engine at a time."""

    def __init__(self, loop: SteppedLoop, direct: Direct, paths: Paths) -> None:
        self._loop = loop
        self._direct = direct
        self._paths = paths
        self._stack = AsyncExitStack()
        self._services: asyncio.Task[None] | None = None
        self._opened: list[Assembly] = []
        self.assembly: Assembly | None = None
        self.restarts: Counter[str] = Counter()
        loop.watch(lambda: any(assembly.pending() for assembly in self._opened))

    @property
    def is_dead(self) -> bool:
        """Whether the services ended by themselves, which they never should."""
        return self._services is not None and self._services.done()

    async def start(self, plug: Plug) -> Assembly:
        """Come up from what is on disk; returns when every desk runs.

        Raises:
            DidNotStart: some did not.
        """
        world = self._direct.world
        clock = LoopClock(world.clock.now(), self._loop.time)
        # With a passphrase the token survives; KIS gives a new one only once a minute.
        secrets = replace(secrets_of(world), master_passphrase=PASSPHRASE)
        self._stack = AsyncExitStack()
        with self._loop.held(), cheap_keys():
            assembly, _ = await self._stack.enter_async_context(
                open_assembly(
                    self._paths, secrets, clock, version="test", end_program=_nobody,
                    network=self._direct.network(),
                )
            )  # fmt: skip
        self._opened = [assembly]
        plug.guard(assembly.stores.outbox, "put")
        self._services = self._loop.create_task(assembly.run_services())
        await self._until_up(assembly, plug)
        self.assembly = assembly
        return assembly

    async def _until_up(self, assembly: Assembly, plug: Plug) -> None:
        deadline = self._loop.time() + _START_S
        guarded: set[int] = set()
        desks = assembly.control.desks()
        while self._loop.time() < deadline and len(guarded) < len(desks):
            if plug.pulled.is_set():
                return  # dead before it was up
            for desk in desks:
                door = assembly.us if desk is DeskName.US else assembly.krx
                session = door.engine.session if door is not None else None
                if session is not None and id(session) not in guarded:
                    guarded.add(id(session))
                    plug.guard(session.parts.journal, "append")
                    plug.guard(session.parts.journal, "record_answer")
            await asyncio.sleep(0.01)
        if len(guarded) < len(desks):
            raise DidNotStart(f"{len(guarded)} of {len(desks)} desks came up in {_START_S:.0f} s")

    async def go_live(self, plug: Plug) -> None:
        """Every desk to live, as after a confirmation in chat."""
        assert self.assembly is not None
        for desk in self.assembly.control.desks():
            offer = await self.assembly.control.switch_mode(desk, Mode.LIVE, TRADER)
            assert not offer.refusal, offer
        await self._until_up(self.assembly, plug)

    async def kill(self, why: str) -> None:
        """Everything in the process is gone at once, without a goodbye."""
        await self._end()
        self.restarts[why] += 1

    async def _end(self) -> None:
        self.assembly = None
        if self._services is None:
            return
        self._direct.hang_up()
        with self._loop.held():
            self._services.cancel()
            await asyncio.gather(self._services, return_exceptions=True)
            await self._stack.aclose()
        self._services = None
        self._opened = []

    async def close(self) -> None:
        """The last end."""
        await self._end()


def _nobody() -> None:
    """Nothing ends the program here."""
