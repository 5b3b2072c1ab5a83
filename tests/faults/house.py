"""The engine as a thing whose plug can be pulled, beside a world that goes on."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.adapters.clocks import LoopClock
from engine.adapters.secrets import Secret
from engine.desk.krx.desk import KrxDesk
from engine.desk.us.desk import UsDesk
from engine.flow.session import Session
from engine.model.ids import DeskName, Mode
from engine.model.money import Krw, Usd
from engine.wiring import Assembly, Paths, open_assembly
from sandbox.scenario import Scenario, build
from tests.harness.direct import Direct
from tests.harness.stage import CONFIG, TRADER, Stage, secrets_of
from tests.harness.stepped_loop import SteppedLoop

Commit = Callable[..., Awaitable[Any]]
AnySession = Session[Usd, UsDesk] | Session[Krw, KrxDesk] | None
# Told where it was asked for, or of no interest by then.
SILENT = frozenset({"CommandAnswered", "QuestionClosed", "MismatchSettled"})


@dataclass(slots=True)
class Plug:
    """Pulled at the ``at``-th commit to disk, just before it or just after; 0: never.

    A commit is an entry of the book, an answer in it, or an alert in the outbox.
    """

    at: int = 0
    is_before: bool = False
    commits: list[str] = field(default_factory=list)
    pulled: asyncio.Event = field(default_factory=asyncio.Event)

    def guard(self, owner: object, name: str) -> None:
        """Put the plug between a store and its caller."""
        commit: Commit = getattr(owner, name)

        async def guarded(*args: object, **kwargs: object) -> object:
            self.commits.append(name)
            if len(self.commits) != self.at:
                return await commit(*args, **kwargs)
            if not self.is_before:
                await commit(*args, **kwargs)
            self.pulled.set()
            return await asyncio.Event().wait()  # nobody lives to see it return

        setattr(owner, name, guarded)


class House:
    """One world, and the engine started in it as often as wished on one data directory."""

    def __init__(
        self, loop: SteppedLoop, running: Direct, paths: Paths, desk: DeskName = DeskName.US
    ) -> None:
        self._loop = loop
        self._running = running
        self._paths = paths
        self._desk = desk
        self._stack = AsyncExitStack()
        self._services: asyncio.Task[None] | None = None

    async def start(self) -> Assembly:
        """Come up from what is on disk; returns when the desk runs."""
        world = self._running.world
        clock = LoopClock(world.clock.now(), self._loop.time)
        # With a passphrase the token survives; KIS gives a new one only once a minute.
        secrets = replace(secrets_of(world), master_passphrase=Secret("a passphrase for tests"))
        opened = open_assembly(
            self._paths,
            secrets,
            clock,
            version="test",
            end_program=_nobody,
            network=self._running.network(),
        )
        self._stack = AsyncExitStack()
        with self._loop.held():
            assembly, _ = await self._stack.enter_async_context(opened)
        self._loop.watch(lambda: assembly.pending() > 0)
        self._services = self._loop.create_task(assembly.run_services())
        for _ in range(100):
            if self._session(assembly) is not None:
                return assembly
            await asyncio.sleep(0.05)
        raise AssertionError("the desk did not start")

    def _session(self, assembly: Assembly) -> AnySession:
        if self._desk is DeskName.US:
            return assembly.us.engine.session
        assert assembly.krx is not None
        return assembly.krx.engine.session

    async def pull(self, *, says_goodbye: bool = True) -> None:
        """Everything in the process is gone at once; what was committed stays.

        Without a goodbye on the socket KIS keeps its slot for two minutes.
        """
        if self._services is None:
            return
        if not says_goodbye:
            self._running.hang_up()
        with self._loop.held():
            self._services.cancel()
            await asyncio.gather(self._services, return_exceptions=True)
            await self._stack.aclose()
        self._services = None

    async def live_through(self, s: Stage, plug: Plug, story: asyncio.Task[None]) -> bool:
        """Go on until the story is over or the plug is pulled; then be up again 5 s later."""
        session = self._session(s.assembly)
        assert session is not None
        plug.guard(session.parts.journal, "append")
        plug.guard(session.parts.journal, "record_answer")
        plug.guard(s.assembly.stores.outbox, "put")
        pulling = self._loop.create_task(plug.pulled.wait())
        await asyncio.wait({pulling, story}, return_when=asyncio.FIRST_COMPLETED)
        pulling.cancel()
        if not plug.pulled.is_set():
            return False
        await self.pull()
        await s.wait(5)
        s.assembly = await self.start()
        return True


@asynccontextmanager
async def house(
    loop: SteppedLoop,
    data: Path,
    scenario: Scenario,
    *,
    desk: DeskName = DeskName.US,
    config: str = "domestic: {enabled: false}\n",
) -> AsyncIterator[tuple[House, Stage]]:
    """Open the world and start the engine in it, ``desk`` live; ``config`` adds to the usual."""
    world = build(replace(scenario, time_source=loop.time))
    running = Direct(world)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data / "config.yaml"
    ws = running.url.replace("http", "ws", 1)
    path.write_text(CONFIG.format(url=running.url, ws=ws, target="3.0") + config)
    home = House(loop, running, Paths(data, path), desk)
    try:
        assembly = await home.start()
        offer = await assembly.control.switch_mode(desk, Mode.LIVE, TRADER)
        assert not offer.refusal, offer
        yield home, Stage(loop, world, running, assembly, data, scenario.start)
    finally:
        await home.pull()
        with loop.held():
            await running.close()


def undelivered(s: Stage) -> list[str]:
    """Facts the trader should hear of that never came to the outbox."""
    with closing(sqlite3.connect(f"file:{s.data / 'state.db'}?mode=ro", uri=True)) as state:
        known = {seq for (seq,) in state.execute("SELECT seq FROM outbox WHERE book = 'live'")}
    with closing(sqlite3.connect(f"file:{s.data / 'live.db'}?mode=ro", uri=True)) as book:
        rows = book.execute("SELECT seq, kind FROM facts ORDER BY seq").fetchall()
    return [f"{seq} {kind}" for seq, kind in rows if kind not in SILENT and seq not in known]


def _nobody() -> None:
    """Nothing ends the program here."""
