"""Secrets: read, kept encrypted, and never shown."""

import base64
import copy
import json
import logging
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.secrets import (
    RedactingFormatter,
    Redactor,
    Secret,
    Secrets,
    TokenStore,
    load_secrets,
)
from engine.errors import ConfigError
from tests.harness.cheap_tokens import cheap_keys

ROOT = Path(__file__).resolve().parent.parent.parent
PLANTED = {
    "KIS_APP_KEY": "PSkeykeykeykeykeykeykeykeykeykeykeyk",
    "KIS_APP_SECRET": "s3cret+/with=signs" * 4,
    "KIS_ACCOUNT_NO": "73549182-01",
    "KIS_HTS_ID": "trader77",
    "KIS_PAPER_APP_KEY": "PSpaperpaperpaper",
    "KIS_PAPER_APP_SECRET": "papersecretpapersecret",
    "KIS_PAPER_ACCOUNT_NO": "5012349901",
    "TELEGRAM_BOT_TOKEN": "7000000001:AAE-planted_token_planted_token_1",
    "TELEGRAM_CHAT_ID": "11, 22,11",
    "AUTOTRADE_MASTER_PASSPHRASE": "correct horse 배터리",
    "KAKAO_REST_API_KEY": "kakaorestkey",
    "KAKAO_REFRESH_TOKEN": "kakaorefreshtoken",
}
HIDDEN_TEXTS = (
    *(text for name, text in PLANTED.items() if name != "TELEGRAM_CHAT_ID"),
    *("7354918201", "73549182", "50123499-01", "50123499"),
)


@pytest.fixture(autouse=True, scope="module")
def cheap() -> Iterator[None]:
    with cheap_keys():
        yield


@pytest.fixture
def planted() -> Secrets:
    return load_secrets(None, PLANTED)


def env_file(directory: Path, text: str, mode: int = 0o600) -> Path:
    path = directory / ".env"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def shows_nothing(text: str) -> bool:
    return not any(secret.casefold() in text.casefold() for secret in HIDDEN_TEXTS)


def test_everything_is_read_and_nothing_shows_itself(planted: Secrets) -> None:
    assert planted.kis_account == Secret("7354918201")
    assert planted.paper_account == Secret("5012349901")
    assert planted.telegram_user_ids == (11, 22)
    assert planted.kis_app_key is not None
    assert planted.kis_app_key.reveal() == PLANTED["KIS_APP_KEY"]
    assert planted.has_real_keys
    assert planted.has_paper_keys
    assert len(planted.all_set()) == len(PLANTED) - 1
    assert shows_nothing(f"{planted} {planted!r} {planted.all_set()}")


@given(st.text(min_size=4))
def test_a_secret_has_no_text(text: str) -> None:
    secret = Secret(text)
    shown = f"{secret} {secret!r} {secret:>5} {[secret]} {secret!s}"
    assert shown == "*** *** *** [***] ***"
    assert secret == Secret(text)
    assert secret != Secret(text + "x")
    assert copy.deepcopy(secret) is secret
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_nothing_set_is_nothing_missing(tmp_path: Path) -> None:
    assert load_secrets(None, {}) == Secrets()
    assert load_secrets(tmp_path / "absent", {"KIS_APP_KEY": "  "}) == Secrets()
    assert not Secrets().has_real_keys


def test_the_example_file_names_every_variable_and_sets_none(tmp_path: Path) -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in (*PLANTED, "TZ"):
        assert f"\n{name}=" in text
    assert load_secrets(env_file(tmp_path, text), {}) == Secrets()


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    text = """# old system
export KIS_APP_KEY="fromfile"
KIS_APP_SECRET='quoted#not' # comment
KIS_HTS_ID = plain # comment
TELEGRAM_CHAT_ID=5
SOMETHING_ELSE=ignored
KIS_ACCOUNT_NO=
"""
    path = env_file(tmp_path, text)
    found = load_secrets(path, {"KIS_HTS_ID": "environment", "TELEGRAM_CHAT_ID": ""})
    assert found.kis_app_key == Secret("fromfile")
    assert found.kis_app_secret == Secret("quoted#not")
    assert found.kis_hts_id == Secret("environment")
    assert found.telegram_user_ids == (5,)
    assert found.kis_account is None
    assert found.notices == ()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_file_others_can_read_is_told(tmp_path: Path) -> None:
    (notice,) = load_secrets(env_file(tmp_path, "KIS_HTS_ID=hidden", 0o640), {}).notices
    assert "chmod 600" in notice
    assert "hidden" not in notice


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("KIS_ACCOUNT_NO", "73549182", "12345678-01"),
        ("KIS_ACCOUNT_NO", "73549182-1", "12345678-01"),
        ("KIS_PAPER_ACCOUNT_NO", "７３５４９１８２０１", "12345678-01"),
        ("KIS_APP_KEY", "planted key", "letters"),
        ("KIS_APP_SECRET", "planted\u00a0", "letters"),
        ("TELEGRAM_BOT_TOKEN", "planted\ntoken", "letters"),
        ("TELEGRAM_CHAT_ID", "-1009999", "group"),
        ("TELEGRAM_CHAT_ID", "11,-9999", "group"),
        ("TELEGRAM_CHAT_ID", "@planted", "positive"),
        ("TELEGRAM_CHAT_ID", "0", "positive"),
    ],
)
def test_a_refusal_names_the_variable_and_not_the_value(name: str, text: str, part: str) -> None:
    if text.endswith("\u00a0"):
        text += "x"
    with pytest.raises(ConfigError) as caught:
        load_secrets(None, {name: text})
    message = str(caught.value)
    assert message.startswith(name)
    assert part in message
    for value in ("planted", "73549182", "9999", "７３５"):
        assert value not in message
    assert caught.value.__cause__ is None


