"""What the assistant costs at rest: memory, time to ready, and libraries it must not load.

Each run starts a sandbox and two children on it: the assistant, and a baseline that imports the
same modules, builds a bare Telegram application and polls. Medians are compared with the goals.

    .venv/bin/python benchmarks/footprint.py [--runs 3] [--idle-s 60]
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
RSS_GOAL, READY_GOAL = 1.25, 1.5
HEAVY = ("matplotlib", "numpy", "pandas")
READY_S, LOOK_S = 30.0, 0.002
FOREIGN = ("KIS_", "TELEGRAM_", "KAKAO_", "AUTOTRADE_")

CONFIG = """\
api:
  base_url: {url}/real
  websocket_url: {ws}/real/ws
  paper_base_url: {url}/paper
  paper_websocket_url: {ws}/paper/ws
telegram:
  base_url: {url}/telegram/bot
  base_file_url: {url}/telegram/file/bot
health:
  port: {port}
"""

BASELINE = """\
import asyncio, sys
import bot.program  # the same imports
from telegram.ext import ApplicationBuilder

token, url, port = sys.argv[1:]

async def answer(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n")
    await writer.drain()
    writer.close()

async def main():
    builder = ApplicationBuilder().token(token).job_queue(None)
    app = builder.base_url(url + "/telegram/bot").build()
    async with await asyncio.start_server(answer, "127.0.0.1", int(port)):
        await app.initialize()
        await app.start()
        await app.updater.start_polling()
        await asyncio.Event().wait()

asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """One child: seconds to ready, MiB at rest, heavy libraries mapped."""

    ready_s: float
    rss_mib: float
    heavy: tuple[str, ...]


def main() -> int:
    """Print the table; 0 when every goal was met."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--idle-s", type=float, default=60.0)
    options = parser.parse_args()
    ours: list[Figures] = []
    bases: list[Figures] = []
    for number in range(1, options.runs + 1):
        # One after the other: two starts at once would share the processor.
        ours.append(measure_assistant(options.idle_s))
        bases.append(measure_baseline(options.idle_s))
        print(f"run {number}: assistant {ours[-1]}, baseline {bases[-1]}", flush=True)
    return report(ours, bases, options.idle_s)


def measure_assistant(idle_s: float) -> Figures:
    """The assistant against a fresh sandbox, asleep and without positions."""
    with sandbox() as (url, home):
        port = free_port()
        text = CONFIG.format(url=url, ws=url.replace("http", "ws", 1), port=port)
        (home / "config.yaml").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "bot", "bot", "--config", str(home / "config.yaml")]
        command += ["--env-file", str(home / ".env"), "--data-dir", str(home / "data")]
        return measure(command, port, idle_s, home)


def measure_baseline(idle_s: float) -> Figures:
    """The same imports and a bare application against a fresh sandbox."""
    with sandbox() as (url, home):
        port = free_port()
        lines = (home / ".env").read_text(encoding="utf-8").splitlines()
        token = dict(line.split("=", 1) for line in lines)["TELEGRAM_BOT_TOKEN"]
        command = [sys.executable, "-c", BASELINE, token, url, str(port)]
        return measure(command, port, idle_s, home)


def measure(command: list[str], port: int, idle_s: float, home: Path) -> Figures:
    """Start a child, wait for its first HTTP answer, let it rest, look at it."""
    with (home / "child.log").open("wb") as log:
        begun = time.perf_counter()
        child = subprocess.Popen(  # noqa: S603 - our own interpreter
            command, cwd=ROOT, stdout=log, stderr=log, env=environment()
        )
        try:
            while not answers(port):
                if child.poll() is not None or time.perf_counter() - begun > READY_S:
                    raise SystemExit((home / "child.log").read_text(encoding="utf-8"))
                time.sleep(LOOK_S)
            ready = time.perf_counter() - begun
            time.sleep(idle_s)
            return Figures(round(ready, 3), round(rss_mib(child.pid), 1), heavy_in(child.pid))
        finally:
            child.kill()
            child.wait()


@contextmanager
def sandbox() -> Iterator[tuple[str, Path]]:
    """A sandbox after the desk's window; yields its address and a home for the child."""
    with tempfile.TemporaryDirectory(prefix="footprint-") as name:
        home = Path(name)
        (home / "data").mkdir(mode=0o700)
        command = [sys.executable, "-m", "sandbox", "--port", "0", "--start", "13:00"]
        command += ["--clock-file", str(home / "data" / "demo.json")]
        command += ["--credentials-file", str(home / ".env")]
        child = subprocess.Popen(  # noqa: S603 - our own interpreter
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment()
        )
        try:
            line = child.stdout.readline() if child.stdout is not None else ""
            yield line.removeprefix("READY ").strip(), home
        finally:
            child.kill()
            child.communicate()


def answers(port: int) -> bool:
    """Whether GET /health gets any answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def rss_mib(pid: int) -> float:
    """Resident memory, as the kernel counts it."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("no VmRSS: this benchmark reads /proc")


def heavy_in(pid: int) -> tuple[str, ...]:
    """Heavy packages whose extension modules are mapped into the process."""
    maps = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")
    return tuple(name for name in HEAVY if f"/{name}/" in maps)


def report(ours: list[Figures], bases: list[Figures], idle_s: float) -> int:
    """The table; 1 when a goal was missed."""
    rss, base_rss = median(f.rss_mib for f in ours), median(f.rss_mib for f in bases)
    ready, base_ready = median(f.ready_s for f in ours), median(f.ready_s for f in bases)
    loaded = sorted({name for figures in ours for name in figures.heavy})
    rows = (
        (
            f"RSS after {idle_s:g} s idle",
            f"{rss:.1f} MiB",
            f"{base_rss:.1f} MiB",
            f"{rss / base_rss:.2f} x",
            f"<= {RSS_GOAL} x",
            rss / base_rss <= RSS_GOAL,
        ),
        (
            "start to ready",
            f"{ready:.3f} s",
            f"{base_ready:.3f} s",
            f"{ready / base_ready:.2f} x",
            f"<= {READY_GOAL} x",
            ready / base_ready <= READY_GOAL,
        ),
        ("heavy libraries", ", ".join(loaded) or "none", "", "", "none", not loaded),
    )
    layout = "{:<24} {:>12} {:>12} {:>8} {:>10}  {}"
    print(layout.format("median", "assistant", "baseline", "ratio", "goal", "verdict"))
    for *cells, is_met in rows:
        print(layout.format(*cells, "met" if is_met else "MISSED"))
    return 0 if all(row[-1] for row in rows) else 1


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment() -> dict[str, str]:
    """Without anybody's real keys, but with a passphrase: deriving its key costs the start."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(FOREIGN)}
    return {**kept, "AUTOTRADE_MASTER_PASSPHRASE": "benchmark"}


if __name__ == "__main__":
    sys.exit(main())
