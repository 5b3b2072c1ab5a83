"""Each cell of the matrix is a test, in one part of the day; ``python -m tests.faults`` plays
every row in both.
"""

from pathlib import Path

import pytest

from tests.faults.matrix import ROWS, Cell, Stage, State, cells
from tests.faults.play import play

# Rows whose games differ most where everything is polled, or that exist there only.
_PREMARKET = frozenset(
    {"rate_limited", "slow", "truncated", "frozen_price", "duplicate_rows", "maintenance"}
)


# What has little to do with a cancel of ours.
_NO_REPRICING = frozenset(
    {"refuse", "http500_html", "frozen_price", "blank_rows", "duplicate_rows", "columns added"}
    | {"quotes in a burst", "forged notice", "socket refused"}
)


def _is_in_slice(cell: Cell) -> bool:
    if cell.state is State.REPRICING and cell.row.name in _NO_REPRICING:
        return False
    return (cell.stage is Stage.PREMARKET) is (cell.row.name in _PREMARKET)


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(cell, id=cell.name)
        for cell in cells()
        if not cell.reason and _is_in_slice(cell)
    ],
)
def test_trouble_sells_nothing_twice_loses_nothing_is_told_once_and_passes(
    cell: Cell, tmp_path: Path
) -> None:
    played = play(cell, tmp_path / "data")

    assert not played.verdict.complaints(), "\n".join(played.trace)


def test_every_cell_is_played_or_says_why_it_cannot_be() -> None:
    absent = [cell for cell in cells() if cell.reason]

    assert len(cells()) == sum(len(row.stages) for row in ROWS) * len(State)
    assert {cell.row.name for cell in absent if not cell.has_chat} == {
        "notice_before_reply",
        "refuse_later",
        "duplicate_rows",
    }
    assert all(cell.state is State.REPRICING for cell in absent if cell.has_chat)
