from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.desk.krx import profiles
from engine.desk.krx.lists import fresh_name
from engine.desk.krx.names import Name
from engine.desk.krx.state import State
from engine.model.ids import Symbol
from engine.model.krx_settings import KrxSettings, ScanSettings
from engine.model.listing import Listing, SecurityKind, Segment
from engine.model.market_events import Facilities, MarketRow
from engine.model.money import Krw
from engine.rules.krx import scan_plan
from engine.rules.krx.sessions import KrxSession, KrxSessionTable
from engine.rules.krx.volume_curve import CURVES

DAY = date(2026, 11, 20)
FACILITIES = Facilities(frozenset(), rows_per_call=30, has_open_days=True)
MINUTE = timedelta(minutes=1)


def state() -> State:
    settings = KrxSettings()
    plan = scan_plan.plan(ScanSettings(), FACILITIES, universe=0)
    return State(settings, KrxSessionTable(settings), FACILITIES, plan, "krx-")


def session_of(at: State, day: date = DAY) -> KrxSession:
    session = at.sessions.session_on(day)
    assert session is not None
    return session


def name(at: State, code: str, day: date = DAY) -> Name:
    listing = Listing(
        Symbol(code), code, Segment.KOSDAQ, SecurityKind.COMMON, Krw(Decimal(10_000)), 1, 1,
        Krw(Decimal(1)), None, False, False, False, "00", False,
    )  # fmt: skip
    made = fresh_name(listing, session_of(at, day))
    at.run.names.by_symbol[made.symbol] = made
    return made


def trade(traded: Name, at: datetime, cum_volume: int) -> None:
    traded.add_row(MarketRow(traded.symbol, Krw(Decimal(10_000)), cum_volume=cum_volume), at)


def played(at: State, code: str, day: date = DAY, *, late: timedelta = timedelta(0)) -> Name:
    """A name that trades all of its volume evenly until the closing auction."""
    session, made = session_of(at, day), name(at, code, day)
    made.watched_since = session.open + late
    moment, volume = session.open, 0
    while moment < session.close_auction:
        volume += 100
        trade(made, moment, volume)
        moment += MINUTE
    return made


def test_a_stock_without_days_of_its_own_has_the_curve_of_its_board() -> None:
    at = state()
    assert profiles.curve_of(at, name(at, "000001")) is CURVES[Segment.KOSDAQ]


def test_a_recorded_day_draws_the_curve_towards_it() -> None:
    at = state()
    made = played(at, "000001")
    profiles.record(at, session_of(at).close)
    general, own = CURVES[Segment.KOSDAQ], profiles.curve_of(at, made)
    # Evenly traded: by noon less was done than the board usually has by then.
    assert own.share_at(180) < general.share_at(180)
    even = 180 / 380 * general.share_at(380)
    assert own.share_at(180) == pytest.approx((10 * general.share_at(180) + even) / 11, abs=0.005)
    assert own.share_at(390) == pytest.approx(general.share_at(390))
    assert profiles.curve_of(at, made) is own


def test_a_name_that_was_streamed_late_or_not_at_all_is_not_recorded() -> None:
    at = state()
    played(at, "000001", late=timedelta(minutes=6))
    played(at, "000002").watched_since = None
    name(at, "000003").watched_since = session_of(at).open
    profiles.record(at, session_of(at).close)
    assert at.book.profiles == {}


def test_the_last_days_are_kept_and_the_names_recorded_last() -> None:
    at = state()
    for number in range(profiles.KEPT_NAMES + 2):
        at.book.profiles[Symbol(f"{number:06d}")] = ["old"] * profiles.KEPT_DAYS
    played(at, "000000")
    profiles.record(at, session_of(at).close)
    kept = at.book.profiles
    assert len(kept) == profiles.KEPT_NAMES
    assert Symbol("000001") not in kept
    assert Symbol("000002") not in kept
    assert len(kept[Symbol("000000")]) == profiles.KEPT_DAYS
    assert kept[Symbol("000000")][-1] != "old"


def test_days_recorded_at_other_knots_are_left_out() -> None:
    at = state()
    made = name(at, "000001")
    at.book.profiles[made.symbol] = ["0.5,1.0"]
    assert profiles.curve_of(at, made).shares == pytest.approx(CURVES[Segment.KOSDAQ].shares)


def test_the_longer_exam_day_is_recorded_on_the_ordinary_scale() -> None:
    day = date(2026, 11, 19)
    at = state()
    made = played(at, "000001", day)
    profiles.record(at, session_of(at, day).close)
    assert 0.3 < profiles.curve_of(at, made).share_at(180) < 0.8


def test_nothing_is_recorded_on_a_day_without_a_session() -> None:
    at = state()
    played(at, "000001")
    profiles.record(at, datetime(2026, 11, 21, 6, 30, tzinfo=UTC))
    assert at.book.profiles == {}
