"""What the Korean rules promise for any price, day, setting and state of the account."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from engine.model.entry_facts import Phase
from engine.model.ids import DeskState
from engine.model.krx_settings import (
    KrxSettings,
    RiskSettings,
    ScanSettings,
    SizingSettings,
)
from engine.model.listing import SecurityKind, Segment
from engine.model.market_events import Facilities, Ranking
from engine.model.money import Krw
from engine.rules.krx import price_steps as steps
from engine.rules.krx.costs import fee
from engine.rules.krx.risk import RiskView, check
from engine.rules.krx.scan_plan import Use, plan
from engine.rules.krx.sessions import KrxSessionTable, kst, phase_at
from engine.rules.krx.sizing import SizingView, shares

NOW = datetime(2026, 1, 7, 1, 0, tzinfo=UTC)
SETTINGS = KrxSettings()

whole_won = st.integers(1, 3_000_000).map(lambda won: Krw(Decimal(won)))
prices = st.decimals("0.5", "3000000", places=2).map(Krw)
days = st.sampled_from([date(2022, 5, 2), date(2023, 6, 1), date(2025, 5, 2), date(2026, 5, 4)])
kinds, segments = st.sampled_from(SecurityKind), st.sampled_from(Segment)
percents = st.decimals("0.1", "30", places=1)
amounts = st.integers(0, 50_000_000).map(lambda won: Krw(Decimal(won)))


@given(prices, days, kinds, segments)
def test_rounding_ends_on_a_tick_on_the_right_side_within_one_step(
    price: Krw, day: date, kind: SecurityKind, segment: Segment
) -> None:
    where = (day, kind, segment)
    low, high = steps.round_down(price, *where), steps.round_up(price, *where)
    assert steps.is_on_tick(low, *where)
    assert steps.is_on_tick(high, *where)
    assert price <= high
    assert low <= price or low == steps.step_down(low, 1, *where)  # under the lowest price
    assert (low == high) is (steps.ticks_between(low, high, *where) == 0)
    assert steps.ticks_between(low, high, *where) <= 1


@given(prices, st.integers(1, 40), days, kinds, segments)
def test_steps_up_are_counted_and_undone_by_as_many_down(
    price: Krw, count: int, day: date, kind: SecurityKind, segment: Segment
) -> None:
    where = (day, kind, segment)
    start = steps.round_up(price, *where)
    above = steps.step_up(start, count, *where)
    assert steps.ticks_between(start, above, *where) == count
    assert steps.step_down(above, count, *where) == start
    one_by_one = start
    for _ in range(count):
        one_by_one += steps.tick_size(one_by_one, *where)
    assert one_by_one == above


@given(whole_won, days, kinds, segments)
def test_the_limits_of_a_day_lie_on_ticks_within_thirty_per_cent(
    base: Krw, day: date, kind: SecurityKind, segment: Segment
) -> None:
    assume(base.amount >= 50)
    lower, upper = steps.band(base, day, kind, segment)
    assert steps.is_on_tick(lower, day, kind, segment)
    assert steps.is_on_tick(upper, day, kind, segment)
    assert base * Decimal("0.7") <= lower < upper <= base * Decimal("1.3")


minutes = st.integers(0, 420)
clocks = st.times(time(0, 0), time(23, 0))


@given(minutes, minutes, minutes, clocks, clocks)
def test_the_moments_of_any_day_keep_their_order_and_its_phases_never_go_back(
    opening_range: int, last_entry: int, flatten: int, opens: time, closes: time
) -> None:
    settings = replace(
        SETTINGS,
        stages=replace(SETTINGS.stages, opening_range_min=opening_range),
        entry=replace(SETTINGS.entry, last_entry_before_close_min=last_entry),
        exits=replace(SETTINGS.exits, flatten_before_close_min=flatten),
    )
    day = NOW.date()
    session = KrxSessionTable(settings, special_hours={day: (opens, closes)}).session_on(day)
    assert session is not None
    moments = [getattr(session, one.name) for one in fields(session)][1:10]
    assert moments == sorted(moments)
    assert session.flatten <= session.close_auction
    order = [*list(Phase)[1:], Phase.CLOSED]
    seen = [
        order.index(phase_at(session, session.prepare_at + timedelta(minutes=minute)))
        for minute in range(0, 24 * 60, 7)
    ]
    assert all(before <= after for before, after in pairwise(seen))
    assert phase_at(session, kst(day, closes)) in (Phase.CLOSED, Phase.PREPARING)


sizings = st.builds(
    SizingSettings,
    risk_per_trade_pct=percents,
    max_position_pct=percents,
    liquidity_share_pct=percents,
)
sizing_views = st.builds(
    SizingView,
    price=whole_won,
    equity=amounts,
    orderable=amounts,
    traded_value=st.none() | amounts,
    held=st.integers(0, 300),
    share_pct=st.integers(0, 100),
)


@given(sizing_views, sizings, st.integers(0, 5_000_000), percents)
def test_a_size_is_never_one_share_above_any_cap_nor_one_below_all(
    view: SizingView, sizing: SizingSettings, max_order: int, stop_pct: Decimal
) -> None:
    settings = replace(
        SETTINGS,
        sizing=sizing,
        exits=replace(SETTINGS.exits, stop_loss_pct=stop_pct),
        risk=replace(SETTINGS.risk, max_order_krw=max_order),
    )

    def fits(qty: int) -> bool:
        value, position = view.price * qty, view.price * (qty + view.held)
        most = shares(replace(view, held=0, share_pct=100), settings).planned
        return (
            value + fee(value, settings.fee_pct) <= view.orderable
            and value.amount <= max_order
            and position.amount <= view.equity.amount * sizing.max_position_pct / 100
            and position.amount * stop_pct <= view.equity.amount * sizing.risk_per_trade_pct
            and (
                view.traded_value is None
                or position.amount <= view.traded_value.amount * sizing.liquidity_share_pct / 100
            )
            and (view.share_pct == 100 or qty + view.held <= most * view.share_pct // 100)
        )

    qty = shares(view, settings).qty
    assert qty >= 0
    assert not qty or fits(qty)
    # the fee is cut to whole won, so that one won of cash may stay unused
    assert not fits(qty + 1) or view.price * (qty + 1) > view.orderable * Decimal("0.999")


counts = st.integers(0, 12)
moments = st.none() | st.integers(-60, 60).map(lambda minute: NOW + timedelta(minutes=minute))
results = st.integers(-500_000, 500_000).map(lambda won: Krw(Decimal(won)))
risk_views = st.builds(
    RiskView,
    now=st.just(NOW),
    desk_state=st.sampled_from(DeskState),
    is_ready=st.booleans(),
    trades=counts,
    is_new_position=st.booleans(),
    positions=counts,
    orders_last_minute=counts,
    realized=results,
    open_result=results,
    start_equity=st.none() | amounts,
    streak=counts,
    streak_until=moments,
    cooldown_until=moments,
    index_pct=st.none() | st.decimals("-4", "4", places=2),
    order_value=st.none() | amounts,
)
risk_settings = st.builds(
    RiskSettings,
    max_trades=counts,
    max_daily_loss_krw=st.none() | st.integers(0, 500_000),
    max_daily_loss_pct=st.none() | percents,
    max_positions=counts,
    max_order_krw=st.integers(0, 50_000_000),
    max_orders_per_minute=counts,
    loss_streak=counts,
    index_floor_pct=st.decimals("-4", "0", places=1),
)


def stricter(one: RiskSettings, other: RiskSettings) -> RiskSettings:
    """The stricter value of each limit of two."""

    def least(*limits: int | Decimal | None) -> int | Decimal | None:
        return min((limit for limit in limits if limit is not None), default=None)

    floors = ("index_floor_pct",)
    changed = {
        limit.name: least(getattr(one, limit.name), getattr(other, limit.name))
        for limit in fields(one)
        if limit.name not in floors
    }
    floor = max(one.index_floor_pct, other.index_floor_pct)
    return replace(one, **changed, index_floor_pct=floor)  # type: ignore[arg-type] # by name


@given(risk_views, risk_settings, risk_settings)
def test_a_stricter_limit_never_lets_more_through(
    view: RiskView, one: RiskSettings, other: RiskSettings
) -> None:
    both = stricter(one, other)
    if check(view, one) or check(view, other):
        assert check(view, both) is not None


@given(risk_views, risk_settings)
def test_whatever_passes_is_inside_every_limit(view: RiskView, limits: RiskSettings) -> None:
    if check(view, limits) is not None:
        return
    assert view.desk_state is DeskState.RUNNING
    assert not view.is_new_position or view.trades < limits.max_trades
    assert not view.is_new_position or view.positions < limits.max_positions
    assert view.orders_last_minute < limits.max_orders_per_minute
    lost = -(view.realized + view.open_result).amount
    assert limits.max_daily_loss_krw is None or lost < limits.max_daily_loss_krw
    if limits.max_daily_loss_pct is not None:
        assert view.start_equity is not None
        assert lost < view.start_equity.amount * limits.max_daily_loss_pct / 100


facilities = st.builds(
    Facilities,
    rankings=st.frozensets(st.sampled_from(Ranking)),
    rows_per_call=st.sampled_from([1, 30]),
    has_open_days=st.booleans(),
    shared_per_second=st.decimals("0.1", "18", places=1),
)
scans = st.builds(
    ScanSettings,
    calls_per_second=st.decimals("0.1", "20", places=1),
    sweep_every_s=st.integers(10, 900),
    rankings_every_s=st.integers(5, 120),
    max_candidates=st.integers(1, 200),
)


@given(scans, facilities, st.integers(0, 4_000))
def test_the_plan_stays_inside_the_budget_and_the_shared_limit(
    scan: ScanSettings, server: Facilities, universe: int
) -> None:
    found = plan(scan, server, universe=universe)
    budget = min(scan.calls_per_second, server.shared_per_second) * 60
    assert found.total_per_minute <= budget + Decimal("1e-9")
    assert found.per_minute[Use.CHARTS] > 0
    assert found.per_minute[Use.INDEX] > 0
    # what is emitted at the plan's paces is what was counted
    emitted = Decimal(60 / found.sweep_step_every.total_seconds()) if found.sweep_names else 0
    assert abs(emitted - found.per_minute.get(Use.SWEEP, Decimal(0))) < Decimal("0.01")
    assert found.sweep_names <= universe
    assert (Use.SWEEP in found.given_up) is (found.sweep_names < universe)
    # fewer names than may become candidates only where not one call more would fit
    if found.sweep_names < min(universe, scan.max_candidates):
        assert found.rows_every is None
        assert found.rankings == ()
        assert found.total_per_minute > budget - 1
