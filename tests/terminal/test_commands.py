"""The commands without a dialogue: in the config's language, with the next step."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.format.lang import Lang
from bot.lock import held_lock
from bot.program import run_command
from bot.terminal import here, setup_words
from bot.terminal.language import language_for, language_of
from engine.adapters.secrets import Secret, SecretStore
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from engine.adapters.sqlite.settings import SqliteSettings
from engine.ports.settings import Override
from tests.conftest import ROOT
from tests.terminal.terminal import Wizard

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HANGUL = re.compile("[가-힣]")
Told = Callable[..., tuple[int, str]]


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    """Runs a command in a home of its own; the exit code and all it printed."""

    def run(*words: str, config: str = "language: ko\n", keys: str = "") -> tuple[int, str]:
        (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
        (tmp_path / ".env").write_text(keys, encoding="utf-8")
        (tmp_path / ".env").chmod(0o600)
        where = ["--config", str(tmp_path / "config.yaml"), "--env-file", str(tmp_path / ".env")]
        try:
            code = run_command([*words, *where, "--data-dir", str(tmp_path / "data")], {})
        except SystemExit as end:
            code = int(str(end.code))
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``deploy/bootstrap.sh`` leaves a machine."""
    release = tmp_path / "release"
    release.mkdir()
    (release / here.MARK).touch()
    monkeypatch.setattr(here, "CODE", release)


# -- nothing there yet --------------------------------------------------------------------------


def test_without_keys_the_assistant_names_them_and_the_next_step(told: Told) -> None:
    code, said = told("bot")
    assert code == 2
    for part in ("TELEGRAM_BOT_TOKEN", "KIS_APP_KEY", "python3 run.py setup", "python3 run.py bot"):
        assert part in said
    assert said.startswith("시작할 수 없습니다")
    code, said = told("bot", config="language: en\n", keys="TELEGRAM_BOT_TOKEN=1:a\n")
    assert code == 2
    assert said.startswith("Cannot start")
    assert "TELEGRAM_BOT_TOKEN" not in said
    assert HANGUL.search(said) is None


@pytest.mark.usefixtures("installed")
def test_on_an_installed_machine_the_next_step_is_typed_otherwise(told: Told) -> None:
    _, said = told("bot")
    assert "sudo dolpa setup" in said
    assert "sudo systemctl start dolpa" in said
    assert "run.py" not in said


def test_before_the_first_run_there_is_no_report_but_a_way_to_one(told: Told) -> None:
    for language, part in (("ko", "아직 보고할 것이 없습니다"), ("en", "nothing to report yet")):
        code, said = told("report", "month", config=f"language: {language}\n")
        assert code == 1
        assert part in said
        assert "python3 run.py bot" in said


def test_a_report_without_a_period_shows_how_it_is_asked_for(told: Told) -> None:
    for language, part in (("ko", "어느 기간인지"), ("en", "Say which period")):
        code, said = told("report", config=f"language: {language}\n")
        assert code == 2
        assert part in said
        assert "python3 run.py report month" in said
        assert "usage:" not in said


def test_a_copy_of_nothing_and_a_stop_of_nobody_speak_the_configs_language(
    told: Told, tmp_path: Path
) -> None:
    zip_file = str(tmp_path / "one.zip")
    for words, code, ko, en in (
        (("backup", zip_file), 2, "백업할 것이 없습니다", "nothing to back up"),
        (("restore", zip_file), 2, "그런 파일이 없습니다", "no such file"),
        (("backup",), 2, "빠진 것: FILE", "arguments are required"),
        (("stop",), 1, "실행 중인 비서가 없습니다", "No assistant runs"),
        (("stop", "--until", "x"), 2, "날짜가 아님", "invalid fromisoformat"),
        (("stop", "now"), 2, "모르는 말: now", "unrecognized arguments: now"),
        (("doctr",), 2, "혹시 이것인가요? python3 run.py doctor", "Did you mean"),
        (("xyzzy",), 2, "모르는 명령", "Unknown command"),
        (("secrets", "lst"), 2, "없음. 가능:", "invalid choice"),
        (("replay", "--minutes", zip_file), 2, "기록한 날이 없습니다", "no recorded days are here"),
    ):
        assert told(*words)[0] == code
        assert ko in told(*words)[1]
        said = told(*words, config="language: en\n")[1]
        assert en in said
        assert HANGUL.search(said) is None


def test_beside_a_running_assistant_the_way_to_stop_it_is_named(told: Told, tmp_path: Path) -> None:
    keys = "TELEGRAM_BOT_TOKEN=1:a\nKIS_APP_KEY=k\nKIS_APP_SECRET=s\nKIS_ACCOUNT_NO=12345678-01\n"
    with held_lock(tmp_path / "data"):
        (tmp_path / "data").chmod(0o700)
        assert told("bot", keys=keys)[0] == 3
        assert "이미 실행 중입니다. 먼저 멈추세요: python3 run.py stop" in told("bot", keys=keys)[1]


# -- check-config -------------------------------------------------------------------------------


async def from_chat(data: Path, key: str, value: str) -> None:
    data.mkdir(mode=0o700)
    async with Database(data / "state.db", STATE) as database:
        for name in (key, "lock:005930"):
            await SqliteSettings(database).set_override(Override(name, value, "", 7, NOW))


