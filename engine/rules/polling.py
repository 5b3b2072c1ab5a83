"""How often the account may be asked, so that the calls last to the end of the window.

A bucket: it fills at a steady rate, holds a burst at most, and a poll waits until it is paid
for. In any hour it lets through at most burst + rate x an hour; the plan chooses the rate so that
this fits the hour cap and what is left of the day fits the time that is left. Calls that do not
ask (orders, resolving) are taken out of the same bucket and repaid by later polls, which may come
at the longest interval while the debt is small.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from engine.model.settings import UsSettings

# The calls of an hour are counted by full minutes, upwards.
HOUR_S = Decimal(3660)
BURST_CALLS = Decimal(40)
# Kept for 09:30-12:00 and for orders (contract: at most 40 calls in that window).
RESERVED_CALLS = 60
# Left free in every hour, for orders and what follows them.
HOUR_SLACK = 20
# How many calls a poll may be ahead of its payment rather than come after the longest interval:
# a sale costs five at once, and the other positions are to be watched meanwhile.
OVERDRAFT = 10
# Distances to the target in points: at NEAR the shortest interval, at FAR the longest.
NEAR_POINTS = Decimal("0.5")
FAR_POINTS = Decimal(3)
QUIET_CYCLES = 3
# How often one symbol's own price is compared with what the balance shows.
COMPARE_EVERY_S = 60
# How often the list of orders is compared with the books.
LISTS_EVERY_S = 300
# A burst of at least so many calls may be spent on polling faster.
SPARE_CALLS = 2
_LEAST_RATE = Decimal(1) / HOUR_S


@dataclass(frozen=True, slots=True)
class Plan:
    """A rate in calls per second that fits hour and day to the end of the window."""

    per_second: Decimal
    burst: Decimal


@dataclass(frozen=True, slots=True)
class Bucket:
    """Calls that are paid for at a moment; below zero after calls that could not wait."""

    calls: Decimal
    at: datetime


def plan_until(end: datetime, now: datetime, used_today: int, settings: UsSettings) -> Plan:
    """The fastest steady rate whose spend fits the caps until ``end``."""
    burst = min(BURST_CALLS, Decimal(settings.safe_per_hour) / 4)
    hour_calls = max(Decimal(settings.safe_per_hour) - burst - HOUR_SLACK, Decimal(1))
    hour_rate = hour_calls / HOUR_S
    left_s = max(Decimal((end - now).total_seconds()), Decimal(1))
    day_left = Decimal(settings.safe_per_day - used_today - RESERVED_CALLS)
    if day_left <= burst:
        return Plan(_LEAST_RATE, max(day_left, Decimal(0)))
    return Plan(max(min(hour_rate, (day_left - burst) / left_s), _LEAST_RATE), burst)


def opening(used_last_hour: int, now: datetime, plan: Plan) -> Bucket:
    """The bucket to begin with: calls made before, as at a restart, may have been a burst."""
    return Bucket(max(plan.burst - used_last_hour, Decimal(0)), now)


def filled(bucket: Bucket, now: datetime, plan: Plan) -> Bucket:
    """The bucket at ``now``."""
    passed_s = max(Decimal((now - bucket.at).total_seconds()), Decimal(0))
    return Bucket(min(bucket.calls + passed_s * plan.per_second, plan.burst), now)


def spent(bucket: Bucket, calls: int) -> Bucket:
    """The bucket after ``calls`` were made."""
    return Bucket(bucket.calls - calls, bucket.at)


def wait_s(bucket: Bucket, calls: int, plan: Plan) -> Decimal:
    """Seconds until ``calls`` are paid for; a burst smaller than them still comes in the end."""
    missing = min(Decimal(calls), max(plan.burst, Decimal(1))) - bucket.calls
    return max(missing / plan.per_second, Decimal(0))


def borrowed(bucket: Bucket) -> Bucket:
    """The bucket with what may be lent to it. The hour's slack covers it."""
    return Bucket(bucket.calls + OVERDRAFT, bucket.at)


def lasting_interval_s(plan: Plan, settings: UsSettings) -> Decimal:
    """The shortest interval that can be kept up, with the comparing calls beside it.

    Polling faster than this spends the burst; once that is gone each further call would leave a
    gap as long as two intervals.
    """
    beside = Decimal(1) / COMPARE_EVERY_S + Decimal(1) / LISTS_EVERY_S
    for_polls = plan.per_second - beside
    if for_polls * settings.poll_max_s <= 1:
        return settings.poll_max_s
    return max(1 / for_polls, settings.poll_min_s)


def wished_interval_s(
    nearest_points: Decimal | None, quiet_cycles: int, *, is_urgent: bool, settings: UsSettings
) -> Decimal:
    """The interval wanted by the market alone.

    ``nearest_points``: how far the nearest position is below its target (None: nothing armed);
    ``quiet_cycles``: polls in a row that showed no change; ``is_urgent``: an order is open.
    """
    low, high = settings.poll_min_s, settings.poll_max_s
    if is_urgent:
        return low
    if nearest_points is None:
        return high
    if nearest_points <= NEAR_POINTS:
        return low
    if quiet_cycles >= QUIET_CYCLES or nearest_points >= FAR_POINTS:
        return high
    share = (nearest_points - NEAR_POINTS) / (FAR_POINTS - NEAR_POINTS)
    return low + (high - low) * share
