"""A day that was played is recorded, lived again, and played again with its quotes alone."""

from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.recording import read_heading, read_steps
from engine.config import Config
from engine.desk.us.desk import UsDesk
from engine.flow.relive import relive
from engine.model.intents import Place
from engine.model.money import Usd
from engine.ports.recorder import Step
from engine.wiring.desks import recorded_desk
from sandbox.names import DEFAULT_UNIVERSE
from sandbox.scenario import Scenario, rising
from tests.days.korean import play_korean, relived, what_if
from tests.harness.stage import et, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

PARTS = ((time(9), time(9, 12)), (time(15, 7), time(15, 16)))
US_DAY = date(2026, 9, 16)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3))]
)
def test_a_korean_day_comes_out_the_same_from_its_recording(seed: int, tmp_path: Path) -> None:
    day = play_korean(seed, tmp_path, PARTS)
    assert len(day.trades) >= 10
    assert day.holdings == 0
    assert relived(day) == []
    assert what_if(day) == day.trades


@pytest.mark.timeout(60)
def test_an_american_morning_is_lived_again_the_same(tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    begin = et(US_DAY, 9, 28)
    scenario = Scenario(
        start=begin,
        listings=tuple(entry for entry in DEFAULT_UNIVERSE if entry.symbol in ("MU", "KO")),
        drifts=rising(("MU",), et(US_DAY, 9, 31), Decimal(5), 60),
    )

    async def main(loop: SteppedLoop) -> None:
        async with stage(loop, tmp_path, scenario, recordings=recordings) as s:
            await s.go_to(et(US_DAY, 9, 30, 30))
            s.buy("MU", 10)
            await s.go_to(et(US_DAY, 9, 34))
            assert len(s.own_sells()) == 1

    run_stepped(main)
    (recording,) = recordings.glob("us-live-*")
    steps: list[Step[Usd]] = list(read_steps(recording))  # type: ignore[arg-type]  # of a US desk
    desk = recorded_desk(Config(), read_heading(recording))
    assert isinstance(desk, UsDesk)
    assert list(relive(desk, steps)) == []
    assert sum(isinstance(intent, Place) for step in steps for intent in step.intents) == 1
