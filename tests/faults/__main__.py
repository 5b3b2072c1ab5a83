"""``python -m tests.faults [us|krx]``: plays the matrices and prints them; 1 when a promise was
broken.
"""

import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.faults import krx_matrix, krx_play, matrix, play
from tests.faults.play import Played

_FIRST, _WIDTH = 34, 18
_LEGEND = """\
ok: nothing traded twice, nothing lost, told once, recovered alone
S traded twice   L lost (or late)   T told wrongly   R not recovered   - no such cell"""
AnyCell = matrix.Cell | krx_matrix.Cell
MATRICES: dict[str, Sequence[AnyCell]] = {"us": matrix.cells(), "krx": krx_matrix.cells()}


def main(wanted: Sequence[str]) -> int:
    """Play, print, judge."""
    logging.disable(logging.CRITICAL)
    return max(_play_all(MATRICES[name]) for name in wanted or MATRICES)


def _play_all(cells: Sequence[AnyCell]) -> int:
    states = list(dict.fromkeys(cell.state for cell in cells))
    _show(_line("fault", states))
    played: dict[AnyCell, Played] = {}
    marks: list[str] = []
    for cell in cells:
        marks.append("-")
        if not cell.reason:
            with tempfile.TemporaryDirectory() as directory:
                played[cell] = _play(cell, Path(directory) / "data")
            marks[-1] = played[cell].verdict.mark
        if len(marks) == len(states):
            _show(_line(cell.name.rpartition(" / ")[0], marks))
            marks = []
    return _conclude(cells, played)


def _play(cell: AnyCell, data: Path) -> Played:
    return krx_play.play(cell, data) if isinstance(cell, krx_matrix.Cell) else play.play(cell, data)


def _conclude(cells: Sequence[AnyCell], played: dict[AnyCell, Played]) -> int:
    _show(f"\n{_LEGEND}\n")
    for cell in cells:
        if cell.reason:
            _show(f"- {cell.name}: {cell.reason}")
    broken = {cell: one for cell, one in played.items() if one.verdict.mark != "ok"}
    for cell, one in broken.items():
        _show(f"\n{cell.name}")
        _show("\n".join(f"  {line}" for line in (*one.verdict.complaints(), *one.trace)))
    absent = sum(bool(cell.reason) for cell in cells)
    _show(f"\nfaults: cells={len(played)} broken={len(broken)} no_such_cell={absent}\n")
    return 1 if broken else 0


def _show(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _line(first: str, marks: Sequence[str]) -> str:
    return f"{first:<{_FIRST}}" + "".join(f"{mark:<{_WIDTH}}" for mark in marks)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
