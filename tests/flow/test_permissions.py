"""What other users of the machine may read or change, before a start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.program import MISCONFIGURED
from engine.errors import ConfigError
from engine.wiring.permissions import ensure_unaltered, make_private


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def written(path: Path, at: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    path.chmod(at)
    return path


def test_what_is_open_is_closed_and_told(tmp_path: Path) -> None:
    data, env = tmp_path / "data", written(tmp_path / ".env", 0o644)
    book = written(data / "live.db", 0o644)
    kept = written(data / "masters" / "kospi_code.mst.zip", 0o664)
    for folder in (data, data / "masters"):
        folder.chmod(0o755)
    told = make_private(data, env)
    assert [mode(path) for path in (data, data / "masters", book, kept, env)] == [
        *(0o700, 0o700, 0o600, 0o600, 0o600),
    ]
    assert [line.partition(":")[0] for line in told] == [
        str(path) for path in (data, book, data / "masters", kept, env)
    ]
    assert "new keys" in told[-1]
    assert make_private(data, env) == ()


def test_a_first_start_has_nothing_to_mend(tmp_path: Path) -> None:
    assert make_private(tmp_path / "data", tmp_path / ".env") == ()
    assert list(tmp_path.iterdir()) == []


def test_a_link_in_the_data_directory_is_left_alone(tmp_path: Path) -> None:
    outside = written(tmp_path / "outside", 0o644)
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / "link").symlink_to(outside)
    assert make_private(tmp_path / "data", tmp_path / ".env") == ()
    assert mode(outside) == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_an_env_file_of_another_user_is_left_alone(tmp_path: Path) -> None:
    env = written(tmp_path / ".env", 0o640)
    os.chown(env, 12_345, -1)
    assert make_private(tmp_path / "data", env) == ()
    assert mode(env) == 0o640


@pytest.mark.parametrize("at", [0o646, 0o666, 0o777])
def test_a_config_that_all_may_change_is_refused(tmp_path: Path, at: int) -> None:
    config = written(tmp_path / "config.yaml", at)
    with pytest.raises(ConfigError, match=f"chmod o-w {config}"):
        ensure_unaltered(config)
    assert mode(config) == at


def test_a_config_in_a_folder_that_all_may_change_is_refused(tmp_path: Path) -> None:
    config = written(tmp_path / "open" / "config.yaml", 0o600)
    config.parent.chmod(0o777)
    with pytest.raises(ConfigError, match=f"chmod o-w {config.parent}"):
        ensure_unaltered(config)
    config.parent.chmod(0o1777)  # as /tmp: only the owner may replace it
    ensure_unaltered(config)


def test_the_group_may_read_the_config_and_no_longer_change_it(tmp_path: Path) -> None:
    config = written(tmp_path / "config.yaml", 0o664)
    ensure_unaltered(config)
    assert mode(config) == 0o644


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_config_of_a_stranger_is_refused(tmp_path: Path) -> None:
    config = written(tmp_path / "config.yaml", 0o644)
    os.chown(config, 12_345, -1)
    with pytest.raises(ConfigError, match="chown"):
        ensure_unaltered(config)


def test_no_config_is_nobodys() -> None:
    ensure_unaltered(None)


def test_a_start_looks_before_it_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = written(tmp_path / "config.yaml", 0o666)
    where = ["--config", str(config), "--env-file", str(tmp_path / ".env")]
    assert main(["bot", *where, "--data-dir", str(tmp_path / "data")]) == MISCONFIGURED
    assert f"chmod o-w {config}" in capsys.readouterr().err


def test_a_name_too_long_for_a_file_is_a_configuration_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check-config", "--config", "a" * 5_000]) == MISCONFIGURED
    assert "살펴볼 수 없습니다" in capsys.readouterr().err


def test_what_a_command_writes_is_its_owners_alone(tmp_path: Path) -> None:
    """Of the process itself: the mask of a test's own process must stay as it is."""
    code = "import os, runpy, sys; sys.argv = ['bot', 'stop', '--data-dir', sys.argv[1]]\n"
    code += "try: runpy.run_module('bot', run_name='__main__')\n"
    code += "except SystemExit: print(oct(os.umask(0)))"
    run = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
        preexec_fn=lambda: os.umask(0o022),
    )
    assert run.stdout.splitlines()[-1] == "0o77"
