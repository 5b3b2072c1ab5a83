"""Commands that texts advise: of this machine, and of the assistant that is meant."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import program
from bot.format.lang import Lang
from bot.lock import held_lock
from bot.program import run_command
from bot.signals import STOP_ALL
from bot.terminal import doctor_command, here
from bot.terminal.doctor_local import Machine, service
from bot.terminal.doctor_words import told as doctor_told
from bot.terminal.refusals import in_words
from bot.terminal.setup_answers import Answers
from bot.terminal.setup_telegram import Troubled
from bot.terminal.troubles import Trouble
from engine.adapters.secrets import Secrets
from engine.config import Config
from engine.wiring import Paths
from engine.wiring.replay import NO_DAYS
from tests.conftest import ROOT
from tests.terminal.conftest import Told
from tests.terminal.person import Person

KEYS = "TELEGRAM_BOT_TOKEN=1:a\nKIS_APP_KEY=k\nKIS_APP_SECRET=s\nKIS_ACCOUNT_NO=12345678-01\n"


# -- the assistant that is meant -----------------------------------------------------------------


def options(home: Path) -> str:
    return f"--config {home / 'config.yaml'} --env-file {home / '.env'} --data-dir {home / 'data'}"


def test_a_second_start_names_the_stop_of_the_first_and_what_it_leaves(
    told: Told, tmp_path: Path
) -> None:
    with held_lock(tmp_path / "data"):
        (tmp_path / "data").chmod(0o700)
        code, said = told("bot", keys=KEYS)
        assert code == 3
        assert "비서가 이미 실행 중이라 또 시작하지 않았습니다" in said
        assert f"멈추려면: python3 run.py stop {options(tmp_path)} (다음 시작부터" in said
        said = told("bot", config="language: en\n", keys=KEYS)[1]
        assert said.endswith("it makes exits only, until /resume)\n")
        code, said = told("setup", "--unattended")
        assert code == 2
        assert f"python3 run.py stop {options(tmp_path)} (" in said
        code, said = told("restore", str(tmp_path / "one.zip"))
        assert code == 3
        assert f"먼저 멈추세요: python3 run.py stop --data-dir {tmp_path / 'data'} (" in said


@pytest.mark.usefixtures("installed")
def test_on_an_installed_machine_a_second_start_names_the_service(
    told: Told, tmp_path: Path
) -> None:
    with held_lock(tmp_path / "data"):
        (tmp_path / "data").chmod(0o700)
        said = told("bot", keys=KEYS)[1]
    assert said.endswith("멈추려면: sudo systemctl stop dolpa\n")  # which leaves no latch


def test_each_advice_is_for_the_directory_that_was_given(told: Told, tmp_path: Path) -> None:
    given = options(tmp_path)
    for words, commands in (
        (("bot",), ("setup", "bot")),
        (("report", "month"), ("bot",)),
    ):
        said = told(*words)[1]
        for command in commands:
            assert f"python3 run.py {command} {given}" in said
    for config in ("risk: 5\n", "risk:\n\t- 1"):
        assert told("check-config", config=config)[1].endswith(f"check-config {given}\n")
    assert told("check-config", keys="no line\n")[1].endswith(f"check-config {given}\n")


def test_where_all_lies_as_usual_the_command_stays_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_command(["bot"], {}) == 2
    said = capsys.readouterr().err
    assert said.endswith("python3 run.py setup\n다 넣은 뒤 시작: python3 run.py bot\n")
    assert here.elsewhere(Path("two words/data"), Path("config.yaml")) == (
        " --data-dir 'two words/data'"
    )


@pytest.mark.usefixtures("installed")
def test_another_directory_on_an_installed_machine_is_not_the_service() -> None:
    given = here.elsewhere(Path("/srv/two"))
    assert here.stop(given) == "sudo dolpa stop --data-dir /srv/two"
    assert here.start(given) == "python3 run.py bot --data-dir /srv/two"


def test_the_installed_places_are_those_of_the_unit_and_of_the_command() -> None:
    said = " ".join(f"{option} {path}" for option, path in here.INSTALLED.items())
    unit = (ROOT / "deploy" / "systemd" / "dolpa.service").read_text(encoding="utf-8")
    assert f"bot {said}\n" in unit
    command = (ROOT / "deploy" / "dolpa").read_text(encoding="utf-8")
    asked = ' --config "$CONFIG/config.yaml" \\\n    --env-file "$CONFIG/env" --data-dir "$DATA"'
    assert asked in command
    places = (ROOT / "deploy" / "parts" / "places.sh").read_text(encoding="utf-8")
    assert "\nCONFIG=/etc/dolpa\n" in places
    assert "\nDATA=/var/lib/dolpa\n" in places


# -- the stop --------------------------------------------------------------------------------------


@pytest.fixture
def heard() -> Iterator[list[int]]:
    found: list[int] = []
    before = signal.signal(STOP_ALL, lambda number, _frame: found.append(number))
    yield found
    signal.signal(STOP_ALL, before)


def test_the_stop_is_sent_before_any_file_is_looked_at(
    heard: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unreadable(Exception):
        """What nobody thought of."""

    def look(_given: object) -> Lang:
        raise Unreadable

    monkeypatch.setattr(program, "language_of", look)
    monkeypatch.setattr(program, "language_for", look)
    with held_lock(tmp_path), pytest.raises(Unreadable):
        run_command(["stop", "--data-dir", str(tmp_path)], dict(os.environ))
    assert heard == [STOP_ALL]


# -- the machine -----------------------------------------------------------------------------------


def test_the_mark_of_an_installation_is_what_the_scripts_leave() -> None:
    script = (ROOT / "deploy" / "parts" / "release.sh").read_text(encoding="utf-8")
    assert f'touch "$RELEASE/{here.MARK}"' in script


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("text", "adapted"),
    [
        ("python3 run.py bot, run.py", "sudo systemctl start dolpa, run.py"),
        ("run.py secrets set NAME", "sudo dolpa secrets set NAME"),
        ("python3 run.py setup에서", "sudo dolpa setup에서"),
        ("`run.py replay --minutes DIR`", "`sudo dolpa replay --minutes DIR`"),
        ("run.py check-config names the line", "sudo dolpa check-config names the line"),
        ("have run.py make .venv anew", "have run.py make .venv anew"),
        ("`python3 run.py bot --record DIR`", "`python3 run.py bot --record DIR`"),
        ("python3 run.py demo --once", "python3 run.py demo --once"),
        ("run.py setups, run.py botch", "run.py setups, run.py botch"),
    ],
)
def test_only_commands_that_the_machine_has_are_adapted(text: str, adapted: str) -> None:
    assert here.adapted(text) == adapted


@dataclass
class Heard:
    lines: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        self.lines.append(line)


@pytest.mark.usefixtures("installed")
async def test_the_doctor_the_wizard_and_refusals_speak_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard()
    data, env_file = tmp_path / "data", tmp_path / ".env"
    machine = Machine(data, env_file, Secrets(), frozenset(), lambda: datetime.now(UTC))
    monkeypatch.setattr(machine.__class__, "probes", lambda self: [("secrets", self._secrets)])
    config = Config()
    patient = doctor_command.Patient(Paths(data, None), env_file, config, Secrets(), {}, "test")
    assert await doctor_command.run_doctor(patient, heard.say, lambda: datetime.now(UTC)) == 1
    assert "sudo dolpa setup" in heard.lines[0]
    wizard = Answers(Person(), {}, is_attended=True)
    assert "sudo dolpa setup" in wizard.shown(Troubled(Trouble.NO_USERS))
    for lang in Lang:
        said = in_words(NO_DAYS.format("there"), lang)
        assert "sudo dolpa replay --recording FILE" in said
        assert "python3 run.py bot --record DIR" in said


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.usefixtures("installed")
async def test_without_systemd_nobody_is_sent_to_systemctl(
    lang: Lang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    told = await service()
    said = here.adapted(doctor_told(told.code, told.facts, lang))
    assert "systemctl" not in said
    assert "run.py" not in said
    assert lang.pick("다음 부팅 때", "next boot") in said


def test_every_command_of_a_checkout_is_a_whole_one() -> None:
    bare = re.compile(r"(?<!python3 )\brun\.py (?=(?:bot|replay|setup|check-config|restore)\b)")
    assert bare.search(NO_DAYS) is None
    for path in (ROOT / "bot" / "terminal").glob("doctor_*.py"):
        lines = path.read_text(encoding="utf-8").splitlines()
        assert not [line for line in lines if bare.search(line) and not line.startswith('"""')]
