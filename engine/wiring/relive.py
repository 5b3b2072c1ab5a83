"""A recording through a desk made again from its heading."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.adapters.recording import read_heading, read_steps
from engine.config import Config
from engine.desk.base import Desk
from engine.errors import ConfigError
from engine.flow.relive import relive
from engine.wiring.desks import recorded_desk

DIFFERENCE = "difference"
_SHOWN = 10


def relive_lines(recording: Path, config: Config) -> Iterator[str]:
    """Play it and tell where the desk of today wants something else; the calendar is config's.

    Raises:
        ConfigError: no recording of this version.
    """
    try:
        heading = read_heading(recording)
        yield f"{heading.desk} {heading.mode}, recorded from {heading.started_at.isoformat()}"
        desk: Desk[Any] = recorded_desk(config, heading)  # of the same currency as its recording
        differing = 0
        for found in relive(desk, read_steps(recording)):
            differing += 1
            if differing <= _SHOWN:
                at, event = found.step.at.isoformat(), type(found.step.event).__name__
                yield f"{DIFFERENCE} at step {found.place}, {at}, after {event}:"
                yield f"  recorded {found.step.intents}"
                yield f"  now      {found.wanted}"
    except ValueError as error:
        raise ConfigError(str(error)) from error
    yield f"RELIVE {recording.name} differences={differing}"
