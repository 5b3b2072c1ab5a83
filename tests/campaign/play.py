"""Plays a plan in stepped time: the world, the deeds, the troubles, the lives; then the verdict."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from engine.flow import supervisor
from engine.model.commands import Pause, ReleaseGuard, Resume
from engine.model.ids import DeskName
from engine.wiring import Paths
from sandbox.scenario import build
from sandbox.world import World
from tests.campaign.deeds import Hands
from tests.campaign.judge import Findings, judge
from tests.campaign.lives import DidNotStart, Lives, Plug
from tests.campaign.market import Depth, make_scenario
from tests.campaign.plan import Plan, Trouble
from tests.harness.direct import Direct
from tests.harness.stage import CONFIG
from tests.harness.stepped_loop import SteppedLoop, run_stepped

RECOVERS_S, EXITS_S, QUIET_S = 150.0, 420.0, 60.0
_MORE = """\
  execution: {style}
trading:
  enabled: {us}
domestic:
  enabled: {krx}
  scan: {{rankings_every_s: 60}}
  entry: {{threshold: 50}}
  exit: {{reprice_after_s: 3}}
risk:
  symbol_cooldown_min: 0
  loss_streak: 20
  max_daily_loss_pct: 20
  sizing: {{risk_per_trade_pct: 5, max_position_pct: 40, liquidity_share_pct: 5}}
"""


@dataclass(slots=True)
class Played:
    """A run after its verdict."""

    seed: int
    findings: Findings
    restarts: Counter[str] = field(default_factory=Counter)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)


class Run:
    """One plan in one world."""

    def __init__(self, plan: Plan, direct: Direct, lives: Lives, depth: Depth) -> None:
        self.plan = plan
        self.direct = direct
        self.lives = lives
        desk = DeskName.KRX if plan.part.is_krx else DeskName.US
        self.hands = Hands(direct.world, lives, depth, desk)
        self.started = direct.world.clock.now()
        self._ends = list(plan.ends)
        self._is_over = asyncio.Event()

    @property
    def world(self) -> World:
        """Where it is played."""
        return self.direct.world

    async def play(self) -> None:
        """The stretch with its deeds; then everything works again, exits are due, all is quiet."""
        await self.lives.start(Plug(None))
        plug = self._next_plug()
        await self.lives.go_live(plug)
        async with asyncio.TaskGroup() as group:
            for trouble in self.plan.troubles:
                group.create_task(self._trouble(trouble))
            group.create_task(self._die_and_rise(plug))
            await self._deeds()
            self._is_over.set()
        await self.hands.silence()
        self.world.faults.clear()
        await self._recover()
        await self._let_exits_be_due()

    async def _deeds(self) -> None:
        began = self.world.clock.now()
        for deed in self.plan.deeds:
            await self._until(began + timedelta(seconds=deed.at_s))
            self.hands.do(deed)
        await self._until(began + timedelta(minutes=self.plan.minutes))

    async def _until(self, moment: datetime) -> None:
        left = (moment - self.world.clock.now()).total_seconds()
        await asyncio.sleep(max(0.0, left))

    async def _trouble(self, trouble: Trouble) -> None:
        await asyncio.sleep(trouble.at_s)
        numbers = [self.world.faults.add(fault) for fault in trouble.faults]
        await asyncio.sleep(trouble.lasts_s)
        for number in numbers:
            self.world.faults.withdraw(number)

    def _next_plug(self) -> Plug:
        return Plug(self._ends.pop(0) if self._ends else None)

    async def _die_and_rise(self, plug: Plug) -> None:
        """One life after another, until the stretch is over; then nothing pulls a plug any more."""
        while await self._is_pulled(plug):
            assert plug.end is not None
            await self.lives.kill(plug.struck)
            await asyncio.sleep(plug.end.away_s)
            plug = self._next_plug()
            await self.lives.start(plug)
        plug.end = None

    async def _is_pulled(self, plug: Plug) -> bool:
        """Wait for the plug or for the end of the stretch."""
        end, spawn = plug.end, asyncio.get_running_loop().create_task
        waits = {spawn(plug.pulled.wait()), spawn(self._is_over.wait())}
        at_most = end.after_s if end is not None and not end.nth else None
        done, left = await asyncio.wait(waits, timeout=at_most, return_when=asyncio.FIRST_COMPLETED)
        for wait in left:
            wait.cancel()
        if not done:
            plug.struck = "at a moment"
        return bool(plug.struck)

    async def _recover(self) -> None:
        """The socket's slot comes back, what is in doubt is looked up; the trader says go on."""
        await self.hands.say(Resume())
        await asyncio.sleep(RECOVERS_S)
        # In exits_only the US desk reads nothing once all is sold.
        await self.hands.say(ReleaseGuard())

    async def _let_exits_be_due(self) -> None:
        """Under every stop, or above every target; then wait for the sales and for quiet."""
        if self.plan.part.is_krx:
            await self.hands.say(Pause())  # nothing new; exits go on
        for _ in range(int(EXITS_S)):
            due = {symbol: cost for symbol, (_, cost) in self.held().items()}
            if not due:
                break
            for symbol, cost in due.items():
                self.hands.reach(symbol, cost * self.plan.part.exit_ratio)
            await asyncio.sleep(1)
        await asyncio.sleep(QUIET_S)

    def held(self) -> dict[str, tuple[int, Decimal]]:
        """What the desk would have to sell by its rules: shares and cost."""
        assert self.lives.assembly is not None
        status = self.lives.assembly.control.status()
        if self.plan.part.is_krx:
            assert status.krx is not None
            return {p.symbol: (p.qty, p.avg_cost.amount) for p in status.krx.positions}
        assert status.us is not None
        return {
            p.symbol: (p.qty, p.avg_cost.amount)
            for p in status.us.positions
            if p.state in {"armed", "unconfirmed"}
            # Of a lot he took an order back from, another order may still be open.
            or (p.state in {"held", "selling"} and p.symbol not in self.hands.taken_back)
        }


