"""Keys, tokens and account numbers: reading them, keeping them, keeping them out of logs."""

from engine.adapters.secrets.env_file import EnvFile, read_env_file, wipe_env_file
from engine.adapters.secrets.environment import (
    CREDENTIAL,
    find_passphrase,
    load_secrets,
    open_store,
)
from engine.adapters.secrets.private_file import alone, ensure_private, replace_file
from engine.adapters.secrets.redaction import (
    Recogniser,
    RedactingFormatter,
    Redactor,
    hide_last_words,
)
from engine.adapters.secrets.store import TokenStore
from engine.adapters.secrets.values import HIDDEN, Secret, Secrets
from engine.adapters.secrets.variables import (
    MAX_AGE_DAYS,
    PASSPHRASE,
    RENEWABLE,
    STORABLE,
    USERS,
    checked,
    is_old,
    old_names,
)
from engine.adapters.secrets.vault import Entry, SecretStore, StoreDamaged, WrongPassphrase

STORE_FILE, TOKEN_FILE = "secrets.enc", "tokens.enc"

__all__ = [
    "CREDENTIAL",
    "HIDDEN",
    "MAX_AGE_DAYS",
    "PASSPHRASE",
    "RENEWABLE",
    "STORABLE",
    "STORE_FILE",
    "TOKEN_FILE",
    "USERS",
    "Entry",
    "EnvFile",
    "Recogniser",
    "RedactingFormatter",
    "Redactor",
    "Secret",
    "SecretStore",
    "Secrets",
    "StoreDamaged",
    "TokenStore",
    "WrongPassphrase",
    "alone",
    "checked",
    "ensure_private",
    "find_passphrase",
    "hide_last_words",
    "is_old",
    "load_secrets",
    "old_names",
    "open_store",
    "read_env_file",
    "replace_file",
    "wipe_env_file",
]
