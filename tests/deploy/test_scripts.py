"""The scripts: what they print, what they leave alone, what they refuse."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.units import DEPLOY, ROOT

SCRIPTS = sorted(str(path) for path in (*DEPLOY.rglob("*.sh"), DEPLOY / "dolpa"))
NOT_INSTALLED = {"tests", "benchmarks"}


def bash(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The parts sourced, then a few words of a test."""
    parts = DEPLOY / "parts"
    sources = "".join(f". {parts}/{name}.sh\n" for name in ("places", "machine", "release"))
    return subprocess.run(  # noqa: S603 - our own words
        ["/bin/bash", "-euc", f"{sources}{script}", "bash", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def me() -> str:
    return f"{pwd.getpwuid(os.geteuid()).pw_name}:{grp.getgrgid(os.getegid()).gr_name}"


def ask(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own scripts
        [str(DEPLOY / script), *words], capture_output=True, text=True, check=False
    )


@pytest.mark.timeout(60)
def test_shellcheck_has_nothing_to_say() -> None:
    program = shutil.which("shellcheck")
    if program is None:
        pytest.skip("shellcheck is missing")
    done = subprocess.run(  # noqa: S603 - our own scripts
        [program, "-x", *SCRIPTS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.parametrize("script", ["bootstrap.sh", "upgrade.sh", "uninstall.sh"])
def test_a_script_tells_what_it_does_before_it_does_it(script: str) -> None:
    helped, wrong = ask(script, "--help"), ask(script, "--no-such-option")
    assert helped.returncode == 0
    assert helped.stdout.startswith(f"sudo deploy/{script}")
    assert wrong.returncode == 2
    assert wrong.stderr == helped.stdout
    assert wrong.stdout == ""


def test_every_package_that_runs_is_installed() -> None:
    said = bash('printf "%s\\n" "${PARTS[@]}"').stdout.split()
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - NOT_INSTALLED
    assert packages <= set(said)
    assert [name for name in said if not (ROOT / name).exists()] == []
    assert not NOT_INSTALLED & set(said)


def test_a_file_is_written_once_and_again_only_where_it_differs(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "etc" / "target"
    source.write_text("one")
    put = f'put "{source}" "{target}" "{me()}" 640; '
    assert bash(put * 2).stdout.splitlines() == [f"+ {target}", f"= {target}"]
    target.chmod(0o644)
    assert bash(put).stdout == f"+ {target}\n"
    assert target.stat().st_mode & 0o777 == 0o640
    target.write_text("two")
    assert bash(put).stdout == f"+ {target}\n"
    assert target.read_text() == "one"


def test_a_link_is_turned_without_a_moment_between(tmp_path: Path) -> None:
    link = tmp_path / "current"
    for release in ("a", "b"):
        (tmp_path / release).mkdir()
        bash(f'point "{link}" "{tmp_path / release}"')
        assert link.readlink() == tmp_path / release
    assert bash(f'point "{link}" "{tmp_path / "b"}"').stdout.startswith("= ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b", "current"]


@pytest.mark.parametrize(
    ("host", "is_refused"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("0.0.0.0", True), ("", True)],
)
def test_a_health_page_that_others_could_reach_is_refused(
    tmp_path: Path, host: str, *, is_refused: bool
) -> None:
    told = f"as_account() {{ echo 'health.host = {host} (file)'; }}; "
    done = bash(f'{told}check_settings "{tmp_path}"')
    assert (done.returncode != 0) == is_refused
    assert ("anybody could read it" in done.stdout) == is_refused


def test_settings_that_the_program_refuses_stop_the_installation(tmp_path: Path) -> None:
    done = bash(f'as_account() {{ echo no such key; return 2; }}; check_settings "{tmp_path}"')
    assert done.returncode == 1
    assert "no such key" in done.stdout


@pytest.mark.parametrize(
    ("memory_mb", "swaps", "is_contained", "said"),
    [
        (950, 0, False, "MADE"),
        (3900, 0, False, "not needed"),
        (950, 1, False, "some already"),
        (950, 0, True, "left out"),
    ],
)
def test_swap_is_made_where_memory_is_short_and_there_is_none(
    tmp_path: Path, memory_mb: int, swaps: int, said: str, *, is_contained: bool
) -> None:
    machine = (
        f"UNITS={tmp_path}; awk() {{ echo {memory_mb}; }}; wc() {{ echo {1 + swaps}; }}; "
        "df() { echo 8000; }; make_swap() { echo MADE; }; "
        f"systemd-detect-virt() {{ return {0 if is_contained else 1}; }}; "
    )
    (line,) = bash(f"{machine}swap").stdout.splitlines()
    assert said in line


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As little as a release may be made of."""
    place = tmp_path / "checkout"
    for name in bash('printf "%s\n" "${PARTS[@]}"').stdout.split():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            (place / name).mkdir()
        else:
            (place / name).write_text(name)
    (place / "bot/__init__.py").write_text('__version__ = "1.2.3"\n')
    return place


def name_of(source: Path, scratch: Path) -> str:
    scratch.mkdir(exist_ok=True)
    script = f'SOURCE="{source}"; SCRATCH="{scratch}"; name_release; echo "$RELEASE"'
    return bash(script).stdout.strip()


def test_the_same_code_has_the_same_name_wherever_it_lies(checkout: Path, tmp_path: Path) -> None:
    name = name_of(checkout, tmp_path / "scratch")
    assert name.startswith("/opt/dolpa/releases/1.2.3-")
    copy = tmp_path / "copy"
    shutil.copytree(checkout, copy)
    (copy / "run.py").chmod(0o600)
    (copy / "bot/__pycache__").mkdir()
    (copy / "bot/__pycache__/old.pyc").write_bytes(b"")
    (copy / ".env").write_text("not part of it")
    assert name_of(copy, tmp_path / "scratch") == name
    (copy / "run.py").write_text("changed")
    assert name_of(copy, tmp_path / "scratch") != name


def test_a_tarball_is_taken_as_well_as_a_folder(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    tarball = shutil.make_archive(str(tmp_path / "dolpa"), "gztar", tmp_path, "checkout")
    said = bash(f'SCRATCH="{tmp_path}/scratch"; open_source "{tarball}"; echo "$SOURCE"')
    assert said.stdout == f"{tmp_path}/scratch/checkout\n"


def test_what_is_no_dolpa_is_refused(tmp_path: Path) -> None:
    done = bash(f'SCRATCH="{tmp_path}"; open_source "{tmp_path}"')
    assert done.returncode == 1
    assert "no Dolpa in it" in done.stdout
