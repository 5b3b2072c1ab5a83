"""The encrypted store: what it keeps, what it refuses, and which source of a secret wins."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import InvalidToken

from engine.adapters.secrets import (
    PASSPHRASE,
    Redactor,
    Secret,
    SecretStore,
    TokenStore,
    alone,
    kdf,
    load_secrets,
    old_names,
    read_env_file,
    wipe_env_file,
)
from engine.errors import ConfigError
from tests.harness.cheap_tokens import cheap_keys

THEN = datetime(2026, 7, 6, 12, 0, tzinfo=UTC)
WORDS = Secret("long enough words")
KEY, SECRET = "PSplantedappkey", "planted+secret/=" * 4


@pytest.fixture(autouse=True, scope="module")
def cheap() -> Iterator[None]:
    with cheap_keys():
        yield


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "secrets.enc"


def stored(path: Path, words: Secret = WORDS, **values: str) -> SecretStore:
    store = SecretStore.open(path, words)
    store.put(values or {"KIS_APP_KEY": KEY}, THEN)
    return store


def text_of(store: SecretStore, name: str) -> str:
    return store.entries[name].value.reveal()


def load(path: Path, env_file: Path | None = None, **environ: str) -> object:
    return load_secrets(env_file, {PASSPHRASE: WORDS.reveal(), **environ}, path)


def env_file(directory: Path, text: str) -> Path:
    path = directory / ".env"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


# what is kept


def test_values_come_back_with_the_time_they_were_set(path: Path) -> None:
    stored(path, KIS_APP_KEY=KEY, KIS_APP_SECRET=SECRET)
    later = THEN + timedelta(days=3)
    SecretStore.open(path, WORDS).put({"KIS_APP_KEY": "another"}, later)
    again = SecretStore.open(path, WORDS)
    assert (text_of(again, "KIS_APP_KEY"), text_of(again, "KIS_APP_SECRET")) == ("another", SECRET)
    assert again.entries["KIS_APP_KEY"].set_at == later
    assert again.entries["KIS_APP_SECRET"].set_at == THEN
    assert again.passphrase_set_at == THEN


def test_the_file_is_private_and_shows_no_value(path: Path) -> None:
    stored(path, KIS_APP_KEY=KEY, KIS_APP_SECRET=SECRET)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    content = path.read_text()
    for shown in (KEY, SECRET, "KIS_APP_KEY", WORDS.reveal()):
        assert shown not in content


def test_a_name_nobody_knows_is_refused(path: Path) -> None:
    with pytest.raises(ConfigError, match="KIS_APP_KEYS"):
        stored(path, KIS_APP_KEYS=KEY)
    assert not path.exists()


# what does not open


def test_a_wrong_passphrase_is_told_from_a_damaged_file(path: Path) -> None:
    stored(path)
    with pytest.raises(ConfigError, match="the passphrase does not open it") as caught:
        SecretStore.open(path, Secret("other words entirely"))
    assert "run.py setup" in str(caught.value)
    document = json.loads(path.read_text())
    document["texts"] = document["texts"][:-8] + "AAAAAAA="
    path.write_text(json.dumps(document))
    with pytest.raises(ConfigError, match="damaged") as caught:
        SecretStore.open(path, WORDS)
    for hidden in (KEY, WORDS.reveal(), "other words"):
        assert hidden not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"salt": "AAAA"},
        {"salt": "no base64!"},
        {"cost": 3},
        {"cost": 2**30},
        {"lanes": 0},
        {"block": "8"},
        {"check": None},
        {"purpose": "tokens"},
    ],
)
def test_a_file_we_never_wrote_is_damaged(path: Path, change: dict[str, object]) -> None:
    stored(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ConfigError, match=r"damaged|does not open"):
        SecretStore.open(path, WORDS)


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"[]", b"{}", b"[" * 100_000])
def test_garbage_is_damaged(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="damaged"):
        SecretStore.open(path, WORDS)


def test_a_newer_file_is_left_to_the_newer_program(path: Path) -> None:
    stored(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 2}))
    with pytest.raises(ConfigError, match="newer version"):
        SecretStore.open(path, WORDS)


# keys


def test_weak_parameters_of_once_are_left_behind_at_the_next_write(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(path)
    salt = json.loads(path.read_text())["salt"]
    monkeypatch.setattr(kdf, "TODAY", kdf.Cost(4, 2, 1))
    store = SecretStore.open(path, WORDS)
    assert json.loads(path.read_text())["cost"] == 2
    store.put({"KIS_HTS_ID": "trader"}, THEN)
    document = json.loads(path.read_text())
    assert (document["cost"], document["block"], document["lanes"]) == (4, 2, 1)
    assert document["salt"] != salt
    assert text_of(SecretStore.open(path, WORDS), "KIS_APP_KEY") == KEY


def test_stronger_parameters_are_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kdf, "TODAY", kdf.Cost(8, 2, 1))
    stored(path)
    monkeypatch.setattr(kdf, "TODAY", kdf.Cost(4, 2, 1))
    stored(path)
    assert json.loads(path.read_text())["cost"] == 8


def test_a_weak_token_cache_is_rewritten_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "tokens.enc"
    TokenStore(place, WORDS).save("real", "token-one")
    monkeypatch.setattr(kdf, "TODAY", kdf.Cost(4, 2, 1))
    again = TokenStore(place, WORDS)
    assert again.load("real") == "token-one"
    again.save("paper", "token-two")
    assert json.loads(place.read_text())["cost"] == 4
    assert TokenStore(place, WORDS).load("real") == "token-one"


def test_the_two_purposes_have_keys_of_their_own() -> None:
    one = kdf.Kdf(bytes(16))
    sealed = one.keys(WORDS, "secrets").fernet.encrypt(b"x")
    with pytest.raises(InvalidToken):
        one.keys(WORDS, "tokens").fernet.decrypt(sealed)
    assert one.keys(WORDS, "secrets").check != one.keys(WORDS, "tokens").check


def test_a_guess_costs_what_owasp_asks_for() -> None:
    real = kdf.Cost(2**15, 8, 3)
    assert not real.is_weaker_than(kdf.Cost(2**15, 8, 3))
    assert kdf.Cost(2**15, 8, 1).is_weaker_than(real)
    assert kdf.Cost(2**14, 8, 8).is_weaker_than(real)


# rotation


def test_after_rotation_only_the_new_passphrase_opens(path: Path) -> None:
    store = stored(path)
    fingerprint, fresh = store.fingerprint("KIS_APP_KEY", KEY), Secret("a new one, much longer")
    store.rotate(fresh, THEN + timedelta(days=1))
    with pytest.raises(ConfigError, match="does not open"):
        SecretStore.open(path, WORDS)
    again = SecretStore.open(path, fresh)
    assert text_of(again, "KIS_APP_KEY") == KEY
    assert again.entries["KIS_APP_KEY"].set_at == THEN
    assert again.passphrase_set_at == THEN + timedelta(days=1)
    assert again.fingerprint("KIS_APP_KEY", KEY) == fingerprint


@pytest.mark.parametrize("step", ["fsync", "verify", "replace"])
def test_a_change_that_breaks_off_leaves_the_old_file(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    store = stored(path)
    before = path.read_bytes()

    def fail(*_arguments: object, **_named: object) -> None:
        raise OSError(28, "No space left on device")

    if step == "verify":
        monkeypatch.setattr(SecretStore, "open", fail)
    else:
        monkeypatch.setattr({"fsync": "os.fsync", "replace": "pathlib.Path.replace"}[step], fail)
    with pytest.raises(ConfigError, match="No space left"):
        store.rotate(Secret("a new one, much longer"), THEN)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    assert text_of(SecretStore.open(path, WORDS), "KIS_APP_KEY") == KEY
    store.put({"KIS_HTS_ID": "trader"}, THEN)
    assert text_of(SecretStore.open(path, WORDS), "KIS_HTS_ID") == "trader"


def test_what_was_written_wrongly_never_takes_the_old_files_place(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = stored(path)
    before = path.read_bytes()
    whole, calls = kdf.Kdf.keys, itertools.count()

    def other(self: kdf.Kdf, passphrase: Secret, purpose: str) -> kdf.Keys:
        return whole(self, Secret(f"{passphrase.reveal()}{next(calls)}"), purpose)

    monkeypatch.setattr(kdf.Kdf, "keys", other)
    with pytest.raises(ConfigError, match="does not open"):
        store.put({"KIS_HTS_ID": "trader"}, THEN)
    assert path.read_bytes() == before


def test_two_commands_do_not_change_the_store_at_once(path: Path) -> None:
    with (
        alone(path.parent),
        pytest.raises(ConfigError, match="another command"),
        alone(path.parent),
    ):
        pass
    with alone(path.parent):
        stored(path)


# fingerprints


def test_a_fingerprint_tells_values_apart_and_is_no_plain_hash(path: Path, tmp_path: Path) -> None:
    store = stored(path)
    account = store.fingerprint("KIS_ACCOUNT_NO", "7354918201")
    assert len(account) == 8
    assert account == SecretStore.open(path, WORDS).fingerprint("KIS_ACCOUNT_NO", "7354918201")
    assert account != store.fingerprint("KIS_ACCOUNT_NO", "7354918202")
    assert account != store.fingerprint("KIS_PAPER_ACCOUNT_NO", "7354918201")
    other = stored(tmp_path / "other.enc")
    assert account != other.fingerprint("KIS_ACCOUNT_NO", "7354918201")


# sources


def test_the_environment_wins_over_env_wins_over_the_store(path: Path, tmp_path: Path) -> None:
    stored(path, KIS_APP_KEY="fromstore", KIS_APP_SECRET="fromstore2", KIS_HTS_ID="fromstore3")
    file = env_file(tmp_path, "KIS_APP_SECRET=fromfile\nKIS_HTS_ID=fromfile2\nKIS_APP_KEY=\n")
    environ = {PASSPHRASE: WORDS.reveal(), "KIS_HTS_ID": "fromoutside"}
    found = load_secrets(file, environ, path)
    assert found.kis_app_key == Secret("fromstore")
    assert found.kis_app_secret == Secret("fromfile")
    assert found.kis_hts_id == Secret("fromoutside")
    assert "TELEGRAM_BOT_TOKEN" not in found.set_at


def test_what_is_overruled_is_hidden_from_the_log_all_the_same(path: Path, tmp_path: Path) -> None:
    stored(path, KIS_APP_SECRET="storedandovercome", KIS_ACCOUNT_NO="7354918201")
    file = env_file(tmp_path, "KIS_APP_SECRET=filedandovercome\nKIS_ACCOUNT_NO=88887777-01\n")
    environ = {PASSPHRASE: WORDS.reveal(), "KIS_APP_SECRET": "outside"}
    hide = Redactor(load_secrets(file, environ, path)).hide
    texts = ("storedandovercome", "filedandovercome", "outside", "73549182-01", "73549182")
    assert hide(" ".join((*texts, "8888777701"))) == "*** *** *** *** *** ***"


def test_a_store_without_its_passphrase_says_where_to_put_it(path: Path) -> None:
    stored(path)
    with pytest.raises(ConfigError, match="LoadCredential") as caught:
        load_secrets(None, {}, path)
    assert str(path) in str(caught.value)
    assert PASSPHRASE in str(caught.value)
    assert load_secrets(None, {}, path, ask=opened).kis_app_key == Secret(KEY)


def opened(path: Path) -> SecretStore:
    return SecretStore.open(path, WORDS)


def test_nobody_is_asked_where_there_is_no_store(path: Path) -> None:
    def asked(_: Path) -> SecretStore:
        raise AssertionError("asked for a passphrase")

    assert load_secrets(None, {}, path, ask=asked).kis_app_key is None


def test_systemds_credential_opens_the_store(path: Path, tmp_path: Path) -> None:
    stored(path)
    given = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    with pytest.raises(ConfigError, match="passphrase is missing"):
        load_secrets(None, given, path)
    (tmp_path / "master_passphrase").write_text(f"{WORDS.reveal()}\n")
    found = load_secrets(None, given, path)
    assert found.kis_app_key == Secret(KEY)
    assert found.master_passphrase == WORDS
    outside = {**given, PASSPHRASE: "others, and wrong"}
    with pytest.raises(ConfigError, match="does not open"):
        load_secrets(None, outside, path)
    file = env_file(tmp_path, f"{PASSPHRASE}=wrong as well\n")
    assert load_secrets(file, given, path).kis_app_key == Secret(KEY)


def test_a_credential_that_cannot_be_read_ends_the_start(path: Path, tmp_path: Path) -> None:
    (tmp_path / "master_passphrase").mkdir()
    with pytest.raises(ConfigError, match="LoadCredential"):
        load_secrets(None, {"CREDENTIALS_DIRECTORY": str(tmp_path)}, path)


def test_what_others_could_read_is_private_from_the_start_on(path: Path) -> None:
    stored(path)
    path.chmod(0o644)
    path.parent.chmod(0o755)
    found = load_secrets(None, {PASSPHRASE: WORDS.reveal()}, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert len(found.notices) == 2
    assert load_secrets(None, {PASSPHRASE: WORDS.reveal()}, path).notices == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_writes_stays_the_services(path: Path) -> None:
    stored(path)
    os.chown(path.parent, 12_345, 12_345)
    os.chown(path, 12_345, 54_321)
    stored(path, KIS_HTS_ID="trader")
    TokenStore(path.with_name("tokens.enc"), WORDS).save("real", "token-one")
    found = [(item.stat().st_uid, item.stat().st_gid) for item in sorted(path.parent.iterdir())]
    assert found == [(12_345, 54_321), (12_345, 12_345)]


def test_a_link_in_the_stores_place_is_refused(path: Path, tmp_path: Path) -> None:
    stored(tmp_path / "elsewhere.enc")
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere.enc")
    with pytest.raises(ConfigError, match="no link"):
        load_secrets(None, {PASSPHRASE: WORDS.reveal()}, path)


def test_a_place_of_another_user_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(path)
    monkeypatch.setattr("os.geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(ConfigError, match="another user"):
        load_secrets(None, {PASSPHRASE: WORDS.reveal()}, path)


# ages


def test_keys_older_than_ninety_days_are_named_and_accounts_never(
    path: Path, tmp_path: Path
) -> None:
    stored(path, KIS_APP_KEY=KEY, KIS_ACCOUNT_NO="7354918201", KIS_APP_SECRET="newer")
    file = env_file(tmp_path, "KIS_PAPER_APP_KEY=PSpaper\nKIS_APP_SECRET=newer2\nTZ=Asia/Seoul\n")
    os.utime(file, (THEN.timestamp() - 86_400, THEN.timestamp() - 86_400))
    environ = {PASSPHRASE: WORDS.reveal(), "TELEGRAM_BOT_TOKEN": "1:outside"}
    found = load_secrets(file, environ, path)
    day = timedelta(days=1)
    assert old_names(found.set_at, THEN + 89 * day) == ()
    assert dict(old_names(found.set_at, THEN + 90 * day)) == {
        "KIS_PAPER_APP_KEY": 91,
        "KIS_APP_SECRET": 91,
    }
    named = dict(old_names(found.set_at, THEN + 91 * day))
    assert set(named) == {"KIS_PAPER_APP_KEY", "KIS_APP_SECRET", "KIS_APP_KEY"}


def test_a_passphrase_grows_old_like_a_key(path: Path) -> None:
    stored(path)
    (tmp := path.parent / "master_passphrase").write_text(WORDS.reveal())
    found = load_secrets(None, {"CREDENTIALS_DIRECTORY": str(tmp.parent)}, path)
    assert (PASSPHRASE, 100) in old_names(found.set_at, THEN + timedelta(days=100))


# wiping .env


def test_wiping_puts_remarks_in_place_of_values(tmp_path: Path) -> None:
    file = env_file(
        tmp_path,
        f'# mine\nexport KIS_APP_KEY="{KEY}" # today\nKIS_APP_SECRET={SECRET}\n'
        f"#KIS_HTS_ID=once\nTZ=Asia/Seoul\n{PASSPHRASE}=stays\nKIS_ACCOUNT_NO=\n",
    )
    twin = tmp_path / "twin"
    os.link(file, twin)
    names = ("KIS_APP_KEY", "KIS_APP_SECRET", "KIS_HTS_ID", "KIS_ACCOUNT_NO")
    wipe_env_file(file, names, "in the store")
    assert file.read_text().splitlines() == [
        "# mine",
        "# KIS_APP_KEY: in the store",
        "# KIS_APP_SECRET: in the store",
        "# KIS_HTS_ID: in the store",
        "TZ=Asia/Seoul",
        f"{PASSPHRASE}=stays",
        "KIS_ACCOUNT_NO=",
    ]
    assert file.stat().st_mode & 0o777 == 0o600
    assert dict(read_env_file(file).values) == {"TZ": "Asia/Seoul", PASSPHRASE: "stays"}
    left = twin.read_bytes()  # the old content's place on the disk
    assert KEY.encode() not in left
    assert SECRET.encode() not in left
