"""``.venv``: made, filled with hashed packages, and made anew where either was broken off."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import run as door


class Children:
    """Stands for ``run.child``: makes an interpreter with half a pip and ends as it was told."""

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
    monkeypatch.setattr(door, "VENV", venv)
    monkeypatch.setattr(door, "PYTHON", venv / "bin" / "python")
    monkeypatch.setattr(door, "child", made.run)
    return made


def made(*, development: bool = False) -> bool:
    return door.ensure_environment(development=development)


def test_every_package_that_is_installed_has_a_hash(children: Children) -> None:
    assert made()
    install = children.asked[-1]
    assert install[2:4] == ("pip", "install")
    assert install[-3:] == ("--require-hashes", "-r", str(door.ROOT / "requirements.txt"))
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


def test_one_that_was_broken_off_while_it_was_renewed_is_made_anew(children: Children) -> None:
    assert made()
    children.codes["pip"] = None
    with pytest.raises(KeyboardInterrupt):
        made(development=True)
    children.codes.clear()
    children.take()
    assert made(development=True)
    assert children.take() == ["venv", "pip"]


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
    monkeypatch.setattr(door, "PYTHON", Path("missing"))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert door.main(["bot"]) == 2
    assert_both(capsys.readouterr().out, "venv 모듈이 없습니다", "Python lacks venv")
    monkeypatch.setattr(door, "SUPPORTED", ((3, 1), (3, 2)))
    assert door.main(["bot"]) == 2
    assert_both(capsys.readouterr().out, "Python 3.1-3.2에서 돕니다", "is needed")


def assert_both(told: str, korean: str, english: str) -> None:
    assert korean in told
    assert english in told
