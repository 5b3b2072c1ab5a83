"""What the desk's calls are spent on, as arithmetic before it is traffic.

Orders, the account and the least pace of charts come first, scans take what is left. Where that is
too little they give way one after the other (``DEGRADE``), the sweep of the whole universe first.
Charts then take whatever remains. Every figure is the worst case of one minute.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from enum import StrEnum

from engine.model.krx_settings import ScanSettings
from engine.model.krx_views import CallPurpose, PlanView
from engine.model.listing import Segment
from engine.model.market_events import Facilities, Ranking
from engine.model.quota import Purpose

SLOWEST_SWEEP_S, SLOWEST_SCAN_S = 600, 60
ROWS_EVERY_S, INDEX_EVERY_S = 10, 20
FASTEST_CHART_S, SLOWEST_CHART_S = 1, 60
# A candidate's chart: one call for its days, and one for the minutes of the opening range.
CHART_CALLS = 1 + 1
EARLY_CHART_CALLS = 1  # before the open there are no minutes yet
STATE_CALLS = 1
LEAST_PER_SECOND = Decimal("0.1")
# Executions every 5 s while an order is new, three reads of the account every five minutes.
ACCOUNT_CALLS = 15
ORDER_CALLS = 40  # entries and exits with their cancels
_MINUTE = 60
_FIXED_SHARE = 4  # orders, and the account, take at most each a quarter of a small budget
_TENTH = Decimal("0.1")


class Use(StrEnum):
    """What calls are planned for."""

    ORDERS = "orders"
    ACCOUNT = "account"
    INDEX = "index"
    RANKINGS = "rankings"
    ROWS = "rows"  # candidates between two sweeps
    SWEEP = "sweep"
    CHARTS = "charts"
    STATES = "states"


@dataclass(frozen=True, slots=True)
class Plan:
    """Paces that fit the budget. ``per_minute``: calls for each use; ``per_second``: the budget.

    ``sweep_names``: how many names, the most traded first, a sweep covers; one call of it is due
    every ``sweep_step_every``. ``rows_every`` None: candidates are not asked for apart.
    ``chart_every``: from one candidate's charts to the next one's, ``early_chart_every`` before
    the open, when nothing is scanned.
    """

    per_minute: Mapping[Use, Decimal]
    per_second: Decimal
    shared_per_second: Decimal
    given_up: tuple[Use, ...]
    rankings: tuple[Ranking, ...]
    rankings_every: timedelta
    rows_every: timedelta | None
    index_every: timedelta
    chart_every: timedelta
    early_chart_every: timedelta
    sweep_names: int
    sweep_every: timedelta
    sweep_step_every: timedelta

    @property
    def total_per_minute(self) -> Decimal:
        """All uses together; never above sixty seconds of the budget."""
        return sum(self.per_minute.values(), Decimal(0))


def plan(scan: ScanSettings, facilities: Facilities, *, universe: int) -> Plan:
    """The plan for ``universe`` names; the key's limit is shared with the other desk.

    Raises:
        ValueError: The budget is under a call in ten seconds.
    """
    per_second = min(scan.calls_per_second, facilities.shared_per_second)
    if per_second < LEAST_PER_SECOND:
        raise ValueError(f"no plan for {per_second} calls a second")
    draft = _Draft(scan, facilities, universe, per_second * _MINUTE)
    for step in DEGRADE:
        if draft.excess() <= 0:
            break
        step(draft)
    return draft.planned(per_second, facilities.shared_per_second)


# How the calls are counted, and which uses of the plan that is.
_COUNTED: Mapping[Purpose, tuple[Use, ...]] = {
    Purpose.ORDER: (Use.ORDERS,),
    Purpose.ACCOUNT: (Use.ACCOUNT,),
    Purpose.SCAN: (Use.INDEX, Use.RANKINGS, Use.ROWS, Use.SWEEP),
    Purpose.CHART: (Use.CHARTS,),
    Purpose.QUOTE: (Use.STATES,),
}


def view(plan: Plan, spent: Iterable[tuple[Purpose, int]] = ()) -> PlanView:
    """For the chat: each use as planned, and what each counted purpose has spent today."""
    used = dict(spent)
    purposes: list[CallPurpose] = []
    for purpose, uses in _COUNTED.items():
        planned = sum((plan.per_minute.get(use, Decimal(0)) for use in uses), Decimal(0))
        figure = planned.quantize(_TENTH, ROUND_HALF_UP)
        purposes.append(CallPurpose(purpose.value, figure, used.get(purpose, 0)))
    return PlanView(
        purposes=tuple(purposes),
        per_second=plan.per_second,
        shared_per_second=plan.shared_per_second,
        given_up=tuple(use.value for use in plan.given_up),
    )


class _Draft:
    """Paces in seconds, slowed down until they fit beside the least pace of charts."""

    def __init__(
        self, scan: ScanSettings, facilities: Facilities, universe: int, budget: Decimal
    ) -> None:
        self._budget = budget
        self._per_call = facilities.rows_per_call
        self._rankings = tuple(one for one in Ranking if one in facilities.rankings)
        self.candidates = min(scan.max_candidates, universe)
        self._names = universe
        self._given_up: list[Use] = []
        self._fixed = {
            Use.ORDERS: min(Decimal(ORDER_CALLS), budget / _FIXED_SHARE),
            Use.ACCOUNT: min(Decimal(ACCOUNT_CALLS), budget / _FIXED_SHARE),
        }
        self._every = {
            Use.INDEX: INDEX_EVERY_S,
            Use.RANKINGS: scan.rankings_every_s,
            # where a call is for one name the sweep is of the best names only: the same thing
            Use.ROWS: ROWS_EVERY_S if self._per_call > 1 else 0,
            Use.SWEEP: scan.sweep_every_s,
        }

    def excess(self) -> Decimal:
        """Calls a minute above the budget, charts at their least pace."""
        return Decimal(CHART_CALLS + STATE_CALLS) * _MINUTE / SLOWEST_CHART_S - self._left()

    def slow(self, use: Use, slowest_s: int) -> None:
        """Ask less often, as far as needed and no further."""
        room = self._calls(use) - self.excess()
        every = slowest_s
        if room > 0:
            every = min(every, _up(self._a_round(use) * _MINUTE / room))
        self._every[use] = max(self._every[use], every)

    def shorten_sweep(self, least: int) -> None:
        """Only as many of the most traded names as fit, ``least`` at the fewest."""
        room = max(self._calls(Use.SWEEP) - self.excess(), Decimal(0))
        calls = int(room * self._every[Use.SWEEP] / _MINUTE)
        names = max(calls * self._per_call, least)
        if names < self._names:
            self._names = names
            self._give_up(Use.SWEEP)

    def drop(self, use: Use) -> None:
        """Do without it altogether."""
        if self._calls(use):
            self._every[use] = 0
            self._give_up(use)

    def planned(self, per_second: Decimal, shared_per_second: Decimal) -> Plan:
        """The plan, charts with all that is left."""
        chart_s = _chart_pace(CHART_CALLS + STATE_CALLS, self._left())
        early = self._budget - sum(self._fixed.values())
        charts = {
            Use.CHARTS: CHART_CALLS * _MINUTE / chart_s,
            Use.STATES: STATE_CALLS * _MINUTE / chart_s,
        }
        scans = {use: self._calls(use) for use in self._every if self._calls(use)}
        rows_s, sweep_s = self._every[Use.ROWS], self._every[Use.SWEEP]
        return Plan(
            per_minute={**self._fixed, **scans, **charts},
            per_second=per_second,
            shared_per_second=shared_per_second,
            given_up=tuple(self._given_up),
            rankings=self._rankings if self._every[Use.RANKINGS] else (),
            rankings_every=timedelta(seconds=self._every[Use.RANKINGS]),
            rows_every=timedelta(seconds=rows_s) if rows_s else None,
            index_every=timedelta(seconds=self._every[Use.INDEX]),
            chart_every=_duration(chart_s),
            early_chart_every=_duration(_chart_pace(EARLY_CHART_CALLS + STATE_CALLS, early)),
            sweep_names=self._names,
            sweep_every=timedelta(seconds=sweep_s),
            sweep_step_every=timedelta(seconds=sweep_s) / max(self._a_round(Use.SWEEP), 1),
        )

    def _give_up(self, use: Use) -> None:
        if use not in self._given_up:
            self._given_up.append(use)

    def _left(self) -> Decimal:
        """Calls a minute beside everything but charts."""
        scans = sum(map(self._calls, self._every), Decimal(0))
        return self._budget - sum(self._fixed.values()) - scans

    def _calls(self, use: Use) -> Decimal:
        """A minute's calls at the present pace; none when dropped."""
        every = self._every[use]
        return Decimal(self._a_round(use) * _MINUTE) / every if every else Decimal(0)

    def _a_round(self, use: Use) -> int:
        """Calls each time it is due, of the sweep all its steps."""
        if use is Use.INDEX:
            return len(Segment)
        if use is Use.RANKINGS:
            return len(self._rankings)
        return -(-(self._names if use is Use.SWEEP else self.candidates) // self._per_call)


def _chart_pace(calls: int, left: Decimal) -> Decimal:
    """Seconds for one candidate's calls, in tenths, rounded up."""
    seconds = (calls * _MINUTE / left).quantize(_TENTH, ROUND_CEILING)
    return max(seconds, Decimal(FASTEST_CHART_S))


def _up(seconds: Decimal) -> int:
    return int(seconds.to_integral_value(ROUND_CEILING))


def _duration(seconds: Decimal) -> timedelta:
    return timedelta(seconds=float(seconds))


# What gives way, in this order, until the rest fits.
DEGRADE: tuple[Callable[[_Draft], None], ...] = (
    lambda draft: draft.slow(Use.SWEEP, SLOWEST_SWEEP_S),
    lambda draft: draft.shorten_sweep(draft.candidates),
    lambda draft: draft.slow(Use.ROWS, SLOWEST_SCAN_S),
    lambda draft: draft.slow(Use.RANKINGS, SLOWEST_SCAN_S),
    lambda draft: draft.slow(Use.INDEX, SLOWEST_SCAN_S),
    lambda draft: draft.drop(Use.ROWS),
    lambda draft: draft.drop(Use.RANKINGS),
    lambda draft: draft.shorten_sweep(0),
)
