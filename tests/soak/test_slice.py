"""A slice of a soak: the opening of Seoul, with trouble, in real processes."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from sandbox.krx import hours
from tests.soak.__main__ import DAY
from tests.soak.play import Soak
from tests.soak.report import find
from tests.soak.samples import COLUMNS

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(400)]


async def test_an_hour_around_the_opening_of_seoul_is_told_and_booked_once(tmp_path: Path) -> None:
    start = hours.at(DAY, time(8, 50))
    soak = Soak(tmp_path / "soak", start, hours=1.2, speed=30, seed=3)
    await soak.play()
    found = find(soak)
    assert found.late == "", "the machine is too busy for this test"
    assert found.wrong_alerts == []
    assert found.mismatches == ()
    assert found.unhandled == ()
    assert found.told > 20
    table = (tmp_path / "soak" / "samples.csv").read_text(encoding="utf-8").splitlines()
    assert table[0] == ",".join(COLUMNS)
    assert len(table) == len(soak.samples) + 1 > 50
