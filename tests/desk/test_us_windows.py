from dataclasses import replace

from engine.model.commands import ApplySettings
from engine.model.day_facts import CalendarWarning, DaySummary, Window, WindowChanged
from engine.model.events import FetchKind, HoldingsSeen
from engine.model.intents import Watch
from engine.model.order_facts import OrderEnded, OrderFilled
from engine.model.settings import AtWindowEnd, ExistingHoldings, UsSettings
from engine.rules.sessions import SessionTable
from tests.desk.world import World, et


def test_a_day_has_three_windows_and_no_call_while_asleep() -> None:
    world = World(now=et("00:30:00"))
    world.start()
    world.run_until(et("23:30:00"))
    assert [fact.window for fact in world.told(WindowChanged)] == [
        Window.PREMARKET,
        Window.REGULAR,
        Window.ASLEEP,
    ]
    assert world.told_at(WindowChanged) == [et("04:00:00"), et("09:30:00"), et("12:00:00")]
    assert world.calls_between(et("00:00:00"), et("03:50:00")) == 0
    assert 1 <= world.calls_between(et("03:50:00"), et("04:00:00")) <= 4
    assert world.calls_between(et("12:00:00"), et("23:30:00")) == 0


def test_the_socket_is_wanted_in_the_regular_window_only() -> None:
    world = World(now=et("03:45:00"))
    world.hold("MU", 5, "100")
    world.start()
    world.run_until(et("13:00:00"))
    watches = [(at, i.notices) for at, i in world.intents if isinstance(i, Watch)]
    assert watches == [
        (et("03:45:00"), False),
        (et("09:30:00"), True),
        (et("12:00:00"), False),
    ]


def test_a_weekend_is_slept_through() -> None:
    world = World(now=et("00:30:00", "2026-03-14"))
    world.start()
    world.run_until(et("03:49:00", "2026-03-16"))
    assert world.calls == []
    world.run_until(et("04:00:01", "2026-03-16"))
    assert world.window() is Window.PREMARKET


def test_the_readiness_check_goes_by_new_york_time_in_both_daylight_weeks() -> None:
    for day in ("2026-03-06", "2026-03-09", "2026-10-30", "2026-11-02"):
        world = World(now=et("00:30:00", day))
        world.start()
        world.run_until(et("04:00:00", day))
        assert world.calls[0][0] == et("03:50:00", day)


def test_the_summary_comes_ten_minutes_after_the_window_without_a_call(armed: World) -> None:
    armed.price("MU", "103.05")
    armed.run_until(et("12:30:00"))
    (summary,) = armed.told(DaySummary)
    assert armed.told_at(DaySummary) == [et("12:10:00")]
    assert summary.sales == 1
    assert str(summary.gross_gain.amount) == "30.50"
    assert summary.open_positions == 0


def test_an_open_order_at_noon_is_followed_at_one_call_a_minute(armed: World) -> None:
    armed.at(et("11:59:50"), lambda: armed.price("MU", "103.05", "103.00"))
    armed.at(et("11:59:50.05"), lambda: armed.price("MU", "102.50"))
    armed.run_until(et("12:20:00"))
    assert armed.window() is Window.FOLLOW_UP
    assert 19 <= armed.calls_between(et("12:00:00"), et("12:20:00")) <= 21
    armed.price("MU", "103.50")
    armed.run_for(61)
    assert armed.window() is Window.ASLEEP
    armed.run_until(et("18:00:00"))
    assert armed.calls_between(et("12:21:30"), et("18:00:00")) == 0


def test_the_cash_is_read_once_after_the_sale_that_ends_the_day(armed: World) -> None:
    armed.at(et("11:59:50"), lambda: armed.price("MU", "103.05", "103.00"))
    armed.at(et("11:59:50.05"), lambda: armed.price("MU", "102.50"))
    armed.run_until(et("12:20:00"))
    armed.price("MU", "103.50")
    armed.run_until(et("18:00:00"))
    (sold_at,) = armed.told_at(OrderFilled)
    assert sold_at > et("12:20:00")
    assert armed.calls_between(sold_at, et("18:00:00"), "cash") == 1


