"""The one door: makes the virtual environment, then hands over.

Standard library only, so that a fresh machine with Python 3.11-3.13 needs nothing else.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
SUPPORTED = ((3, 11), (3, 13))
COMMANDS = "demo test bot stop check-config doctor setup secrets report replay backup restore"

CHECKS: tuple[tuple[str, ...], ...] = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("lint-imports",),
)
TYPES: tuple[str, ...] = ("mypy",)
# Tests of real processes wait, one at a time: three workers keep two cores busy.
TESTS: tuple[str, ...] = ("pytest", "-n", "3", "--dist", "loadgroup")


def main(arguments: list[str]) -> int:
    """Run one command of the operator's contract and return its exit code."""
    low, high = SUPPORTED
    if not low <= sys.version_info[:2] <= high:
        print(f"Python {low[0]}.{low[1]}-{high[0]}.{high[1]} is needed, this is {sys.version}")
        return 2
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(__doc__, "\nCommands:", COMMANDS)
        return 0 if arguments else 2
    command, rest = arguments[0], arguments[1:]
    if not ensure_environment(development=command == "test"):
        return 2
    if command == "test":
        return run_tests(rest)
    if command == "demo":
        return hand_over("-m", "sandbox.demo", *rest)
    return hand_over("-m", "bot", command, *rest)


def ensure_environment(*, development: bool) -> bool:
    """Create or refresh ``.venv`` from the hashed requirements; False if it cannot be made."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing and not PYTHON.exists():
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        print(f"Python lacks {missing[0]}. On Debian or Ubuntu: apt install python{version}-venv")
        return False
    needed = ROOT / ("requirements-dev.txt" if development else "requirements.txt")
    stamp = VENV / f".{needed.stem}.stamp"
    wanted = fingerprint(needed)
    dev_stamp = VENV / ".requirements-dev.stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return True
    if not development and dev_stamp.exists():
        newest = fingerprint(ROOT / "requirements-dev.txt")
        if dev_stamp.read_text() == newest:
            return True  # the development set contains the other one
    if not PYTHON.exists() or stale_interpreter():
        print("Setting up .venv ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    print(f"Installing {needed.name} ...", flush=True)
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*install, "--require-hashes", "-r", str(needed)], check=False)
    if done.returncode != 0:
        print(f"The packages of {needed.name} could not be installed (see above).")
        return False
    stamp.write_text(wanted)
    return True


def fingerprint(requirements: Path) -> str:
    """Hash of the requirements and the interpreter that must run them."""
    return hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()


def stale_interpreter() -> bool:
    """Whether ``.venv`` was made by another Python than this one."""
    probe = subprocess.run(
        [str(PYTHON), "-c", "import sys; print(sys.version)"],
        capture_output=True,
        text=True,
        check=False,
    )
    return probe.stdout.strip() != sys.version.strip()


def run_tests(arguments: list[str]) -> int:
    """Lint, types, import contract, then the suite; the first failure ends it.

    With arguments pytest alone: ``-m long -n 2`` for what takes minutes, ``--cov`` for coverage.
    """
    # Tests start the assistant some sixty times: compiled anew each time, they take a minute more.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if arguments:
        return hand_over("-m", "pytest", *arguments)
    for check in CHECKS:
        code = run_tool(check)
        if code != 0:
            return code
    # Types take a minute of one core: they are checked while some test waits.
    with tempfile.TemporaryFile("w+") as said:
        types = subprocess.Popen([tool_path(TYPES[0])], cwd=ROOT, stdout=said, stderr=said)
        code = run_tool(TESTS)
        wrong = types.wait()
        said.seek(0)
        print("$", *TYPES, "\n" + said.read(), flush=True)
    return code or wrong


def run_tool(command: tuple[str, ...]) -> int:
    """Run one of the environment's tools with its output shown; its exit code."""
    print("$", *command, flush=True)
    return subprocess.run([tool_path(command[0]), *command[1:]], cwd=ROOT, check=False).returncode


def tool_path(name: str) -> str:
    """A program of the environment."""
    return str(PYTHON.with_name(name))


def hand_over(*arguments: str) -> int:
    """Become the environment's Python, so that signals and exit codes are its own."""
    os.chdir(ROOT)
    if os.name == "nt":
        return subprocess.run([str(PYTHON), *arguments], check=False).returncode
    sys.stdout.flush()
    return os.execv(PYTHON, [str(PYTHON), *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
