"""Plays inputs one after another: what came of each, how long it took, how much memory."""

from __future__ import annotations

import gc
import resource
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from tests.fuzz.surface import Surface

BLOCK = 100  # inputs that share a program; a failing one is played again from its block's first
CPU_LIMIT_S = 1.0
MEMORY_LIMIT_MB = 64.0
_HANG_S = 20.0
_SHOWN = 1_500
_MOST_FAILURES = 1_000
_RESET_PEAK, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Failure:
    """One input that broke something."""

    seed: int
    surface: str
    index: int
    error: str
    given: str

    @property
    def kind(self) -> str:
        """The last place named and the last line: alike for one cause."""
        places = [line.strip() for line in self.error.splitlines() if line.startswith("  File")]
        last = self.error.strip().rpartition("\n")[2]
        return f"{places[-1] if places else ''} {last.partition(':')[0].partition(' took')[0]}"

    def lines(self) -> tuple[str, ...]:
        again = (
            f"python -m tests.fuzz --surface {self.surface} --seed {self.seed} --at {self.index}"
        )
        return (f"FAILED {self.surface} seed {self.seed} input {self.index}: {again}", self.error,
                f"input: {self.given}")  # fmt: skip


@dataclass(slots=True)
class Cost:
    """The worst so far, and which input it was."""

    worst: float = 0.0
    index: int = -1

    def note(self, spent: float, index: int) -> None:
        if spent > self.worst:
            self.worst, self.index = spent, index


@dataclass(slots=True)
class Result:
    """A whole run over one surface."""

    surface: str
    seed: int
    inputs: int = 0
    deep: int = 0
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    cpu: Cost = field(default_factory=Cost)
    memory: Cost = field(default_factory=Cost)
    failures: list[Failure] = field(default_factory=list)

    def line(self) -> str:
        came = ", ".join(f"{name} {count}" for name, count in sorted(self.outcomes.items()))
        share = 100 * self.deep / max(1, self.inputs)
        return (
            f"{self.surface}: seed={self.seed} inputs={self.inputs} failures={len(self.failures)}"
            f" | {came} | past the first check {share:.1f} %"
            f" | worst {self.cpu.worst * 1000:.0f} ms (input {self.cpu.index}),"
            f" {self.memory.worst:.1f} MB (input {self.memory.index}) | {self.seconds:.0f} s"
        )


def play(surface: Surface, seed: int, inputs: int, say: Callable[[str], None]) -> Result:
    """Inputs 0, 1, 2 ... of a seed; stops early only when too much is broken."""
    result = Result(surface.name, seed)
    began = time.perf_counter()
    surface.open()
    try:
        for index in range(inputs):
            if index % BLOCK == 0:
                surface.renew()
                gc.collect() if index % (BLOCK * 10) == 0 else None
            _play_one(surface, seed, index, result, say)
            if len(result.failures) >= _MOST_FAILURES:
                break
    finally:
        surface.close()
        result.seconds = time.perf_counter() - began
    return result


def play_again(surface: Surface, seed: int, index: int, say: Callable[[str], None]) -> Result:
    """One input, after those of its block that came before it."""
    result = Result(surface.name, seed)
    surface.open()
    try:
        surface.renew()
        for before in range(index - index % BLOCK, index):
            _play_one(surface, seed, before, Result(surface.name, seed), _silent)
        say(f"input {index}: {_shown(surface.draw(rng_of(seed, surface, index)))}")
        _play_one(surface, seed, index, result, say)
    finally:
        surface.close()
    return result


def rng_of(seed: int, surface: Surface, index: int) -> Random:
    """Each input has a dice of its own, so that it can be drawn without the ones before."""
    return Random(f"{seed}/{surface.name}/{index}")


def _play_one(
    surface: Surface, seed: int, index: int, result: Result, say: Callable[[str], None]
) -> None:
    given = surface.draw(rng_of(seed, surface, index))
    before, began = _begin_peak(), time.process_time()
    error = ""
    try:
        with _hang_guard():
            outcome = surface.feed(given)
        result.outcomes[outcome.name] += 1
        result.deep += outcome.is_deep
    except Exception:
        error = traceback.format_exc(limit=-8).encode("utf-8", "backslashreplace").decode()
        surface.renew()
    spent, grown = time.process_time() - began, _peak_mb() - before
    result.inputs += 1
    result.cpu.note(spent, index)
    result.memory.note(grown, index)
    if not error and spent > CPU_LIMIT_S:
        error = f"took {spent:.2f} s of a core, {CPU_LIMIT_S} s are allowed"
    if not error and grown > MEMORY_LIMIT_MB:
        error = f"took {grown:.0f} MB, {MEMORY_LIMIT_MB:.0f} MB are allowed"
    if error:
        failure = Failure(seed, surface.name, index, error, _shown(given))
        if failure.kind not in {other.kind for other in result.failures}:
            say("\n".join(failure.lines()))
        result.failures.append(failure)


def _shown(given: Any) -> str:
    text = repr(given).encode("ascii", "backslashreplace").decode()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"


@contextmanager
def _hang_guard() -> Iterator[None]:
    """An endless loop ends as a failure of its input."""

    def over(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"still busy after {_HANG_S} s of a core")

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, _HANG_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _begin_peak() -> float:
    """Forget the highest memory of before, where the system can; megabytes in use now."""
    try:
        _RESET_PEAK.write_text("5")
    except OSError:
        return _peak_mb()
    return _peak_mb()


def _peak_mb() -> float:
    try:
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _silent(_line: str) -> None:
    return None
