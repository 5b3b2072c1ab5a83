"""LIVE with the engine as it is wired, on both desks: the look at the confirmation decides."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.flow.settings import SMALL
from engine.model.ids import DeskName, Mode
from engine.model.live import CheckItem, Verdict
from engine.model.money import Krw
from engine.ports.control import ModeOffer
from engine.wiring.places import LIVE_KEYS
from sandbox.model import Fault
from sandbox.scenario import Scenario
from tests.harness.stage import TRADER, Stage, et, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

KRX, US = DeskName.KRX, DeskName.US
NIGHT = Scenario(start=et(date(2026, 3, 10), 3, 0))
BOTH = "domestic: {enabled: true}\n"
MOST = Krw(Decimal(300_000))
PRACTISE = "live: {min_days: 1, min_trades: 1, small_order_krw: 300000, small_round_trips: 4}\n"
both_desks = pytest.mark.parametrize("desk", list(DeskName))


class Usage(NamedTuple):
    free: int


def play(data: Path, story: Callable[[Stage], Awaitable[None]], config: str = "") -> None:
    async def main(loop: SteppedLoop) -> None:
        async with stage(loop, data, NIGHT, mode=Mode.DRY_RUN, config=BOTH + config) as one:
            await one.wait(10)
            await story(one)

    run_stepped(main)


async def refused_for(one: Stage, desk: DeskName) -> list[CheckItem]:
    """What keeps the desk out of LIVE; nothing of it was written."""
    offer = await one.assembly.control.switch_mode(desk, Mode.LIVE, TRADER)
    assert offer.refusal == "checklist"
    assert offer.check is not None
    assert one.assembly.control.status().modes[desk] is Mode.DRY_RUN
    assert await one.assembly.stores.settings.mode(desk) is None
    assert await one.assembly.stores.values.get(LIVE_KEYS[desk]) is None
    return [one.item for one in offer.check.findings if one.verdict is Verdict.FAILED]


@both_desks
def test_a_desk_whose_evidence_is_whole_goes_live(tmp_path: Path, desk: DeskName) -> None:
    async def story(one: Stage) -> None:
        control = one.assembly.control
        check = await control.check_live(desk)
        assert {found.verdict for found in check.findings} == {Verdict.WELL}
        offer = await control.switch_mode(desk, Mode.LIVE, TRADER, accepts_small=False)
        assert offer.refusal == ""
        assert control.status().modes == {KRX: Mode.DRY_RUN, US: Mode.DRY_RUN} | {desk: Mode.LIVE}
        assert not one.assembly.settings.is_small(desk)

    play(tmp_path, story)


@both_desks
def test_an_account_that_fails_after_the_question_keeps_the_desk_out(
    tmp_path: Path, desk: DeskName
) -> None:
    async def story(one: Stage) -> None:
        assert not (await one.assembly.control.check_live(desk)).is_blocked
        one.world.faults.add(Fault("rest", "account_failing", "*", 0))
        failed = await refused_for(one, desk)
        assert CheckItem.ACCOUNT in failed
        # The simulated account of the other desk answers: its books could be compared.
        assert (CheckItem.RECONCILED in failed) is (desk is US)

    play(tmp_path, story)


@both_desks
def test_a_disk_that_is_full_by_then_keeps_the_desk_out(
    tmp_path: Path, desk: DeskName, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(one: Stage) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(free=1000))
        assert await refused_for(one, desk) == [CheckItem.DISK]

    play(tmp_path, story)


@both_desks
def test_a_clock_that_went_wrong_keeps_the_desk_out(tmp_path: Path, desk: DeskName) -> None:
    async def story(one: Stage) -> None:
        one.world.clock.jump(one.now().replace(minute=59))
        assert CheckItem.CLOCK in await refused_for(one, desk)

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("desk", "config"),
    [
        (KRX, "risk: {max_daily_loss_pct: null}\n"),
        (US, "rate_limit: {safe_per_day: 5000}\n"),
    ],
)
def test_without_its_limits_a_desk_stays_out(tmp_path: Path, desk: DeskName, config: str) -> None:
    async def story(one: Stage) -> None:
        assert await refused_for(one, desk) == [CheckItem.LIMITS]

    play(tmp_path, story, config)


@both_desks
def test_too_little_practice_is_not_passed_over(tmp_path: Path, desk: DeskName) -> None:
    async def story(one: Stage) -> None:
        control = one.assembly.control
        offer = await control.switch_mode(desk, Mode.LIVE, TRADER, accepts_small=False)
        assert offer.refusal == "small"
        assert control.status().modes[desk] is Mode.DRY_RUN
        assert not one.assembly.settings.is_small(desk)

    play(tmp_path, story, PRACTISE)


def test_the_small_beginning_is_written_before_the_mode_and_holds_after_a_restart(
    tmp_path: Path,
) -> None:
    async def confirm(one: Stage) -> None:
        offer = await one.assembly.control.switch_mode(KRX, Mode.LIVE, TRADER)
        assert offer.refusal == ""
        assert small(one) == (MOST, 0, 4)

    async def look(one: Stage) -> None:
        control = one.assembly.control
        assert control.status().modes[KRX] is Mode.LIVE
        assert small(one) == (MOST, 0, 4)
        await control.switch_mode(KRX, Mode.DRY_RUN, TRADER)
        assert small(one) is None  # of no meaning without real money
        assert f"{SMALL}{KRX}" in await one.assembly.stores.settings.overrides()

    play(tmp_path, confirm, PRACTISE)
    play(tmp_path, look, PRACTISE)


def small(one: Stage) -> tuple[Krw, int, int] | None:
    krx = one.assembly.control.status().krx
    assert krx is not None
    return None if krx.small is None else (krx.small.max_order, krx.small.round_trips, krx.small.of)


def test_a_setting_changed_during_the_switch_does_not_lift_the_small_order(tmp_path: Path) -> None:
    async def story(one: Stage) -> None:
        krx = one.assembly.krx
        assert krx is not None
        await one.assembly.settings.set_small(KRX, TRADER, one.now(), is_small=True)

        async def persist() -> None:
            krx.engine.apply_settings()  # heard by the session in live, decided in the dry run

        assert await krx.engine.switch(Mode.LIVE, persist)
        await one.wait(1)
        assert small(one) == (MOST, 0, 4)

    play(tmp_path, story, PRACTISE)


@both_desks
def test_a_wish_for_the_mode_in_force_calls_off_a_live_that_is_being_measured(
    tmp_path: Path, desk: DeskName
) -> None:
    async def story(one: Stage) -> None:
        control, values = one.assembly.control, one.assembly.stores.values

        async def think_again() -> ModeOffer:
            await one.wait(0)
            return await control.switch_mode(desk, Mode.DRY_RUN, TRADER)

        live, down = await asyncio.gather(
            control.switch_mode(desk, Mode.LIVE, TRADER), think_again()
        )
        assert (live.refusal, down.refusal) == ("called_off", "already")
        assert control.status().modes[desk] is Mode.DRY_RUN
        assert await one.assembly.stores.settings.mode(desk) is Mode.DRY_RUN
        assert await values.get(LIVE_KEYS[desk]) is None
        assert not (await control.switch_mode(desk, Mode.LIVE, TRADER)).refusal

    play(tmp_path, story)
