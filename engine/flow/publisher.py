"""The facts lane: who hears of what. Subscribers are plain functions that must not raise."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from engine.model.facts import AnyFact
from engine.ports.journal import NumberedFact

log = logging.getLogger(__name__)

Subscriber = Callable[[NumberedFact], None]


class Publisher:
    """A frozen map from fact class to subscribers; a failing one is logged and counted.

    ``every``: those who hear of each fact, after those of its class.
    """

    def __init__(
        self,
        subscribers: Mapping[type[AnyFact], tuple[Subscriber, ...]],
        *,
        every: tuple[Subscriber, ...] = (),
    ) -> None:
        self._subscribers = dict(subscribers)
        self._every = every
        self.failures = 0

    def publish(self, numbered: NumberedFact) -> None:
        """Tell everybody who asked for this class of fact."""
        for subscriber in (*self._subscribers.get(type(numbered.fact), ()), *self._every):
            try:
                subscriber(numbered)
            except Exception:
                self.failures += 1
                log.exception("a subscriber of %s failed", type(numbered.fact).__name__)
