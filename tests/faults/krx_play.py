"""Plays a cell of the Korean matrix in stepped time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from engine.model.ids import DeskState
from sandbox.model import Fault
from sandbox.request_log import LoggedRequest
from tests.faults.krx_matrix import BUY_TR, CANCEL_TR, SELL_TR, Cell, State
from tests.faults.krx_verdict import judge, krx_books, krx_view, trace
from tests.faults.krx_world import DEEP, DOWN, FIRST, THIN, UP, CalmTape, krx_stage, kst
from tests.faults.play import Played
from tests.harness.stage import Stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

START, CALM_UNTIL = kst(9, 4, 40), kst(9, 5, 10)
ENDS = kst(9, 35)
LOWER = Decimal(-1)
# So much at once that four levels of the book do not take it.
LARGE = """\
risk:
  max_order_krw: 45000000
  max_daily_loss_pct: 20
  sizing: {risk_per_trade_pct: 5, max_position_pct: 90, liquidity_share_pct: 5}
"""
STOP_AFTER_S, PATIENCE_S, QUIET_S = 15.0, 600, 20.0


class Game:
    """One cell: the world, and what was done to it when."""

    def __init__(self, stage: Stage, cell: Cell, tape: CalmTape) -> None:
        self.stage = stage
        self.cell = cell
        self.tape = tape
        self.struck_at = stage.now()
        self.due_at = stage.now()

    async def run(self) -> Played:
        """Bring the desk into the state, strike, let the stop-loss be due, wait for the end."""
        s, row = self.stage, self.cell.row
        await s.go_to(CALM_UNTIL)
        match self.cell.state:
            case State.ENTERING:
                await self._strike_call(BUY_TR, lambda: self._nudge(UP))
                await s.wait(STOP_AFTER_S)
                self._stop()
            case State.ENTRY_OPEN:
                self.tape.depth = THIN
                await s.wait(3)
                self._nudge(UP)
                assert await s.until(self._holds_some, 30), "nothing was bought"
                self._strike(self._hits(CANCEL_TR) or row.faults)
                await s.wait(STOP_AFTER_S)
                self._stop()
            case State.HELD:
                await self._enter()
                self._strike(row.faults)
                await s.wait(STOP_AFTER_S)
                self._stop()
            case State.EXITING:
                await self._enter()
                await self._strike_call(SELL_TR, self._stop)
            case State.EXIT_OPEN:
                await self._leave_open()
                self._strike(row.faults)
            case State.REPRICING:
                await self._leave_open()
                await self._strike_call(CANCEL_TR, lambda: None)
        await s.go_to(self.struck_at + timedelta(seconds=row.lasts_s))
        s.world.faults.clear()
        for _ in range(PATIENCE_S):
            if self._is_over():
                break
            await s.wait(1)
        await s.wait(QUIET_S)
        return Played(judge(s, self.cell, self._expected_at()), trace(s))

    async def _enter(self) -> None:
        """A position, at rest."""
        s = self.stage
        self._nudge(UP)
        assert await s.until(self._holds_some, 30), "nothing was bought"
        await s.wait(8)

    async def _leave_open(self) -> None:
        """Sell a part; then the bid falls, and the rest stays open at its limit."""
        s = self.stage
        await self._enter()
        self.tape.depth = THIN
        await s.wait(3)
        self._stop()
        assert await s.until(self._has_sold, 10), "nothing was sold"
        self._nudge(LOWER)
        assert krx_books(s)["holdings"], "all was sold: no open order to play with"

    def _holds_some(self) -> bool:
        return bool(krx_view(self.stage).positions)

    def _has_sold(self) -> bool:
        return any(fill["side"] == "sell" for fill in krx_books(self.stage)["fills"])

    async def _strike_call(self, tr_id: str, provoke: Callable[[], None]) -> None:
        """Hit the call itself, or let the trouble come while its answer is on the way."""
        s, hits = self.stage, self._hits(tr_id)
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

    def _hits(self, tr_id: str) -> tuple[Fault, ...]:
        """The row's hits aimed at a call, with what accompanies them."""
        row = self.cell.row
        aimed = tuple(replace(hit, target=tr_id) for hit in row.hits)
        kinds = {hit.kind for hit in row.hits}
        others = tuple(fault for fault in row.faults if fault.kind not in kinds)
        return (*others, *aimed) if aimed else ()

    def _strike(self, faults: tuple[Fault, ...]) -> None:
        for fault in faults:
            self.stage.world.faults.add(fault)
        self.struck_at = self.stage.now()

    def _stop(self) -> None:
        self._nudge(DOWN)
        self.due_at = self.stage.now()
        self.tape.depth = DEEP if self.cell.state is State.ENTRY_OPEN else self.tape.depth

    def _nudge(self, pct: Decimal) -> None:
        self.stage.world.krx.market.nudge(FIRST, pct)

    def _calls(self, tr_id: str) -> list[LoggedRequest]:
        log = self.stage.world.request_log.since(self.stage.started)
        return [call for call in log if call.tr_id == tr_id]

    def _expected_at(self) -> datetime:
        """From when on the sale can be expected: nobody was cut off any more."""
        row = self.cell.row
        is_troubled = self.cell.state in row.troubled_in
        troubled = timedelta(seconds=row.troubled_s if is_troubled else 0)
        return max(self.due_at, self.struck_at + troubled)

    def _is_over(self) -> bool:
        view = krx_view(self.stage)
        if krx_books(self.stage)["holdings"] or view.positions or view.troubles:
            return False
        if view.state is not DeskState.RUNNING:  # a stop ends once its measure has been calm
            return False
        return all(order.state.is_final for order in view.orders)


def play(cell: Cell, data: Path) -> Played:
    """Play one cell to its end."""

    async def main(loop: SteppedLoop) -> Played:
        tape = CalmTape(ENDS)
        async with krx_stage(loop, data, tape, start=START, more=LARGE) as s:
            return await Game(s, cell, tape).run()

    return run_stepped(main)