def test_following_ends_with_the_session_and_the_order_with_its_day(armed: World) -> None:
    armed.at(et("11:59:50"), lambda: armed.price("MU", "103.05", "103.00"))
    armed.at(et("11:59:50.05"), lambda: armed.price("MU", "102.50"))
    armed.run_until(et("20:00:00"))
    assert armed.window() is Window.ASLEEP
    assert armed.calls_between(et("16:00:00"), et("20:00:00")) == 0
    armed.run_until(et("04:00:00", "2026-03-11"))
    (ended,) = armed.told(OrderEnded)
    assert ended.filled_qty == 0


def test_the_setting_cancels_open_orders_at_noon(armed: World) -> None:
    settings = replace(UsSettings(), at_window_end=AtWindowEnd.CANCEL)
    armed.command(ApplySettings(settings))
    armed.at(et("11:59:50"), lambda: armed.price("MU", "103.05", "103.00"))
    armed.at(et("11:59:50.05"), lambda: armed.price("MU", "102.50"))
    armed.run_until(et("12:05:00"))
    assert len(armed.cancels()) == 1
    assert len(armed.told(OrderEnded)) == 1
    assert armed.window() is Window.ASLEEP


def test_the_end_of_the_table_is_told_thirty_seven_and_one_day_before() -> None:
    table = SessionTable(last_date=et("12:00:00", "2026-04-09").date())
    world = World(now=et("00:30:00"), sessions=table, safe_per_day=10)  # days of few calls
    world.start()
    world.run_until(et("05:00:00", "2026-04-14"))
    assert [fact.days_left for fact in world.told(CalendarWarning)] == [30, 7, 1, -1]


def test_nothing_is_armed_on_a_day_the_table_does_not_know() -> None:
    table = SessionTable(last_date=et("12:00:00", "2026-03-09").date())
    world = World(now=et("09:29:00"), sessions=table)
    world.start()
    world.run_until(et("09:35:00"))
    world.price("MU", "100")
    world.buy("MU", 10, "100")
    world.run_for(30)
    for price in ("103.5", "103.6", "103.7"):
        world.price("MU", price)
        world.run_for(1)
    assert world.placed() == []
    assert world.desk.view(world.now).positions[0].state == "held"


def test_the_nearest_to_the_target_are_watched_first_and_no_more_than_fit() -> None:
    world = World(now=et("09:00:00"), settings=UsSettings(existing=ExistingHoldings.ALWAYS))
    for number in range(45):
        world.hold(f"S{number:02d}", 1, "100")
        world.price(f"S{number:02d}", f"{60 + number * 0.9:.2f}")
    world.start()
    world.run_until(et("09:30:01"))
    (watch,) = [i for _, i in world.intents if isinstance(i, Watch) and i.notices]
    assert len(watch.instruments) == 39
    assert watch.instruments[0].symbol == "S44"
    assert "S00" not in {instrument.symbol for instrument in watch.instruments}


def test_a_readiness_check_that_fails_is_not_repeated_before_the_window() -> None:
    world = World(now=et("03:45:00"), failing=set(FetchKind))
    world.start()
    world.run_until(et("03:59:59"))
    assert world.calls_between(et("03:45:00"), et("04:00:00")) <= 4
    world.run_for(5)
    assert world.calls_between(et("04:00:00"), et("04:01:00")) > 0


def test_a_balance_the_trader_asked_for_at_night_leads_to_no_further_call(armed: World) -> None:
    armed.run_until(et("18:00:00"))
    calls = len(armed.calls)
    armed.give(HoldingsSeen((), armed.now, armed.quota()))
    armed.run_until(et("23:00:00"))
    assert len(armed.calls) == calls
