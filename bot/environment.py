"""``.venv``: made, filled with hashed packages, and made anew where either was broken off.

Standard library only: ``run.py`` asks for it before there is anything else.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCK = ROOT / ".venv.lock"  # beside it, as ``venv --clear`` empties the folder
_FILLING = "filling"


def is_ready(*, development: bool) -> bool:
    """Whether ``.venv`` is there and of these requirements."""
    stamp = VENV / ".requirements-dev.stamp"
    if stamp.exists() and stamp.read_text() == fingerprint(ROOT / "requirements-dev.txt"):
        return True  # the development set contains the other one
    stamp = VENV / ".requirements.stamp"
    wanted = fingerprint(ROOT / "requirements.txt")
    return not development and stamp.exists() and stamp.read_text() == wanted


def ensure_environment(*, development: bool) -> bool:
    """Create or refresh ``.venv`` from the hashed requirements; False if it cannot be made."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing and not PYTHON.exists():
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        print(
            f"Python에 {missing[0]} 모듈이 없습니다 / Python lacks {missing[0]}.",
            f"Debian, Ubuntu: sudo apt install python{version}-venv",
            sep="\n",
        )
        return False
    if is_ready(development=development):
        return True
    with _alone() as mark:
        return is_ready(development=development) or _fill(mark, development=development)


@contextlib.contextmanager
def _alone() -> Iterator[IO[str]]:
    """The lock's file, once no other run.py fills ``.venv``; it says whether one was broken off."""
    with LOCK.open("a+", encoding="utf-8") as mark:
        with contextlib.suppress(ImportError):  # Windows has no such lock
            import fcntl  # noqa: PLC0415

            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("다른 설치를 기다립니다 / Waiting for another run.py ...", flush=True)
                fcntl.flock(mark, fcntl.LOCK_EX)
        yield mark


def _fill(mark: IO[str], *, development: bool) -> bool:
    mark.seek(0)
    is_made_anew = bool(mark.read()) or _is_stale()
    if is_made_anew and (users := _users()):
        print(
            f"프로그램이 이 환경에서 돌고 있습니다 ({users}). 끝내고 다시 하세요.",
            "A program runs from this environment: end it, then try again.",
            sep="\n",
        )
        return False
    for stamp in VENV.glob(".requirements*.stamp"):  # whatever comes of it, it is another one
        stamp.unlink()
    mark.write(_FILLING)
    mark.flush()
    if is_made_anew:
        print("실행 환경을 만듭니다 / Setting up .venv ...", flush=True)
        if child(sys.executable, "-m", "venv", "--clear", str(VENV)) != 0:
            print("실행 환경을 못 만들었습니다 (위를 보세요) / It could not be made (see above).")
            return False
    needed = ROOT / ("requirements-dev.txt" if development else "requirements.txt")
    print(f"패키지를 설치합니다 / Installing {needed.name} ...", flush=True)
    install = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    code = child(*install, "--require-hashes", "-r", str(needed))
    if code >= 0:  # one that fails can be called again; one that was killed left halves
        mark.truncate(0)
    if code != 0:
        print("패키지를 못 설치했습니다 (위를 보세요) / They could not be installed (see above).")
        return False
    (VENV / f".{needed.stem}.stamp").write_text(fingerprint(needed))
    return True


def _is_stale() -> bool:
    """Whether there is none, or one that another Python made."""
    if not PYTHON.exists():
        return True
    asked = [str(PYTHON), "-c", "import sys; print(sys.version)"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return told.strip() != sys.version.strip()


def _users() -> str:
    """Process ids of what runs from ``.venv``, where /proc tells."""
    begin = os.fsencode(VENV / "bin") + b"/"
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if path.read_bytes().startswith(begin):
                found.append(path.parent.name)
    return ", ".join(found)


def child(*command: str) -> int:
    """Run a program to its end. What ends this one ends it and its children without their words."""
    with endings_raised(), subprocess.Popen(command, start_new_session=True) as process:
        try:
            return process.wait()
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                if os.name == "nt":
                    process.kill()
                else:
                    os.killpg(process.pid, signal.SIGKILL)
            raise


@contextlib.contextmanager
def endings_raised() -> Iterator[None]:
    """A kill and a closed terminal raise SystemExit meanwhile; what is ignored stays so."""

    def end(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    known = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    heard = [number for number in known if signal.getsignal(number) is signal.SIG_DFL]
    for number in heard:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, signal.SIG_DFL)


def fingerprint(requirements: Path) -> str:
    """Hash of the requirements and the interpreter that must run them."""
    return hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
