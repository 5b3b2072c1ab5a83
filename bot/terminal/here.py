"""How a command is typed here: in a checkout, or where ``deploy/bootstrap.sh`` was."""

from __future__ import annotations

import re
from pathlib import Path

MARK = ".complete"  # deploy/parts/release.sh leaves it in a release
_COMMAND = re.compile(r"(?:python3 )?run\.py (?=[a-z])")
CODE = Path(__file__).resolve().parent.parent.parent


def is_installed() -> bool:
    """Whether this is a release that the installation made."""
    return (CODE / MARK).exists()


def typed(command: str) -> str:
    """A command of the machine, as a whole line."""
    return f"sudo dolpa {command}" if is_installed() else f"python3 run.py {command}"


def start() -> str:
    """What starts the assistant."""
    return "sudo systemctl start dolpa" if is_installed() else typed("bot")


def stop() -> str:
    """What ends it."""
    return "sudo systemctl stop dolpa" if is_installed() else typed("stop")


def adapted(text: str) -> str:
    """A text that names commands of a checkout, as it holds on this machine."""
    if not is_installed():
        return text
    return _COMMAND.sub(typed(""), text.replace("python3 run.py bot", start()))
