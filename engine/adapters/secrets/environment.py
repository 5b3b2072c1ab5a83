"""Secrets from the environment and a ``.env`` file; the environment wins.

Messages name the variable and never its value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from engine.adapters.secrets.values import Secret, Secrets
from engine.errors import ConfigError

_MAX_BYTES = 64 * 1024
_OTHERS_MAY = 0o077
_MAX_USER_ID = 2**52  # Telegram: at most 52 significant bits
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_ACCOUNT = re.compile(r"([0-9]{8})-?([0-9]{2})")
_USERS = "TELEGRAM_CHAT_ID"


def load_secrets(env_file: Path | None, environ: Mapping[str, str]) -> Secrets:
    """Read and check all of them. A missing file counts as an empty one. Raises ConfigError."""
    found, notices = _read_file(env_file) if env_file is not None else ({}, ())
    found.update({name: value for name, value in environ.items() if value.strip()})
    return Secrets(
        kis_app_key=_secret(found, "KIS_APP_KEY"),
        kis_app_secret=_secret(found, "KIS_APP_SECRET"),
        kis_account=_account(found, "KIS_ACCOUNT_NO"),
        kis_hts_id=_secret(found, "KIS_HTS_ID"),
        paper_app_key=_secret(found, "KIS_PAPER_APP_KEY"),
        paper_app_secret=_secret(found, "KIS_PAPER_APP_SECRET"),
        paper_account=_account(found, "KIS_PAPER_ACCOUNT_NO"),
        telegram_token=_secret(found, "TELEGRAM_BOT_TOKEN"),
        telegram_user_ids=_user_ids(found),
        master_passphrase=_passphrase(found, "AUTOTRADE_MASTER_PASSPHRASE"),
        kakao_rest_api_key=_secret(found, "KAKAO_REST_API_KEY"),
        kakao_refresh_token=_secret(found, "KAKAO_REFRESH_TOKEN"),
        notices=notices,
    )


def _read_file(path: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        is_open = bool(path.stat().st_mode & _OTHERS_MAY)
    except FileNotFoundError:
        return {}, ()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if len(content) > _MAX_BYTES:
        raise ConfigError(f"{path}: larger than the allowed {_MAX_BYTES // 1024} KiB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text") from None
    notice = f"{path}: readable by others; run: chmod 600 {path}"
    return _parse(path, text), (notice,) if is_open else ()


def _parse(path: Path, text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _LINE.fullmatch(stripped)
        if match is None:
            raise ConfigError(f"{path}: line {number}: must be NAME=value")
        found[match[1]] = _unquoted(match[2])
    return found


def _unquoted(text: str) -> str:
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        if end > 0:
            return text[1:end]
    if text.startswith("#"):
        return ""
    return re.split(r"\s+#", text, maxsplit=1)[0].strip()


def _secret(found: Mapping[str, str], name: str) -> Secret | None:
    text = found.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ConfigError(f"{name}: the value is not allowed; allowed: letters, digits and signs")
    return Secret(text)


def _passphrase(found: Mapping[str, str], name: str) -> Secret | None:
    text = found.get(name, "")
    return Secret(text) if text.strip() else None


def _account(found: Mapping[str, str], name: str) -> Secret | None:
    text = found.get(name, "").strip()
    if not text:
        return None
    match = _ACCOUNT.fullmatch(text)
    if match is None:
        raise ConfigError(f"{name}: the value is not allowed; allowed: the form 12345678-01")
    return Secret(match[1] + match[2])


def _user_ids(found: Mapping[str, str]) -> tuple[int, ...]:
    ids: list[int] = []
    for part in found.get(_USERS, "").split(","):
        text = part.strip()
        if not text:
            continue
        if re.fullmatch(r"-[0-9]+", text):
            raise ConfigError(
                f"{_USERS}: a negative number is a group or channel; allowed: user ids. Everybody "
                "in a group would see the account and could press its buttons"
            )
        if not re.fullmatch(r"[0-9]{1,16}", text) or not 0 < int(text) < _MAX_USER_ID:
            raise ConfigError(
                f"{_USERS}: the value is not allowed; allowed: positive user ids, "
                "separated by commas"
            )
        if int(text) not in ids:
            ids.append(int(text))
    return tuple(ids)
