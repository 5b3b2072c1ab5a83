"""The child that draws: what it is told, what it answers, and what becomes of it when it fails."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from reports.pictures import wire
from reports.pictures.painter import Painter, PicturesFailed
from reports.pictures.subjects import Colours, Kind, Lang, Look, Picture, Request, Theme
from tests.reports import subjects

pytestmark = pytest.mark.timeout(150)  # the child has 120 s, for a machine that is busy
EVERYTHING = Request(
    Look(Lang.EN, Theme.DARK, Colours.WESTERN),
    tuple(subjects.hostile_reports().values()),
    tuple(subjects.hostile_cards().values()),
)
SMALL = Request(Look(), (subjects.month(),), (subjects.trade(),))
ROOT = Path(__file__).resolve().parent.parent.parent


def says(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code


async def test_one_child_draws_all() -> None:
    drawn = await Painter().draw(SMALL)
    assert [one.name for one in drawn] == [*Kind, "card"]
    assert {(one.width, one.height) for one in drawn} == {(1080, 1350), (1080, 720)}
    assert all(one.alt for one in drawn)
    assert all(one.png.startswith(b"\x89PNG") for one in drawn)


def test_a_request_comes_back_as_it_went() -> None:
    assert wire.load_request(wire.dump_request(EVERYTHING)) == EVERYTHING


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b'{"look": {"lang": "fr"}}'])
def test_what_is_no_request_is_said(content: bytes) -> None:
    with pytest.raises(wire.Garbled):
        wire.load_request(content)


def test_pictures_come_back_as_they_went() -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (1080).to_bytes(4) + (720).to_bytes(4)
    sent = (Picture("a", png, 1080, 720, "가 +1"), Picture("b", png + b"x", 1080, 720, ""))
    content = b"".join(wire.dump_pictures(sent))
    assert wire.load_pictures(content) == sent
    first = len(b"".join(wire.dump_pictures(sent[:1])))
    for cut in {*range(1, len(content))} - {first}:
        with pytest.raises(wire.Garbled):
            wire.load_pictures(content[:cut])


async def test_a_child_that_fails_is_said_with_its_last_words() -> None:
    painter = Painter(command=says("import sys; sys.exit('no letters')"))
    with pytest.raises(PicturesFailed, match="ended with 1: no letters"):
        await painter.draw(SMALL)


async def test_a_child_that_answers_nonsense_is_said() -> None:
    with pytest.raises(PicturesFailed):
        await Painter(command=says("print('hello, dear reader')")).draw(SMALL)


async def test_fewer_pictures_than_asked_for_are_said() -> None:
    with pytest.raises(PicturesFailed, match="0 pictures instead of 5"):
        await Painter(command=says("pass")).draw(SMALL)


async def test_a_child_that_cannot_start_is_said() -> None:
    with pytest.raises(PicturesFailed, match="no child"):
        await Painter(command=("/does/not/exist",)).draw(SMALL)


SLEEPS = """\
import os, pathlib, sys, time
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
time.sleep(60)
"""


async def test_a_child_that_is_too_slow_is_ended(tmp_path: Path) -> None:
    noted = tmp_path / "pid"

    painter = Painter(command=(*says(SLEEPS), str(noted)), timeout_s=2)
    with pytest.raises(PicturesFailed, match="not drawn within 2 s"):
        await painter.draw(SMALL)
    assert is_gone(int(noted.read_text()))


async def test_a_child_nobody_waits_for_is_ended(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    task = asyncio.create_task(Painter(command=(*says(SLEEPS), str(noted))).draw(SMALL))
    await written(noted)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert is_gone(int(noted.read_text()))


async def written(file: Path) -> None:
    while not file.exists() or not file.read_text():  # noqa: ASYNC110 - a child writes it
        await asyncio.sleep(0.01)


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


async def test_what_a_child_remarks_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    none = Request(Look())
    with caplog.at_level(logging.WARNING):
        drawn = await Painter(command=says("import sys; sys.stderr.write('odd font')")).draw(none)
    assert drawn == ()
    assert "odd font" in caplog.text


async def test_no_secret_reaches_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIS_APP_SECRET", "hush")
    code = "import os, sys; sys.exit('secret' if 'KIS_APP_SECRET' in os.environ else 'none')"
    with pytest.raises(PicturesFailed, match="ended with 1: none"):
        await Painter(command=says(code)).draw(SMALL)


def test_the_assistant_does_not_load_matplotlib_for_it() -> None:
    code = "import sys, reports.pictures.painter; print(*sorted(sys.modules))"
    done = subprocess.run(says(code), cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    loaded = set(done.stdout.split())
    assert "reports.pictures.painter" in loaded
    assert not {"matplotlib", "numpy", "reports.pictures.drawing"} & loaded


def test_the_child_never_loads_pyplot() -> None:
    code = (
        "import sys; from reports.pictures.drawing import gallery, fonts; fonts.face();"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run(says(code), cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 - ours
    loaded = set(done.stdout.split())
    assert "matplotlib.figure" in loaded
    assert not {"matplotlib.pyplot", "koreanize_matplotlib"} & loaded
