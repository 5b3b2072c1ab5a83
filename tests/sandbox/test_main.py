import json
import os
import signal
import subprocess
import sys
import urllib.request
from datetime import datetime
from pathlib import Path

import pytest

from sandbox.__main__ import main, parser, scenario_of
from sandbox.krx.listings import DEFAULT_KRX

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.e2e
@pytest.mark.timeout(60)
def test_the_sandbox_says_ready_serves_and_stops_on_a_signal(tmp_path: Path) -> None:
    env_file, clock_file = tmp_path / "bot.env", tmp_path / "clock.json"
    command = [
        sys.executable, "-m", "sandbox", "--port", "0", "--seed", "5", "--speed", "2",
        "--credentials-file", str(env_file), "--clock-file", str(clock_file),
    ]  # fmt: skip
    with subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        word, url = child.stdout.readline().split()
        assert word == "READY"
        with urllib.request.urlopen(f"{url}/sandbox/state") as reply:  # noqa: S310 - loopback
            state = json.loads(reply.read())
        child.send_signal(signal.SIGTERM)
        assert child.wait(10) == 0
    assert datetime.fromisoformat(state["clock"]["now"]).tzinfo is not None
    assert json.loads(clock_file.read_text(encoding="utf-8"))["speed"] == 2.0
    names = [line.split("=")[0] for line in env_file.read_text(encoding="utf-8").splitlines()]
    assert names == [
        "KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO", "KIS_HTS_ID", "KIS_PAPER_APP_KEY",
        "KIS_PAPER_APP_SECRET", "KIS_PAPER_ACCOUNT_NO", "TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID",
        "KAKAO_REST_API_KEY", "KAKAO_REFRESH_TOKEN",
    ]  # fmt: skip
    if os.name == "posix":
        assert env_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "arguments",
    [
        ["--host", "0.0.0.0"],
        ["--date", "2026-11-26"],
        ["--data-dir", "/nowhere"],
        ["--start", "08:58JST"],
        ["--start", "08:58KST", "--date", "2026-10-09"],
        ["--start", "08:58KST", "--krx-data-dir", "/nowhere"],
    ],
)
def test_bad_arguments_end_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("start", "expected"),
    [("08:58KST", "2026-11-19T23:58:00+00:00"), ("09:28", "2026-11-20T14:28:00+00:00")],
)
def test_a_start_is_new_york_time_unless_it_says_korean(start: str, expected: str) -> None:
    scenario = scenario_of(parser().parse_args(["--start", start]))
    assert scenario.start.isoformat() == expected
    assert scenario.krx.listings == DEFAULT_KRX
