"""Installs Dolpa for real in a Debian 12 made with debootstrap, and takes it away again.

    sudo .venv/bin/python -m tests.deploy.try_debian [--work DIR] [--mirror URL] [--memory-mb 950]

First by chroot under a notify socket of its own, then booted with systemd as process 1 where
systemd-nspawn is there. The root, about 1.5 GB, is removed at the end; --keep leaves it.
Needs root, debootstrap, and the internet for Debian's packages and Python's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.deploy import booted_steps
from tests.deploy.debian import (
    MIRROR,
    Inside,
    TryFailed,
    booted,
    entered,
    forget_limit,
    make,
    say,
)
from tests.deploy.leavings import accounts_of, packages_in, unexplained, with_packages
from tests.deploy.service import play_under_notify_socket, sandbox
from tests.deploy.trees import Entry, differences, look
from tests.deploy.units import ROOT

CHECKOUT = "root/dolpa"
BOOTSTRAP = f"/{CHECKOUT}/deploy/bootstrap.sh"
UNINSTALL = f"/{CHECKOUT}/deploy/uninstall.sh"
NOTHING = "Nothing changed"


def main(arguments: list[str] | None = None) -> int:
    """0 and a line of figures when all went well, 1 after ``TRY FAILED``."""
    options = _parser().parse_args(arguments)
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        sys.stderr.write("needs root and debootstrap: apt-get install debootstrap\n")
        return 2
    work = options.work or Path(tempfile.mkdtemp(prefix="dolpa-try-"))
    work.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was begun is ended in order
    try:
        say(_try(work / "debian", options.mirror, options.memory_mb))
    except (TryFailed, subprocess.CalledProcessError, OSError) as error:
        say(f"TRY FAILED {error}")
        return 1
    finally:
        forget_limit(work / "debian")
        if not options.keep:
            shutil.rmtree(work)
    return 0


def _try(root: Path, mirror: str, memory_mb: int) -> str:
    began = time.monotonic()
    say(f"# debootstrap into {root}")
    make(root, mirror)
    take_checkout(root)
    figures = _by_chroot(root)
    if shutil.which("systemd-nspawn") is None:
        figures.append("booted=no (systemd-nspawn is missing: apt-get install systemd-container)")
    else:
        figures += _by_boot(root, memory_mb)
    return f"TRY OK {' '.join(figures)} minutes={(time.monotonic() - began) / 60:.1f}"


def take_checkout(root: Path) -> None:
    """What git knows and what it would take in, as a clone has it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        source, target = ROOT / name, root / CHECKOUT / name
        if source.is_file() and not source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


def _by_chroot(root: Path) -> list[str]:
    inside, control = entered(root), root.with_name("control")
    subprocess.run(["cp", "-a", str(root), str(control)], check=True)  # noqa: S603, S607 - ours
    packages = packages_in(inside)
    _install(inside, "bootstrap")
    again = _again(inside, root, "fresh")
    say("# the service, as its unit says, under a notify socket")
    with sandbox(inside, root, with_systemd=False):
        ready_s, heard = play_under_notify_socket(root)
    pings = heard.words.count("WATCHDOG=1")
    say(f"READY after {ready_s:.1f} s, then {pings} x WATCHDOG, at SIGTERM STOPPING and exit 0")
    _again(inside, root, "after it ran")
    _keep_and_take_up(inside, root)
    say("# uninstall --purge")
    say(inside.run(UNINSTALL, "--purge", "--yes"))
    new = sorted(set(packages_in(inside)) - set(packages))
    with_packages(entered(control), new)
    gone = look(root)
    compared = _ensure_same(look(control), gone, "beside a machine that only got the packages")
    if accounts := accounts_of("dolpa", root):
        raise TryFailed(f"accounts are left: {accounts}")
    say(f"packages that stay: {' '.join(new)}")
    _install(inside, "bootstrap once more, with the packages there")
    inside.run(UNINSTALL, "--purge", "--yes")
    _ensure_same(gone, look(root), "after a second installation")
    figures = [f"ready_s={ready_s:.1f}", f"watchdogs={pings}", f"strangers={heard.strangers}"]
    figures += [f"second_run_changes=0/{again}", f"left_behind=0/{compared}"]
    return [*figures, f"packages_stay={len(new)}"]


def _keep_and_take_up(inside: Inside, root: Path) -> None:
    say("# uninstall, which keeps data and settings; bootstrap takes them up again")
    kept = _contents(root)
    say(inside.run(UNINSTALL))
    if _contents(root) != kept or accounts_of("dolpa", root):
        raise TryFailed("uninstall without --purge touched the data, or left the account")
    _install(inside, "bootstrap over them")
    if _contents(root) != kept:
        raise TryFailed("bootstrap touched the data")
    _again(inside, root, "over kept data")


def _contents(root: Path) -> dict[str, str]:
    """Data and settings, whoever owns them."""
    return {
        f"{folder}/{path}": entry.content
        for folder in ("var/lib/dolpa", "etc/dolpa")
        for path, entry in look(root / folder).items()
    }


def _by_boot(root: Path, memory_mb: int) -> list[str]:
    with booted(root, memory_mb):
        pass  # a first boot writes what every machine has
    before = look(root)
    figures = booted_steps.play(root, memory_mb, BOOTSTRAP, UNINSTALL)
    _ensure_same(before, look(root), "the booted machine, beside what it was")
    return figures


def _install(inside: Inside, what: str) -> None:
    say(f"# {what}")
    said = inside.run(BOOTSTRAP)
    say("\n".join(line for line in said.splitlines() if line[:2] in {"+ ", "= ", "  "}))
    if NOTHING in said:
        raise TryFailed("bootstrap says that nothing changed, on a bare machine")


def _again(inside: Inside, root: Path, when: str) -> int:
    """A second run writes nothing, not even the same again; returns how many paths there are."""
    before = look(root)
    said = inside.run(BOOTSTRAP)
    after = look(root)
    found = differences(before, after, times=True)
    found.pop("tmp", None)  # its scratch came and went
    if found or NOTHING not in said:
        raise TryFailed(f"a second run ({when}) changed {found} and said:\n{said}")
    say(f"# a second run ({when}): {len(after)} paths, none changed; {said.splitlines()[-2]}")
    return len(after)


def _ensure_same(before: dict[str, Entry], after: dict[str, Entry], what: str) -> int:
    found = unexplained(differences(before, after, times=False))
    if found:
        raise TryFailed(f"{what}: left {found}")
    say(f"# {what}: {len(after)} paths, none differs")
    return len(after)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.deploy.try_debian", description=__doc__)
    parser.add_argument("--work", type=Path, help="default: a fresh temporary folder")
    parser.add_argument("--mirror", default=MIRROR)
    parser.add_argument("--memory-mb", type=int, default=950, help="what a t3.micro has")
    parser.add_argument("--keep", action="store_true", help="leave the root for a look")
    return parser


if __name__ == "__main__":
    sys.exit(main())
