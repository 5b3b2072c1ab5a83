"""The sandbox and the assistant's engine in one process, both clocks stepped together."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from engine.adapters.clocks import DemoClock, LoopClock
from engine.adapters.secrets import Secret, Secrets
from engine.flow import supervisor
from engine.model.ids import DeskName, Mode
from engine.ports.clock import Clock
from engine.wiring import Assembly, Paths, open_assembly
from sandbox.http import Running, serve
from sandbox.model import Server, Side
from sandbox.scenario import Scenario, build
from sandbox.session import at
from sandbox.world import World
from tests.harness.direct import Direct
from tests.harness.stepped_loop import SteppedLoop

TRADER = 10_001
CONFIG = """\
mode: dry_run
api:
  base_url: {url}/real
  websocket_url: {ws}/real/ws
  paper_base_url: {url}/paper
  paper_websocket_url: {ws}/paper/ws
  master_url: {url}/master
live: {{min_days: 0, min_trades: 0}}
order_settings:
  target_profit_rate: {target}
"""
UNPRACTISED = "live: {min_days: 0, min_trades: 0}\n"  # LIVE at full size from the first day


@dataclass(slots=True)
class Stage:
    """What a scenario may do and look at. Times are market time, aware."""

    loop: SteppedLoop
    world: World
    running: Direct | Running
    assembly: Assembly
    data: Path
    started: datetime
    seen: int = field(default=0)

    def now(self) -> datetime:
        return self.world.clock.now()

    async def go_to(self, moment: datetime) -> None:
        """Let market time pass until ``moment``."""
        left = (moment - self.now()).total_seconds()
        if left > 0:
            await asyncio.sleep(left)

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def until(self, condition: Callable[[], bool], limit_s: float = 60.0) -> bool:
        """Whether the condition came true within ``limit_s`` of market time."""
        deadline = self.now() + timedelta(seconds=limit_s)
        while not condition():
            if self.now() >= deadline:
                return False
            await asyncio.sleep(0.05)
        return True

    def buy(self, symbol: str, qty: int, server: Server = Server.REAL) -> None:
        """A buy in the broker's app, at a limit that crosses the spread."""
        self.world.catch_up()
        self.world.books.hand_order(server, Side.BUY, symbol, qty, None)

    def facts(self, mode: Mode = Mode.LIVE) -> list[tuple[datetime, str, dict[str, Any]]]:
        """(at, kind, fields) of every fact in the mode's book."""
        path = self.data / f"{mode}.db"
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as book:
            rows = book.execute("SELECT at, kind, json FROM facts ORDER BY seq").fetchall()
        return [
            (datetime.fromisoformat(moment), kind, json.loads(text)) for moment, kind, text in rows
        ]

    def kinds(self, mode: Mode = Mode.LIVE) -> list[str]:
        return [kind for _, kind, _ in self.facts(mode)]

    def books(self, server: Server = Server.REAL) -> dict[str, Any]:
        """The sandbox's own books."""
        report: dict[str, Any] = self.world.books.report()[server.value]  # type: ignore[assignment]
        return report

    def own_sells(self, server: Server = Server.REAL) -> list[dict[str, Any]]:
        """Orders that came through the API."""
        orders: list[dict[str, Any]] = self.books(server)["orders"]
        return [o for o in orders if o["media"] == "OpenAPI" and o["action"] == "new"]


@asynccontextmanager
async def stage(
    loop: SteppedLoop,
    data: Path,
    scenario: Scenario,
    *,
    mode: Mode = Mode.LIVE,
    target: str = "3.0",
    config: str = "",
    only: Server | None = None,
    jumps: bool = False,
    recordings: Path | None = None,
) -> AsyncIterator[Stage]:
    """Open the stage; the engine runs in ``mode`` when it is yielded.

    ``jumps``: the engine follows the sandbox's clock as in the demo, by a file; it costs steps.
    ``recordings``: a folder for what the desks are given.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    clock_file = data / "demo.json" if jumps else None
    world = build(replace(scenario, time_source=loop.time, clock_file=clock_file))
    # The controls that make it jump are reached over HTTP.
    running = await serve(world) if jumps else Direct(world)
    path = data / "config.yaml"
    ws = running.url.replace("http", "ws", 1)
    us_alone = "" if "domestic:" in config else "domestic: {enabled: false}\n"
    text = CONFIG.format(url=running.url, ws=ws, target=target)
    text = text.replace(UNPRACTISED, "") if "live:" in config else text
    path.write_text(text + config + us_alone)
    clock: Clock = LoopClock(scenario.start, loop.time)
    if clock_file is not None:
        clock = DemoClock(clock_file, loop.time, look_every_s=0.25)
    paths = Paths(data, path, recordings)
    async with AsyncExitStack() as stack:
        # A stepped loop cannot lag; looking for it would be every other step.
        stack.enter_context(patch.object(supervisor, "LAG_SAMPLE_S", 3600.0))
        with loop.held():
            assembly, _ = await stack.enter_async_context(
                open_assembly(
                    paths,
                    secrets_of(world, only),
                    clock,
                    version="test",
                    end_program=_nobody,
                    network=running.network() if isinstance(running, Direct) else None,
                )
            )
        loop.watch(lambda: assembly.pending() > 0)
        services = loop.create_task(assembly.run_services())
        try:
            await asyncio.sleep(2)
            if assembly.us.engine.mode is not mode:
                offer = await assembly.control.switch_mode(DeskName.US, mode, TRADER)
                assert not offer.refusal, offer
            yield Stage(loop, world, running, assembly, data, scenario.start)
            assert not services.done(), services
        finally:
            with loop.held():
                services.cancel()
                await asyncio.gather(services, return_exceptions=True)
                await stack.aclose()
                await running.close()


def _nobody() -> None:
    """Nothing ends the program here."""


def secrets_of(world: World, only: Server | None = None) -> Secrets:
    """The keys a trader of this world would have in .env."""
    real, paper = world.credentials[Server.REAL], world.credentials[Server.PAPER]
    found = Secrets()
    if only is not Server.PAPER:
        found = replace(
            found,
            kis_app_key=Secret(real.app_key),
            kis_app_secret=Secret(real.app_secret),
            kis_account=Secret(real.account),
            kis_hts_id=Secret(real.hts_id),
        )
    if only is not Server.REAL:
        found = replace(
            found,
            paper_app_key=Secret(paper.app_key),
            paper_app_secret=Secret(paper.app_secret),
            paper_account=Secret(paper.account),
        )
    return found


def et(day: date, hour: int, minute: int, second: int = 0) -> datetime:
    """A New York time of day, in UTC."""
    return at(day, time(hour, minute, second)).astimezone(UTC)
