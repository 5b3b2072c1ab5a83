"""How a command is typed here: in a checkout, or where ``deploy/bootstrap.sh`` was."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

MARK = ".complete"  # deploy/parts/release.sh leaves it in a release
CODE = Path(__file__).resolve().parent.parent.parent
_CHECKOUT: Mapping[str, str] = MappingProxyType(
    {"--config": "config.yaml", "--env-file": ".env", "--data-dir": "data"}
)
# What ``sudo dolpa`` and the service name by themselves.
INSTALLED: Mapping[str, str] = MappingProxyType({
    "--config": "/etc/dolpa/config.yaml", "--env-file": "/etc/dolpa/env",
    "--data-dir": "/var/lib/dolpa",
})  # fmt: skip
_DOLPA_KNOWS = "setup|doctor|stop|check-config|secrets|report|replay|backup|restore"
_COMMAND = re.compile(rf"(?:python3 )?run\.py (?=(?:{_DOLPA_KNOWS})(?![a-z-]))")
# The service takes no options: with some, it is not the service that is meant.
_START = re.compile(r"(?:python3 )?run\.py bot(?![a-z-]| -)")


def is_installed() -> bool:
    """Whether this is a release that the installation made."""
    return (CODE / MARK).exists()


def elsewhere(data: Path, config: Path | None = None, env_file: Path | None = None) -> str:
    """The options that say where, with a blank before; empty where all lies where it usually does.

    A command without them would act on another assistant than the one that is meant.
    """
    usual = INSTALLED if is_installed() else _CHECKOUT
    given = {"--config": config, "--env-file": env_file, "--data-dir": data}
    return "".join(
        f" {option} {shlex.quote(str(path))}"
        for option, path in given.items()
        if path is not None and str(path) != usual[option]
    )


def options_in(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The options that say where, with their values, before anything is parsed."""
    for word, after in zip(arguments, [*arguments, ""][1:], strict=True):
        name, mark, text = word.partition("=")
        if name in _CHECKOUT and (mark or after):
            yield name, text if mark else after


def given_in(arguments: Sequence[str]) -> str:
    """As ``elsewhere``, of the words of a command."""
    found = {**_CHECKOUT, **dict(options_in(arguments))}
    return elsewhere(*(Path(found[name]) for name in ("--data-dir", "--config", "--env-file")))


def typed(command: str, given: str = "") -> str:
    """A command of the machine, as a whole line. ``given``: of ``elsewhere``."""
    return f"{'sudo dolpa' if is_installed() else 'python3 run.py'} {command}{given}"


def is_service(given: str) -> bool:
    """Whether the assistant of these options is the one that systemd runs."""
    return is_installed() and not given


def start(given: str = "") -> str:
    """What starts the assistant."""
    return "sudo systemctl start dolpa" if is_service(given) else f"python3 run.py bot{given}"


def stop(given: str = "") -> str:
    """What ends it."""
    return "sudo systemctl stop dolpa" if is_service(given) else typed("stop", given)


def adapted(text: str) -> str:
    """A text that names commands of a checkout, as it holds on this machine."""
    if not is_installed():
        return text
    return _COMMAND.sub(typed(""), _START.sub(start(), text))
