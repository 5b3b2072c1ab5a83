"""A Debian 12 of its own: debootstrap makes it, chroot enters it, systemd-nspawn boots it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

MIRROR = "http://deb.debian.org/debian"
# What an image in the cloud has before anybody touched it.
IMAGE = ("systemd", "systemd-sysv", "dbus", "ca-certificates", "iproute2")
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CLEAN = ("/usr/bin/env", "-i", PATH, "HOME=/root", "LANG=C.UTF-8")
ENTER = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
AUTHORITIES = Path("usr/local/share/ca-certificates")
MEMORY = Path("/sys/fs/cgroup/memory")  # version 1; elsewhere the memory is not limited
BOOT_S, HALT_S = 60.0, 60.0


class TryFailed(Exception):
    """The trial found something; the text says what."""


@dataclass(frozen=True, slots=True)
class Done:
    """What a command said and how it ended."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Inside:
    """Runs commands as root in a root of its own; ``way`` leads there."""

    way: tuple[str, ...]

    def run(self, *command: str, code: int = 0) -> str:
        """What it said. Raises TryFailed where it ends otherwise than expected."""
        done = self.try_run(*command)
        if done.code != code:
            raise TryFailed(f"{' '.join(command)} ended with {done.code}:\n{done.text}")
        return done.text

    def try_run(self, *command: str) -> Done:
        """The same, however it ends."""
        done = subprocess.run(  # noqa: S603 - our own words
            [*self.way, *CLEAN, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout)


def make(root: Path, mirror: str) -> None:
    """A bare Debian 12, with this machine's resolver and the authorities it was given."""
    command = ["debootstrap", "--variant=minbase", f"--include={','.join(IMAGE)}"]
    log = root.with_name("debootstrap.log")
    with log.open("wb") as said:
        subprocess.run(  # noqa: S603 - our own words
            [*command, "bookworm", str(root), mirror], stdout=said, stderr=said, check=True
        )
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    own = sorted(Path("/", AUTHORITIES).glob("*.crt"))
    for one in own:
        shutil.copy(one, root / AUTHORITIES)
    if own:
        entered(root).run("update-ca-certificates")
        settings = "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n"
        (root / "etc" / "pip.conf").write_text(settings, encoding="utf-8")


def entered(root: Path) -> Inside:
    """By chroot, where no systemd runs."""
    unshare = ("unshare", "--mount", "--propagation", "private")
    return Inside((*unshare, "sh", "-c", ENTER, str(root)))


@contextmanager
def booted(root: Path, memory_mb: int) -> Iterator[Inside]:
    """With systemd as process 1, its services and its journal; shut down at the end."""
    name = f"dolpa-try-{root.parent.name}"
    command = ["systemd-nspawn", "--directory", str(root), "--machine", name, "--boot"]
    command += ["--register=no", "--keep-unit", "--link-journal=no", "--console=pipe"]
    with root.with_name("console.log").open("ab") as console:
        host = subprocess.Popen(  # noqa: S603 - our own words
            [*_limited(name, memory_mb), *command],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
        )
    try:
        leader = _leader(host)
        inside = Inside(("nsenter", "--target", str(leader), "--all", "--"))
        _until_up(inside)
        yield inside
    finally:
        host.send_signal(signal.SIGTERM)  # an orderly shutdown
        try:
            host.wait(HALT_S)
        except subprocess.TimeoutExpired:
            host.kill()
            host.wait()


def kills(root: Path) -> int | None:
    """How often the kernel killed something for want of memory; None where none was limited."""
    control = MEMORY / f"dolpa-try-{root.parent.name}" / "memory.oom_control"
    if not control.exists():
        return None
    words = control.read_text().split()
    return int(words[words.index("oom_kill") + 1])


def forget_limit(root: Path) -> None:
    """Take the group of the booted machine away."""
    group = MEMORY / f"dolpa-try-{root.parent.name}"
    for _ in _moments(HALT_S):  # its last process may still be ending
        with suppress(OSError):
            if group.exists():
                group.rmdir()
            return


def _limited(name: str, memory_mb: int) -> tuple[str, ...]:
    """Begins a command in a group of processes with so much memory, where there are groups."""
    group = MEMORY / name
    if not MEMORY.is_dir():
        return ()
    group.mkdir(exist_ok=True)
    (group / "memory.limit_in_bytes").write_text(str(memory_mb * 2**20))
    return ("sh", "-c", f'echo $$ > {group}/cgroup.procs; exec "$@"', "sh")


def _leader(host: subprocess.Popen[bytes]) -> int:
    children = Path(f"/proc/{host.pid}/task/{host.pid}/children")
    for _ in _moments(BOOT_S):
        if host.poll() is not None:
            raise TryFailed(f"systemd-nspawn ended with {host.returncode}; see console.log")
        found = children.read_text().split()
        if found and Path(f"/proc/{found[0]}/comm").read_text() == "systemd\n":
            return int(found[0])
    raise TryFailed("no systemd came up; see console.log")


def _until_up(inside: Inside) -> None:
    done = Done(1, "")
    for _ in _moments(BOOT_S):
        done = inside.try_run("systemctl", "is-system-running")
        if done.text.strip() in {"running", "degraded"}:
            return
    raise TryFailed(f"the machine did not come up: {done.text}")


def _moments(limit_s: float) -> Iterator[None]:
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        yield
        time.sleep(0.2)


def say(text: str) -> None:
    """One line of the trial's own."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
