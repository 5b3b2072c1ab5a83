"""What the doctor looks at on this machine: no connection is made."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.terminal import here
from bot.terminal.troubles import Trouble
from engine.adapters.secrets import (
    RENEWABLE,
    STORABLE,
    STORE_FILE,
    TOKEN_FILE,
    Secret,
    Secrets,
    old_names,
)
from engine.model.checkup import Probe, Told, Unwell
from engine.rules.live import LEAST_DISK_MB

UNIT = "dolpa.service"
_SYSTEMD = Path("/run/systemd/system")
_SYSTEMCTL_S = 5.0
_OTHERS_MAY = 0o077
_WHEEL = "koreanize_matplotlib"
_ENABLED = frozenset({"enabled", "enabled-runtime"})


@dataclass(frozen=True, slots=True)
class Machine:
    """Where things are. ``environ``: whence a value may have come."""

    data: Path
    env_file: Path
    secrets: Secrets
    environ: frozenset[str]
    now: Callable[[], datetime]

    def probes(self) -> list[tuple[str, Probe]]:
        """In the order they are told."""
        return [
            ("secrets", self._secrets),
            ("keys", self._keys),
            ("files", self._files),
            ("disk", self._disk),
            ("database", lambda: asyncio.to_thread(databases, self.data)),
            ("fonts", font),
            ("service", service),
        ]

    async def _secrets(self) -> Told:
        store = self.data / STORE_FILE
        places = [str(place) for place in (self.env_file, store) if place.exists()]
        found = len(self.secrets.all_set()) - len(self.secrets.shadowed)
        if not found and not places:
            raise Unwell(Trouble.NO_SECRETS)
        missing = missing_from(self.secrets)
        if missing.instead:
            raise Unwell("missing_keys", ", ".join(missing.names), ", ".join(missing.instead))
        if missing.names:
            raise Unwell("missing", ", ".join(missing.names))
        if not self.secrets.telegram_user_ids:
            raise Unwell(Trouble.NO_USERS)
        return Told("secrets", (str(found), ", ".join(places) or "environment"))

    async def _keys(self) -> Told:
        old = old_names(self.secrets.set_at, self.now())
        if old:
            listed = ", ".join(f"{name} ({days})" for name, days in old)
            return Told("old_keys", (listed,), is_note=True)
        if self.environ & RENEWABLE & set(STORABLE):
            return Told("keys_unknown", is_note=True)
        has_any = bool(RENEWABLE & set(STORABLE) & set(self.secrets.set_at))
        return Told("keys") if has_any else Told("no_keys", is_note=True)

    async def _files(self) -> Told:
        private = (self.data, self.data / STORE_FILE, self.data / TOKEN_FILE, self.env_file)
        for path in private:
            with contextlib.suppress(FileNotFoundError):
                found = path.stat()
                if found.st_uid not in (os.geteuid(), 0) and os.geteuid() != 0:
                    raise Unwell("foreign_files", str(path))
                if stat.S_IMODE(found.st_mode) & _OTHERS_MAY:
                    raise Unwell("open_files", str(path))
        return Told("files")

    async def _disk(self) -> Told:
        place = self.data if self.data.exists() else self.data.resolve().parent
        free = shutil.disk_usage(place).free // 2**20
        if free < LEAST_DISK_MB:
            raise Unwell("no_disk", str(free), str(LEAST_DISK_MB))
        return Told("disk", (str(free),))


@dataclass(frozen=True, slots=True)
class Missing:
    """Names that a start needs and does not find, and those of the other KIS account instead."""

    names: tuple[str, ...]
    instead: tuple[str, ...] = ()


def missing_from(secrets: Secrets) -> Missing:
    """The bot, and the keys of one KIS account: of the one that lacks less, else the real one."""
    token = () if secrets.telegram_token is not None else ("TELEGRAM_BOT_TOKEN",)
    if secrets.has_real_keys or secrets.has_paper_keys:
        return Missing(token)
    real = _unset({
        "KIS_APP_KEY": secrets.kis_app_key,
        "KIS_APP_SECRET": secrets.kis_app_secret,
        "KIS_ACCOUNT_NO": secrets.kis_account,
    })  # fmt: skip
    paper = _unset({
        "KIS_PAPER_APP_KEY": secrets.paper_app_key,
        "KIS_PAPER_APP_SECRET": secrets.paper_app_secret,
        "KIS_PAPER_ACCOUNT_NO": secrets.paper_account,
    })  # fmt: skip
    first, other = (paper, real) if len(paper) < len(real) else (real, paper)
    return Missing((*token, *first), other)


def _unset(named: Mapping[str, Secret | None]) -> tuple[str, ...]:
    return tuple(name for name, value in named.items() if value is None)


def databases(data: Path) -> Told:
    """Every database opens read-only and is sound."""
    paths = sorted(data.glob("*.db"))
    for path in paths:
        try:
            address = f"{path.resolve().as_uri()}?mode=ro"
            with contextlib.closing(sqlite3.connect(address, uri=True)) as connection:
                said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.Error as error:
            raise Unwell("database", path.name, str(error)) from None
        if said != "ok":
            raise Unwell("database", path.name, said)
    if not paths:
        return Told("no_databases")
    return Told("databases", (", ".join(path.name for path in paths),))


async def font() -> Told:
    """Which letters the pictures have: those of the wheel, else a Korean font of the system."""
    found = importlib.util.find_spec(_WHEEL)
    for place in (found.submodule_search_locations or ()) if found else ():
        if (Path(place) / "fonts" / "NanumGothic.ttf").is_file():
            return Told("font", ("NanumGothic",))
    listed = await _output("fc-list", ":lang=ko", "family")
    if not listed:
        raise Unwell("no_font")
    return Told("font", (listed.splitlines()[0].split(",")[0],))


def has_systemd() -> bool:
    """Whether systemd runs this machine."""
    return _SYSTEMD.exists() and shutil.which("systemctl") is not None


async def service() -> Told:
    """Whether systemd starts the assistant, where there is a systemd."""
    if not has_systemd():
        return _without_systemd()
    shown = await _output(
        *("systemctl", "show", UNIT, "--property=LoadState,UnitFileState,ActiveState")
    )
    if not shown:
        return _without_systemd()
    states = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    return judge_service(states)


def _without_systemd() -> Told:
    return Told("no_systemd_yet" if here.is_installed() else "no_systemd")


def judge_service(states: dict[str, str]) -> Told:
    """What systemd says of the unit."""
    if states.get("LoadState") != "loaded":
        return Told("not_installed", is_note=True)
    if states.get("ActiveState") == "failed":
        raise Unwell("service_failed")
    if states.get("UnitFileState") not in _ENABLED:
        raise Unwell("not_enabled")
    return Told("service", (states.get("ActiveState", "?"),))


async def _output(*command: str) -> str:
    """What a program prints; blank where there is none or it fails."""
    program = shutil.which(command[0])
    if program is None:
        return ""
    child = await asyncio.create_subprocess_exec(
        program,
        *command[1:],
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_SYSTEMCTL_S):
            printed, _ = await child.communicate()
    except TimeoutError:
        child.kill()
        await child.wait()
        return ""
    return printed.decode(errors="replace").strip() if child.returncode == 0 else ""
