"""Keys, tokens and account numbers: reading them, keeping them, keeping them out of logs."""

from engine.adapters.secrets.environment import load_secrets
from engine.adapters.secrets.redaction import RedactingFormatter, Redactor
from engine.adapters.secrets.store import TokenStore
from engine.adapters.secrets.values import HIDDEN, Secret, Secrets

__all__ = [
    "HIDDEN",
    "RedactingFormatter",
    "Redactor",
    "Secret",
    "Secrets",
    "TokenStore",
    "load_secrets",
]
