"""The names of the contract, what their values may look like, and which of them wear out.

Messages name the variable and never its value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from engine.adapters.secrets.values import Secret, Secrets
from engine.errors import ConfigError

PASSPHRASE = "AUTOTRADE_MASTER_PASSPHRASE"  # noqa: S105 - a name
USERS = "TELEGRAM_CHAT_ID"
STORABLE = (
    "KIS_APP_KEY",
    "KIS_APP_SECRET",
    "KIS_ACCOUNT_NO",
    "KIS_HTS_ID",
    "KIS_PAPER_APP_KEY",
    "KIS_PAPER_APP_SECRET",
    "KIS_PAPER_ACCOUNT_NO",
    "TELEGRAM_BOT_TOKEN",
    USERS,
    "KAKAO_REST_API_KEY",
    "KAKAO_REFRESH_TOKEN",
    "KAKAO_CLIENT_SECRET",
)
# Account numbers and ids stay what they are; the rest is renewed now and then. Kakao's refresh
# token renews itself.
RENEWABLE = frozenset(
    {
        *("KIS_APP_KEY", "KIS_APP_SECRET", "KIS_PAPER_APP_KEY", "KIS_PAPER_APP_SECRET"),
        *("TELEGRAM_BOT_TOKEN", "KAKAO_REST_API_KEY", "KAKAO_CLIENT_SECRET"),
        PASSPHRASE,
    }
)
MAX_AGE_DAYS = 90
_ACCOUNTS = frozenset({"KIS_ACCOUNT_NO", "KIS_PAPER_ACCOUNT_NO"})
_MAX_USER_ID = 2**52  # Telegram: at most 52 significant bits
_ACCOUNT = re.compile(r"([0-9]{8})-?([0-9]{2})")


def checked(name: str, text: str) -> str:
    """The value as it is kept; blank when there is none. Raises ConfigError."""
    if name == USERS:
        return ",".join(str(user_id) for user_id in _user_ids(text))
    if name == PASSPHRASE:
        return text if text.strip() else ""
    if name in _ACCOUNTS:
        return _account(name, text.strip())
    return _plain(name, text.strip())


def secrets_of(
    found: Mapping[str, str],
    set_at: Mapping[str, datetime],
    shadowed: tuple[Secret, ...],
    notices: tuple[str, ...],
) -> Secrets:
    """Values by name, checked and typed. Raises ConfigError."""

    def secret(name: str) -> Secret | None:
        text = checked(name, found.get(name, ""))
        return Secret(text) if text else None

    return Secrets(
        kis_app_key=secret("KIS_APP_KEY"),
        kis_app_secret=secret("KIS_APP_SECRET"),
        kis_account=secret("KIS_ACCOUNT_NO"),
        kis_hts_id=secret("KIS_HTS_ID"),
        paper_app_key=secret("KIS_PAPER_APP_KEY"),
        paper_app_secret=secret("KIS_PAPER_APP_SECRET"),
        paper_account=secret("KIS_PAPER_ACCOUNT_NO"),
        telegram_token=secret("TELEGRAM_BOT_TOKEN"),
        telegram_user_ids=_user_ids(found.get(USERS, "")),
        master_passphrase=secret(PASSPHRASE),
        kakao_rest_api_key=secret("KAKAO_REST_API_KEY"),
        kakao_refresh_token=secret("KAKAO_REFRESH_TOKEN"),
        kakao_client_secret=secret("KAKAO_CLIENT_SECRET"),
        notices=notices,
        set_at=dict(set_at),
        shadowed=shadowed,
    )


def is_old(since: datetime, now: datetime) -> bool:
    """Whether something set then should be renewed."""
    return (now - since).days > MAX_AGE_DAYS


def old_names(set_at: Mapping[str, datetime], now: datetime) -> tuple[tuple[str, int], ...]:
    """What should be renewed, with its age in days; oldest first."""
    old = [
        (name, (now - at).days)
        for name, at in set_at.items()
        if name in RENEWABLE and is_old(at, now)
    ]
    return tuple(sorted(old, key=lambda one: (-one[1], one[0])))


def _plain(name: str, text: str) -> str:
    if not text.isascii() or (text and not text.isprintable()) or " " in text:
        raise ConfigError(f"{name}: the value is not allowed; allowed: letters, digits and signs")
    return text


def _account(name: str, text: str) -> str:
    if not text:
        return ""
    match = _ACCOUNT.fullmatch(text)
    if match is None:
        raise ConfigError(f"{name}: the value is not allowed; allowed: the form 12345678-01")
    return match[1] + match[2]


def _user_ids(listed: str) -> tuple[int, ...]:
    ids: list[int] = []
    for part in listed.split(","):
        text = part.strip()
        if not text:
            continue
        if re.fullmatch(r"-[0-9]+", text):
            raise ConfigError(
                f"{USERS}: a negative number is a group or channel; allowed: user ids. Everybody "
                "in a group would see the account and could press its buttons"
            )
        if not re.fullmatch(r"[0-9]{1,16}", text) or not 0 < int(text) < _MAX_USER_ID:
            raise ConfigError(
                f"{USERS}: the value is not allowed; allowed: positive user ids, "
                "separated by commas"
            )
        if int(text) not in ids:
            ids.append(int(text))
    return tuple(ids)
