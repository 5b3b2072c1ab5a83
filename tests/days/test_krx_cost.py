"""The arithmetic of a Korean day's cost; ``python -m tests.days cost krx`` plays the day."""

from datetime import timedelta
from itertools import islice

from engine.model.quota import Purpose
from sandbox.request_log import LoggedRequest
from tests.days.breakouts import (
    ENTRIES_FROM,
    Breakout,
    Sight,
    asks_of,
    breakout_at,
    first_entries,
    polled_at,
)
from tests.days.korean import kst
from tests.days.krx_costs import KoreanSpend, count_calls, korean_table

AT = kst(ENTRIES_FROM)


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def prints(*enough: int) -> list[Sight]:
    """One a second."""
    return [Sight(AT + after(place), bool(one)) for place, one in enumerate(enough)]


def call(tr_id: str, seconds: float) -> LoggedRequest:
    return LoggedRequest(AT + after(seconds), "real", "GET", "/", tr_id, {}, "MCA00000", 200)


def test_a_breakout_begins_with_the_first_print_of_the_stretch_that_lasts_to_the_order() -> None:
    day = prints(0, 1, 0, 1, 1, 1, 0)
    assert breakout_at(day, AT + after(5)) == AT + after(3)
    assert breakout_at(day, AT + after(1.5)) == AT + after(1)


def test_what_is_over_when_the_desk_decides_is_no_breakout() -> None:
    assert breakout_at(prints(0, 1, 0), AT + after(2)) is None
    assert breakout_at(prints(0, 0, 1), AT + after(1)) is None


def test_a_poller_asks_each_symbol_once_a_round() -> None:
    asks = list(islice(asks_of(7, AT, 5.0), 3))
    assert [(at - AT).total_seconds() for at in asks] == [1.4, 21.4, 41.4]


def test_a_poller_finds_a_breakout_only_where_it_still_is_one() -> None:
    day = prints(0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1)
    asks = [AT + after(second) for second in (0.5, 4.5, 8.5, 9.5)]
    assert polled_at(day, AT + after(1), asks) == AT + after(8.5)
    assert polled_at(day, AT + after(9), asks) == AT + after(9.5)
    assert polled_at(prints(1, 0, 0), AT, [AT + after(1.5), AT + after(9)]) is None


def test_the_first_entry_in_a_name_counts_unless_it_was_held_back() -> None:
    told = [("EntryDecided", "A"), ("EntryFilled", "B"), ("EntryRefused", "C")]
    told += [("EntryDecided", "A"), ("EntryDecided", "C")]
    facts = [
        (AT + after(place), kind, {"order": {"symbol": symbol}, "symbol": symbol})
        for place, (kind, symbol) in enumerate(told)
    ]
    assert first_entries(facts) == {"A": AT}


def test_calls_are_counted_by_korean_hour_and_purpose_without_those_for_keys() -> None:
    log = [call("", 0), call("TTTC0012U", 1), call("FHPST01710000", 2), call("TTTC8434R", 3700)]
    assert count_calls(log) == {
        9: {Purpose.ORDER: 1, Purpose.SCAN: 1},
        10: {Purpose.ACCOUNT: 1},
    }


def test_the_table_sums_hours_and_delays() -> None:
    log = [call("FHPST01710000", second) for second in (1, 2, 3700)]
    spend = KoreanSpend(count_calls(log), per_second=2.5, keys=2, round_trips=3)
    for late, polled in ((0.1, 20.0), (0.3, None), (1.2, 40.0)):
        seen = None if polled is None else AT + after(polled)
        spend.breakouts.append(Breakout("810010", AT, AT + after(late), seen))
    rows = [line.split() for line in korean_table(spend).splitlines()]
    assert ["scan", "2", "1", "3"] in rows
    assert ["all", "2", "1", "3"] in rows
    assert rows[-2][-2:] == ["0.30", "1.20"]
    assert rows[-1][-2:] == ["30.00", "40.00"]
    assert spend.total == 3
    assert "1 never seen" in korean_table(spend)


def test_a_day_without_breakouts_has_a_table_too() -> None:
    assert korean_table(KoreanSpend()).splitlines()[-1].split()[-2:] == ["-", "-"]
