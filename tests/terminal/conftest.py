"""A home of its own for each command, in a checkout or on an installed machine."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType

import pytest

from bot.program import run_command
from bot.terminal import here

Told = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """A start of the assistant leaves them ignored, as its process ends then; this one does not."""
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
    before = [(number, signal.getsignal(number)) for number in numbers]
    yield
    for number, handler in before:
        signal.signal(number, handler)


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    """Runs a command in a home of its own; the exit code and all it printed."""

    def run(*words: str, config: str = "language: ko\n", keys: str = "") -> tuple[int, str]:
        (tmp_path / "config.yaml").write_text(config, encoding="utf-8")
        (tmp_path / ".env").write_text(keys, encoding="utf-8")
        (tmp_path / ".env").chmod(0o600)
        where = ["--config", str(tmp_path / "config.yaml"), "--env-file", str(tmp_path / ".env")]
        try:
            code = run_command([*words, *where, "--data-dir", str(tmp_path / "data")], {})
        except SystemExit as end:
            code = int(str(end.code))
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As ``deploy/bootstrap.sh`` leaves a machine; its places are those of ``told``."""
    release = tmp_path / "release"
    release.mkdir()
    (release / here.MARK).touch()
    monkeypatch.setattr(here, "CODE", release)
    places = {"--config": "config.yaml", "--env-file": ".env", "--data-dir": "data"}
    named = MappingProxyType({option: str(tmp_path / name) for option, name in places.items()})
    monkeypatch.setattr(here, "INSTALLED", named)