def test_a_line_that_is_no_setting_is_refused_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="line 2") as caught:
        load_secrets(env_file(tmp_path, "KIS_HTS_ID=a\nplantedsecret\n"), {})
    assert "planted" not in str(caught.value)


def test_saved_texts_come_back_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "data" / "tokens"
    first = TokenStore(path, Secret("open sesame"))
    first.save("real", "token-one")
    first.save("paper", "token-two")
    again = TokenStore(path, Secret("open sesame"))
    assert (again.load("real"), again.load("paper")) == ("token-one", "token-two")
    assert again.load("other") is None
    assert path.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in path.parent.iterdir()] == ["tokens"]
    content = path.read_text()
    assert "token-one" not in content
    assert set(json.loads(content)) == {"version", "salt", "cost", "block", "lanes", "texts"}


def test_without_a_passphrase_nothing_is_written(tmp_path: Path) -> None:
    store = TokenStore(tmp_path / "tokens", None)
    store.save("real", "token-one")
    assert store.load("real") == "token-one"
    assert not store.is_durable
    assert list(tmp_path.iterdir()) == []


def test_another_passphrase_finds_nothing_and_starts_afresh(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "tokens"
    TokenStore(path, Secret("one")).save("real", "token-one")
    other = TokenStore(path, Secret("two"))
    assert other.load("real") is None
    other.save("real", "token-two")
    assert TokenStore(path, Secret("two")).load("real") == "token-two"
    assert "not readable" in caplog.text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b"{}",
        b'{"version": 1}',
        b"[" * 100_000,
        b'{"version":2}',
        b'{"version":2,"salt":"AAAA","cost":4,"block":8,"lanes":1,"texts":""}',
        b'{"version":2,"salt":"AAAAAAAAAAAAAAAAAAAAAA==","cost":1073741824,"block":8,"lanes":1}',
        b'{"version":2,"salt":"AAAAAAAAAAAAAAAAAAAAAA==","cost":4,"block":8,"lanes":1,"texts":[]}',
        b'{"version":2,"salt":"AAAAAAAAAAAAAAAAAAAAAA==","cost":4,"block":"8","lanes":1}',
    ],
)
def test_a_broken_file_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokens"
    path.write_bytes(content)
    store = TokenStore(path, Secret("pass"))
    assert store.load("real") is None
    store.save("real", "token-one")
    assert TokenStore(path, Secret("pass")).load("real") == "token-one"


def test_a_disk_that_refuses_costs_nothing_but_the_file(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    store = TokenStore(tmp_path / "file" / "tokens", Secret("pass"))
    store.save("real", "token-one")
    assert store.load("real") == "token-one"
    assert "token-one" not in caplog.text


def test_a_log_line_with_an_exception_shows_no_secret(planted: Secrets) -> None:
    formatter = RedactingFormatter(planted, ("Hong Gildong",), "%(levelname)s %(message)s")
    texts = [*HIDDEN_TEXTS, "Hong Gildong", "123456:" + "z" * 30]
    try:
        dict[str, str]()[" ".join(texts)]
    except KeyError:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "%s at 12:00", (" ".join(texts),), sys.exc_info()
        )
    line = formatter.format(record)
    assert line.startswith("ERROR ***")
    assert " at 12:00\nTraceback" in line
    assert shows_nothing(line)
    for text in texts:
        assert text not in line


