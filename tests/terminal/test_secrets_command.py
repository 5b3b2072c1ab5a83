"""``run.py secrets``: what it keeps, what it shows, what it wipes."""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.format.lang import Lang
from bot.terminal.secrets_command import add_secrets_arguments, run_secrets
from engine.adapters.kakao import KEPT_UNDER
from engine.adapters.secrets import PASSPHRASE, Secret, SecretStore, TokenStore, load_secrets
from engine.errors import ConfigError
from tests.harness.cheap_tokens import cheap_keys
from tests.terminal.person import Person

ROOT = Path(__file__).resolve().parent.parent.parent
NOW = datetime(2026, 7, 6, 12, 0, tzinfo=UTC)
WORDS = "long enough words"
KEY = "PSplantedappkeyoftheusuallengthofkis"
OLD = {PASSPHRASE: WORDS}


@pytest.fixture(autouse=True, scope="module")
def cheap() -> Iterator[None]:
    with cheap_keys():
        yield


def run(
    home: Path,
    *words: str,
    person: Person | None = None,
    environ: dict[str, str] | None = None,
    now: datetime = NOW,
    lang: Lang = Lang.EN,
) -> tuple[int, Person]:
    parser = ArgumentParser()
    add_secrets_arguments(parser)
    options = parser.parse_args(words)
    options.data_dir, options.env_file = home / "data", home / ".env"
    person = person or Person()
    code = run_secrets(options, OLD if environ is None else environ, person, lang, lambda: now)
    return code, person


def store(home: Path, words: str = WORDS) -> SecretStore:
    return SecretStore.open(home / "data" / "secrets.enc", Secret(words))


def kept(home: Path, words: str = WORDS) -> dict[str, str]:
    return {name: entry.value.reveal() for name, entry in store(home, words).entries.items()}


def test_a_wrong_passphrase_is_asked_for_again_three_times_at_most(tmp_path: Path) -> None:
    run(tmp_path, "set", "KIS_HTS_ID", person=Person(["trader77"]))
    person = Person(["wrong", "", WORDS])
    code, said = run(tmp_path, "list", person=person, environ={})
    assert code == 0
    assert "2 left" in str(said.said)
    with pytest.raises(ConfigError, match="does not open it"):
        run(tmp_path, "list", person=Person(["wrong", "", "wrong", WORDS]), environ={})


def env_file(home: Path, text: str) -> Path:
    path = home / ".env"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


# set


def test_a_value_is_asked_for_without_echo_and_kept(tmp_path: Path) -> None:
    code, person = run(tmp_path, "set", "KIS_APP_KEY", person=Person([KEY]))
    assert code == 0
    assert kept(tmp_path) == {"KIS_APP_KEY": KEY}
    assert person.asked == []
    assert len(person.hidden) == 1
    assert store(tmp_path).fingerprint("KIS_APP_KEY", KEY) in person.heard
    assert KEY not in person.heard + "".join(person.hidden)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_the_first_value_makes_the_store_under_a_passphrase_typed_twice(tmp_path: Path) -> None:
    person = Person([WORDS, WORDS, KEY])
    assert run(tmp_path, "set", "KIS_APP_KEY", person=person, environ={})[0] == 0
    assert "master_passphrase" in person.heard
    assert kept(tmp_path) == {"KIS_APP_KEY": KEY}
    person = Person([WORDS, "73549182-01"])
    assert run(tmp_path, "set", "KIS_ACCOUNT_NO", person=person, environ={})[0] == 0
    assert kept(tmp_path)["KIS_ACCOUNT_NO"] == "7354918201"


