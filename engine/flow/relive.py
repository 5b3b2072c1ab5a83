"""Plays a recording to a fresh desk: it must want again exactly what it wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.desk.base import Desk
from engine.model.intents import Intent
from engine.model.money import M, Money
from engine.ports.recorder import Step


@dataclass(frozen=True, slots=True)
class Difference:
    """A step after which the desk wanted something else; ``place`` counts from 0."""

    place: int
    step: Step[Money]
    wanted: tuple[Intent[Money], ...]


def relive(desk: Desk[M], steps: Iterable[Step[M]]) -> Iterator[Difference]:
    """Every event at its moment; yields where the intents are not the recorded ones.

    After the first difference the desk is in another state, and more may follow from it.
    """
    for place, step in enumerate(steps):
        outcome = desk.handle(step.event, step.at)
        if outcome.intents != step.intents:
            yield Difference(place, step, outcome.intents)
