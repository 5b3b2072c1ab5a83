"""The service against a sandbox: as its unit says, under a notify socket or under systemd."""

from __future__ import annotations

import json
import signal
import socket
import struct
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.demo_children import CONFIG
from tests.deploy.debian import CLEAN, Inside, TryFailed
from tests.deploy.units import one, settings

PORT, HEALTH = 18090, 18000
URL = f"http://127.0.0.1:{PORT}"
READY_S, STOP_S = 90.0, 40.0
PINGS = 2
AS_DOLPA = ("setpriv", "--reuid=dolpa", "--regid=dolpa", "--init-groups")
BARE = ("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all")
# What ProtectSystem=strict and PrivateTmp do, as far as mount(8) can.
CLOSED = """
set -e
mount -t proc proc "$0/proc"
for folder in usr etc opt; do
    mount --bind "$0/$folder" "$0/$folder" && mount -o remount,bind,ro "$0/$folder"
done
mount -t tmpfs tmpfs "$0/tmp"
exec chroot "$0" "$@"
"""
GO = 'umask 077; cd "$0" && exec "$@"'
SANDBOX = """
cd /opt/dolpa/current
exec .venv/bin/python -m sandbox --port "$0" --date 2026-11-20 --start 09:40 \
    --clock-file /var/lib/dolpa/demo.json --credentials-file /var/lib/dolpa/sandbox.env
"""


@dataclass
class Heard:
    """What came over the notify socket, from whom."""

    words: list[str] = field(default_factory=list)
    strangers: int = 0


@contextmanager
def sandbox(inside: Inside, root: Path, *, with_systemd: bool) -> Iterator[None]:
    """KIS and Telegram on loopback, of the installed release; settings and keys point at it."""
    keys = root / "var/lib/dolpa/sandbox.env"
    with _as_unit(inside) if with_systemd else _as_child(inside):
        _until_served(keys)
        text = CONFIG.format(url=URL, ws=URL.replace("http", "ws", 1))
        text = text.replace("port: 0", f"port: {HEALTH}")
        # Written in place, as an editor does it: owner and mode stay.
        (root / "etc/dolpa/config.yaml").write_text(text, encoding="utf-8")
        (root / "etc/dolpa/env").write_text(keys.read_text(encoding="utf-8"), encoding="utf-8")
        keys.unlink()
        yield


@contextmanager
def _as_child(inside: Inside) -> Iterator[None]:
    command = [*inside.way, *CLEAN, *AS_DOLPA, "sh", "-c", SANDBOX, str(PORT)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words
    try:
        yield
    finally:
        child.terminate()
        child.wait(STOP_S)


@contextmanager
def _as_unit(inside: Inside) -> Iterator[None]:
    name = "dolpa-try-sandbox.service"
    inside.run("systemd-run", f"--unit={name}", "--uid=dolpa", "sh", "-c", SANDBOX, str(PORT))
    try:
        yield
    finally:
        inside.run("systemctl", "stop", name)


def _until_served(keys: Path) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        with suppress(OSError):
            urllib.request.urlopen(f"{URL}/sandbox/state", timeout=5).close()  # noqa: S310 - ours
            if keys.exists():
                return
        time.sleep(0.2)
    raise TryFailed(f"no sandbox on {URL}")


def health() -> dict[str, Any]:
    """What /health says."""
    address = f"http://127.0.0.1:{HEALTH}/health"
    with urllib.request.urlopen(address, timeout=5) as reply:
        found: dict[str, Any] = json.load(reply)
        return found


def play_under_notify_socket(root: Path) -> tuple[float, Heard]:
    """Start what ExecStart names as the unit would, until READY and pings; then SIGTERM.

    Returns the seconds until READY and all that was heard. Raises TryFailed.
    """
    unit = settings(root / "etc/systemd/system/dolpa.service")
    place = root / "run/dolpa-try"
    place.mkdir()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            line.bind(str(place / "notify"))
            (place / "notify").chmod(0o666)
            line.settimeout(1)
            command = _as_the_unit(root, unit)
            began = time.monotonic()
            main = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603 - ours
            try:
                ready_s, heard = _listen(line, main, began)
                if health()["status"] == "stopped":
                    raise TryFailed(f"/health: {health()}")
                main.send_signal(signal.SIGTERM)
                code = main.wait(STOP_S)
                _drain(line, main.pid, heard)
            finally:
                main.kill()
                main.wait()
        if code or "STOPPING=1" not in heard.words:
            raise TryFailed(f"after SIGTERM it ended with {code}, having said {heard.words}")
        return ready_s, heard
    finally:
        for left in place.rglob("*"):
            left.unlink()
        place.rmdir()


def _as_the_unit(root: Path, unit: Any) -> list[str]:
    credential, _, source = one(unit, "LoadCredential").partition(":")
    copy = root / "run/dolpa-try" / credential
    copy.write_bytes((root / source.lstrip("/")).read_bytes())
    copy.chmod(0o400)
    told = [
        "NOTIFY_SOCKET=/run/dolpa-try/notify",
        "CREDENTIALS_DIRECTORY=/run/dolpa-try",
        f"WATCHDOG_USEC={int(one(unit, 'WatchdogSec')) * 1_000_000}",
        *one(unit, "Environment").split(),
    ]
    inside = ["unshare", "--mount", "--propagation", "private", "sh", "-c", CLOSED, str(root)]
    owner = f'chown {one(unit, "User")} {copy.relative_to(root)}; exec "$@"'
    return [
        *(*inside, *CLEAN, "sh", "-c", owner.replace("run/", "/run/", 1), "sh"),
        *(*AS_DOLPA, *BARE, "env", *told),
        *("sh", "-c", GO, one(unit, "WorkingDirectory"), *one(unit, "ExecStart").split()),
    ]


def _listen(line: socket.socket, main: subprocess.Popen[str], began: float) -> tuple[float, Heard]:
    heard, ready_s = Heard(), 0.0
    while time.monotonic() < began + READY_S:
        _hear(line, main.pid, heard)
        if main.poll() is not None:
            said = main.stderr.read() if main.stderr else ""
            raise TryFailed(f"it ended with {main.returncode}: {said}")
        if "READY=1" in heard.words and not ready_s:
            ready_s = time.monotonic() - began
        if ready_s and heard.words.count("WATCHDOG=1") >= PINGS:
            return ready_s, heard
    raise TryFailed(f"within {READY_S:.0f} s it said {heard.words}")


def _drain(line: socket.socket, pid: int, heard: Heard) -> None:
    before = -1
    while before != len(heard.words):
        before = len(heard.words)
        _hear(line, pid, heard)


def _hear(line: socket.socket, pid: int, heard: Heard) -> None:
    try:
        words, extra, _, _ = line.recvmsg(4096, socket.CMSG_SPACE(struct.calcsize("3i")))
    except TimeoutError:
        return
    sender = struct.unpack("3i", extra[0][2])[0]
    heard.strangers += sender != pid  # NotifyAccess=main would not listen to it
    heard.words += words.decode().splitlines()
