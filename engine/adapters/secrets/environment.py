"""Where secrets come from: the environment wins, then ``.env``, then the encrypted store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from engine.adapters.secrets.env_file import EnvFile, read_env_file
from engine.adapters.secrets.private_file import ensure_private
from engine.adapters.secrets.values import Secret, Secrets
from engine.adapters.secrets.variables import PASSPHRASE, STORABLE, checked, secrets_of
from engine.adapters.secrets.vault import SecretStore
from engine.errors import ConfigError

CREDENTIAL = "master_passphrase"  # LoadCredential= of the systemd unit
_CREDENTIALS = "CREDENTIALS_DIRECTORY"
_MAX_PASSPHRASE = 4096

Ask = Callable[[Path], SecretStore]


def load_secrets(
    env_file: Path | None,
    environ: Mapping[str, str],
    store: Path | None = None,
    ask: Ask | None = None,
) -> Secrets:
    """Read and check all of them; missing files count as empty ones.

    ``store``: the encrypted one; its directory and itself are made private. ``ask``: opens it with
    what a person types, where the passphrase is needed and nowhere to be found.

    Raises:
        ConfigError: a value is not allowed, or the store does not open.
    """
    given = {name: text for name, text in environ.items() if text.strip()}
    file = read_env_file(env_file)
    passphrase = find_passphrase(environ, file)
    opened = None
    notices = file.notices
    if store is not None:
        notices += _made_private(store)
    if store is not None and store.exists():
        if passphrase is None and ask is not None:
            opened = ask(store)
            passphrase = opened.passphrase
        else:
            opened = open_store(store, passphrase)
    kept = _kept(opened)
    # How old the environment's are nobody knows.
    set_at = {name: at for name, at in _since(opened, file).items() if name not in given}
    found = {**kept, **file.values, **given}
    if passphrase is not None:
        found[PASSPHRASE] = passphrase.reveal()
    return secrets_of(found, set_at, _shadowed((kept, file.values), found), notices)


def find_passphrase(environ: Mapping[str, str], file: EnvFile) -> Secret | None:
    """The environment's, else systemd's credential, else the one in ``.env``.

    Raises:
        ConfigError: there is a credential, and it cannot be read.
    """
    text = environ.get(PASSPHRASE, "")
    if not text.strip():
        text = _credential(environ)
    if not text.strip():
        text = file.values.get(PASSPHRASE, "")
    return Secret(text) if text.strip() else None


def open_store(path: Path, passphrase: Secret | None) -> SecretStore:
    """The encrypted store. Raises ConfigError."""
    if passphrase is None:
        raise ConfigError(
            f"{path}: the passphrase is missing; give {PASSPHRASE}, or the systemd credential "
            f"{CREDENTIAL} (LoadCredential=)"
        )
    return SecretStore.open(path, passphrase)


def _made_private(store: Path) -> tuple[str, ...]:
    """The data directory 0700, the store 0600; what had to be mended is told."""
    places = (store.parent.resolve(), store)
    return tuple(
        f"{place}: was open to other users of this machine; is private now"
        for place in places
        if ensure_private(place)
    )


def _kept(opened: SecretStore | None) -> dict[str, str]:
    entries = {} if opened is None else opened.entries
    return {name: entry.value.reveal() for name, entry in entries.items()}


def _since(opened: SecretStore | None, file: EnvFile) -> dict[str, datetime]:
    """A file's values are no younger than the file; what opens the store, than its choice."""
    since: dict[str, datetime] = {}
    if opened is not None:
        since |= {name: entry.set_at for name, entry in opened.entries.items()}
    if file.written_at is not None:
        known = (*STORABLE, PASSPHRASE)
        since |= {name: file.written_at for name in file.values if name in known}
    if opened is not None and opened.passphrase_set_at is not None:
        since[PASSPHRASE] = opened.passphrase_set_at
    return since


def _shadowed(lower: tuple[Mapping[str, str], ...], found: Mapping[str, str]) -> tuple[Secret, ...]:
    """Values not in force: they are as secret as those that are."""
    values = {
        checked(name, text)
        for source in lower
        for name, text in source.items()
        if name in STORABLE and found[name] != text
    }
    return tuple(Secret(text) for text in sorted(values) if text)


def _credential(environ: Mapping[str, str]) -> str:
    directory = environ.get(_CREDENTIALS, "")
    if not directory:
        return ""
    path = Path(directory) / CREDENTIAL
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_PASSPHRASE)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(
            f"{path}: the credential cannot be read: {error.strerror}; see LoadCredential= in "
            "the unit, and run this as the service does"
        ) from None
    try:
        return content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text") from None
