"""A day of both desks in real processes: ``python -m tests.soak [--hours 24] [--speed 30]``.

Trouble and a trader are drawn from the seed. Both processes are measured from outside, once a
market minute. 0 when memory and files did not grow, nothing failed, and every alert came once.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import httpx

from sandbox.__main__ import start_time
from sandbox.krx import hours
from sandbox.session import at
from tests.soak.judge import lateness
from tests.soak.play import Soak
from tests.soak.report import report

DAY = date(2026, 11, 17)


def main() -> int:
    """0 when all is well, 1 when something is not, or when the machine could not follow."""
    options = _parser().parse_args()
    clock_time, korean = options.start
    start: datetime = (hours.at if korean else at)(options.date, clock_time)
    out = options.out or Path(tempfile.mkdtemp(prefix="dolpa-soak-"))
    out.mkdir(parents=True, exist_ok=True)
    soak = Soak(out, start, options.hours, options.speed, options.seed)
    _say(f"soak: {start:%Y-%m-%d %H:%M} UTC, {options.hours:g} h at {options.speed:g} x, {out}")
    broken: list[str] = []
    try:
        asyncio.run(soak.play())
    except* (AssertionError, TimeoutError, httpx.HTTPError) as several:
        broken = [repr(error) for error in _each(several)]
    if broken:
        late = lateness(soak.samples, soak.speed)
        _say(*(f"soak: broke off: {error}" for error in broken))
        _say(*[f"soak: too slow for {soak.speed:g} x: {late}"] * bool(late))
        return 1
    lines, is_well = report(soak)
    (out / "report.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _say(*lines)
    return 0 if is_well else 1


def _each(several: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """Of a group of groups."""
    for error in several.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _each(error)
        else:
            yield error


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0, help="of market time")
    parser.add_argument("--speed", type=float, default=30.0, help="market seconds per second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="a new folder for samples.csv and report.txt")
    parser.add_argument("--date", type=date.fromisoformat, default=DAY, help="where --start is")
    parser.add_argument(
        "--start", type=start_time, default="08:20KST", help="New York time, or as 08:20KST"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