def test_secrets_are_hidden_in_addresses_and_json_too(planted: Secrets) -> None:
    redactor = Redactor(planted, ['quo"ted\\name', "홍길동"])
    for text in (PLANTED["KIS_APP_SECRET"], PLANTED["TELEGRAM_BOT_TOKEN"], "홍길동"):
        assert redactor.hide(f"?a={quote(text, safe='')}&b") == "?a=***&b"
    assert redactor.hide(json.dumps({"name": 'quo"ted\\name'})) == '{"name": "***"}'
    assert redactor.hide(json.dumps("홍길동")) == '"***"'
    assert redactor.hide("account 7354918201, TRADER77") == "account ***, ***"


@pytest.mark.parametrize("lead", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("tail", ["", "z"])
def test_secrets_are_hidden_in_base64_wherever_they_begin(
    planted: Secrets, lead: str, tail: str
) -> None:
    redactor = Redactor(planted)
    for text in (
        "PSpaperpaperpaper",
        "correct horse 배터리",
        PLANTED["KIS_APP_SECRET"],
        "trader77",
    ):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            line = redactor.hide(encode(f"{lead}{text}{tail}".encode()).decode())
            assert "***" in line
            # At each end a letter may belong to a neighbour as well; a byte needs two.
            assert len(line.replace("***", "").rstrip("=")) <= len(lead + tail) * 4 / 3 + 2


def test_secrets_are_hidden_in_dumps(planted: Secrets) -> None:
    redactor = Redactor(planted)
    for text in ("correct horse 배터리", PLANTED["KIS_APP_SECRET"]):
        for form in (
            text.encode().hex(),
            repr(text.encode()),
            ascii(text),
            json.dumps(json.dumps({"a": text})),
            quote(json.dumps({"a": text})),
        ):
            shown = redactor.hide(form)
            assert "***" in shown, form
            assert shows_nothing(shown)


def test_an_access_token_nobody_named_is_known_by_its_shape() -> None:
    token = f"eyJ{'a' * 30}.{'b' * 30}-_.{'c' * 30}"
    assert Redactor(Secrets()).hide(f"Bearer {token}!") == "Bearer ***!"


def test_stack_and_kept_exception_texts_are_hidden_too(planted: Secrets) -> None:
    formatter = RedactingFormatter(planted, fmt="%(message)s")
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "oops", None, None)
    record.exc_text = "KeyError: trader77"
    record.stack_info = "Stack:\n  call('73549182-01')"
    assert formatter.format(record) == "oops\nKeyError: ***\nStack:\n  call('***')"


def test_a_line_that_cannot_be_formatted_shows_no_arguments(
    planted: Secrets, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter(planted))
    record = logging.LogRecord("bot.x", logging.ERROR, "x.py", 7, "%d", ("trader77",), None)
    handler.handle(record)
    assert capsys.readouterr().err == "ERROR bot.x: TypeError in the line of x.py:7\n"


def test_what_nobody_caught_is_written_without_secrets(tmp_path: Path) -> None:
    program = """
import logging, threading, warnings
from engine.adapters.secrets import RedactingFormatter, Redactor, Secret, Secrets, hide_last_words
secrets = Secrets(kis_hts_id=Secret("trader77"))
handler = logging.StreamHandler()
handler.setFormatter(RedactingFormatter(secrets))
logging.basicConfig(handlers=[handler])
hide_last_words(Redactor(secrets))
class Late:
    def __del__(self):
        raise ValueError("unraisable trader77")
def fail():
    raise ValueError("thread trader77")
late = Late()
del late
thread = threading.Thread(target=fail)
thread.start()
thread.join()
warnings.warn("warning trader77")
raise KeyError("main trader77")
"""
    done = subprocess.run(  # noqa: S603 - the program above
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    for said in ("unraisable ***", "thread ***", "main ***", "warning ***"):
        assert said in done.stderr
    assert "trader77" not in done.stderr


def test_ordinary_words_stay_readable(planted: Secrets) -> None:
    line = "2026-07-01 04:00:00 AAPL 3 at 201.15, order 0030138295"
    assert Redactor(planted, ["", "ab"]).hide(line) == line
    assert Redactor(Secrets()).hide(line) == line


@given(st.lists(st.text(st.characters(codec="ascii"), min_size=3, max_size=12), max_size=5))
def test_no_named_text_survives_between_other_words(texts: list[str]) -> None:
    redactor = Redactor(Secrets(), texts)
    shown = redactor.hide("\x00".join(["-", *texts, "-"]))
    for text in texts:
        assert text not in shown or text in "***" or "\x00" in text
