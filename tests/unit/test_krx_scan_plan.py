from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from engine.model.krx_settings import ScanSettings
from engine.model.market_events import Facilities, Ranking
from engine.model.quota import Purpose
from engine.rules.krx.scan_plan import Plan, Use, plan, view

REAL = Facilities(frozenset(Ranking), rows_per_call=30, has_open_days=True)
PAPER = Facilities(frozenset(), rows_per_call=1, has_open_days=False)
SCAN = ScanSettings()


def planned(
    per_second: str, facilities: Facilities = REAL, universe: int = 2_700, shared: str = "15"
) -> Plan:
    scan = replace(SCAN, calls_per_second=Decimal(per_second))
    server = replace(facilities, shared_per_second=Decimal(shared))
    return plan(scan, server, universe=universe)


def seconds(span: timedelta) -> float:
    return span.total_seconds()


def test_the_usual_budget_sweeps_the_whole_market_and_gives_nothing_up() -> None:
    found = planned("10")
    assert found.given_up == ()
    assert (found.sweep_names, seconds(found.sweep_every)) == (2_700, 120)
    assert seconds(found.sweep_step_every) == pytest.approx(120 / 90, abs=1e-6)
    assert found.per_minute == {
        Use.ORDERS: 40,
        Use.ACCOUNT: 15,
        Use.INDEX: 6,  # two boards
        Use.RANKINGS: 15,  # five lists every twenty seconds
        Use.ROWS: 12,  # sixty candidates by thirties
        Use.SWEEP: 45,  # ninety calls every two minutes
        Use.CHARTS: 120,  # a name's days and the minutes of its opening range
        Use.STATES: 60,
    }
    assert seconds(found.chart_every) == 1
    assert found.rankings == tuple(Ranking)


def test_the_sweep_gives_way_first_and_everything_else_keeps_its_pace() -> None:
    found = planned("2")
    assert found.given_up == ()
    assert seconds(found.sweep_every) == 139  # 39 calls a minute are left for 90
    assert found.rows_every is not None
    assert (seconds(found.rows_every), seconds(found.rankings_every)) == (10, 20)
    assert 55 < seconds(found.chart_every) <= 60


def test_what_gives_way_is_a_stated_order() -> None:
    """From the usual budget down: each step begins where the one before has given all it can."""
    given: list[str] = []
    for tenths in range(100, 0, -1):
        found = planned(str(Decimal(tenths) / 10))
        rows = seconds(found.rows_every) if found.rows_every else 0
        for what, is_so in (
            ("sweep slower", seconds(found.sweep_every) > 120 or not found.sweep_names),
            ("sweep shorter", found.sweep_names < 2_700),
            ("rows slower", rows > 10 or not rows),
            ("rankings slower", seconds(found.rankings_every) > 20 or not found.rankings),
            ("index slower", seconds(found.index_every) > 20),
            ("no rows", not rows),
            ("no rankings", not found.rankings),
            ("no sweep", not found.sweep_names),
        ):
            if is_so and what not in given:
                given.append(what)
    assert given == [
        *("sweep slower", "sweep shorter", "rows slower", "rankings slower", "index slower"),
        *("no rows", "no rankings", "no sweep"),
    ]


def test_what_is_left_out_is_named() -> None:
    assert planned("1").given_up == (Use.SWEEP,)
    assert planned("0.2").given_up == (Use.SWEEP, Use.ROWS, Use.RANKINGS)
    assert Use.SWEEP not in planned("0.15").per_minute


def test_paper_asks_for_a_short_list_of_single_prices() -> None:
    found = planned("10", PAPER, shared="1")
    assert found.per_second == 1
    assert found.total_per_minute <= 60
    assert found.given_up == (Use.SWEEP,)
    assert found.rankings == ()
    assert found.rows_every is None
    assert SCAN.max_candidates <= found.sweep_names < 2_700
    # one name each time
    assert found.sweep_step_every == found.sweep_every / found.sweep_names


def test_the_shared_limit_bounds_a_bolder_setting() -> None:
    assert planned("10", shared="4").per_second == 4
    assert planned("10", shared="4").total_per_minute <= 240


def test_charts_take_what_is_left_and_hurry_before_the_open() -> None:
    found = planned("5")
    assert 1 < seconds(found.chart_every) < 60
    assert seconds(found.early_chart_every) == 1
    assert seconds(planned("10", PAPER, shared="1").early_chart_every) == 4


def test_before_the_master_files_came_there_is_nothing_to_sweep() -> None:
    found = planned("10", universe=0)
    assert (found.sweep_names, found.given_up) == (0, ())
    assert Use.SWEEP not in found.per_minute


def test_a_budget_of_hardly_any_calls_has_no_plan() -> None:
    with pytest.raises(ValueError, match=r"no plan for 0\.05 calls a second"):
        planned("0.05")


def test_the_chat_sees_plan_and_spent_calls_side_by_side() -> None:
    shown = view(planned("0.15"), ((Purpose.SCAN, 31), (Purpose.ORDER, 2)))
    assert shown.given_up == ("sweep", "rows", "rankings")
    assert (shown.per_second, shown.shared_per_second) == (Decimal("0.15"), Decimal(15))
    rows = {row.purpose: row for row in shown.purposes}
    assert set(rows) == set(Purpose)
    assert rows["scan"].planned_per_minute == Decimal("2.0")
    assert (rows["scan"].used_today, rows["order"].used_today) == (31, 2)
    assert rows["chart"].used_today == 0
