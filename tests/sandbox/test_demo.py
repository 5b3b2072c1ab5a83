"""What the demo says where it begins and where it cannot go on."""

from __future__ import annotations

import socket
import tempfile
from pathlib import Path

import pytest

from sandbox import demo
from sandbox.demo_children import DemoFailed
from sandbox.demo_place import way_in

FREE = "0"


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo makes its own directory."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def play(patch: pytest.MonkeyPatch, ended: BaseException | None) -> None:
    """A demo that writes something, and then ends so."""

    async def played(_options: object, directory: Path) -> int:
        (directory / "bot.log").write_text("")
        if ended is not None:
            raise ended
        return 0

    patch.setattr(demo, "_play", played)


@pytest.mark.parametrize(
    ("error", "said"),
    [(DemoFailed("no port"), "DEMO FAILED no port"), (TimeoutError(), "DEMO FAILED it took too")],
)
def test_a_demo_that_fails_says_why_and_where_its_log_is(
    error: Exception,
    said: str,
    temporary: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    play(monkeypatch, error)
    assert demo.main(["--once", "--port", FREE]) == 1
    begun, kept, failed = capsys.readouterr().out.splitlines()
    assert begun.startswith("Starting")
    assert failed.startswith(said)
    (log,) = temporary.glob("dolpa-demo-*/bot.log")
    assert kept.endswith(f"kept in {log.parent}")


@pytest.mark.parametrize("ended", [None, KeyboardInterrupt()])
def test_a_demo_that_ends_well_takes_its_own_directory_along(
    ended: BaseException | None, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(monkeypatch, ended)
    assert demo.main(["--port", FREE]) == 0
    assert list(temporary.iterdir()) == []


def test_a_directory_that_was_named_stays(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    play(monkeypatch, None)
    assert demo.main(["--port", FREE, "--data-dir", str(temporary / "mine")]) == 0
    assert (temporary / "mine" / "bot.log").exists()


def test_a_taken_port_is_said_with_another_to_try(
    temporary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert demo.main(["--port", str(port)]) == 2
    (said,) = capsys.readouterr().out.splitlines()
    assert said.startswith(f"DEMO FAILED port {port} cannot be used: Address already in use")
    assert said.endswith(f"run.py demo --port {port + 1}")
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("port", ["65536", "-1", "web"])
def test_what_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        demo.main([f"--port={port}"])
    assert ended.value.code == 2
    assert "--port" in capsys.readouterr().err


def test_over_ssh_the_way_to_the_page_is_said() -> None:
    url = "http://127.0.0.1:8091"
    assert [line[:28] for line in way_in(url, {})] == ["Open http://127.0.0.1:8091/ "]
    ssh = {"SSH_CONNECTION": "198.51.100.7 50022 203.0.113.5 22", "USER": "ann"}
    _, tunnel, opened = way_in(url, ssh)
    assert tunnel.strip() == "ssh -L 8091:127.0.0.1:8091 ann@203.0.113.5"
    assert opened == way_in(url, {})[0]
    odd = ssh | {"SSH_CONNECTION": "198.51.100.7 50022 203.0.113.5 2222"}
    assert "8091 -p 2222 ann@" in way_in(url, odd)[1]
