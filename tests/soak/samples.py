"""What can be measured of the two processes from outside, a row a market minute."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

from tests.e2e.children import Json

_TICKS_S = os.sysconf("SC_CLK_TCK")
_KIB_MIB = 1024
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """One row. Memory and sizes in MiB, times in seconds or milliseconds of the machine.

    ``pss_mib`` is of the assistant and its children, ``sandbox_ms`` what a small question to the
    sandbox takes, ``late_ms`` how late the measuring itself was.
    """

    market: str
    hours: float
    rss_mib: float
    pss_mib: float
    files: int
    threads: int
    children: int
    cpu_s: float
    sandbox_cpu_s: float
    sandbox_rss_mib: float
    loop_lag_ms: float
    sandbox_ms: float
    health_ms: float
    late_ms: float
    status: str
    us_state: str
    krx_state: str
    us_calls: int
    us_calls_hour: int
    krx_calls: int
    us_inbox: int
    krx_inbox: int
    unresolved: int
    poll_age_s: float
    db_mib: float
    wal_mib: float
    log_lines: int
    messages: int


COLUMNS = tuple(field.name for field in fields(Sample))


@dataclass(frozen=True, slots=True)
class Where:
    """What is measured: process ids, the data directory, the assistant's output."""

    bot: int
    sandbox: int
    data: Path
    log: Path


@dataclass(frozen=True, slots=True)
class Timing:
    """Around a sample. ``hours``: of market time since the start."""

    market: datetime
    hours: float
    sandbox_ms: float
    health_ms: float
    late_ms: float


def sample(where: Where, timing: Timing, health: Json, messages: int) -> Sample:
    """Read /proc and the directory now."""
    bot, below = where.bot, list(_below(where.bot))
    us, krx = health["desks"]["us"], health["desks"]["krx"]
    quota = health["quota"]
    return Sample(
        market=timing.market.isoformat(timespec="seconds"),
        hours=round(timing.hours, 4),
        rss_mib=_status_kib(bot, "VmRSS") / _KIB_MIB,
        pss_mib=sum(_pss_kib(pid) for pid in (bot, *below)) / _KIB_MIB,
        files=_count(Path(f"/proc/{bot}/fd")),
        threads=_status_kib(bot, "Threads"),
        children=len(below),
        cpu_s=_cpu_s(bot),
        sandbox_cpu_s=_cpu_s(where.sandbox),
        sandbox_rss_mib=_status_kib(where.sandbox, "VmRSS") / _KIB_MIB,
        loop_lag_ms=float(health["loop_lag_ms_p99"]),
        sandbox_ms=round(timing.sandbox_ms, 1),
        health_ms=round(timing.health_ms, 1),
        late_ms=round(timing.late_ms, 1),
        status=health["status"],
        us_state=str(us["state"]),
        krx_state=str(krx["state"]),
        us_calls=quota["us"]["used_today"],
        us_calls_hour=quota["us"]["last_hour"],
        krx_calls=(quota["krx"] or {}).get("used_today", 0),
        us_inbox=us["inbox_depth"] or 0,
        krx_inbox=krx["inbox_depth"] or 0,
        unresolved=health["unresolved_orders"],
        poll_age_s=health["telegram"]["last_poll_age_s"],
        db_mib=_size(where.data, "*.db") / _MIB,
        wal_mib=_size(where.data, "*.db-wal") / _MIB,
        log_lines=where.log.read_bytes().count(b"\n"),
        messages=messages,
    )


def row(taken: Sample) -> list[str]:
    """For a CSV file, in the order of COLUMNS."""
    return [f"{value:.3f}" if isinstance(value, float) else str(value)
            for value in asdict(taken).values()]  # fmt: skip


def _below(pid: int) -> Iterator[int]:
    """Children and theirs."""
    for thread in _listed(Path(f"/proc/{pid}/task")):
        try:
            text = (thread / "children").read_text(encoding="ascii")
        except OSError:  # it ended meanwhile
            continue
        for child in map(int, text.split()):
            yield child
            yield from _below(child)


def _status_kib(pid: int, name: str) -> int:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(text.partition(f"{name}:")[2].split(maxsplit=1)[0])


def _pss_kib(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(text.partition("\nPss:")[2].split(maxsplit=1)[0])


def _cpu_s(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / _TICKS_S


def _size(data: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in data.glob(pattern))


def _count(folder: Path) -> int:
    return len(_listed(folder))


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
