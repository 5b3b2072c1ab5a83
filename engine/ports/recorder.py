"""A recording: all that one run of a desk was given, and what it wanted of the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from engine.model.events import Event
from engine.model.ids import DeskName, Mode
from engine.model.intents import Intent
from engine.model.krx_settings import KrxSettings
from engine.model.market_events import Facilities
from engine.model.money import M_co, Money
from engine.model.settings import UsSettings

M_contra = TypeVar("M_contra", bound=Money, contravariant=True)


@dataclass(frozen=True, slots=True)
class Heading:
    """What a desk was made of: enough to make it again.

    ``snapshot``: the durable state it began with, None in a new book. ``facilities``: what the
    server offered to a desk that scans.
    """

    desk: DeskName
    mode: Mode
    started_at: datetime
    settings: UsSettings | KrxSettings
    snapshot: Mapping[str, object] | None
    facilities: Facilities | None = None


@dataclass(frozen=True, slots=True)
class Step(Generic[M_co]):
    """One event as the desk got it, at the moment it got it, and the intents that followed."""

    at: datetime
    event: Event[M_co]
    intents: tuple[Intent[M_co], ...]


class Recorder(Protocol[M_contra]):
    """Takes down a run as it happens. Never raises: a recording is not worth a trade."""

    def given(self, event: Event[M_contra], at: datetime) -> None:
        """The desk is about to decide on ``event``."""
        ...

    def wanted(self, intents: tuple[Intent[M_contra], ...]) -> None:
        """What followed from the event given last."""
        ...

    def close(self) -> None:
        """The run is over."""
        ...