def play(plan: Plan, data: Path) -> Played:
    """Play one plan to its end."""

    async def main(loop: SteppedLoop) -> Played:
        depth = Depth()
        scenario = make_scenario(plan.part, plan.minutes, depth)
        world = build(replace(scenario, time_source=loop.time))
        ways = random.Random(plan.seed)
        direct = Direct(world, lambda: ways.uniform(0, plan.slowest_s))
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        config = data / "config.yaml"
        config.write_text(_config(plan, direct.url))
        lives = Lives(loop, direct, Paths(data, config))
        run = Run(plan, direct, lives, depth)
        try:
            await run.play()
            findings = judge(run, data)
        except* DidNotStart as group:
            findings = Findings({"book_mismatch": [repr(group.exceptions)]})
        finally:
            await lives.close()
            with loop.held():
                await direct.close()
        return Played(plan.seed, findings, lives.restarts, _struck(world))

    random.seed(plan.seed)
    # A stepped loop cannot lag; looking for it would be every other step.
    with patch.object(supervisor, "LAG_SAMPLE_S", 3600.0):
        return run_stepped(main)


def _config(plan: Plan, url: str) -> str:
    is_krx = plan.part.is_krx
    text = CONFIG.format(url=url, ws=url.replace("http", "ws", 1), target="3.0")
    more = _MORE.format(
        style=plan.style,
        us=str(plan.has_both or not is_krx).lower(),
        krx=str(plan.has_both or is_krx).lower(),
    )
    return text + more + "".join(f"  {key}: {value}\n" for key, value in plan.limits)


def _struck(world: World) -> Counter[tuple[str, str]]:
    return Counter((hit.fault.channel, hit.fault.kind) for hit in world.faults.taken)