def test_every_value_names_its_origin_and_the_last_line_says_that_all_is_well(
    told: Told, tmp_path: Path
) -> None:
    asyncio.run(from_chat(tmp_path / "data", "risk.max_positions", "4"))
    file = "language: ko\norder_settings: {target_profit_rate: 4.5}\n"
    code, said = told("check-config", config=file)
    assert code == 0
    lines = said.splitlines()
    for line in (
        "language = ko (config.yaml, 기본값과 같음)",
        "order_settings.target_profit_rate = 4.5 (config.yaml, 기본값은 3.0)",
        "order_settings.sell_price = bid (기본값)",
        "risk.max_positions = 4 (채팅, config.yaml은 5)",
        "health.host = 127.0.0.1 (기본값)",  # deploy/parts/release.sh reads it
    ):
        assert line in lines
    assert str(tmp_path / "config.yaml") in lines[1]
    assert lines[-1].startswith("✅ 설정이 모두 올바릅니다")
    assert lines[-1].endswith("그중 기본값과 다른 것 2개.")
    said = told("check-config", config=file.replace("ko", "en"))[1]
    assert "risk.max_positions = 4 (chat, config.yaml says 5)" in said
    assert said.splitlines()[-1].startswith("✅ All is well")
    assert HANGUL.search(said) is None


def test_chat_values_that_cannot_be_read_are_no_reason_to_say_nothing(
    told: Told, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "state.db").write_bytes(b"no database" * 200)
    code, said = told("check-config")
    assert code == 0
    assert "채팅에서 바꾼 값은 읽지 못했습니다" in said


def test_all_that_is_wrong_is_told_and_counted(told: Told) -> None:
    wrong = "order_settings: {target_profit_rate: 99, sell_prise: bid}\nrisk: 5\n"
    code, said = told("check-config", config=f"language: ko\n{wrong}")
    assert code == 2
    assert said.count("⚠️") == 3
    assert "혹시 order_settings.sell_price?" in said
    assert said.splitlines()[-1].startswith("틀린 곳 3개.")
    said = told("check-config", config=f"language: en\n{wrong}")[1]
    assert said.splitlines()[-1].startswith("3 wrong.")


def test_a_wrong_key_in_env_is_counted_too(told: Told) -> None:
    code, said = told("check-config", keys="KIS_ACCOUNT_NO=77\n")
    assert code == 2
    assert "KIS_ACCOUNT_NO: 쓸 수 없는 값입니다. 허용: 12345678-01 꼴" in said
    assert said.splitlines()[-1].startswith("틀린 곳 1개.")


# -- language, machine --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("language: en\n", Lang.EN),
        ("mode: live\nlanguage: 'en'  # mine\nnonsense", Lang.EN),
        ("chat: {language: en}\n", Lang.KO),
        ("# language: en\n", Lang.KO),
        ("language: fr\n", Lang.KO),
        ("", Lang.KO),
    ],
)
def test_the_language_is_known_before_the_file_is_checked(
    text: str, lang: Lang, tmp_path: Path
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    assert language_of(path) is lang
    assert language_for(["bot", "--config", str(path)]) is lang
    assert language_for([f"--config={path}", "bot"]) is lang
    path.write_bytes(b"\xff")
    assert language_of(path) is Lang.KO


def test_the_mark_of_an_installation_is_what_the_scripts_leave() -> None:
    script = (ROOT / "deploy" / "parts" / "release.sh").read_text(encoding="utf-8")
    assert f'touch "$RELEASE/{here.MARK}"' in script


@pytest.mark.usefixtures("installed")
def test_commands_in_texts_are_those_of_the_machine() -> None:
    text = "python3 run.py bot, run.py secrets set NAME, python3 run.py setup, run.py"
    assert here.adapted(text) == (
        "sudo systemctl start dolpa, sudo dolpa secrets set NAME, sudo dolpa setup, run.py"
    )


# -- the wizard's end, and the passphrase at a start ---------------------------------------------


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.usefixtures("installed")
def test_on_an_installed_machine_only_the_start_is_left(lang: Lang) -> None:
    said = setup_words.service(is_passphrase_kept=True, has_systemd=True, lang=lang)
    assert "sudo systemctl start dolpa" in said
    for done in ("bootstrap", "/etc/dolpa", "enable", "run.py"):
        assert done not in said
    waiting = setup_words.service(is_passphrase_kept=True, has_systemd=False, lang=lang)
    assert "systemctl" not in waiting


@pytest.mark.parametrize("lang", list(Lang))
def test_in_a_checkout_the_passphrase_is_typed_or_given(lang: Lang) -> None:
    said = setup_words.service(is_passphrase_kept=False, has_systemd=True, lang=lang)
    for part in ("python3 run.py bot", "AUTOTRADE_MASTER_PASSPHRASE", "sudo deploy/bootstrap.sh"):
        assert part in said
    kept = setup_words.service(is_passphrase_kept=True, has_systemd=False, lang=lang)
    assert "AUTOTRADE_MASTER_PASSPHRASE" not in kept
    assert "bootstrap" not in kept


@pytest.mark.e2e
@pytest.mark.timeout(60)
async def test_at_a_terminal_the_passphrase_of_the_store_is_typed(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("language: ko\n")
    (tmp_path / "data").mkdir(mode=0o700)
    words = "five quite random words here"
    store = SecretStore.open(tmp_path / "data" / "secrets.enc", Secret(words))
    store.put({"TELEGRAM_BOT_TOKEN": "1:a"}, NOW)
    async with Wizard(tmp_path, "bot") as starting:
        await starting.answer("master passphrase", words)
        assert await starting.code() == 2
    assert "아직 없는 값: KIS_APP_KEY" in starting.screen
    async with Wizard(tmp_path, "bot", env={"AUTOTRADE_MASTER_PASSPHRASE": words}) as given:
        assert await given.code() == 2
    assert "아직 없는 값: KIS_APP_KEY" in given.screen
    async with Wizard(tmp_path, "bot") as left:
        await left.until("master passphrase")
        left.type("\x04")
        assert await left.code() == 0
    assert "Traceback" not in left.screen
    assert words not in starting.screen
