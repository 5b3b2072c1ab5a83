"""Tries a command without leaving this process: its own parser, its own main."""

from __future__ import annotations

import argparse
import importlib.util
import os
import runpy
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

import pytest

import run
from tests.docs.pages import ROOT


class Accepted(BaseException):
    """The program's parser took the arguments; nothing was done."""


def target_of(words: Sequence[str], patch: pytest.MonkeyPatch) -> list[str]:
    """What Python is handed: for ``run.py`` whatever that door hands over."""
    if words[0] == "python":
        return list(words[1:])
    if words[0] != "run.py":
        return ["-m", {"lint-imports": "importlinter"}.get(words[0], words[0]), *words[1:]]
    handed: list[str] = []

    def hand_over(*arguments: str) -> int:
        handed.extend(arguments)
        return 0

    def tool(command: tuple[str, ...]) -> int:
        handed[:] = ["-m", *command]
        return 0

    patch.setattr(run, "ensure_environment", lambda **_wanted: True)
    patch.setattr(run, "hand_over", hand_over)
    if words[1] == "test" and len(words) == len(["run.py", "test"]):
        patch.setattr(run, "TYPES", ("true",))
        patch.setattr(run, "tool_path", lambda name: f"/bin/{name}")
        patch.setattr(run, "run_tool", tool)
    assert run.main(list(words[1:])) == 0
    return handed


def parse(target: Sequence[str], patch: pytest.MonkeyPatch) -> None:
    """Start the program; it must come to its parser, and the parser must take the words.

    Raises:
        SystemExit: the parser refused them.
    """
    for name in ("parse_args", "parse_intermixed_args"):
        real = getattr(argparse.ArgumentParser, name)

        def accepted(
            self: argparse.ArgumentParser, words: object = None, _real: object = real
        ) -> None:
            assert callable(_real)
            _real(self, words)
            raise Accepted

        patch.setattr(argparse.ArgumentParser, name, accepted)
    with pytest.raises(Accepted):
        start(target, patch)


def start(target: Sequence[str], patch: pytest.MonkeyPatch) -> int:
    """Run a module or a script as Python would; its exit code."""
    is_module = target[0] == "-m"
    name, words = (target[1], target[2:]) if is_module else (target[0], target[1:])
    patch.setattr(sys, "argv", [name, *words])
    patch.setenv("PYTHONHASHSEED", "0")  # the campaign starts itself anew without it
    mask = os.umask(0o077)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # it was imported before: on purpose
            if is_module:
                runpy.run_module(name, run_name="__main__", alter_sys=False)
            else:
                patch.syspath_prepend(str(ROOT / Path(name).parent))
                runpy.run_path(str(ROOT / name), run_name="__main__")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        os.umask(mask)  # the program sets its own
    return 0


def is_there(target: Sequence[str]) -> bool:
    """Whether the module or script exists."""
    if target[0] == "-m":
        return importlib.util.find_spec(target[1]) is not None
    return (ROOT / target[0]).is_file()
