"""What pictures cost: against pyplot, in the assistant's memory, and a year's report beside ticks.

Fresh processes, one after the other; medians are compared with the goals.

    .venv/bin/python -m benchmarks.reports [--runs 5]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from bot.aside import aside
from bot.format.lang import Lang
from bot.format.report import report as told
from engine.model.ids import DeskName, Mode
from engine.model.money import Money
from reports.periods import Span
from reports.pictures.painter import Painter
from reports.pictures.subjects import Look, Picture, Request, view
from reports.report import Report, read
from tests.reports import subjects
from tests.reports.book_maker import make_book

ROOT = Path(__file__).resolve().parent.parent
PYPLOT_GOAL, RSS_GOAL_MIB, ANSWER_GOAL_S, TICK_GOAL_MS = 0.8, 3.0, 2.0, 5.0
CHARTS, TICK_S, REST_S = 10, 0.002, 2.0

OURS = """\
import time; begun = time.perf_counter(), time.process_time()
from reports.pictures.drawing import fonts, gallery
from reports.pictures.subjects import Kind, Look, Request
from dataclasses import replace
from tests.reports import subjects
one = replace(subjects.year(), kinds=(Kind.EQUITY,))
loaded = time.process_time()
(picture,) = gallery.drawn(Request(Look(), (one,)))
print(time.perf_counter() - begun[0], time.process_time() - begun[1], time.process_time() - loaded)
"""

# The same curve, fall, grid, labels and size, the way pyplot is usually written.
PYPLOT = """\
import time; begun = time.perf_counter(), time.process_time()
import io
from itertools import accumulate
import matplotlib; matplotlib.use("agg")
from matplotlib import pyplot as plt
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.ticker import FuncFormatter, MaxNLocator
from tests.reports import subjects
from reports.pictures.drawing.fonts import face
from reports.pictures.drawing.words import short
from reports.pictures.subjects import Lang
one = subjects.year()
fontManager.addfont(face().regular); fontManager.addfont(face().bold)
plt.rcParams.update({"font.family": "NanumGothic", "font.size": 28, "savefig.dpi": 72})
loaded = time.process_time()
at = [mark.at for mark in one.marks]
equity = list(accumulate(float(mark.net.amount) for mark in one.marks))
peaks = list(accumulate(equity, max))
below = [value - peak for value, peak in zip(equity, peaks)]
figure, (upper, lower) = plt.subplots(
    2, 1, figsize=(15, 18.75), dpi=72, sharex=True, height_ratios=(55, 20))
plt.suptitle("+$4,079.76", fontsize=96, color="#C62828", weight="bold", x=0.06, ha="left")
figure.text(0.06, 0.95, "실전 · 미국 누적 손익 · 2026", weight="bold")
upper.plot(at, equity, color="#12161E", linewidth=3)
upper.fill_between(at, equity, where=[v >= 0 for v in equity], color="#C62828", alpha=0.16)
upper.fill_between(
    at, equity, where=[v < 0 for v in equity], color="#1F5FBF", alpha=0.16, hatch="//")
deep = min(range(len(below)), key=below.__getitem__)
top = max(range(deep + 1), key=equity.__getitem__)
for place, marker in ((top, "^"), (deep, "v")):
    upper.plot(at[place], equity[place], marker=marker, markersize=20, color="#7A3E9D")
    upper.annotate(f"{at[place]:%m-%d}", (at[place], equity[place]), ha="center")
lower.fill_between(at, below, facecolor="#F1F3F7", edgecolor="#7A3E9D", hatch="//", linewidth=3)
lower.set_title("최대 낙폭", loc="left")
for axes, most in ((upper, 5), (lower, 3)):
    axes.yaxis.tick_right()
    axes.yaxis.set_major_locator(MaxNLocator(most))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: short(v, Lang.KO, is_won=False)))
    axes.grid(axis="y", linewidth=2, color="#DDE1E9")
    axes.spines[:].set_visible(False)
lower.xaxis.set_major_locator(plt.MaxNLocator(4))
plt.tight_layout()
out = io.BytesIO()
plt.savefig(out, format="png")
plt.close(figure)
print(time.perf_counter() - begun[0], time.process_time() - begun[1], time.process_time() - loaded)
"""


def main() -> int:
    """Print the table; 0 when every goal was met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    rows = [against_pyplot(runs), growth()]
    with tempfile.TemporaryDirectory(prefix="reports-") as name:
        data = Path(name)
        asyncio.run(make_book(data / "live.db"))
        for span in (Span.YEAR, Span.ALL):
            rows += asyncio.run(beside_ticks(data, span, runs))
    layout = "{:<44} {:>26} {:>10}  {}"
    print(layout.format("median", "measured", "goal", "verdict"))
    for what, measured, goal, is_met in rows:
        print(layout.format(what, measured, goal, "met" if is_met else "MISSED"))
    return 0 if all(row[-1] for row in rows) else 1


