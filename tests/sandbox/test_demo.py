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
    ko, begun, kept_ko, kept, why, failed = capsys.readouterr().out.splitlines()
    assert begun.startswith("Starting")
    assert ko.startswith("가상 거래소와 비서를 시작합니다")
    assert why.startswith("데모가 끝까지 가지 못했습니다")
    assert failed.startswith(said)
    (log,) = temporary.glob("dolpa-demo-*/bot.log")
    assert kept.endswith(f"kept in {log.parent}")
    assert kept_ko.endswith(f": {log.parent}")


@pytest.mark.parametrize("ended", [None, KeyboardInterrupt()])
def test_a_demo_that_ends_well_takes_its_own_directory_along(
    ended: BaseException | None,
    temporary: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    play(monkeypatch, ended)
    assert demo.main(["--port", FREE]) == 0
    assert list(temporary.iterdir()) == []
    said = capsys.readouterr().out.splitlines()
    assert said[-2].startswith("데모를 끝냈습니다")
    assert said[-1].startswith("The demo has ended")


def test_excerpts_that_were_broken_off_are_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    play(monkeypatch, KeyboardInterrupt())
    assert demo.main(["--once", "--port", FREE]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "DEMO FAILED broken off"
    assert any(line.startswith("데모를 중간에 멈췄습니다") for line in said)


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
    hint, said = capsys.readouterr().out.splitlines()
    assert hint.endswith(f"다른 포트로: python3 run.py demo --port {port + 1}")
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
    (open_page,) = way_in(url, {})
    ko, en = open_page.splitlines()
    assert ko.startswith("브라우저에서 여세요: http://127.0.0.1:8091/ ")
    assert en.startswith("Open http://127.0.0.1:8091/ ")
    ssh = {"SSH_CONNECTION": "198.51.100.7 50022 203.0.113.5 22", "USER": "ann"}
    tunnel, opened = way_in(url, ssh)
    assert tunnel.splitlines()[-1].strip() == "ssh -L 8091:127.0.0.1:8091 ann@203.0.113.5"
    assert opened == open_page
    odd = ssh | {"SSH_CONNECTION": "198.51.100.7 50022 203.0.113.5 2222"}
    assert "8091 -p 2222 ann@" in way_in(url, odd)[0]
