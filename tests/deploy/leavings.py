"""What a machine may still have after the uninstall: packages, and what those wrote."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from tests.deploy.debian import Inside

# Differs from one machine to the next, whatever was installed.
VOLATILE = (
    "etc/passwd-",  # the tools of users and groups keep yesterday's lists
    "etc/group-",
    "etc/shadow-",
    "etc/gshadow-",
    "var/cache/apt",
    "var/cache/fontconfig",
    "var/cache/ldconfig",
    "var/lib/apt",
    "var/lib/dpkg/status-old",
    "var/lib/chrony",
    "var/lib/systemd/random-seed",
    "var/lib/systemd/timers",
    "var/log/alternatives.log",
    "var/log/apt",
    "var/log/chrony",
    "var/log/dpkg.log",
    "var/log/fontconfig.log",
    "var/log/journal",
    "var/log/wtmp",
)


def packages_in(inside: Inside) -> list[str]:
    """Names of what is installed."""
    return inside.run("dpkg-query", "--show", "--showformat=${Package}\n").split()


def with_packages(inside: Inside, packages: Collection[str]) -> None:
    """A machine that never saw Dolpa gets the same packages."""
    inside.run("apt-get", "update", "-qq")
    words = ("DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq")
    inside.run("env", *words, "--no-install-recommends", *packages)


def unexplained(found: Mapping[str, str]) -> dict[str, str]:
    """What differs, but for what is volatile or lies below it."""
    beginnings = tuple(f"{path}/" for path in VOLATILE)
    return {
        path: word
        for path, word in found.items()
        if path not in VOLATILE and not path.startswith(beginnings)
    }


def accounts_of(name: str, root: Path) -> list[str]:
    """Lines of the lists of users and groups that speak of an account."""
    return [
        line
        for file in ("passwd", "group", "shadow", "gshadow")
        for line in (root / "etc" / file).read_text(encoding="utf-8").splitlines()
        if name in line
    ]
