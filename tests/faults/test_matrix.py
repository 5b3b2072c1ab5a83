"""Each fault in each state is a test, in one part of the day; ``python -m tests.faults`` plays
both, and more kinds of open orders.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.matrix import ROWS, Cell, Stage, State, cells
from tests.faults.play import play

# Rows whose games differ most where everything is polled, or that exist there only.
_PREMARKET = frozenset(
    {"rate_limited", "slow", "truncated", "frozen_price", "duplicate_rows", "maintenance"}
)


# The other two states are kinds of an open order; what bears on them most.
_RESTING = frozenset({"account_failing", "maintenance", "socket drop", "notices lost"})
_REPRICING = frozenset(
    {"slow", "reset_before", "reset_after", "truncated", "rate_limited", "token_killed"}
    | {"account_failing", "maintenance", "socket drop", "notices late", "notices lost"}
    | {"reset_after, list late"}
)


def _is_in_slice(cell: Cell) -> bool:
    if cell.state is State.RESTING and cell.row.name not in _RESTING:
        return False
    if cell.state is State.REPRICING and cell.row.name not in _REPRICING:
        return False
    return (cell.stage is Stage.PREMARKET) is (cell.row.name in _PREMARKET)


PLAYABLE = [cell for cell in cells() if not cell.reason and _is_in_slice(cell)]


def _in_every_run() -> Iterator[Cell]:
    """Each fault in up to two states, which differ from fault to fault; all states occur.

    With the chat in one, since those play three times as long.
    """
    for index, row in enumerate(ROWS):
        mine = [cell for cell in PLAYABLE if cell.row is row]
        steps = (1,) if mine[0].has_chat else (1, 4)
        yield from (mine[(index + step) % len(mine)] for step in steps)


ALWAYS = frozenset(cell.name for cell in _in_every_run())


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(cell, id=cell.name, marks=() if cell.name in ALWAYS else pytest.mark.long)
        for cell in PLAYABLE
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
    assert {cell.state for cell in absent if cell.has_chat} == {State.RESTING, State.REPRICING}
