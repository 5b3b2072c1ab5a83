"""The wizard's last words: whether a start will ask for the passphrase."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.chat import HumanTime
from bot.format.lang import Lang
from bot.terminal.dispatch import _parser
from bot.terminal.secrets_command import Place
from bot.terminal.setup import Wizard, World
from bot.terminal.setup_keep import Draft
from engine.adapters.secrets import PASSPHRASE, Secret
from tests.terminal.person import Person


async def never(_seconds: float) -> None:
    raise AssertionError


def last_words(home: Path, environ: Mapping[str, str], *, is_in_file: bool) -> str:
    options = _parser(Lang.KO).parse_args(["setup"])
    time = HumanTime(now=lambda: datetime.now(UTC), monotonic=lambda: 0.0, pause=never)
    place = Place(home / "data", home / ".env", environ)
    person = Person()
    wizard = Wizard(World(place, home / "config.yaml", time, lambda _environ: 0), person, options)
    assert wizard._end(Draft(Secret("five words"), is_in_file)) == 0
    return person.said[-1]


@pytest.mark.parametrize(
    ("environ", "env_file", "is_in_file", "is_asked"),
    [
        ({}, "", False, True),
        ({}, "", True, False),
        ({PASSPHRASE: "five words"}, "", False, False),
        ({}, f"{PASSPHRASE}=five words\n", False, False),
    ],
)
def test_a_start_is_said_to_ask_only_where_the_passphrase_is_nowhere(
    tmp_path: Path, environ: Mapping[str, str], env_file: str, is_in_file: bool, is_asked: bool
) -> None:
    (tmp_path / ".env").write_text(env_file)
    said = last_words(tmp_path, environ, is_in_file=is_in_file)
    assert ("마스터 암호를 묻습니다" in said) is is_asked