Row = tuple[str, str, str, bool]


def against_pyplot(runs: int) -> Row:
    """One chart in a fresh process each, in turn; processor time, which neighbours leave alone."""
    ours, theirs = [], []
    for number in range(runs):
        ours.append(timed(OURS))
        theirs.append(timed(PYPLOT))
        print(f"run {number + 1}: wall, cpu, cpu of drawing: {ours[-1]} pyplot {theirs[-1]}")
    whole = median(one[1] for one in ours) / median(one[1] for one in theirs)
    drawing = median(one[2] for one in ours) / median(one[2] for one in theirs)
    told = f"{drawing:.2f} x (with imports {whole:.2f} x)"
    return "a chart, against pyplot", told, f"<= {PYPLOT_GOAL} x", drawing <= PYPLOT_GOAL


def timed(code: str) -> tuple[float, ...]:
    """Seconds: wall and processor from the start, processor of drawing alone."""
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    return tuple(round(float(word), 3) for word in done.stdout.split())


def growth() -> Row:
    """Resident memory of a fresh parent before the first and after the tenth chart."""
    code = "import benchmarks.reports as b; b.grown()"
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    mib = float(done.stdout)
    what = f"resident memory over {CHARTS} charts"
    return what, f"{mib:+.2f} MiB", f"<= {RSS_GOAL_MIB} MiB", mib <= RSS_GOAL_MIB


def grown() -> None:
    """Print it; the child of ``growth``."""
    request = Request(Look(), (), (subjects.trade(minutes=390),))

    async def run() -> float:
        painter, before = Painter(), rss_mib()
        for _ in range(CHARTS):
            await painter.draw(request)
        return rss_mib() - before

    print(asyncio.run(run()))


async def beside_ticks(data: Path, span: Span, runs: int) -> list[Row]:
    """As the chat does: the text, then the pictures; the loop is asked for something every 2 ms."""
    painter, trades = Painter(), 0
    answers: list[float] = []
    wholes: list[float] = []
    late: list[float] = []
    drawing: list[float] = []
    for _ in range(runs):
        already = len(late)
        ticking = asyncio.create_task(ticks(late))
        begun = time.perf_counter()
        trades, pictures, read_s = await answered(painter, data, span)
        wholes.append(time.perf_counter() - begun)
        answers.append(read_s)
        drawing += late[already + round((len(late) - already) * read_s / wholes[-1]) :]
        ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ticking
        assert len(pictures) == 8, "four for each desk"  # noqa: S101 - a benchmark of nothing
    return [
        within(f"/report {span}, {trades:,} trades: its text", answers),
        within("  with its 8 pictures", wholes),
        lateness("  how late a tick was: all the while", late),
        lateness("    of it after the books were read", drawing),
        lateness("    at rest, for comparison", await at_rest()),
    ]


def within(what: str, seconds: list[float]) -> Row:
    """The median against the goal."""
    took = median(seconds)
    return what, f"{took:.2f} s", f"<= {ANSWER_GOAL_S} s", took <= ANSWER_GOAL_S


def lateness(what: str, late: list[float]) -> Row:
    """The 99th percentile against the goal."""
    p99 = quantiles(late, n=100)[-1] * 1000
    told = f"p99 {p99:.2f} ms of {len(late):,}"
    return what, told, f"< {TICK_GOAL_MS} ms", p99 < TICK_GOAL_MS


async def at_rest() -> list[float]:
    """What this machine does to ticks anyway."""
    late: list[float] = []
    ticking = asyncio.create_task(ticks(late))
    await asyncio.sleep(REST_S)
    ticking.cancel()
    return late


async def answered(
    painter: Painter, data: Path, span: Span
) -> tuple[int, tuple[Picture, ...], float]:
    """Books and texts in a thread, pictures in one child; seconds until the text."""
    found: list[Report[Money]] = []
    begun = time.perf_counter()
    for desk in DeskName:
        report = await aside(read, data, desk, Mode.LIVE, span)
        found.extend([] if report is None else [report])
    for report in found:
        told(report, Lang.KO)
    read_s = time.perf_counter() - begun
    views = await aside(lambda: tuple(map(view, found)))
    drawn = await painter.draw(Request(Look(), views))
    return sum(len(report.trades) for report in found), drawn, read_s


async def ticks(late: list[float]) -> None:
    """How many seconds after its time each was handled."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due += TICK_S
        await asyncio.sleep(max(0.0, due - loop.time()))
        late.append(max(0.0, loop.time() - due))
        due = max(due, loop.time() - TICK_S)


def rss_mib() -> float:
    """Resident memory of this process, as the kernel counts it."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


if __name__ == "__main__":
    sys.exit(main())
