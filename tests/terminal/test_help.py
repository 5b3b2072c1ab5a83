"""``--help`` of each command: its own options, each with a text in the config's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.program import run_command

OPTION = re.compile(r"^  (?:-h, )?(--[\w-]+)(?: [\w{},]+)?(.*(?:\n {8,}.*)*)", re.MULTILINE)
EVERYWHERE = {"--help", "--config", "--env-file", "--data-dir"}
OWN = {
    "bot": {"--record", "--log-level"},
    "stop": set[str](),
    "check-config": set[str](),
    "doctor": {"--log-level"},
    "report": {"--mode", "--until", "--out"},
    "replay": {"--recording", "--minutes", "--date", "--symbol"},
    "secrets": {"--wipe", "--keep"},
    "backup": {"--force", "--keep"},
    "restore": set[str](),
    "setup": {
        *("--language", "--desks", "--max-order-krw", "--max-daily-loss-krw", "--max-positions"),
        *("--unattended", "--stdin", "--passphrase-in-env-file"),
    },
}


@pytest.mark.parametrize("command", OWN)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_help_shows_what_the_command_has(
    command: str, language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"language: {language}\n")
    with pytest.raises(SystemExit) as end:
        run_command([command, "--help", "--config", str(config)], {})
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: run.py {command} [-h]")
    shown = {found[1]: found[2] for found in OPTION.finditer(said)}
    assert set(shown) == EVERYWHERE | OWN[command]
    for option, text in shown.items():
        assert text.strip(), option
        assert bool(re.search("[가-힣]", text)) is (language == "ko"), option
