"""Who has which part on an invented Korean day, and the turns a part takes.

Every day has its breakouts: most in the first half hour, a few at midday and before the last
entries. Some run on, some trail off, some fail, late or at once. Prices are natural logarithms
over the base price, time is minutes after the open.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

Knot = tuple[int, float]


class Role(Enum):
    """What becomes of a name that leaves its level."""

    RUN = "runs on"
    TRAIL = "gives back half and stays"
    FADE = "falls below the level again"
    TRAP = "hardly gets beyond the level and falls back at once"
    ROCKET = "runs into a volatility interruption"
    SLUMP = "falls into one"


@dataclass(frozen=True, slots=True)
class Part:
    """A role from a minute on; ``peak`` is how far beyond the level it gets."""

    role: Role
    start: int
    peak: float


MORNING = (*(Role.RUN, Role.TRAIL, Role.FADE) * 3, *[Role.TRAP] * 4)
# First and last minute of the morning's starts.
MORNING_FROM, MORNING_TO = 4, 21
MIDDAY = (Role.RUN, Role.FADE, Role.TRAP)
EVENING = (Role.RUN, Role.TRAIL, Role.FADE, Role.RUN, Role.TRAP)
# Minutes before the end of continuous trading.
EVENING_FROM, EVENING_TO = 32, 6
ROCKET_CHANCE, SLUMP_CHANCE = 0.6, 0.3
PEAKS = {
    Role.RUN: (0.032, 0.058),
    Role.TRAIL: (0.028, 0.048),
    Role.FADE: (0.022, 0.03),
    Role.TRAP: (0.006, 0.013),
    Role.ROCKET: (0.12, 0.19),
    Role.SLUMP: (-0.15, -0.115),
}


def cast(seed: int, day: date, symbols: Sequence[str], minutes: int) -> dict[str, Part]:
    """Parts of a day, at most one a symbol; with few symbols the morning comes first."""
    dice = random.Random(f"{seed}:{day}:cast")  # noqa: S311 - a game
    parts = _spread(dice, MORNING, MORNING_FROM, MORNING_TO)
    parts += _spread(dice, EVENING, minutes - EVENING_FROM, minutes - EVENING_TO)
    parts += [_part(dice, role, dice.randrange(50, minutes - 80)) for role in MIDDAY]
    if dice.random() < ROCKET_CHANCE:
        parts.append(_part(dice, Role.ROCKET, dice.randrange(10, minutes - 60)))
    if dice.random() < SLUMP_CHANCE:
        parts.append(_part(dice, Role.SLUMP, dice.randrange(10, minutes - 60)))
    actors = dice.sample(list(symbols), len(symbols))
    return dict(zip(actors, parts, strict=False))


def _spread(dice: random.Random, roles: Sequence[Role], first: int, last: int) -> list[Part]:
    """Roles in any order, one after the other over a stretch of minutes."""
    width = (last - first) / len(roles)
    return [
        _part(dice, role, round(first + width * (place + dice.random())))
        for place, role in enumerate(dice.sample(roles, len(roles)))
    ]


def _part(dice: random.Random, role: Role, start: int) -> Part:
    return Part(role, start, dice.uniform(*PEAKS[role]))


def turns(dice: random.Random, part: Part, here: Knot, level: float) -> list[Knot]:
    """The way from ``here`` over the level to where the part ends."""

    def after(minutes: float, share: float) -> Knot:
        late = minutes * dice.uniform(0.85, 1.2)
        return part.start + max(1, round(late)), level + part.peak * share

    if part.role in {Role.ROCKET, Role.SLUMP}:
        ways = [after(5, 0.5), after(8, 0.42), after(16, 1), after(40, 0.8), after(90, 0.7)]
        return _in_order([here, (part.start, here[1]), *ways])
    if part.role is Role.TRAP:
        ways = [after(1.5, 1), after(3, 0.2), after(5, -0.6), after(10, -1.3), after(30, -1)]
        return _in_order([here, (part.start, level - 0.0015), *ways])
    climb = [
        (part.start, level - 0.0015),
        after(2, 0.30),
        after(4, 0.62),
        after(5.5, dice.uniform(0.12, 0.45)),
        after(9, 1),
    ]
    ends = {
        Role.RUN: [after(13, 0.72), after(26, 1.3), after(34, 1.05), after(70, 1.5)],
        Role.TRAIL: [after(14, 0.6), after(19, 0.78), after(38, 0.35), after(80, 0.3)],
        Role.FADE: [after(11, 0.55), after(15, -0.12), after(22, 0.1), after(45, -0.5)],
    }
    return _in_order([here, *climb, *ends[part.role]])


def _in_order(knots: list[Knot]) -> list[Knot]:
    """Each knot at least a minute after the one before."""
    ordered = knots[:1]
    for minute, value in knots[1:]:
        ordered.append((max(minute, ordered[-1][0] + 1), value))
    return ordered
