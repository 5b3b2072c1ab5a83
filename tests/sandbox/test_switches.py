"""Switches of the panel: each alone, and what the panel tells."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.faults import Faults
from sandbox.model import Fault
from sandbox.panel import upcoming
from sandbox.switches import SWITCHES, Switches


class Desk:
    """Switches over a desk of faults; counts the polls that were cut."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.cuts = 0
        self.switches = Switches(self.faults, self._cut)

    def _cut(self) -> None:
        self.cuts += 1

    def strike(self, name: str) -> Fault | None:
        fault = SWITCHES[name].faults[0]
        return self.faults.take(fault.channel, fault.target, fault.kind)


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_turned_off_leaves_all_others_on(name: str) -> None:
    desk = Desk()
    foreign = Fault("rest", "refuse", "TTTT1002U")
    desk.faults.add(foreign)
    for other in SWITCHES:
        desk.switches.turn_on(other)
    desk.switches.turn_off(name)
    states = {other: desk.switches.state(other) for other in SWITCHES}
    assert states.pop(name) == "off"
    assert all(state in {"on", "waiting"} for state in states.values())
    assert foreign in desk.faults.waiting()


def test_a_toggle_strikes_until_it_is_turned_off() -> None:
    desk = Desk()
    desk.switches.turn_on("telegram")
    assert desk.cuts == 1
    assert [desk.strike("telegram") is not None for _ in range(3)] == [True] * 3
    assert desk.switches.state("telegram") == "on"
    desk.switches.turn_off("telegram")
    assert desk.strike("telegram") is None


def test_a_switch_for_one_strike_waits_strikes_and_can_be_armed_again() -> None:
    desk = Desk()
    desk.switches.turn_on("answer")
    desk.switches.turn_on("answer")
    assert desk.switches.state("answer") == "waiting"
    assert desk.strike("answer") is not None
    assert desk.strike("answer") is None
    assert desk.switches.state("answer") == "struck"
    desk.switches.turn_on("answer")
    assert desk.switches.state("answer") == "waiting"


def test_the_report_names_every_switch_with_its_hits() -> None:
    desk = Desk()
    desk.switches.turn_on("telegram")
    desk.strike("telegram")
    desk.strike("telegram")
    report = {str(row["name"]): row for row in desk.switches.report()}
    assert report.keys() == SWITCHES.keys()
    assert report["telegram"] == {"name": "telegram", "toggle": True, "state": "on", "hits": 2}
    assert report["answer"]["toggle"] is False


@pytest.mark.parametrize("turn", ["turn_on", "turn_off"])
def test_an_unknown_switch_is_refused(turn: str) -> None:
    with pytest.raises(ValueError, match="no switch nonsense"):
        getattr(Desk().switches, turn)("nonsense")


def test_the_jumps_are_the_next_of_their_kind_over_a_weekend() -> None:
    friday_noon = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)  # 11:30 in New York
    assert {name: moment.isoformat() for name, moment in upcoming(friday_noon).items()} == {
        "window_end": "2026-11-20T17:00:00+00:00",
        "close": "2026-11-20T21:00:00+00:00",
        "premarket": "2026-11-23T09:00:00+00:00",
        "open": "2026-11-23T14:30:00+00:00",
    }
