"""The units promise what the operator's contract and the security page say."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.config import Config
from tests.deploy.units import UNITS, one, settings

SERVICE, BACKUP = UNITS / "dolpa.service", UNITS / "dolpa-backup.service"
TIMER = UNITS / "dolpa-backup.timer"
LARGEST_EXPOSURE = 1.5
SMALLEST_MACHINE_MB = 950
SEOUL, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")


def said_by(*command: str) -> str:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is missing")
    done = subprocess.run(  # noqa: S603 - our own words
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def seconds(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(\w*)", text).groups()  # type: ignore[union-attr]
    return int(number) * {"": 1, "s": 1, "min": 60, "h": 3600}[unit]


def megabytes(text: str) -> int:
    assert text.endswith("M")
    return int(text[:-1])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Type", "notify"),
        ("NotifyAccess", "main"),
        ("WatchdogSec", "120"),
        ("Restart", "on-failure"),
        ("RestartPreventExitStatus", "2 3"),
        ("TimeoutStopSec", "40"),
        ("WantedBy", "multi-user.target"),
        ("LoadCredential", "master_passphrase:/etc/dolpa/master_passphrase"),
        ("User", "dolpa"),
        ("LimitCORE", "0"),
    ],
)
def test_the_service_is_as_the_contract_says(name: str, value: str) -> None:
    assert one(settings(SERVICE), name) == value


def test_ready_may_take_longer_than_a_slow_broker() -> None:
    assert seconds(one(settings(SERVICE), "TimeoutStartSec")) >= 600


def test_the_service_and_a_copy_beside_it_fit_a_machine_of_one_gigabyte() -> None:
    service, backup = settings(SERVICE), settings(BACKUP)
    most = megabytes(one(service, "MemoryMax")) + megabytes(one(backup, "MemoryMax"))
    assert most <= SMALLEST_MACHINE_MB
    for unit in (service, backup):
        assert megabytes(one(unit, "MemoryHigh")) < megabytes(one(unit, "MemoryMax"))


def test_the_child_that_draws_may_make_itself_nicer() -> None:
    """Without these its os.nice and setrlimit fail, and reports come without pictures."""
    *_, last = settings(SERVICE)["SystemCallFilter"]
    assert {"setpriority", "prlimit64"} <= set(last.split())


def test_no_unit_opens_a_port() -> None:
    assert list(UNITS.glob("*.socket")) == []
    for path in UNITS.iterdir():
        assert not {name for name in settings(path) if name.startswith("Listen")}, path
    assert Config().health.host == "127.0.0.1"
    assert "INET" not in one(settings(BACKUP), "RestrictAddressFamilies")
    assert one(settings(BACKUP), "PrivateNetwork") == "yes"


def test_copies_are_made_while_both_exchanges_are_shut() -> None:
    _, clock, zone = one(settings(TIMER), "OnCalendar").split()
    assert zone == "Asia/Seoul"
    day = datetime.combine(datetime(2026, 1, 1), time.fromisoformat(clock), SEOUL)  # noqa: DTZ001
    for _ in range(366):
        there = day.astimezone(NEW_YORK)
        # From the US premarket to the close, and from the KRX's preparations to its evening.
        assert not (there.weekday() < 5 and time(4) <= there.time() < time(16, 15)), there
        assert not time(8) <= day.time() < time(18), day
        day += timedelta(days=1)


@pytest.mark.parametrize("unit", ["dolpa.service", "dolpa-backup.timer"])
def test_it_starts_at_boot(tmp_path: Path, unit: str) -> None:
    place = tmp_path / "etc/systemd/system"
    shutil.copytree(UNITS, place)
    root = f"--root={tmp_path}"
    said_by("systemctl", root, "enable", unit)
    assert said_by("systemctl", root, "is-enabled", unit).strip() == "enabled"


@pytest.mark.parametrize("path", [SERVICE, BACKUP], ids=lambda path: path.name)
def test_systemd_calls_its_exposure_small(path: Path) -> None:
    told = said_by("systemd-analyze", "security", "--offline=true", "--no-pager", str(path))
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert found is not None, told
    assert float(found[1]) <= LARGEST_EXPOSURE


def test_systemd_has_nothing_to_say_against_the_units(tmp_path: Path) -> None:
    for path in UNITS.iterdir():
        # Only the program is another: the installed one is not here.
        text = path.read_text(encoding="utf-8")
        text = text.replace("/opt/dolpa/current/.venv/bin/python", sys.executable)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    # Names such as network-online.target are this machine's.
    names = sorted(str(path) for path in tmp_path.iterdir())
    assert said_by("systemd-analyze", "verify", "--man=no", *names) == ""
