"""The packages are the ones that were looked at: pinned, hashed, and the same in both files."""

from __future__ import annotations

import pytest
from packaging.version import Version

from tests.dependencies.__main__ import licence, trouble
from tests.dependencies.pinned import FILES, ROOT, Loose, Pin, read_pins, runtime_names, wanted

RUNTIME, DEVELOPMENT = (read_pins((ROOT / name).read_text(encoding="utf-8")) for name in FILES)
HASH = "--hash=sha256:" + "a" * 64


@pytest.mark.parametrize("name", FILES)
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    pins = read_pins((ROOT / name).read_text(encoding="utf-8"))
    assert len({(one.name, one.marker) for one in pins}) == len(pins) > 20


def test_developers_have_what_the_assistant_has() -> None:
    """Else the suite would try other packages than those that trade."""
    assert set(RUNTIME) - set(DEVELOPMENT) == set()


def test_what_the_project_asks_for_is_pinned_as_it_asks() -> None:
    pinned = {(one.name, one.version) for one in DEVELOPMENT}
    for name, allowed in wanted().items():
        versions = [version for found, version in pinned if found == name]
        assert versions, name
        assert all(Version(version) in allowed for version in versions), name
    assert runtime_names() <= {one.name for one in RUNTIME}


def test_what_is_installed_is_what_is_pinned() -> None:
    assert list(trouble([one for one in DEVELOPMENT if one.is_meant])) == []


def test_an_absent_or_other_version_is_told() -> None:
    absent = Pin("no-such-package", "1", "", frozenset())
    other = Pin("pytest", "0.1", "", frozenset())
    first, second = trouble([absent, other])
    assert first == "no-such-package is not installed"
    assert second.endswith("0.1 is pinned")


def test_every_package_names_its_licence() -> None:
    assert [one.name for one in RUNTIME if licence(one.name) == "?"] == []


@pytest.mark.parametrize(
    "line",
    [
        "aiohttp==3.14.5",
        f"aiohttp>=3 {HASH}",
        f"aiohttp {HASH}",
        f"git+https://example.com/x {HASH}",
        f"https://example.com/x.whl {HASH}",
        "--index-url https://example.com/simple",
        "-e .",
        "aiohttp==3.14.5 --hash=md5:" + "a" * 32,
        f"aiohttp==3.14.5 {HASH} --hash=sha256:abc",
    ],
)
def test_anything_loose_is_noticed(line: str) -> None:
    with pytest.raises(Loose):
        read_pins(line)


def test_markers_say_which_machine_gets_it() -> None:
    (one,) = read_pins(f"numpy==2.4.6 ; python_full_version < '3.0' \\\n    {HASH}\n    # via x")
    assert (one.name, one.version, one.is_meant) == ("numpy", "2.4.6", False)
