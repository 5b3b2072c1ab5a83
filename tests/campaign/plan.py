"""What happens in a run, drawn from its seed: deeds, troubles, ends of the process."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from random import Random

from sandbox.model import Fault
from tests.campaign.troubles import draw_troubles

LEAST_MIN, MOST_MIN = 20, 60
KRX_SYMBOLS = ("900010", "900020", "900030")
US_SYMBOLS = ("NVDA", "AMD")


class Part(StrEnum):
    """The piece of a day a run is played in."""

    KRX_MORNING = "krx morning"
    KRX_CLOSE = "krx close"
    US_PREMARKET = "us premarket"
    US_REGULAR = "us regular"
    US_NOON = "us noon"

    @property
    def is_krx(self) -> bool:
        """Whose market is open."""
        return self in (Part.KRX_MORNING, Part.KRX_CLOSE)

    @property
    def exit_ratio(self) -> Decimal:
        """The price at which an exit is surely due, of the cost: a stop here, a target there."""
        return Decimal("0.96") if self.is_krx else Decimal("1.05")


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that happens at ``at_s`` after the start. See ``deeds`` for the kinds."""

    at_s: float
    kind: str
    symbol: str = ""
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Faults that wait from ``at_s`` on, withdrawn ``lasts_s`` later."""

    at_s: float
    lasts_s: float
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class End:
    """How one life of the process ends: at a commit, or at a moment.

    ``step``: count commits of this step of an order's life only; blank: any. ``nth`` 0: after
    ``after_s``. ``away_s``: until the next start.
    """

    step: str
    nth: int
    is_before: bool
    after_s: float
    away_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole run. ``slowest_s``: the longest way of a frame; ``limits``: of the KRX desk."""

    seed: int
    part: Part
    has_both: bool
    minutes: int
    slowest_s: float
    limits: tuple[tuple[str, int], ...]
    style: str
    deeds: tuple[Deed, ...]
    troubles: tuple[Trouble, ...]
    ends: tuple[End, ...]


STEPS = ("decided", "answer", "accepted", "filled", "cancel", "ended", "doubt", "alert")
_KRX_DEEDS = {
    "break": 30, "fall": 26, "drift": 14, "depth": 8, "hand_buy": 3, "hand_sell": 3,
    "hand_cancel": 3, "pause": 2, "halt": 1, "resume": 4, "sell": 3, "cancel": 3, "vi": 1,
}  # fmt: skip
_US_DEEDS = {
    "hand_buy": 28, "rise": 26, "fall": 16, "drift": 10, "depth": 8, "hand_sell": 4,
    "hand_cancel": 4, "pause": 2, "halt": 1, "resume": 4, "sell": 4, "cancel": 4,
}  # fmt: skip


def draw(seed: int) -> Plan:
    """The plan of a seed; the same for ever."""
    dice = Random(seed)
    part = dice.choice(tuple(Part))
    minutes = int(dice.triangular(LEAST_MIN, MOST_MIN, LEAST_MIN))
    if part is Part.KRX_CLOSE:
        minutes = min(minutes, 28)
    seconds = minutes * 60.0
    return Plan(
        seed=seed,
        part=part,
        has_both=dice.random() < 0.3,
        minutes=minutes,
        slowest_s=dice.choice((0.0, 0.05, 0.3, 1.5)),
        limits=(
            ("max_trades", dice.randint(2, 8)),
            ("max_positions", dice.randint(1, 3)),
            ("max_orders_per_minute", dice.randint(2, 6)),
            ("max_order_krw", dice.choice((500_000, 2_000_000, 20_000_000))),
        ),
        style=dice.choice(("monitor", "monitor", "resting")),
        deeds=_draw_deeds(dice, part, seconds),
        troubles=tuple(Trouble(*trouble) for trouble in draw_troubles(dice, seconds)),
        ends=_draw_ends(dice, seconds),
    )


def _draw_deeds(dice: Random, part: Part, seconds: float) -> tuple[Deed, ...]:
    kinds = _KRX_DEEDS if part.is_krx else _US_DEEDS
    symbols = KRX_SYMBOLS if part.is_krx else US_SYMBOLS
    deeds, at_s = [], 20.0
    while at_s < seconds:
        kind = dice.choices(tuple(kinds), tuple(kinds.values()))[0]
        deeds.append(Deed(at_s, kind, dice.choice(symbols), dice.random()))
        at_s += dice.expovariate(1 / 30)
    return tuple(deeds)


def _draw_ends(dice: Random, seconds: float) -> tuple[End, ...]:
    count = dice.choices((0, 1, 2, 3), (40, 35, 15, 10))[0]
    return tuple(
        End(
            step=dice.choice(("", *STEPS)),
            nth=0 if dice.random() < 0.1 else dice.randint(1, 5),
            is_before=dice.random() < 0.5,
            after_s=dice.uniform(10, seconds / 2),
            away_s=dice.choice((1.0, 5.0, 20.0, 90.0)),
        )
        for _ in range(count)
    )
