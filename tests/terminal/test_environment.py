"""``.venv``: made, filled with hashed packages, made anew where either was broken off.

And never under a program that runs from it.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import run as door
from bot import environment


class Children:
    """Stands for ``environment.child``: makes an interpreter with half a pip, ends as told."""

    def __init__(self, venv: Path) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.codes: dict[str, int | None] = {}
        self._venv = venv

    def run(self, *command: str) -> int:
        """Raises KeyboardInterrupt where the code is None."""
        self.asked.append(command)
        module = command[2]
        if module == "venv":
            subprocess.run(  # noqa: S603 - our own interpreter
                [sys.executable, "-m", "venv", "--without-pip", *command[3:]], check=True
            )
            (packages,) = self._venv.glob("lib/python*/site-packages")
            (packages / "pip").mkdir()
            (packages / "pip" / "__init__.py").touch()  # can be imported; has no ``_internal``
        code = self.codes.get(module, 0)
        if code is None:
            raise KeyboardInterrupt
        return code

    def take(self) -> list[str]:
        """The modules that ran since the last time."""
        taken = [command[2] for command in self.asked]
        self.asked.clear()
        return taken


@pytest.fixture
def children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Children:
    """A fresh clone."""
    venv = tmp_path / ".venv"
    made = Children(venv)
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(environment, "LOCK", tmp_path / ".venv.lock")
    monkeypatch.setattr(environment, "child", made.run)
    return made


def made(*, development: bool = False) -> bool:
    return environment.ensure_environment(development=development)


def test_every_package_that_is_installed_has_a_hash(children: Children) -> None:
    assert made()
    install = children.asked[-1]
    assert install[2:4] == ("pip", "install")
    assert install[-3:] == ("--require-hashes", "-r", str(environment.ROOT / "requirements.txt"))
    assert children.take() == ["venv", "pip"]
    assert made()
    assert children.take() == []
    assert made(development=True)
    assert children.take() == ["pip"]


@pytest.mark.parametrize("module", ["venv", "pip"])
def test_an_environment_that_was_broken_off_is_made_anew(module: str, children: Children) -> None:
    children.codes[module] = None
    with pytest.raises(KeyboardInterrupt):
        made()
    children.codes.clear()
    children.take()
    assert made()
    assert children.asked[0][2:4] == ("venv", "--clear")
    assert children.take() == ["venv", "pip"]


@pytest.mark.parametrize("development", [True, False])
def test_one_that_was_broken_off_while_it_was_renewed_is_made_anew(
    children: Children, *, development: bool
) -> None:
    assert made()
    children.codes["pip"] = None
    with pytest.raises(KeyboardInterrupt):
        made(development=True)
    children.codes.clear()
    children.take()
    assert made(development=development)  # its old packages are half changed
    assert children.take() == ["venv", "pip"]


def test_one_that_was_made_before_breaking_off_was_marked_is_kept(children: Children) -> None:
    assert made()
    environment.LOCK.unlink()
    children.take()
    assert made(development=True)
    assert children.take() == ["pip"]


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="this system has no /proc")
def test_it_is_not_made_anew_under_a_program_that_runs_from_it(
    children: Children, capsys: pytest.CaptureFixture[str]
) -> None:
    assert made()
    environment.LOCK.write_text("filling")
    children.take()
    python = str(environment.PYTHON)
    wait = "print('up', flush=True); import time; time.sleep(60)"
    with subprocess.Popen([python, "-c", wait], stdout=subprocess.PIPE) as user:  # noqa: S603 - ours
        assert user.stdout is not None
        assert user.stdout.readline() == b"up\n"
        assert not made(development=True)
        user.kill()
    assert_both(told := capsys.readouterr().out, "돌고 있습니다", "A program runs")
    assert str(user.pid) in told
    assert children.take() == []
    assert made(development=True)
    assert children.take() == ["venv", "pip"]


def test_what_another_one_filled_meanwhile_is_not_filled_again(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([False, True])
    monkeypatch.setattr(environment, "is_ready", lambda *, development: next(answers))
    assert made()
    assert children.take() == []


FIRST = """
import pathlib, sys, time
from bot import environment as e
e.LOCK = pathlib.Path(sys.argv[1])
with e._alone():
    print("in", flush=True)
    sys.stdin.read()
"""


def test_two_do_not_fill_it_at_once(tmp_path: Path) -> None:
    lock = str(tmp_path / "lock")

    def begin() -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", FIRST, lock],
            cwd=environment.ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    with begin() as one:
        assert one.stdout is not None
        assert one.stdout.readline() == "in\n"
        with begin() as other:
            assert other.stdout is not None
            assert "기다립니다" in other.stdout.readline()
            one.communicate()
            assert other.stdout.readline() == "in\n"
            other.communicate()


@pytest.mark.parametrize(("code", "again"), [(1, ["pip"]), (-9, ["venv", "pip"])])
def test_one_that_could_not_be_filled_is_kept_unless_pip_was_killed(
    code: int, again: list[str], children: Children
) -> None:
    children.codes["pip"] = code
    assert not made()
    children.codes.clear()
    children.take()
    assert made()
    assert children.take() == again


def test_one_of_another_python_is_made_anew(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert made()
    children.take()
    monkeypatch.setattr(sys, "version", sys.version + " another build")
    assert made()
    assert children.take() == ["venv", "pip"]


def test_every_refusal_is_in_both_languages(
    children: Children, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module, korean, english in (
        ("venv", "실행 환경을 못 만들었습니다", "could not be made"),
        ("pip", "패키지를 못 설치했습니다", "could not be installed"),
    ):
        children.codes = {module: 1}
        assert door.main(["bot"]) == 2
        assert_both(capsys.readouterr().out, korean, english)
    monkeypatch.setattr(environment, "PYTHON", Path("missing"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert door.main(["bot"]) == 2
    assert_both(capsys.readouterr().out, "venv 모듈이 없습니다", "Python lacks venv")
    monkeypatch.setattr(door, "SUPPORTED", ((3, 1), (3, 2)))
    assert door.main(["bot"]) == 2
    assert_both(capsys.readouterr().out, "Python 3.1-3.2에서 돕니다", "is needed")


def assert_both(told: str, korean: str, english: str) -> None:
    assert korean in told
    assert english in told
