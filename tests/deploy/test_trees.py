"""The trial notices whatever an installation leaves behind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.deploy.leavings import unexplained
from tests.deploy.trees import differences, look


def planted(root: Path) -> Path:
    (root / "etc").mkdir(parents=True)
    (root / "etc/a").write_text("a")
    (root / "etc/link").symlink_to("a")
    (root / "proc").mkdir()
    (root / "etc").chmod(0o755)  # whatever the mask of who runs the tests
    (root / "etc/a").chmod(0o644)
    return root


@pytest.mark.parametrize(
    ("deed", "found"),
    [
        (lambda root: (root / "etc/b").touch(), {"etc/b": "new"}),
        (lambda root: (root / "etc/a").unlink(), {"etc/a": "gone"}),
        (lambda root: (root / "etc/a").write_text("b"), {"etc/a": "changed"}),
        (lambda root: (root / "etc/a").chmod(0o600), {"etc/a": "changed"}),
        (lambda root: (root / "etc").chmod(0o700), {"etc": "changed"}),
        (lambda root: (root / "proc/1").mkdir(), {}),
    ],
)
def test_a_look_finds_what_was_done(
    tmp_path: Path, deed: Callable[[Path], object], found: dict[str, str]
) -> None:
    before = look(planted(tmp_path))
    deed(tmp_path)
    assert differences(before, look(tmp_path), times=False) == found


def test_a_link_that_leads_elsewhere_is_found(tmp_path: Path) -> None:
    before = look(planted(tmp_path))
    (tmp_path / "etc/link").unlink()
    (tmp_path / "etc/link").symlink_to("nowhere")
    assert differences(before, look(tmp_path), times=False) == {"etc/link": "changed"}


def test_the_same_content_written_again_is_found_where_times_count(tmp_path: Path) -> None:
    before = look(planted(tmp_path))
    os.utime(tmp_path / "etc/a", ns=(1, 1))
    after = look(tmp_path)
    assert differences(before, after, times=True) == {"etc/a": "written again"}
    assert differences(before, after, times=False) == {}


def test_only_what_differs_everywhere_is_explained() -> None:
    paths = ("etc/dolpa", "etc/passwd", "etc/passwd-", "var/log/apt/term.log", "var/log/aptitude")
    left = unexplained(dict.fromkeys(paths, "new"))
    assert set(left) == {"etc/dolpa", "etc/passwd", "var/log/aptitude"}
