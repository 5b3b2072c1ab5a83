"""Whether a message holds what must never stand in a chat. Shapes only; nothing is kept."""

from __future__ import annotations

import re
from collections.abc import Callable

Finds = Callable[[str], bool]
"""Whether a text holds a secret."""

# Ten digits are an order's number, too: those of an account end in its product and begin with no 0.
_SHAPES = re.compile(
    r"""
    (?<!\d)\d{6,}:[A-Za-z0-9_-]{30,}                      # a bot token
    | (?<![\d-])\d{8}\s?-\s?\d{2}(?![\d-])                # an account, as KIS writes it
    | (?<![\d-])[1-9]\d{7}(?:0[1238]|19|2[129])(?!\d)     # the same in one
    """,
    re.VERBOSE,
)
_TOKEN = re.compile(r"\d{6,}:[A-Za-z0-9_-]{30,}")
_LONG = re.compile(r"[A-Za-z0-9+/=_-]{30,}")
_CLASSES = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))
_CANCEL = re.compile(r"/cancel(?:@\w+)?\s+#?\d+\s*")
_FILES = re.compile(r"(?:^|.*\.)env(?:\..*)?|.*\.enc", re.IGNORECASE)


def looks_secret(text: str) -> bool:
    """A KIS key or secret, a bot token, an account number by its shape."""
    if _CANCEL.fullmatch(text):
        return False
    return _SHAPES.search(text) is not None or any(map(_is_key, text.split()))


def is_bot_token(text: str) -> bool:
    """What BotFather gives, and nothing else."""
    return _TOKEN.fullmatch(text) is not None


def is_secret_file(name: str) -> bool:
    """A ``.env`` or an encrypted store, sent as a file."""
    return _FILES.fullmatch(name) is not None


def _is_key(word: str) -> bool:
    """Long, and of capitals, small letters and digits: no word of a language and no setting."""
    if "://" in word:
        return False
    return any(all(kind.search(run) for kind in _CLASSES) for run in _LONG.findall(word))
