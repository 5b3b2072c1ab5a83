"""Child processes: the assistant, and the other commands of the machine."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

LOOK_S = 0.05
PATIENCE_S = 15.0
PASSPHRASE = "correct-horse-battery-staple-9"
FOREIGN = ("KIS_", "TELEGRAM_", "KAKAO_", "AUTOTRADE_")

Json = dict[str, Any]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This machine's environment without anybody's real keys."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(FOREIGN)}
    return {**kept, **(extra or {})}


@dataclass
class Assistant:
    """``python -m bot bot`` and what it wrote."""

    process: Process
    log: Path

    @property
    def words(self) -> str:
        return self.log.read_text(encoding="utf-8")

    async def health(self) -> tuple[int, Json]:
        port = await self.health_port()
        async with httpx.AsyncClient(timeout=5) as http:
            reply = await http.get(f"http://127.0.0.1:{port}/health")
        return reply.status_code, reply.json()

    async def health_port(self) -> int:
        async with asyncio.timeout(PATIENCE_S):
            while (found := re.search(r"/health on [\d.]+:(\d+)", self.words)) is None:
                assert self.process.returncode is None, self.words
                await asyncio.sleep(LOOK_S)
        return int(found[1])

    async def exit_code(self, limit_s: float = 20.0) -> int:
        """Wait for the end; the contract's limit for a clean stop is 20 s."""
        return await asyncio.wait_for(self.process.wait(), limit_s)

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await self.exit_code()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(self.process)


async def assistant(
    home: Path, *options: str, env: Mapping[str, str] | None = None, name: str = "bot.log"
) -> Assistant:
    """Start it; its output goes to a file in the stage's home."""
    log = home / name
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "bot", *paths(home), *options),
            stdout=output,
            stderr=output,
            env=environment(env),
        )
    return Assistant(process, log)


async def run(
    home: Path, word: str, *more: str, env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """The same without a sandbox."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", word, *paths(home), *more),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment(env),
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, printed.decode()


def paths(home: Path) -> tuple[str, ...]:
    return (
        *("--config", str(home / "config.yaml"), "--env-file", str(home / ".env")),
        *("--data-dir", str(home / "data")),
    )


async def end(process: Process) -> None:
    """Kill what still runs; a test that wants a clean end asks for it."""
    with suppress(ProcessLookupError):
        if process.returncode is None:
            process.kill()
    await process.communicate()
