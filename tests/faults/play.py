"""Plays a cell of the matrix in stepped time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sandbox.market import Print
from sandbox.model import Fault, Listing
from sandbox.request_log import LoggedRequest
from sandbox.scenario import Scenario
from tests.faults.chat import chat_stage
from tests.faults.matrix import CANCEL_TR, SELL_TR, Cell, State
from tests.faults.matrix import Stage as Part
from tests.faults.verdict import SHARES, Verdict, judge, trace
from tests.harness.stage import Stage, et, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

DAY = date(2026, 11, 20)
DEEP, THIN = 600, 3
SYMBOL = "NVDA"
LISTING = Listing(SYMBOL, "NASD", "NVIDIA", Decimal(100), 1_000_000)
STARTS = {Part.PREMARKET: et(DAY, 8, 0), Part.REGULAR: et(DAY, 9, 35)}
UP, FAR, NEAR = Decimal(4), Decimal(-3), Decimal("-0.5")
RESTS = "  execution: resting\n"
SETTLED_S, RAISE_AFTER_S = 6.0, 30.0
PATIENCE_S, QUIET_S = 900, 60.0


class SteadyTape:
    """One print a second at 100.00; ``depth`` shares are bid, a print is a third of it."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self.depth = DEEP

    def prints(self, listing: Listing, day: date) -> Iterator[Print]:
        """From shortly before the start to the end of any game."""
        del listing
        if day != DAY:
            return
        for second in range(-5, 2400):
            yield Print(
                self._start + timedelta(seconds=second, milliseconds=300),
                Decimal("100.00"),
                self.depth // 3,
                Decimal("100.00"),
                Decimal("100.01"),
                self.depth,
                self.depth,
            )

    def halted(self, symbol: str, moment: datetime) -> bool:
        """Never."""
        del symbol, moment
        return False


@dataclass(slots=True)
class Played:
    """A cell after its game. ``trace`` is for whoever looks into a failure."""

    verdict: Verdict
    trace: list[str]


class Game:
    """One cell: the world, and what was done to it when."""

    def __init__(self, stage: Stage, cell: Cell, tape: SteadyTape) -> None:
        self.stage = stage
        self.cell = cell
        self.tape = tape
        self.struck_at = stage.now()
        self.raised_at = stage.now()

    async def run(self) -> Played:
        """Bring the desk into the state, strike, raise the price, wait for the end."""
        s, row = self.stage, self.cell.row
        await s.wait(SETTLED_S)
        match self.cell.state:
            case State.IDLE:
                await self._strike_at_rest(buys=True)
            case State.ARMED:
                await self.arm()
                await self._strike_at_rest()
            case State.IN_FLIGHT:
                await self.arm()
                await self._strike_call(SELL_TR, self.cell.row.at_order, lambda: self._nudge(UP))
            case State.OPEN:
                await self._leave_open(FAR)
                await s.wait(8)
                await self._strike_at_rest()
            case State.RESTING:
                await self.arm()
                assert self.stage.own_sells(), "nothing rests"
                await self._strike_at_rest()
            case State.REPRICING:
                await self._leave_open(NEAR)
                await self._strike_call(CANCEL_TR, self.cell.row.at_cancel, self._just_go_on)
        await s.go_to(self.struck_at + timedelta(seconds=row.lasts_s))
        s.world.faults.clear()
        for _ in range(PATIENCE_S):
            if self._is_over():
                break
            await s.wait(1)
        await s.wait(QUIET_S)
        return Played(judge(s, self.cell.row, self._due_at()), trace(s))

    async def arm(self) -> None:
        """A lot bought by hand, seen by the desk."""
        self.stage.buy(SYMBOL, SHARES)
        seen = await self.stage.until(lambda: "BuySeen" in self.stage.kinds(), 60)
        assert seen, "the buy was not seen"
        await self.stage.wait(SETTLED_S)

    async def _strike_at_rest(self, *, buys: bool = False) -> None:
        self._strike(self.cell.row.faults)
        if buys:
            await self.stage.wait(2)
            self.stage.buy(SYMBOL, SHARES)
        await self.stage.go_to(self.struck_at + timedelta(seconds=RAISE_AFTER_S))
        self._nudge(UP)

    async def _strike_call(
        self, tr_id: str, hits: tuple[Fault, ...], provoke: Callable[[], None]
    ) -> None:
        """Hit the call itself, or let the trouble come while its answer is on the way."""
        s = self.stage
        if hits:
            self._strike(hits)
            provoke()
            return
        known = len(self._calls(tr_id))
        s.world.faults.add(Fault("rest", "slow", tr_id, 1, "3"))
        provoke()
        asked = await s.until(lambda: len(self._calls(tr_id)) > known, 60)
        assert asked, f"{tr_id} was not called"
        self._strike(self.cell.row.faults)

    def _strike(self, faults: tuple[Fault, ...]) -> None:
        for fault in faults:
            self.stage.world.faults.add(fault)
        self.struck_at = self.stage.now()

    async def _leave_open(self, fall: Decimal) -> None:
        """Sell a part; then the bid falls, and the rest stays open at its limit."""
        s = self.stage
        await self.arm()
        self.tape.depth = THIN
        await s.wait(3)
        self._nudge(UP)
        sold = await s.until(lambda: "OrderFilled" in s.kinds(), 60)
        assert sold, "nothing was sold"
        self._nudge(fall)
        await s.until(lambda: len(s.books()["fills"]) > 1, 2)
        assert s.books()["holdings"], "all was sold: no open order to play with"

    def _just_go_on(self) -> None:
        """The desk cancels by itself some seconds after the bid fell."""
        self.raised_at = self.stage.now()

    def _nudge(self, pct: Decimal) -> None:
        self.stage.world.market.nudge(SYMBOL, pct)
        self.raised_at = self.stage.now()

    def _calls(self, tr_id: str) -> list[LoggedRequest]:
        log = self.stage.world.request_log.since(self.stage.started)
        return [call for call in log if call.tr_id == tr_id]

    def _due_at(self) -> datetime:
        """When the sale was due: the price was there, and nobody was cut off any more."""
        row = self.cell.row
        is_troubled = self.cell.state in row.troubled_in
        troubled = timedelta(seconds=row.troubled_s if is_troubled else 0)
        return max(self.raised_at, self.struck_at + troubled)

    def _is_over(self) -> bool:
        view = self.stage.assembly.control.status().us
        if view is None or self.stage.books()["holdings"]:
            return False
        return not view.positions and not view.troubles


def play(cell: Cell, data: Path) -> Played:
    """Play one cell to its end."""

    async def main(loop: SteppedLoop) -> Played:
        start = STARTS[cell.stage]
        tape = SteadyTape(start)
        scenario = Scenario(start=start, listings=(LISTING,), tape=tape)
        if not cell.has_chat:
            style = RESTS if cell.state is State.RESTING else ""
            async with stage(loop, data, scenario, config=style) as s:
                return await Game(s, cell, tape).run()
        async with chat_stage(loop, data, scenario) as (s, telephone):
            played = await Game(s, cell, tape).run()
            may_repeat = any(fault.kind == "lost_answer" for fault in cell.row.faults)
            played.verdict.told += telephone.complaints(s, may_repeat=may_repeat)
            return played

    return run_stepped(main)
