"""No name that a broker wrote becomes a path."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.adapters.recording import SUFFIX, RecordingFile
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.settings import UsSettings
from engine.ports.recorder import Heading
from engine.wiring.makers import recordings
from engine.wiring.places import Paths
from reports.periods import Span, between, file_stem, period
from reports.pictures.subjects import Look, Request
from tests.fuzz.hostile import NAMES
from tests.reports.subjects import us_trade

_PLAIN = re.compile(r"[A-Za-z0-9_.-]+")
DAY = date(2026, 3, 4)


@pytest.mark.parametrize("desk", DeskName)
@pytest.mark.parametrize("mode", Mode)
def test_files_of_a_report_have_names_of_ours(desk: DeskName, mode: Mode) -> None:
    periods = [period(span, DAY) for span in Span if span not in {Span.RANGE, Span.ALL}]
    for one in (*periods, between(DAY, DAY)):
        assert _PLAIN.fullmatch(file_stem(desk, mode, one))


@pytest.mark.parametrize("symbol", ["../../x", "BRK/B", "a\x00b", "..\\x", *NAMES])
def test_a_picture_of_a_trade_has_a_name_without_a_way_out(symbol: str) -> None:
    card = replace(us_trade(), symbol=Symbol(symbol))
    (name,) = Request(Look(), cards=(card,)).files
    assert _PLAIN.fullmatch(name)
    assert name.startswith("us-")


@pytest.mark.parametrize("desk", DeskName)
@pytest.mark.parametrize("mode", Mode)
def test_a_recording_lies_in_its_folder(tmp_path: Path, desk: DeskName, mode: Mode) -> None:
    record = recordings(Paths(tmp_path / "data", None, tmp_path / "kept"))
    assert record is not None
    at = datetime(2026, 3, 4, 9, tzinfo=UTC)
    made = record(Heading(desk, mode, at, UsSettings(), None))
    assert isinstance(made, RecordingFile)
    assert made._path == tmp_path / "kept" / f"{desk}-{mode}-20260304T090000{SUFFIX}"
