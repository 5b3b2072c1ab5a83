"""systemd hears that the desks are serviced, and nothing when they are not."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.systemd import Systemd


@contextmanager
def listening(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(address)
        line.settimeout(0)
        yield line


def heard(line: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(line.recv(100).decode())
        except BlockingIOError:
            return found


class Pauses:
    """Ends the watch after so many looks; a look that is a string raises nothing."""

    def __init__(self, looks: int) -> None:
        self.left = looks
        self.spans: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.spans.append(seconds)
        self.left -= 1
        if self.left == 0:
            raise asyncio.CancelledError


async def watched(systemd: Systemd, *serviced: bool) -> list[float]:
    answers, pauses = iter(serviced), Pauses(len(serviced))
    with pytest.raises(asyncio.CancelledError):
        await systemd.watch(lambda: next(answers), pauses)
    return pauses.spans


@pytest.mark.parametrize("is_abstract", [False, True])
async def test_ready_once_and_a_ping_for_each_look_at_serviced_desks(
    tmp_path: Path, *, is_abstract: bool
) -> None:
    shown = f"@dolpa-{tmp_path.name}" if is_abstract else str(tmp_path / "notify")
    bound = f"\0{shown[1:]}" if is_abstract else shown
    with listening(bound) as line:
        systemd = Systemd({"NOTIFY_SOCKET": shown})
        await watched(systemd, False, True, True)
        assert heard(line) == ["READY=1", "WATCHDOG=1", "WATCHDOG=1"]
        systemd.stopping()
        assert heard(line) == ["STOPPING=1"]


async def test_no_ping_while_a_desk_is_not_serviced(tmp_path: Path) -> None:
    with listening(str(tmp_path / "notify")) as line:
        systemd = Systemd({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        await watched(systemd, True, False, False, True)
        assert heard(line).count("WATCHDOG=1") == 2


@pytest.mark.parametrize(
    ("patience", "every_s"), [("6000000", 2.0), ("180000000", 5.0), ("", 5.0), ("soon", 5.0)]
)
async def test_it_pings_well_within_systemd_s_patience(patience: str, every_s: float) -> None:
    spans = await watched(Systemd({"WATCHDOG_USEC": patience}), True)
    assert spans == [every_s]


async def test_without_systemd_nothing_is_said_and_a_dead_socket_ends_nothing(
    tmp_path: Path,
) -> None:
    await watched(Systemd({}), True, True)
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "gone")}).stopping()


async def test_a_stuck_loop_is_silent(tmp_path: Path) -> None:
    with listening(str(tmp_path / "notify")) as line:
        systemd = Systemd({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "30000"})
        task = asyncio.create_task(systemd.watch(lambda: True, asyncio.sleep))
        await asyncio.sleep(0)
        assert "WATCHDOG=1" in heard(line)
        assert heard(line) == [], "nothing pings beside the loop"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
