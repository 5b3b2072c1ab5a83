"""config.yaml is changed where it must be, and nowhere else."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from engine.config import edited, load_config
from engine.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent.parent
SHIPPED = (ROOT / "config.yaml").read_text(encoding="utf-8")


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def test_only_the_values_change_in_the_shipped_file(tmp_path: Path) -> None:
    changes = {
        "language": "en",
        "risk.max_order_krw": "500000",
        "risk.max_daily_loss_krw": "100000",
        "trading.enabled": "false",
        "domestic.exit.stop_loss_pct": "1.5",
    }
    after = edited(SHIPPED, changes)
    assert len(changed_lines(SHIPPED, after)) == 2 * len(changes)
    assert "language: en                    # ko | en" in after
    (tmp_path / "config.yaml").write_text(after, encoding="utf-8")
    config = load_config(tmp_path / "config.yaml").config
    assert config.language == "en"
    assert config.risk.max_order_krw == 500000
    assert config.risk.max_daily_loss_krw == 100000
    assert not config.trading.enabled


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "risk:\n  max_positions: 3\n"),
        ("# mine", "# mine\nrisk:\n  max_positions: 3\n"),
        ("language: ko", "language: ko\nrisk:\n  max_positions: 3\n"),
        ("risk:\n    # few\n    max_trades: 1\n", None),
        ("risk: {max_trades: 1}  # few\n", "risk: {max_positions: 3, max_trades: 1}  # few\n"),
        ("risk: {}\n", "risk: {max_positions: 3}\n"),
        ("risk:  # none yet\nlanguage: ko\n", None),
        ("risk:\n", "risk: {max_positions: 3}\n"),
        ("risk: null # none\n", "risk: {max_positions: 3} # none\n"),
        ("risk: {max_positions: 5}\n", "risk: {max_positions: 3}\n"),
        ('risk:\n  max_positions: "5"   # "five"\n', 'risk:\n  max_positions: 3   # "five"\n'),
        ("risk:\n  max_positions:\n  max_trades: 1\n", None),
        ("\ufeffrisk:\r\n  max_positions: 5\r\n", "\ufeffrisk:\r\n  max_positions: 3\r\n"),
    ],
)
def test_a_value_finds_its_place(before: str, after: str | None) -> None:
    found = edited(before, {"risk.max_positions": "3"})
    assert yaml.safe_load(found)["risk"]["max_positions"] == 3
    if after is not None:
        assert found == after
    for line in before.splitlines():
        if "#" in line:
            assert line[line.index("#") :] in found


@pytest.mark.parametrize("text", ["[]", "risk: 5", "a: [", "risk: [1]", "just words"])
def test_what_is_no_such_file_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        edited(text, {"risk.max_positions": "3"})


def loaded(text: str) -> Any:
    return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - texts only


def is_in_the_way(tree: Any, path: list[str]) -> bool:
    """A value stands where a section should, or the other way round."""
    for name in path[:-1]:
        tree = tree.get(name, {}) if isinstance(tree, dict) else tree
    return not isinstance(tree, dict) or isinstance(tree.get(path[-1]), dict)


KEYS = st.sampled_from(["a", "b", "c"])
TREES = st.recursive(
    st.sampled_from(["1", "ko", "null", "2.5"]),
    lambda below: st.dictionaries(KEYS, below, min_size=1, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(KEYS, TREES, max_size=3), st.lists(KEYS, min_size=1, max_size=3), st.data())
def test_whatever_the_file_one_key_changes_or_nothing(
    tree: dict[str, object], path: list[str], data: st.DataObject
) -> None:
    style = data.draw(st.sampled_from([True, False, None]))
    text = yaml.safe_dump(tree, default_flow_style=style) if tree else ""
    key = ".".join(path)
    was = loaded(text) or {}
    try:
        after = edited(text, {key: "7"})
    except ConfigError:
        assert is_in_the_way(was, path)
        return
    found = loaded(after)
    *above, last = path
    inner, old = found, was
    for name in above:
        below = old.get(name)
        inner, old = inner[name], below if isinstance(below, dict) else {}
    assert inner[last] == "7"
    others = {name: value for name, value in inner.items() if name != last}
    assert others == {name: value for name, value in old.items() if name != last}
