"""How much of a day's volume is usually done by a minute of the session.

Source: medians over one-minute bars of stocks on KRX on 2025-11-13, 12-03, 12-04 and 12-22 (44
stock-days of KOSPI, 118 of KOSDAQ): shares traded by the minute over the day's official volume.
Those stocks were active, rising ones, so quiet names trade later in the day than these figures
say. Fitted anew by ``python -m tests.market_data.fit_volume_curve``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from engine.model.listing import Segment
from engine.rules.krx.indicators import RunningDay

FITTED_DAYS = (date(2025, 11, 13), date(2025, 12, 3), date(2025, 12, 4), date(2025, 12, 22))
SESSION_MINUTES = 390
# The general curve weighs as much as so many recorded days of the stock's own.
PRIOR_DAYS = 10


@dataclass(frozen=True, slots=True)
class VolumeCurve:
    """``shares[i]`` of the day's volume are done by minute ``knots[i]`` of an ordinary session.

    Both rise; between two knots the share is a straight line.
    """

    knots: tuple[int, ...]
    shares: tuple[float, ...]

    def share_at(self, minutes: float, session_minutes: int = SESSION_MINUTES) -> float:
        """The share usually done ``minutes`` after the open, above 0 and at most 1.

        A session of another length is stretched. Before the first knot its share holds, since
        the opening auction alone would make every volume look like a surge.
        """
        minute = minutes * SESSION_MINUTES / session_minutes
        after = bisect_right(self.knots, minute)
        if after == 0:
            return self.shares[0]
        if after == len(self.knots):
            return self.shares[-1]
        left, right = self.knots[after - 1], self.knots[after]
        low, high = self.shares[after - 1], self.shares[after]
        return low + (high - low) * (minute - left) / (right - left)


def recorded_shares(
    day: RunningDay, knots: Sequence[int], session_minutes: int = SESSION_MINUTES
) -> tuple[float | None, ...]:
    """The shares of a finished day at ``knots``; None where the stock was not watched yet."""
    if not day.cum_volume:
        return (None,) * len(knots)
    done = [day.volume_by(round(knot * session_minutes / SESSION_MINUTES)) for knot in knots]
    return tuple(None if volume is None else volume / day.cum_volume for volume in done)


def refined(curve: VolumeCurve, own_days: Sequence[Sequence[float | None]]) -> VolumeCurve:
    """The curve drawn towards a stock's own recorded days, the more the more of them there are.

    ``own_days``: for each day its shares at ``curve.knots`` (``recorded_shares``).
    """
    shares: list[float] = []
    lowest = 0.0
    for index, general in enumerate(curve.shares):
        own = [day[index] for day in own_days]
        known = [share for share in own if share is not None]
        lowest = max(lowest, (general * PRIOR_DAYS + sum(known)) / (PRIOR_DAYS + len(known)))
        shares.append(lowest)
    return VolumeCurve(curve.knots, tuple(shares))


KNOTS = (1, 2, 3, 4, 5, 7, 10, 15, 20, 25, *range(30, SESSION_MINUTES + 1, 10))
CURVES: Mapping[Segment, VolumeCurve] = MappingProxyType(
    {
        Segment.KOSPI: VolumeCurve(
            KNOTS,
            (
                *(0.0174, 0.0247, 0.0337, 0.0441, 0.0517, 0.0641, 0.0867, 0.1144),
                *(0.1548, 0.1783, 0.2006, 0.2573, 0.3041, 0.3226, 0.3381, 0.3844),
                *(0.4133, 0.431, 0.4486, 0.4716, 0.4921, 0.5082, 0.5258, 0.5422),
                *(0.5667, 0.5751, 0.5847, 0.6059, 0.6266, 0.6498, 0.6594, 0.6784),
                *(0.7, 0.7288, 0.7516, 0.768, 0.7879, 0.8033, 0.8213, 0.8398),
                *(0.8676, 0.9041, 0.9179, 0.9445, 0.963, 0.9813, 0.9998),
            ),
        ),
        Segment.KOSDAQ: VolumeCurve(
            KNOTS,
            (
                *(0.0197, 0.0301, 0.0418, 0.0486, 0.058, 0.0774, 0.1023, 0.1418),
                *(0.1676, 0.1944, 0.2138, 0.2812, 0.326, 0.3654, 0.4055, 0.4361),
                *(0.473, 0.4957, 0.5146, 0.5427, 0.5562, 0.5702, 0.5984, 0.6141),
                *(0.6413, 0.6575, 0.6755, 0.6938, 0.7083, 0.727, 0.7448, 0.7529),
                *(0.7767, 0.7945, 0.8113, 0.8337, 0.8469, 0.8616, 0.8785, 0.8929),
                *(0.9064, 0.9167, 0.9333, 0.9468, 0.9647, 0.9858, 0.9982),
            ),
        ),
    }
)
