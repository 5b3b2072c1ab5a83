"""Each fault on the way of a Korean order, where it bites most; ``python -m tests.faults krx``
plays it in every state.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faults.krx_matrix import ROWS, Cell, State, cells
from tests.faults.krx_play import play

_PLACING = (State.ENTERING, State.EXITING)
_BITES: Mapping[str, tuple[State, ...]] = {
    "refuse": (State.EXITING, State.REPRICING),
    "http500_json": (State.ENTERING,),
    "http500_html": (State.EXITING,),
    "rate_limited": (State.EXITING,),
    "slow": (State.EXITING, State.REPRICING),
    "reset_before": _PLACING,
    "reset_after": (*_PLACING, State.ENTRY_OPEN, State.REPRICING),
    "truncated": (State.ENTERING,),
    "blank_codes": (State.EXITING,),
    "token_killed": (State.EXITING,),
    "reset_after, list late": (State.EXITING, State.ENTRY_OPEN),
    "EGW00215 on the balance": (State.HELD,),
    "account_failing": (State.EXIT_OPEN,),
    "maintenance": (State.EXITING,),
    "notice_before_reply": _PLACING,
    "refuse_later": (State.EXITING,),
    "blank_rows": (State.ENTRY_OPEN,),
    "zero_price": (State.HELD,),
    "socket drop": (State.EXIT_OPEN,),
    "socket silent": (State.HELD,),
    "socket refused": (State.EXITING,),
    "columns added": (State.EXITING,),
    "notices duplicate": (State.ENTRY_OPEN, State.EXIT_OPEN),
    "notices late": (State.EXIT_OPEN,),
    "notices lost": (State.ENTERING, State.REPRICING),
    "notices reorder": (State.ENTRY_OPEN,),
    "plain_notice": (State.HELD,),
}


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(
            cell,
            id=cell.name,
            marks=() if cell.state is _BITES[cell.row.name][0] else pytest.mark.long,
        )
        for cell in cells()
        if cell.state in _BITES[cell.row.name]
    ],
)
def test_trouble_trades_nothing_twice_loses_nothing_is_told_once_and_passes(
    cell: Cell, tmp_path: Path
) -> None:
    played = play(cell, tmp_path / "data")

    assert not played.verdict.complaints(), "\n".join(played.trace)


def test_every_fault_bites_somewhere_and_the_command_plays_the_rest() -> None:
    assert set(_BITES) == {row.name for row in ROWS}
    absent = {cell.row.name for cell in cells() if cell.reason}
    assert absent == {"notice_before_reply", "refuse_later"}
