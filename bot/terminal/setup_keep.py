"""What the wizard gathered, written down: all of it, or nothing."""

from __future__ import annotations

import contextlib
import signal
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.terminal.secrets_command import Place
from engine.adapters.secrets import (
    PASSPHRASE,
    TOKEN_FILE,
    Secret,
    SecretStore,
    TokenStore,
    alone,
    ensure_private,
    read_env_file,
    replace_file,
    wipe_env_file,
)
from engine.config import edited, load_config
from engine.errors import ConfigError

_PLAIN_MODE = 0o644
_QUOTES = "'\""


@dataclass(slots=True)
class Draft:
    """Answers so far, in memory only. ``tokens``: what KIS issued while keys were tried."""

    passphrase: Secret
    is_in_file: bool = False
    values: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    tokens: Mapping[str, str] = field(default_factory=dict)


def keep(draft: Draft, place: Place, config: Path, now: datetime) -> tuple[str, ...]:
    """Write store, config.yaml and ``.env``; the names of the files.

    Ctrl-C waits until it is done. After a crash between two files each of them is whole, and the
    next start works with what it finds.

    Raises:
        ConfigError: nothing was changed, or the message names what was.
    """
    text = _new_config(draft, config)
    with alone(place.data), _undisturbed():
        ensure_private(place.data.resolve())
        try:
            return (*_keep_secrets(draft, place, now), *_keep_plain(draft, place, config, text))
        except OSError as error:
            raise ConfigError(f"{error.filename}: cannot be written: {error.strerror}") from None


def _keep_secrets(draft: Draft, place: Place, now: datetime) -> tuple[str, ...]:
    store = SecretStore.open(place.store, draft.passphrase)
    if draft.values or not place.store.exists():
        store.put(draft.values, now)
    tokens = TokenStore(place.data / TOKEN_FILE, draft.passphrase)
    for key, issued in draft.tokens.items():
        tokens.save(key, issued)
    return (str(place.store),)


def _keep_plain(draft: Draft, place: Place, config: Path, text: str | None) -> tuple[str, ...]:
    written = []
    if text is not None:
        mode = stat.S_IMODE(config.stat().st_mode) if config.exists() else _PLAIN_MODE
        replace_file(config.resolve(), text.encode(), load_config, mode)
        written.append(str(config))
    file = read_env_file(place.env_file)
    overruling = [name for name in draft.values if name in file.values]
    if overruling:
        # What .env says wins over the store: an old value there would come back.
        wipe_env_file(place.env_file, overruling, f"in the encrypted store ({place.store})")
        written.append(str(place.env_file))
    if draft.is_in_file and PASSPHRASE not in file.values:
        _append_passphrase(place.env_file, draft.passphrase)
        written.append(str(place.env_file))
    return tuple(dict.fromkeys(written))


def _new_config(draft: Draft, config: Path) -> str | None:
    """The file with the new settings; None where they change nothing. Raises ConfigError."""
    if not draft.settings:
        return None
    with contextlib.suppress(FileNotFoundError):
        return edited(config.read_text(encoding="utf-8"), draft.settings)
    return edited("", draft.settings)


def _append_passphrase(path: Path, passphrase: Secret) -> None:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if text and not text.endswith("\n"):
        text += "\n"
    line = f"{PASSPHRASE}={quoted(passphrase.reveal())}\n"
    replace_file(path.resolve(), (text + line).encode())


def quoted(text: str) -> str:
    """As ``.env`` reads it back. Raises ConfigError where it cannot."""
    quote = next((mark for mark in _QUOTES if mark not in text), None)
    if quote is None or not text.isprintable():
        raise ConfigError(f"{PASSPHRASE}: one with both kinds of quotes cannot stand in .env")
    return f"{quote}{text}{quote}"


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C does not come between two files."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