@pytest.mark.parametrize(
    ("name", "answers", "environ", "told"),
    [
        ("KIS_APP_KEYS", [KEY], OLD, "Did you mean KIS_APP_KEY?"),
        ("TZ", [KEY], OLD, "Unknown name"),
        ("", [KEY], OLD, "TELEGRAM_BOT_TOKEN"),
        ("KIS_APP_KEY", ["abc"], OLD, "no KIS key"),
        ("KIS_PAPER_APP_SECRET", ["abc"], OLD, "no KIS key"),
        ("TELEGRAM_BOT_TOKEN", ["abc"], OLD, "no bot token"),
        (PASSPHRASE, [KEY], OLD, "Unknown name"),
        ("KIS_ACCOUNT_NO", ["73549182"], OLD, "12345678-01"),
        ("KIS_APP_KEY", ["  "], OLD, "no value"),
        ("KIS_APP_KEY", ["short"], {}, "12 characters"),
        ("KIS_APP_KEY", [WORDS, "other long words"], {}, "differ"),
        ("KIS_APP_KEY", [], {PASSPHRASE: "short"}, "12 characters"),
    ],
)
def test_a_wrong_answer_changes_nothing_and_says_what_is_allowed(
    tmp_path: Path, name: str, answers: list[str], environ: dict[str, str], told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        run(tmp_path, "set", *filter(None, [name]), person=Person([*answers]), environ=environ)
    assert told in str(caught.value)
    assert not (tmp_path / "data" / "secrets.enc").exists()
    for value in (KEY, "73549182"):
        assert value not in str(caught.value)


def test_without_a_terminal_the_value_comes_from_stdin_and_nobody_is_asked(tmp_path: Path) -> None:
    script = Person([KEY], is_person=False)
    assert run(tmp_path, "set", "KIS_APP_KEY", person=script)[0] == 0
    assert kept(tmp_path) == {"KIS_APP_KEY": KEY}
    with pytest.raises(ConfigError, match=PASSPHRASE):
        run(tmp_path, "set", "KIS_APP_KEY", person=Person([KEY], is_person=False), environ={})


@pytest.mark.parametrize("answers", [[], ["^C"]])
def test_breaking_off_leaves_what_was_there(tmp_path: Path, answers: list[str]) -> None:
    run(tmp_path, "set", "KIS_APP_KEY", person=Person([KEY]))
    code, person = run(tmp_path, "set", "KIS_APP_KEY", person=Person(answers))
    assert code == 1
    assert "Broken off" in person.heard
    assert kept(tmp_path) == {"KIS_APP_KEY": KEY}


def test_a_value_that_something_else_overrules_is_told(tmp_path: Path) -> None:
    env_file(tmp_path, "KIS_APP_KEY=another\n")
    _, person = run(tmp_path, "set", "KIS_APP_KEY", person=Person([KEY]))
    assert ".env wins" in person.heard


# list


def test_the_list_shows_names_ages_fingerprints_and_sources_but_no_value(tmp_path: Path) -> None:
    run(tmp_path, "set", "KIS_APP_KEY", person=Person([KEY]))
    run(tmp_path, "set", "KIS_ACCOUNT_NO", person=Person(["7354918201"]))
    run(tmp_path, "set", "KIS_HTS_ID", person=Person(["trader77"]))
    environ = {**OLD, "KIS_HTS_ID": "outside77"}
    code, person = run(tmp_path, "list", environ=environ, now=NOW + timedelta(days=91))
    assert code == 0
    lines = {line.split()[0]: line for line in person.heard.splitlines()}
    opened = store(tmp_path)
    assert f"91 d ⚠ renew  {opened.fingerprint('KIS_APP_KEY', KEY)}" in lines["KIS_APP_KEY"]
    assert "renew" not in lines["KIS_ACCOUNT_NO"]
    assert "unknown" in lines["KIS_HTS_ID"]
    assert opened.fingerprint("KIS_HTS_ID", "outside77") in lines["KIS_HTS_ID"]
    assert "the environment, not the store's" in lines["KIS_HTS_ID"]
    assert "91 d ⚠ renew" in lines[PASSPHRASE]
    for value in (KEY, "73549182", "trader77", "outside77", WORDS):
        assert value not in person.heard


def test_an_empty_list_makes_nothing(tmp_path: Path) -> None:
    code, person = run(tmp_path, "list", environ={})
    assert (code, person.heard) == (0, "No secrets are kept.")
    assert list(tmp_path.iterdir()) == []


# import


def test_a_file_is_taken_over_and_wiped_when_the_person_says_so(tmp_path: Path) -> None:
    path = env_file(tmp_path, f"KIS_APP_KEY={KEY}\nTZ=Asia/Seoul\nTELEGRAM_CHAT_ID=5, 6\n")
    assert run(tmp_path, "import", str(path), person=Person(["yes"]))[0] == 0
    assert kept(tmp_path) == {"KIS_APP_KEY": KEY, "TELEGRAM_CHAT_ID": "5,6"}
    text = path.read_text()
    assert KEY not in text
    assert "# KIS_APP_KEY: in the encrypted store since" in text
    assert "TZ=Asia/Seoul" in text
    found = load_secrets(path, OLD, tmp_path / "data" / "secrets.enc")
    assert found.telegram_user_ids == (5, 6)


@pytest.mark.parametrize(
    ("words", "answers"), [(("--keep",), []), ((), ["no"]), ((), [""])], ids=str
)
def test_a_file_is_left_alone_where_nobody_agrees_to_wiping(
    tmp_path: Path, words: tuple[str, ...], answers: list[str]
) -> None:
    path = env_file(tmp_path, text := f"KIS_APP_KEY={KEY}\n")
    _, person = run(tmp_path, "import", *words, person=Person([*answers]))
    assert path.read_text() == text
    assert "in clear" in person.heard


def test_the_age_of_what_is_taken_over_is_the_files(tmp_path: Path) -> None:
    env_file(tmp_path, f"KIS_APP_KEY={KEY}\n")
    run(tmp_path, "import", "--keep", now=datetime.now(UTC) + timedelta(days=200))
    (entry,) = store(tmp_path).entries.values()
    assert entry.set_at < datetime.now(UTC)


def test_a_passphrase_in_the_file_stays_and_is_warned_of(tmp_path: Path) -> None:
    path = env_file(tmp_path, f"KIS_APP_KEY={KEY}\n{PASSPHRASE}={WORDS}\n")
    _, person = run(tmp_path, "import", "--wipe", environ={})
    assert f"{PASSPHRASE}={WORDS}" in path.read_text()
    assert "LoadCredential" in person.heard
    assert kept(tmp_path) == {"KIS_APP_KEY": KEY}


def test_a_file_with_a_wrong_value_is_neither_taken_over_nor_wiped(tmp_path: Path) -> None:
    path = env_file(tmp_path, text := f"KIS_APP_KEY={KEY}\nKIS_ACCOUNT_NO=1\n")
    with pytest.raises(ConfigError, match="KIS_ACCOUNT_NO"):
        run(tmp_path, "import", "--wipe")
    assert path.read_text() == text
    assert not (tmp_path / "data" / "secrets.enc").exists()


@pytest.mark.parametrize("text", [None, "TZ=Asia/Seoul\n"])
def test_a_file_without_secrets_is_exit_2(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        env_file(tmp_path, text)
    with pytest.raises(ConfigError, match="nothing to take over"):
        run(tmp_path, "import")


# rotate


def test_without_a_store_the_next_step_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"run\.py setup.*run\.py secrets set"):
        run(tmp_path, "rotate", person=Person([WORDS, WORDS]))


def test_after_rotation_the_new_passphrase_holds_and_old_tokens_are_gone(tmp_path: Path) -> None:
    run(tmp_path, "set", "KIS_APP_KEY", person=Person([KEY]))
    tokens = tmp_path / "data" / "tokens.enc"
    tokens.write_text("old")
    fresh = "another, quite long"
    code, person = run(tmp_path, "rotate", person=Person([fresh, fresh]))
    assert code == 0
    assert kept(tmp_path, fresh) == {"KIS_APP_KEY": KEY}
    assert not tokens.exists()
    assert fresh not in person.heard
    assert "systemd credential" in person.heard


def test_a_refresh_token_that_cannot_be_asked_for_again_goes_along(tmp_path: Path) -> None:
    run(tmp_path, "set", "KIS_APP_KEY", person=Person([KEY]))
    tokens = tmp_path / "data" / "tokens.enc"
    old = TokenStore(tokens, Secret(WORDS))
    old.save(KEPT_UNDER, "renewed")
    old.save("kis-token", "issued anew by the next start")
    fresh = "another, quite long"
    run(tmp_path, "rotate", person=Person([fresh, fresh]))
    found = TokenStore(tokens, Secret(fresh))
    assert (found.load(KEPT_UNDER), found.load("kis-token")) == ("renewed", None)


@pytest.mark.parametrize("answers", [["short"], ["another, quite long", "a third one"], ["^C"]])
def test_a_rotation_that_fails_keeps_the_old_passphrase(tmp_path: Path, answers: list[str]) -> None:
    run(tmp_path, "set", "KIS_APP_KEY", person=Person([KEY]))
    try:
        code, _ = run(tmp_path, "rotate", person=Person(answers))
    except ConfigError:
        code = 2
    assert code != 0
    assert kept(tmp_path) == {"KIS_APP_KEY": KEY}


# the command itself


def test_the_command_ends_with_2_and_names_no_value(tmp_path: Path) -> None:
    def command(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - this program
            [
                *(sys.executable, "-m", "bot", "secrets", *words),
                *("--data-dir", str(tmp_path / "data"), "--env-file", str(tmp_path / ".env")),
                *("--config", str(tmp_path / "none.yaml")),
            ],
            cwd=ROOT,
            env={PASSPHRASE: WORDS},
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    done = command("set", "KIS_ACCOUNT_NO", typed="73549182\n")
    assert done.returncode == 2
    assert "12345678-01" in done.stderr
    assert "7354" not in done.stdout + done.stderr
