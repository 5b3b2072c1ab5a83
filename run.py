"""The one door: makes the virtual environment, then hands over.

Standard library only, so that a fresh machine with Python 3.11-3.13 needs nothing else.
"""

from __future__ import annotations

import difflib
import io
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from bot import __version__
from bot.environment import PYTHON, ensure_environment, is_ready

ROOT = Path(__file__).resolve().parent
SUPPORTED = ((3, 11), (3, 13))
# In both languages: before the first start nobody has chosen one.
COMMANDS: dict[str, tuple[str, str, str]] = {
    "demo": (
        "[--once] [--desk us|krx] [--port 8090]",
        *("계좌 없이 체험하기", "try the whole assistant without an account"),
    ),
    "setup": ("", "처음 설정, 하나씩 물어봄", "first contact, one question after the other"),
    "doctor": ("", "모두 연결해 점검", "connect to everything and examine it"),
    "bot": ("[--log-level LEVEL]", "비서 시작", "start the assistant"),
    "stop": ("", "실행 중인 비서 멈추기", "stop the assistant that runs"),
    "check-config": ("", "설정값과 출처 보기", "every setting and where it came from"),
    "secrets": (
        "set NAME | list | import .env | rotate",
        *("암호화한 키 다루기", "the encrypted store of keys"),
    ),
    "report": (
        "day|week|month|quarter|year|all [--out DIR]",
        *("매매 보고서", "a report of the trades"),
    ),
    "replay": ("[--date D] [--symbol S]", "기록한 날 다시 돌리기", "recorded days once more"),
    "backup": ("FILE", "자료 복사", "copy the data, also while it runs"),
    "restore": ("FILE", "복사본 되돌리기", "put such a copy back"),
    "test": ("", "코드 검사와 시험", "for developers: lint, types, tests"),
}
HELP = {"-h", "--help"}
VERSION = {"--version", "-V", "version"}

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
    try:
        code = told_version() if VERSION.intersection(arguments[:1]) else run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter's end would complain
        return 1
    except KeyboardInterrupt:
        command = named(arguments)
        last_words(f"\n중단했습니다. 다시 / Broken off. Again: python3 run.py {command}".rstrip())
        return 0 if command == "bot" else 1
    return code


def named(arguments: list[str]) -> str:
    """The command, which options may precede, each with its value; empty where there is none."""
    words = iter(arguments)
    for word in words:
        if not word.startswith("-"):
            return word
        if "=" not in word:
            next(words, None)
    return ""


def last_words(text: str) -> None:
    """Whoever would read them may be gone: ``run.py bot | tee log``."""
    try:
        print(text, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or the interpreter's end would complain


def run(arguments: list[str]) -> int:
    """The same; Ctrl-C comes through."""
    low, high = SUPPORTED
    if not low <= sys.version_info[:2] <= high:
        wanted = f"{low[0]}.{low[1]}-{high[0]}.{high[1]}"
        print(f"Python {wanted}에서 돕니다. 지금은 / is needed, this is {sys.version}")
        return 2
    if not arguments or arguments[0] in {*HELP, "help"}:
        print("Dolpa (돌파): README.md, README.ko.md", listed(), sep="\n\n")
        return 0 if arguments else 2
    command, rest = arguments[0], arguments[1:]
    if command not in COMMANDS and not command.startswith("-"):
        print(unknown(command), listed(), sep="\n\n")
        return 2
    development = command == "test"
    if HELP.intersection(rest) and not is_ready(development=development):
        print(described(command))
        return 0
    if not ensure_environment(development=development):
        return 2
    if command == "test":
        return run_tests(rest)
    if command == "demo":
        return hand_over("-m", "sandbox.demo", *rest)
    return hand_over("-m", "bot", command, *rest)


def listed() -> str:
    """Every command in a line of its own."""
    width = max(map(len, COMMANDS))
    rows = [f"  {name:{width}}  {ko} / {en}" for name, (_, ko, en) in COMMANDS.items()]
    return "\n".join(["python3 run.py COMMAND", "", *rows])


def told_version() -> int:
    """As the assistant itself knows it."""
    print("Dolpa", __version__)
    return 0


def unknown(command: str) -> str:
    """What to say to a mistyped one."""
    told = f"모르는 명령입니다 / Unknown command: {command}"
    near = difflib.get_close_matches(command.casefold(), COMMANDS, n=1)
    return f"{told}\n혹시 / Did you mean: python3 run.py {near[0]}" if near else told


def described(command: str) -> str:
    """What can be said of one before the packages are there."""
    options, ko, en = COMMANDS.get(command, ("", "", ""))
    return (
        f"python3 run.py {command} {options}".rstrip() + f"\n\n  {ko} / {en}\n\n"
        "자세한 옵션은 패키지를 설치한 뒤에 나옵니다. 첫 실행 때 설치합니다.\n"
        "All about the options is told once the packages are there; the first run installs them."
    )


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
    if arguments[1] in {"bot", "sandbox.demo"}:
        # They hear Ctrl-C once they can answer; the interpreter's own start would show a traceback.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    return os.execv(PYTHON, [str(PYTHON), *arguments])


def show_what_can_be_shown() -> None:
    """A terminal of another encoding gets ``?`` for what it lacks, not a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    show_what_can_be_shown()
    sys.exit(main(sys.argv[1:]))
