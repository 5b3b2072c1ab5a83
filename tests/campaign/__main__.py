"""Random days with random trouble and pulled plugs: ``python -m tests.campaign --runs N --seed S``.

A run with a broken promise prints its seed, what broke and what was written; it replays alone with
``--runs 1 --seed`` that seed. ``--processes N`` plays N stories with real processes instead.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.campaign.judge import PROMISES
from tests.campaign.plan import draw
from tests.campaign.play import Played, play
from tests.campaign.processes import Told, play_processes
from tests.campaign.troubles import every_kind

_SIDE_BY_SIDE, _SAY_EVERY = 4, 250
_HASH_SEED = "0"  # sets must be walked in the same order again


def main() -> int:
    """0 when every promise was kept."""
    if os.environ.get("PYTHONHASHSEED") != _HASH_SEED:
        os.environ["PYTHONHASHSEED"] = _HASH_SEED
        os.execv(sys.executable, [sys.executable, "-m", "tests.campaign", *sys.argv[1:]])  # noqa: S606
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--processes", type=int, default=0, help="runs with real processes instead")
    options = parser.parse_args()
    if options.processes:
        return asyncio.run(with_processes(options.seed, options.processes))
    seeds = range(options.seed, options.seed + options.runs)
    began, total = time.perf_counter(), Total()
    with ProcessPoolExecutor(options.jobs) as pool:
        for played in pool.map(play_seed, seeds, chunksize=4):
            total.add(played)
            if not total.runs % _SAY_EVERY:
                say(total.line())
    spent = time.perf_counter() - began
    pace = spent * options.jobs / max(1, options.runs)
    say(total.details(), f"{spent:.0f} s, {pace:.2f} s of a core a run", total.line())
    return 1 if total.is_broken else 0


async def with_processes(seed: int, runs: int) -> int:
    """Four at a time: they mostly wait."""
    free = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def one(number: int) -> Told:
        async with free:
            told = await play_processes(number)
        say(f"seed {told.seed}: {told.kills} kills, {told.orders} orders, {told.broken or 'kept'}")
        return told

    all_told = await asyncio.gather(*(one(number) for number in range(seed, seed + runs)))
    broken = sum(bool(told.broken) for told in all_told)
    say(
        f"processes: runs={runs} kills={sum(t.kills for t in all_told)} "
        f"switches={sum(t.switches for t in all_told)} orders={sum(t.orders for t in all_told)} "
        f"broken={broken}"
    )
    return 1 if broken else 0


def say(*lines: str) -> None:
    """At once: a campaign takes long."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def play_seed(seed: int) -> Played:
    """One run in a directory of its own."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(dir=_fast_directory()) as folder:
        return play(draw(seed), Path(folder))


def _fast_directory() -> str | None:
    """Commits are as durable as a killed process needs; a pulled disk is not played here."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


class Total:
    """What all runs add up to."""

    def __init__(self) -> None:
        self.runs = self.orders = self.restarted = 0
        self.restarts: Counter[str] = Counter()
        self.faults: Counter[tuple[str, str]] = Counter()
        self.broken: Counter[str] = Counter()

    @property
    def is_broken(self) -> bool:
        """Whether any promise was."""
        return bool(self.broken)

    def add(self, played: Played) -> None:
        """One more; a bad one is shown at once."""
        self.runs += 1
        self.orders += played.findings.orders
        self.restarted += bool(played.restarts)
        self.restarts += played.restarts
        self.faults += played.faults
        for promise, complaints in played.findings.broken.items():
            self.broken[promise] += len(complaints)
            say(f"seed {played.seed}: {promise}: " + "; ".join(complaints[:3]))
        if played.findings.broken and self.runs == 1:
            say(*played.findings.trace)

    def details(self) -> str:
        """Restarts by where the plug was pulled, kinds of trouble that never struck."""
        where = ", ".join(f"{step} {n}" for step, n in sorted(self.restarts.items()))
        missed = sorted(f"{channel}/{kind}" for channel, kind in every_kind() - set(self.faults))
        return (
            f"runs with a restart: {self.restarted}\nplug pulled: {where}\n"
            f"kinds of trouble that never struck: {', '.join(missed) or 'none'}"
        )

    def line(self) -> str:
        """The last line."""
        counts = " ".join(f"{promise}={self.broken[promise]}" for promise in PROMISES)
        return (
            f"campaign: runs={self.runs} restarts={sum(self.restarts.values())} "
            f"faults={sum(self.faults.values())} orders={self.orders} {counts}"
        )


if __name__ == "__main__":
    sys.exit(main())
