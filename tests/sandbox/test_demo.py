"""What the demo says where it cannot go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox import demo
from sandbox.demo_children import DemoFailed


@pytest.mark.parametrize(
    ("error", "said"),
    [(DemoFailed("no port"), "DEMO FAILED no port"), (TimeoutError(), "DEMO FAILED it took too")],
)
def test_a_demo_that_fails_says_why(
    error: Exception,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def fails(*_arguments: object) -> int:
        raise error

    monkeypatch.setattr(demo, "_play", fails)
    assert demo.main(["--once", "--data-dir", str(tmp_path)]) == 1
    assert capsys.readouterr().out.startswith(said)
