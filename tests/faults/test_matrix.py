"""Each cell of the matrix is a test; the premarket is sampled here, ``python -m tests.faults``
plays it in full.
"""

from pathlib import Path

import pytest

from tests.faults.matrix import ROWS, Cell, Stage, State, cells
from tests.faults.play import play

# What polling makes of trouble differs from the socket most where answers go missing.
_PREMARKET = frozenset({"slow", "reset_after", "frozen_price", "account_failing", "maintenance"})


def _is_in_slice(cell: Cell) -> bool:
    return cell.stage is Stage.REGULAR or cell.row.name in _PREMARKET


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
    counted = len(cells())

    assert counted == sum(len(row.stages) for row in ROWS) * len(State)
    assert [cell.name for cell in cells() if cell.reason] == [
        f"notice_before_reply / regular / {state}"
        for state in State
        if state is not State.IN_FLIGHT
    ]
