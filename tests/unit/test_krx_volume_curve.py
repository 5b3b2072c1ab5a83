from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from engine.model.ids import Symbol
from engine.model.listing import Segment
from engine.model.market_events import MarketRow
from engine.model.money import Krw
from engine.rules.krx.indicators import RunningDay
from engine.rules.krx.volume_curve import (
    CURVES,
    KNOTS,
    PRIOR_DAYS,
    VolumeCurve,
    recorded_shares,
    refined,
)
from tests.market_data.fit_volume_curve import fitted

LINE = VolumeCurve((10, 190, 390), (0.1, 0.5, 1.0))
OPEN = datetime(2026, 1, 7, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize("segment", Segment)
def test_the_curve_rises_from_the_first_minute_to_the_close(segment: Segment) -> None:
    curve = CURVES[segment]
    assert curve.knots == KNOTS
    assert len(curve.shares) == len(KNOTS)
    assert all(early < late for early, late in pairwise(curve.shares))
    assert 0 < curve.shares[0] < curve.shares[-1] <= 1


@pytest.mark.parametrize(
    ("minutes", "share"),
    [(0, 0.1), (5, 0.1), (10, 0.1), (100, 0.3), (190, 0.5), (290, 0.75), (390, 1.0), (900, 1.0)],
)
def test_between_two_knots_the_share_is_a_straight_line(minutes: float, share: float) -> None:
    assert LINE.share_at(minutes) == pytest.approx(share)


def test_before_the_first_knot_the_opening_auction_makes_no_surge() -> None:
    assert LINE.share_at(-3) == LINE.share_at(0) == 0.1


def test_a_shorter_session_is_through_sooner() -> None:
    half = 330  # the first session of a year opens at 10:00
    assert LINE.share_at(half, half) == 1.0
    assert LINE.share_at(half / 2, half) == pytest.approx(LINE.share_at(195))


def recorded(*seen: tuple[float, int], minutes: int = 390) -> RunningDay:
    day = RunningDay(OPEN, minutes)
    for minute, volume in seen:
        row = MarketRow(Symbol("000001"), Krw(Decimal(1000)), cum_volume=volume)
        day.add_row(row, OPEN + timedelta(minutes=minute))
    return day


def test_a_recorded_day_gives_its_shares_at_the_knots() -> None:
    day = recorded((0.5, 100), (150, 300), (389, 400))
    assert recorded_shares(day, LINE.knots) == (0.25, 0.75, 1.0)


def test_minutes_before_watching_began_give_no_share() -> None:
    assert recorded_shares(recorded((100, 300), (389, 400)), LINE.knots) == (None, 0.75, 1.0)


def test_a_day_without_volume_gives_no_share() -> None:
    nothing = (None, None, None)
    assert recorded_shares(recorded(), LINE.knots) == nothing
    assert recorded_shares(recorded((5, 0)), LINE.knots) == nothing


def test_a_shorter_day_is_recorded_at_its_own_minutes() -> None:
    day = recorded((0.5, 100), (160.5, 300), (329, 400), minutes=330)
    assert recorded_shares(day, LINE.knots, 330) == (0.25, 0.75, 1.0)


def test_the_curve_is_its_own_before_a_day_was_recorded() -> None:
    assert refined(LINE, []) == LINE


def test_own_days_draw_the_curve_by_their_number() -> None:
    one, many = refined(LINE, [(0.3, 0.7, 1.0)]), refined(LINE, [(0.3, 0.7, 1.0)] * PRIOR_DAYS)
    assert one.shares == pytest.approx(((1 + 0.3) / 11, (5 + 0.7) / 11, 1.0))
    assert many.shares == pytest.approx((0.2, 0.6, 1.0))


def test_unwatched_minutes_of_own_days_change_nothing_and_the_curve_still_rises() -> None:
    late = refined(LINE, [(0.9, None, None)] * 90)
    assert late.shares == pytest.approx((0.82, 0.82, 1.0))
    assert refined(LINE, [(None, None, None)]) == LINE


@pytest.mark.market_data
def test_the_figures_are_the_medians_of_the_recorded_days_of_2025(market_data: Path) -> None:
    curves = fitted(market_data / "krx" / "minute")
    assert {segment: curve.shares for segment, curve in CURVES.items()} == curves
