"""What an acknowledged, durable row costs sixteen writers: ours, and one commit each.

All three write the same rows with ``synchronous = FULL`` in one run on one disk, in turns.

    .venv/bin/python benchmarks/journal.py [--writers 16] [--rows 60] [--rounds 5]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import aiosqlite  # noqa: E402 - the path comes first

from engine.adapters.sqlite.db import Database  # noqa: E402
from engine.adapters.sqlite.schema import Schema  # noqa: E402

GOAL = 1.5
ROW = "x" * 600  # as long as a decided order is in the book
TABLE = "CREATE TABLE rows (writer INTEGER, text TEXT)"
WRITE = "INSERT INTO rows (writer, text) VALUES (?, ?)"
Write = Callable[[int], Awaitable[None]]


def main() -> int:
    """Print the figures; 1 when the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=16)
    parser.add_argument("--rows", type=int, default=60, help="of each writer, in each round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=ROOT) as data:  # a disk, not memory
        return asyncio.run(_compare(Path(data), options.writers, options.rows, options.rounds))


async def _compare(data: Path, writers: int, rows: int, rounds: int) -> int:
    plain = await aiosqlite.connect(data / "plain.db", isolation_level=None)
    for setting in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", TABLE):
        await plain.execute_fetchall(setting)
    one_at_a_time = asyncio.Lock()

    async def one_commit_each(writer: int) -> None:
        async with one_at_a_time:
            await plain.execute_fetchall("BEGIN IMMEDIATE")
            await plain.execute_fetchall(WRITE, (writer, ROW))
            await plain.commit()

    async def by_itself(writer: int) -> None:
        # One statement is a transaction of its own: the least that aiosqlite can be asked for.
        await plain.execute_fetchall(WRITE, (writer, ROW))

    async with Database(data / "ours.db", Schema(((TABLE,),))) as ours:

        async def grouped(writer: int) -> None:
            await ours.change(WRITE, (writer, ROW))

        contestants: dict[str, Write] = {
            "aiosqlite, BEGIN and COMMIT each": one_commit_each,
            "aiosqlite, one statement each": by_itself,
            "ours, grouped": grouped,
        }
        rates: dict[str, list[float]] = {name: [] for name in contestants}
        lone: dict[str, list[float]] = {name: [] for name in contestants}
        for _ in range(rounds):
            for name, write in contestants.items():
                rates[name].append(await _rate(write, writers, rows))
                lone[name].append(1 / await _rate(write, 1, rows))
    await plain.close()
    return _tell(writers, rates, lone)


async def _rate(write: Write, writers: int, rows: int) -> float:
    """Acknowledged rows a second."""

    async def one(writer: int) -> None:
        for _ in range(rows):
            await write(writer)

    begin = time.perf_counter()
    await asyncio.gather(*(one(writer) for writer in range(writers)))
    return writers * rows / (time.perf_counter() - begin)


def _tell(writers: int, rates: dict[str, list[float]], lone: dict[str, list[float]]) -> int:
    print(f"{writers} writers, each waits for its own acknowledgement (synchronous = FULL)")
    found = {name: median(all_of) for name, all_of in rates.items()}
    for name, rate in found.items():
        alone = median(lone[name]) * 1e6
        print(f"  {name:<34} {rate:>8,.0f} rows/s   a lone writer waits {alone:>6,.0f} us")
    theirs = max(rate for name, rate in found.items() if not name.startswith("ours"))
    ratio = found["ours, grouped"] / theirs
    print(f"  ours against the faster of aiosqlite's: {ratio:.2f} x (goal {GOAL} x)", end="")
    print(": met" if ratio >= GOAL else ": missed")
    return 0 if ratio >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
