"""The commands without a dialogue: in the config's language, with the next step."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.format.lang import Lang
from bot.terminal import setup_words
from bot.terminal.language import language_for, language_of
from engine.adapters.secrets import Secret, SecretStore
from tests.terminal.conftest import Told
from tests.terminal.terminal import Wizard

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
HANGUL = re.compile("[가-힣]")
TOKEN_NAME = "TELEGRAM_BOT_TOKEN"
TOKEN = f"{TOKEN_NAME}=1:a\n"
REAL = ("KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO")
PAPER = ("KIS_PAPER_APP_KEY", "KIS_PAPER_APP_SECRET", "KIS_PAPER_ACCOUNT_NO")


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


@pytest.mark.parametrize(
    ("keys", "missing", "instead"),
    [
        ("", f"{TOKEN_NAME}, {', '.join(REAL)}", ", ".join(PAPER)),
        (f"{TOKEN}KIS_APP_KEY=k\n", "KIS_APP_SECRET, KIS_ACCOUNT_NO", ", ".join(PAPER)),
        (f"{TOKEN}KIS_PAPER_APP_SECRET=s\n", f"{PAPER[0]}, {PAPER[2]}", ", ".join(REAL)),
        ("".join(f"{name}=12345678-01\n" for name in PAPER), TOKEN_NAME, ""),
    ],
)
def test_only_what_is_absent_is_named_with_the_other_account_and_the_files(
    told: Told, tmp_path: Path, keys: str, missing: str, instead: str
) -> None:
    code, said = told("bot", config="language: en\n", keys=keys)
    assert code == 2
    lines = said.splitlines()
    assert lines[0] == f"Cannot start. Not there yet: {missing}"
    others = [line.partition("): ")[2] for line in lines if "do as well" in line]
    assert others == ([instead] if instead else [])
    assert f"Looked for in {tmp_path / '.env'}, {tmp_path / 'data' / 'secrets.enc'}" in said


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


def test_what_is_no_recording_is_said_in_words(told: Told, tmp_path: Path) -> None:
    torn = tmp_path / "torn.jsonl.gz"
    torn.write_bytes(gzip.compress(b"{}\n" * 99)[:12] + b"\xff" * 40)
    (tmp_path / "days").mkdir()
    (tmp_path / "days" / "index.csv").write_text("a,b\n1,2\n")
    for words, ko, en in (
        (("--recording", str(tmp_path / "none")), "그런 파일이 없습니다", "no such file"),
        (("--recording", str(tmp_path)), "기록 파일 하나를", "name one of the recordings"),
        (("--recording", str(tmp_path / "config.yaml")), "기록 파일이 아니거나", "no recording"),
        (("--recording", str(torn)), "기록 파일이 아니거나", "no recording"),
        (("--minutes", str(tmp_path)), "기록한 날이 없습니다", "no recorded days"),
        (("--minutes", str(tmp_path / "days")), "목록이 아닙니다", "is not one of recorded days"),
    ):
        for language, part in (("ko", ko), ("en", en)):
            code, said = told("replay", *words, config=f"language: {language}\n")
            assert code == 2
            assert part in said
            assert re.search(r"Error|Errno|Bad|Traceback", said) is None


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
        await starting.answer("master passphrase", "not these words")
        await starting.answer(r"맞지 않습니다(?s:.*)master passphrase", "")
        await starting.answer(r"아무것도 입력하지 않았습니다(?s:.*)master passphrase", words)
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


@pytest.mark.e2e
@pytest.mark.timeout(60)
async def test_after_three_wrong_passphrases_the_way_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("language: ko\n")
    (tmp_path / "data").mkdir(mode=0o700)
    store = SecretStore.open(tmp_path / "data" / "secrets.enc", Secret("five quite random words"))
    store.put({"TELEGRAM_BOT_TOKEN": "1:a"}, NOW)
    async with Wizard(tmp_path, "doctor") as lost:
        for left in (2, 1):
            await lost.answer("master passphrase", "wrong")
            await lost.until(f"남은 기회 {left}번")
        await lost.answer("master passphrase", "wrong")
        assert await lost.code() == 2
    told = lost.screen.splitlines()[-1]
    assert "마스터 암호가 맞지 않습니다" in told
    assert told.endswith("python3 run.py setup")
