"""``python -m tests.faults``: plays the whole matrix and prints it; 1 when a promise was broken."""

import logging
import sys
import tempfile
from pathlib import Path

from tests.faults.matrix import Cell, Row, Stage, State, cells
from tests.faults.play import Played, play

_FIRST, _WIDTH = 34, 16
_LEGEND = """\
ok: nothing sold twice, nothing lost, told once, recovered alone
S sold twice   L lost (or late)   T told wrongly   R not recovered   - no such cell"""


def main() -> int:
    """Play, print, judge."""
    logging.disable(logging.CRITICAL)
    _show(_line("fault", list(State)))
    played: dict[Cell, Played] = {}
    rows: dict[tuple[str, Stage], list[str]] = {}
    for cell in cells():
        mark = "-"
        if not cell.reason:
            with tempfile.TemporaryDirectory() as directory:
                played[cell] = play(cell, Path(directory) / "data")
            mark = played[cell].verdict.mark
        marks = rows.setdefault((cell.row.name, cell.stage), [])
        marks.append(mark)
        if len(marks) == len(State):
            _show(_line(_name(cell.row, cell.stage), marks))
    return _conclude(played)


def _conclude(played: dict[Cell, Played]) -> int:
    _show(f"\n{_LEGEND}\n")
    for cell in cells():
        if cell.reason:
            _show(f"- {cell.name}: {cell.reason}")
    broken = {cell: one for cell, one in played.items() if one.verdict.mark != "ok"}
    for cell, one in broken.items():
        _show(f"\n{cell.name}")
        _show("\n".join(f"  {line}" for line in (*one.verdict.complaints(), *one.trace)))
    absent = sum(bool(cell.reason) for cell in cells())
    _show(f"\nfaults: cells={len(played)} broken={len(broken)} no_such_cell={absent}")
    return 1 if broken else 0


def _show(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _name(row: Row, stage: Stage) -> str:
    return f"{row.name} ({stage})"


def _line(first: str, marks: list[str] | list[State]) -> str:
    return f"{first:<{_FIRST}}" + "".join(f"{mark:<{_WIDTH}}" for mark in marks)


if __name__ == "__main__":
    sys.exit(main())
