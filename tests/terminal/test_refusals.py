"""Every refusal that reaches a terminal has Korean words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.format.lang import Lang
from bot.terminal.refusals import in_words, is_known
from engine.config import CHECKS, load_config
from engine.errors import ConfigError
from tests.conftest import ROOT

ERRORS = {"ConfigError", "BackupFailed", "WrongPassphrase", "StoreDamaged"}
ELSEWHERE = ("wiring/second.py", "config/settable.py")  # the doctor's, the chat's


def raised() -> set[str]:
    """Texts of the errors in the engine's code; figures stand for what is filled in."""
    found = set()
    for path in (ROOT / "engine").rglob("*.py"):
        if str(path).endswith(ELSEWHERE):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ERRORS:
                found |= {as_text(argument) for argument in node.args[:1]}
    # What the system or SQLite said is all there is.
    return {text for text in found if text.strip("7: ")}


def as_text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "7" for part in node.values]
        return "".join(str(part) for part in parts)
    return ""


def test_the_walk_finds_them() -> None:
    texts = raised()
    assert {"7: no such file", "7: not YAML", "7: damaged: size or sum are not as named"} <= texts
    assert len(texts) > 60


@pytest.mark.parametrize("text", sorted(raised()))
def test_every_error_of_the_engine_has_words(text: str) -> None:
    # The passphrase's way out is a constant of its own.
    assert is_known(text.replace("or 7", "or move it away and give them anew: 7")) or is_known(
        text.replace("secrets: 7", "secrets: move it away and give them anew: 7")
    )


@pytest.mark.parametrize("key", sorted(CHECKS))
def test_what_is_allowed_is_said_in_korean(key: str) -> None:
    english = f"config.yaml: {key}: '?' is not allowed; allowed: {CHECKS[key].allowed}"
    told = in_words(english, Lang.KO)
    assert told.startswith(f"config.yaml: {key}: 쓸 수 없는 값 '?'. 허용: ")
    for word in ("for each", "one or more", "such as", "a list of"):
        assert word not in told
    assert in_words(english, Lang.EN) == english


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("risk: {max_positions: 60}", "허용: "),
        ("risk:\n\tmax: 1", "2번째 줄: 탭 대신 빈칸"),
        ("a: 1\na: 2", "두 번"),
        ("target: {profit: 1}", "모르는 키"),
        ("domestic: {universe: {min_price_krw: 900000}}", "이하"),
        ("- 1", "'키: 값' 줄"),
    ],
)
def test_a_refused_file_is_told_in_korean(text: str, part: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_config(path)
    told = in_words(str(refused.value), Lang.KO)
    assert told.startswith(f"{path}: ")
    assert part in told


def test_what_has_no_words_stands_as_it_came() -> None:
    assert in_words("x: something odd", Lang.KO) == "x: something odd"
