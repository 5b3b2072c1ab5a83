"""The options of ``backup`` and ``restore``, which need neither config.yaml nor secrets."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.format.lang import Lang
from bot.terminal.parser import Parser

BACKUP, RESTORE = "backup", "restore"
KEEP = 14


@dataclass(frozen=True, slots=True)
class BackupAsked:
    """``is_folder``: ``path`` takes backups named by their time, the newest ``keep`` of them."""

    command: str
    path: Path
    data: Path
    is_folder: bool
    keep: int
    force: bool


def backup_asked(arguments: Sequence[str], lang: Lang) -> BackupAsked:
    """Ends the program with 2 and the usage where the words do not fit."""
    command, *words = arguments
    parser = _parser(command, lang)
    options = parser.parse_args(words)
    typed: str = options.path
    is_backup = command == BACKUP
    path = Path(typed)
    is_folder = is_backup and (typed.endswith((os.sep, "/")) or path.is_dir())
    keep = options.keep if is_backup else None
    if keep is not None and not is_folder:
        parser.error("--keep needs a folder: backup DIR/ --keep N")
    if keep is not None and keep < 1:
        parser.error("--keep: allowed: 1 and more")
    if is_folder and options.force:
        parser.error("--force needs a file: in a folder nothing is replaced")
    force = is_backup and options.force
    return BackupAsked(command, path, options.data_dir, is_folder, keep or KEEP, force)


def _parser(command: str, lang: Lang) -> Parser:
    parser = Parser(prog=f"run.py {command}", lang=lambda: lang)
    # Neither is read, but config.yaml for its language.
    parser.add_argument("--config", type=Path, default=Path("config.yaml"))
    parser.add_argument("--env-file", type=Path, default=Path(".env"))
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    if command == RESTORE:
        parser.add_argument("path", metavar="FILE")
        return parser
    parser.add_argument("path", metavar="FILE|DIR/")
    parser.add_argument("--force", action="store_true")
    parser.add_argument("--keep", type=int, default=None)
    return parser
