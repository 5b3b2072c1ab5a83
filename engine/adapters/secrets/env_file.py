"""A ``.env`` file: reading it, and wiping from it what lives elsewhere now."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from engine.adapters.secrets.private_file import overwrite, replace_file
from engine.errors import ConfigError

_MAX_BYTES = 64 * 1024
_OTHERS_MAY = 0o077
_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


@dataclass(frozen=True, slots=True, repr=False)
class EnvFile:
    """Values that are not blank, and when the file was last written: they are no younger."""

    values: Mapping[str, str]
    notices: tuple[str, ...] = ()
    written_at: datetime | None = None


def read_env_file(path: Path | None) -> EnvFile:
    """A missing file counts as an empty one. Raises ConfigError."""
    if path is None:
        return EnvFile({})
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
            found = os.fstat(file.fileno())
    except FileNotFoundError:
        return EnvFile({})
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    values = {name: text for name, text in _parse(path, _text(path, content)) if text.strip()}
    notice = f"{path}: readable by others; run: chmod 600 {path}"
    is_open = bool(found.st_mode & _OTHERS_MAY)
    written_at = datetime.fromtimestamp(found.st_mtime, UTC)
    return EnvFile(values, (notice,) if is_open else (), written_at)


def wipe_env_file(path: Path, names: Collection[str], remark: str) -> None:
    """Put ``# NAME: remark`` in place of each named line, and noise over the old content.

    The new file takes the old one's place in one step. Journals, copies of the disk and
    backups may still hold what was there. Raises OSError, ConfigError.
    """
    place = path.resolve()
    descriptor = os.open(place, os.O_RDWR)
    try:
        with os.fdopen(os.dup(descriptor), "rb") as file:
            text = _text(path, file.read(_MAX_BYTES + 1))
        replace_file(place, "".join(_wiped(text, names, remark)).encode())
        overwrite(descriptor)
    finally:
        os.close(descriptor)


def _wiped(text: str, names: Collection[str], remark: str) -> list[str]:
    lines = []
    for line in text.splitlines():
        # A comment may be a value put aside: "#KIS_APP_KEY=...".
        match = _LINE.fullmatch(line.strip().lstrip("#").strip())
        is_named = match is not None and match[1] in names and match[2].strip()
        lines.append(f"# {match[1]}: {remark}\n" if match is not None and is_named else line + "\n")
    return lines


def _text(path: Path, content: bytes) -> str:
    if len(content) > _MAX_BYTES:
        raise ConfigError(f"{path}: larger than the allowed {_MAX_BYTES // 1024} KiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text") from None


def _parse(path: Path, text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _LINE.fullmatch(stripped)
        if match is None:
            raise ConfigError(f"{path}: line {number}: must be NAME=value")
        found.append((match[1], _unquoted(match[2])))
    return found


def _unquoted(text: str) -> str:
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        if end > 0:
            return text[1:end]
    if text.startswith("#"):
        return ""
    return re.split(r"\s+#", text, maxsplit=1)[0].strip()
