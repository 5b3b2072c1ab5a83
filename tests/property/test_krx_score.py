"""The score adds up, stays within 0 and 100, and never falls when its figures get better."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.model.ids import Symbol
from engine.model.krx_settings import StageSettings
from engine.model.score import Stage, Zone
from engine.rules.krx.breakout import BreakoutView, allowed_share, score
from engine.rules.krx.indicators import DayStats
from engine.rules.krx.volume_curve import CURVES, VolumeCurve, refined

PRICES = st.integers(1_000, 20_000)
PCT = st.floats(-30, 30)
FIGURES = ("price", "cum_volume", "cum_value", "spread", "strength", "index_pct")
SHARES = st.integers(0, 10**8)


@st.composite
def stats(draw: st.DrawFn) -> DayStats:
    low = draw(PRICES)
    high = low + draw(st.integers(0, 3_000))
    average = st.none() | st.floats(1_000, 20_000)
    return DayStats(
        days=20,
        prev_close=draw(st.integers(low, high)),
        prev_high=high,
        prev_low=low,
        n_day_high=draw(st.none() | PRICES),
        short_average=draw(average),
        long_average=draw(average),
        mean_volume=draw(st.none() | st.floats(1, 10**8)),
        mean_value=None,
    )


VIEWS = st.builds(
    BreakoutView,
    symbol=st.just(Symbol("000001")),
    at=st.just(datetime(2026, 1, 7, 1, tzinfo=UTC)),
    price=PRICES,
    usual_share=st.none() | st.floats(0.001, 1),
    spread=st.none() | st.integers(0, 20),
    stats=st.none() | stats(),
    open=st.none() | PRICES,
    range_high=st.none() | PRICES,
    cum_volume=st.none() | SHARES,
    cum_value=st.none() | st.integers(0, 10**12),
    strength=st.none() | st.floats(0, 500),
    index_pct=st.none() | PCT,
)


@st.composite
def settings(draw: st.DrawFn) -> StageSettings:
    """Weights that make one hundred, and zones with any points and shares."""
    cuts = sorted(draw(st.lists(st.integers(0, 100), min_size=5, max_size=5)))
    edges = [0, *cuts, 100]
    weights = {stage: edges[n + 1] - edges[n] for n, stage in enumerate(Stage)}
    by_zone = st.fixed_dictionaries({zone: st.integers(0, 100) for zone in Zone})
    return StageSettings(weights=weights, zone_points=draw(by_zone), zone_shares=draw(by_zone))


@given(view=VIEWS, settings=settings())
def test_the_total_is_the_sum_of_the_stages_and_within_a_hundred(
    view: BreakoutView, settings: StageSettings
) -> None:
    card = score(view, settings)
    known = [found for found in card.stages if found.points is not None]
    assert card.total == sum(found.points for found in known if found.points is not None)
    assert 0 <= card.total <= 100
    assert card.present_weight == sum(found.weight for found in known)
    assert all(found.points is not None and found.points >= 0 for found in known)
    assert 0 <= allowed_share(card.broken, settings) <= 100


@given(view=VIEWS, settings=settings())
def test_no_stage_of_a_complete_score_exceeds_its_weight(
    view: BreakoutView, settings: StageSettings
) -> None:
    card = score(view, settings)
    for found in card.stages:
        if found.points is not None and card.present_weight:
            assert found.points * card.present_weight <= found.weight * 100


@given(view=VIEWS)
def test_the_level_is_the_highest_broken_one_and_below_the_price(view: BreakoutView) -> None:
    card = score(view, StageSettings())
    assert (card.level is None) == (not card.broken)
    if card.level is not None:
        assert card.level < card.price


GAINS = st.fixed_dictionaries(
    {
        "price": st.integers(0, 5_000),
        "cum_volume": SHARES,
        "cum_value": st.integers(0, 10**11),
        "spread": st.integers(-20, 0),
        "strength": st.floats(0, 100),
        "index_pct": st.floats(0, 10),
    }
)


@given(view=VIEWS, settings=settings(), gains=GAINS, names=st.sets(st.sampled_from(FIGURES)))
def test_better_figures_never_lower_the_score(
    view: BreakoutView, settings: StageSettings, gains: dict[str, Any], names: set[str]
) -> None:
    known = {name: getattr(view, name) for name in names}
    better = replace(view, **{n: v + gains[n] for n, v in known.items() if v is not None})
    before, after = score(view, settings), score(better, settings)
    assert after.total >= before.total
    assert set(after.broken) >= set(before.broken)


@given(view=VIEWS, minutes=st.floats(0, 390), later=st.floats(0, 390))
def test_the_same_volume_is_worth_less_later_in_the_day(
    view: BreakoutView, minutes: float, later: float
) -> None:
    for curve in CURVES.values():
        early, late = sorted((minutes, later))
        sooner = replace(view, usual_share=curve.share_at(early))
        after = replace(view, usual_share=curve.share_at(late))
        assert score(after, StageSettings()).total <= score(sooner, StageSettings()).total


@given(
    own=st.lists(st.tuples(*[st.none() | st.floats(0, 1)] * 3), max_size=30),
    minutes=st.lists(st.floats(-10, 400), min_size=2, max_size=2),
)
def test_a_refined_curve_still_rises_and_stays_a_share(
    own: list[tuple[float | None, ...]], minutes: list[float]
) -> None:
    curve = refined(VolumeCurve((10, 190, 390), (0.1, 0.5, 1.0)), own)
    early, late = sorted(minutes)
    assert 0 < curve.share_at(early) <= curve.share_at(late) <= 1


def test_points_are_tenths() -> None:
    view = BreakoutView(
        Symbol("000001"), datetime(2026, 1, 7, 1, tzinfo=UTC), 10_000, strength=117.3, index_pct=0.1
    )
    points = [found.points for found in score(view, StageSettings()).stages]
    assert points == [None, None, None, None, Decimal("17.3"), Decimal("30.0")]
