"""Every command of the documents, and how it is tried."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from tests.docs.pages import Code, pages

PROGRAMS = re.compile(
    r"demo --"
    r"|(?:\$ )?(?:sudo (?:-\S+ \S+ )*)?(?:[A-Z_]+=\S* )*(?:python3?|(?:\./)?\.venv/bin/\w+|run\.py"
    r"|systemctl|systemd-\w+|journalctl|timedatectl|curl|git|apt(?:-get)?|bash|sh|chmod|cp|mv|scp"
    r"|ssh|rsync|ss|df|tar|docker|dolpa|deploy/[\w.]+|\./deploy/[\w.]+) \S"
)
SHELL = {"sh", "bash", "console", "shell"}


class How(Enum):
    """How far a command is tried by the suite."""

    RUN = "run in this process, to its exit code"
    PARSED = "its arguments are parsed by the program's own parser"
    FOUND = "the program is there"
    SHELL = "a program of the machine: bash can read it"


@dataclass(frozen=True)
class Row:
    """Commands of one shape. ``code``: how a RUN one ends; ``why`` the others are not run here.

    ``before``: a command that must have run. ``played_by``: the test that does run such a command.
    ``long``: it is run as it stands by ``-m long``.
    """

    shape: str
    how: How
    why: str = ""
    played_by: str = ""
    code: int = 0
    before: str = ""
    long: bool = False

    def fits(self, command: str) -> bool:
        return re.fullmatch(self.shape, command) is not None


_REAL = "needs a real account"
_BOT = "tests/e2e/"
_DAYS = "it plays for minutes"
_MACHINE = "changes the machine"
_INSTALLED = "tests/deploy/try_debian.py"
TABLE = (
    Row(r"run\.py check-config", How.RUN),
    Row(r"run\.py stop", How.RUN, code=1),  # nothing runs there
    Row(r"run\.py report .+", How.RUN),
    Row(r"run\.py secrets list", How.RUN),
    Row(r"run\.py backup .+", How.RUN),
    Row(r"run\.py restore FILE", How.RUN, before="run.py backup FILE"),
    Row(
        r"run\.py restore backups/.+",
        *(How.PARSED, "that backup is a trader's", "tests/terminal/test_backup_command.py"),
    ),
    Row(
        r"run\.py secrets (set|rotate|import)\b.*",
        *(How.PARSED, "asks at the terminal", "tests/terminal/test_secrets_command.py"),
    ),
    Row(
        r"run\.py setup\b.*",
        *(How.PARSED, "asks at the terminal", "tests/terminal/test_setup.py"),
    ),
    Row(r"run\.py bot( --record \w+)?", How.PARSED, _REAL, f"{_BOT}test_life.py"),
    Row(r"run\.py doctor", How.PARSED, _REAL, f"{_BOT}test_commands.py"),
    Row(r"run\.py replay.*", How.PARSED, "needs recorded days", "tests/flow/test_replay.py"),
    Row(r"run\.py demo --once", How.PARSED, _DAYS, f"{_BOT}test_excerpt.py", long=True),
    Row(r"run\.py demo.*", How.PARSED, "runs until it is stopped", f"{_BOT}test_excerpt.py"),
    Row(r"run\.py test.*", How.PARSED, "is this suite"),
    Row(
        r"python -m sandbox.*", How.PARSED, "runs until it is stopped", "tests/sandbox/test_main.py"
    ),
    Row(r"python -m tests\.(days|faults|mutate)\b.*", How.FOUND, _DAYS, long=True),
    Row(r"python -m tests\.(campaign|browser\.screenshots)\b.*", How.PARSED, _DAYS, long=True),
    Row(r"python -m tests\.reports\.sample_pictures", How.FOUND, "would draw them anew"),
    Row(r"python -m reports\.pictures", How.FOUND, "is started by the assistant, with a request"),
    Row(
        r"python -m tests\.fuzz\b.*",
        *(
            How.FOUND,
            "minutes; the suite plays a slice",
            "tests/fuzz/test_fuzz.py",
        ),
    ),
    Row(
        r"python -m tests\.dependencies\b.*",
        *(How.FOUND, "asks the package index", "tests/dependencies/test_dependencies.py"),
    ),
    Row(r"python -m pytest.*", How.PARSED, "is this suite"),
    Row(r"python benchmarks/\w+\.py.*", How.PARSED, _DAYS, long=True),
    Row(r"curl -s \S+/health", How.SHELL, "asks a running assistant", "tests/bot/test_health.py"),
    Row(r"sudo dolpa (upgrade|uninstall)\b.*", How.SHELL, _MACHINE, _INSTALLED),
    Row(r"sudo deploy/\w+\.sh.*", How.SHELL, _MACHINE, _INSTALLED),
    Row(r"python -m tests\.deploy\.try_debian", How.PARSED, "makes a machine, as root"),
    Row(
        r"(sudo )?(systemctl|journalctl|systemd-analyze)\b.+",
        How.SHELL,
        "needs systemd",
        _INSTALLED,
    ),
    Row(r"(sudo )?(apt-get|dnf|git|cd|cp)\b.+", How.SHELL, _MACHINE),
    Row(r"sudo amazon-cloudwatch-agent-ctl .+", How.SHELL, "untried: needs EC2"),
    Row(r"(sudo )?timedatectl .+", How.SHELL, "needs systemd, and changes the machine"),
    Row(r"(ruff|mypy|lint-imports)\b.*", How.PARSED, "run.py test runs it", "run.py"),
)


@dataclass(frozen=True)
class Command:
    """A command in one spelling, with every place that names it."""

    text: str
    where: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.text)


def commands() -> list[Command]:
    """Each once."""
    found: dict[str, str] = {}
    for one in pages():
        for code in one.code():
            for text in _commands(code):
                found.setdefault(text, code.where)
    return [Command(text, where) for text, where in found.items()]


def row_of(command: Command) -> Row:
    """How it is tried. A command that no row knows is an error of the documents."""
    for row in TABLE:
        if row.fits(command.text):
            return row
    raise LookupError(f"{command.where}: nobody tries `{command.text}` (tests/docs/commands.py)")


def normalised(line: str) -> str:
    """Without prompt and remark, and with one name for each of the ways to say Python."""
    bare = re.sub(r"\s+#.*$", "", line).strip().removeprefix("$ ")
    bare = re.sub(r"^demo (?=--)", "run.py demo ", bare)
    bare = re.sub(r"^([A-Z_]+=\S* )+", "", bare)
    # On an installed machine it is the same command with other places.
    bare = re.sub(r"^sudo dolpa (?!upgrade|uninstall)", "run.py ", bare)
    bare = re.sub(r"^sudo (?=\.venv/bin/python)", "", bare)
    bare = re.sub(r"^(python3 )?(\./)?run\.py", "run.py", bare)
    bare = re.sub(r"^\.venv/bin/(?!python)", "", bare)
    return re.sub(r"^(\.venv/bin/)?python3?(?=\s)", "python", bare)


def _commands(code: Code) -> Iterator[str]:
    if code.language in SHELL:
        is_command = bool(code.text) and not code.text.startswith("#")
    else:
        is_command = PROGRAMS.match(code.text) is not None
    if is_command:
        yield normalised(code.text)
