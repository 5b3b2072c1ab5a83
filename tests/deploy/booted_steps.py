"""The trial where systemd is process 1: its sandbox, its watchdog, boots, copies, upgrades."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from engine.adapters.secrets import TOKEN_FILE
from sandbox.demo_control import DemoControl
from sandbox.demo_story import US, Story
from tests.deploy.debian import Inside, TryFailed, booted, kills, say
from tests.deploy.service import URL, health, sandbox

UNIT = "dolpa.service"
SALE_S, SPEED = 60.0, 10.0
RESTART_S = 90.0
IMPATIENT = "[Service]\nWatchdogSec=20\nTimeoutAbortSec=5\n"
HARDENED = (
    ("NoNewPrivs", "1"),
    ("Seccomp", "2"),
    ("CapEff", "0000000000000000"),
    ("CapBnd", "0000000000000000"),
)


def play(root: Path, memory_mb: int, bootstrap: str, uninstall: str) -> list[str]:
    """All of it in two boots; returns the figures. Raises TryFailed."""
    with booted(root, memory_mb) as inside:
        say("# booted: bootstrap")
        say(inside.run(bootstrap).splitlines()[-2])
        say(_verified(inside))
        with sandbox(inside, root, with_systemd=True):
            figures = _lived(inside, root)
        say(f"# the clean stop: {_stopped(inside)}")
    with booted(root, memory_mb) as inside:
        _ensure(inside.run("systemctl", "is-enabled", UNIT).strip() == "enabled", "not enabled")
        _at_boot(inside)
        say("# uninstall --purge")
        inside.run(uninstall, "--purge", "--yes")
        found = inside.try_run("systemctl", "status", UNIT)
        _ensure("could not be found" in found.text, found.text)
        killed = kills(root)
        _ensure(not killed, f"the kernel killed {killed} for want of memory")
    held = "unlimited" if killed is None else f"{memory_mb}MB,{killed}_kills"
    return [*figures, f"machine_memory={held}"]


def _verified(inside: Inside) -> str:
    said = [inside.run("systemd-analyze", "verify", UNIT, "dolpa-backup.service").strip()]
    _ensure(said == [""], f"systemd-analyze verify: {said}")
    for unit in (UNIT, "dolpa-backup.service"):
        (*_, last) = inside.run("systemd-analyze", "security", "--no-pager", unit).splitlines()
        said.append(last)
    return "systemd-analyze verify: clean\n" + "\n".join(said[1:])


def _lived(inside: Inside, root: Path) -> list[str]:
    began = time.monotonic()
    inside.run("systemctl", "start", UNIT)  # comes back with READY
    ready_s = time.monotonic() - began
    say(f"# systemctl start came back after {ready_s:.1f} s; /health: {health()['status']}")
    _ensure_hardened(inside)
    # Kept only under the passphrase, which comes by LoadCredential.
    _ensure((root / "var/lib/dolpa" / TOKEN_FILE).exists(), "the passphrase did not arrive")
    pictures = asyncio.run(_traded())
    say(f"# a share was sold through it, and the chat has {pictures} pictures of it")
    say(f"# memory: {_figure(inside, 'VmHWM')} at most")
    figures = [f"booted_ready_s={ready_s:.1f}", f"pictures={pictures}"]
    figures.append(f"rss_peak={_figure(inside, 'VmHWM').replace(' ', '')}")
    say(_copied(inside))
    _upgraded(inside, root)
    say(_revived(inside))
    _misconfigured(inside, root)
    return figures


async def _traded() -> int:
    """Buy in the app, have it sold by the assistant, ask for the report; counts the pictures."""
    async with DemoControl(URL) as control:
        await control.until_greeted(SALE_S)
        story = Story(control)
        await story.first_minutes(US, SPEED)
        await control.until_said("매도 전량 체결", 0, SALE_S)
        await story.ask_for_report()
        return len(await control.photos(await control.transcript()))


def _ensure_hardened(inside: Inside) -> None:
    for name, wanted in HARDENED:
        found = _figure(inside, name)
        _ensure(found == wanted, f"{name} is {found}, not {wanted}")


def _copied(inside: Inside) -> str:
    inside.run("systemctl", "start", "dolpa-backup.service")
    found = inside.run("sh", "-c", "ls /var/lib/dolpa/backups/dolpa-*.zip").split()
    _ensure(len(found) == 1, f"copies: {found}")
    timer = ("dolpa-backup.timer", "-P", "NextElapseUSecRealtime")
    due = inside.run("systemctl", "show", *timer).strip()
    _ensure(due != "", "the timer does not run")
    return f"# dolpa-backup.service made {found[0]}; the next is due {due}"


def _upgraded(inside: Inside, root: Path) -> None:
    """A version with a newer form of the data, its way back, and one that never becomes ready."""
    old = _in_force(inside)
    newer = _variant(root, "newer", "engine/adapters/sqlite/schema.py", _one_table_more)
    say("# upgrade to a version that changes state.db")
    say(inside.run(f"{newer}/deploy/upgrade.sh"))
    _ensure(_in_force(inside) != old, "the old version is still in force")
    _ensure(health()["status"] != "stopped", "no health after the upgrade")
    say("# upgrade --back")
    say(inside.run("dolpa", "upgrade", "--back"))
    _ensure(_in_force(inside) == old, "the old version is not back")
    say("# upgrade to a version that never becomes ready")
    broken = _variant(root, "broken", "bot/systemd.py", _ends_instead_of_ready)
    say("\n".join(inside.run(f"{broken}/deploy/upgrade.sh", code=1).splitlines()[-9:]))
    _ensure(_in_force(inside) == old, "the broken version is still in force")
    _ensure(_state(inside) == "active", "the old version does not run again")
    for used in (newer, broken):
        shutil.rmtree(root / used.lstrip("/"))


def _variant(root: Path, name: str, file: str, edit: Callable[[str], str]) -> str:
    place = root / "root" / name
    shutil.copytree(root / "root/dolpa", place)
    path = place / file
    text = path.read_text(encoding="utf-8")
    path.write_text(edit(text), encoding="utf-8")
    _ensure(path.read_text(encoding="utf-8") != text, f"{file} has another form now")
    return f"/root/{name}"


def _one_table_more(text: str) -> str:
    more = r'STATE = Schema((\1, ("CREATE TABLE of_a_trial (x INTEGER)",)))'
    return re.sub(r"^STATE = Schema\(\((.*)\)\)$", more, text, flags=re.MULTILINE)


def _ends_instead_of_ready(text: str) -> str:
    return text.replace('self._say("READY=1")', "__import__('os')._exit(1)")


def _revived(inside: Inside) -> str:
    """A process that hangs is found by the watchdog and started anew."""
    inside.run("mkdir", "-p", f"/run/systemd/system/{UNIT}.d")
    place = f"/run/systemd/system/{UNIT}.d/try.conf"
    inside.run("sh", "-c", f"printf '%s' '{IMPATIENT}' > {place}")
    inside.run("systemctl", "daemon-reload")
    inside.run("systemctl", "restart", UNIT)
    before = _main_pid(inside)
    inside.run("systemctl", "kill", "--kill-who=main", "--signal=STOP", UNIT)
    began = time.monotonic()
    while _main_pid(inside) in {before, "0"} or _state(inside) != "active":
        _ensure(time.monotonic() < began + RESTART_S, "nobody revived it")
        time.sleep(0.5)
    took_s = time.monotonic() - began
    inside.run("rm", place)
    inside.run("systemctl", "daemon-reload")
    inside.run("systemctl", "restart", UNIT)
    return f"# hung on purpose; the watchdog, set to 20 s, revived it after {took_s:.0f} s"


def _misconfigured(inside: Inside, root: Path) -> None:
    """Exit code 2 is final."""
    path = root / "etc/dolpa/config.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}\nno_such_key: 1\n", encoding="utf-8")
    _ensure(inside.try_run("systemctl", "restart", UNIT).code != 0, "it started with a wrong key")
    shown = inside.run("systemctl", "show", UNIT, "-p", "ActiveState,NRestarts,ExecMainStatus")
    _ensure("ActiveState=failed" in shown and "ExecMainStatus=2" in shown, shown)
    say(f"# a wrong key in config.yaml: {' '.join(sorted(shown.split()))}")
    path.write_text(text, encoding="utf-8")
    inside.run("systemctl", "restart", UNIT)


def _at_boot(inside: Inside) -> None:
    """It starts by itself; without a sandbox nobody answers, so READY is not waited for."""
    state = _state(inside)
    _ensure(state in {"activating", "active"}, f"after a boot it is {state}")
    say(f"# after a boot the service is {state}, without anybody's hand")


def _stopped(inside: Inside) -> str:
    return " ".join(
        inside.run(
            "sh", "-c", f"systemctl stop {UNIT}; systemctl show {UNIT} -p Result,ExecMainStatus"
        ).split()
    )


def _in_force(inside: Inside) -> str:
    return inside.run("readlink", "/opt/dolpa/current").strip()


def _state(inside: Inside) -> str:
    return inside.try_run("systemctl", "is-active", UNIT).text.strip()


def _main_pid(inside: Inside) -> str:
    return inside.run("systemctl", "show", "-P", "MainPID", UNIT).strip()


def _figure(inside: Inside, name: str) -> str:
    status = inside.run("cat", f"/proc/{_main_pid(inside)}/status")
    found = re.search(rf"^{name}:\s*(.*)$", status, re.MULTILINE)
    return found[1] if found else ""


def _ensure(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise TryFailed(otherwise)
