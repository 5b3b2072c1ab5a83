"""Domestic records field by field; the captured frames have a file of their own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sandbox.krx.divisions import Division, Lasts
from sandbox.krx.hours import KrxPhase
from sandbox.krx.model import BookLevels, EventKind, KrxTrade, SymbolState
from sandbox.krx.ws_columns import (
    book_columns,
    expected_columns,
    market_columns,
    trade_columns,
)
from sandbox.krx.ws_notices import notice_columns
from sandbox.model import NoticeKind, Server, Side
from sandbox.orders import Action
from sandbox.ws_settings import OLDER, OLDEST, TODAY, Layout
from tests.sandbox.krx_ws_stage import (
    BASE,
    LISTINGS,
    MORNING,
    at,
    auction,
    book,
    expected,
    notice,
    scene,
    trade,
)
from tests.sandbox.ws_stage import CUSTOMERS

REAL = CUSTOMERS[Server.REAL]


@pytest.mark.parametrize(
    ("price", "fields"),
    [
        ("2180000", ("3", "0", "0.00")),
        ("2196000", ("2", "16000", "0.73")),
        ("2834000", ("1", "654000", "30.00")),
        ("1526000", ("4", "-654000", "-30.00")),
        ("1996000", ("5", "-184000", "-8.44")),
    ],
)
def test_the_change_is_signed_and_knows_the_price_limits(
    price: str, fields: tuple[str, str, str]
) -> None:
    assert trade_columns(trade(price=Decimal(price)), scene())[3:6] == fields


def test_a_print_of_the_opening_auction_belongs_to_the_regular_session() -> None:
    columns = trade_columns(auction(phase=KrxPhase.OPENING_AUCTION), scene(day=auction()))
    assert (columns[34], columns[43], columns[46]) == ("20", "0", "2")
    assert columns[18:23] == ("0.00", "0", "0", "3", "0.00")


@pytest.mark.parametrize(
    ("printed", "codes"),
    [
        (trade(), ("20", "0", "2")),
        (auction(phase=KrxPhase.CONTINUOUS), ("20", "0", "2")),
        (auction(phase=KrxPhase.CLOSING_AUCTION), ("21", "0", "2")),
        (auction(phase=KrxPhase.CLOSED), ("21", "0", "2")),
        (trade(phase=KrxPhase.AFTER), ("30", "0", "3")),
    ],
)
def test_every_print_says_in_which_session_it_was(
    printed: KrxTrade, codes: tuple[str, str, str]
) -> None:
    columns = trade_columns(printed, scene())
    assert (columns[34], columns[43], columns[46]) == codes


@pytest.mark.parametrize(
    ("phase", "codes"),
    [
        (KrxPhase.OPENING_AUCTION, ("10", "B", "1")),
        (KrxPhase.CONTINUOUS, ("20", "C", "2")),
        (KrxPhase.CLOSING_AUCTION, ("21", "C", "2")),
        (KrxPhase.AFTER, ("30", "A", "3")),
    ],
)
def test_an_expected_price_never_looks_traded(phase: KrxPhase, codes: tuple[str, str, str]) -> None:
    columns = expected_columns(expected(phase), scene())
    assert (columns[34], columns[43], columns[46]) == codes
    assert (columns[2], columns[12], columns[21]) == ("2100000", "41000", "3")
    assert columns[13] == "2388396"  # the day's volume has not moved
    assert columns[10:12] == ("1996000", "1995000")


def test_before_the_first_trade_the_day_is_empty() -> None:
    columns = expected_columns(expected(), scene(day=None, reference=BASE))
    assert len(columns) == 47
    assert columns[6:10] == ("0.00", "0", "0", "0")
    assert columns[13:21] == ("0", "0", "0", "0", "0", "0.00", "0", "0")
    assert columns[24:33] == ("000000", "3", "0") * 3
    assert columns[45] == "2180000"  # volatility is measured from the base price


def test_the_bought_share_is_rounded_up_as_in_the_portals_example() -> None:
    day = trade(cum_volume=3_052_507, bought_volume=1_159_996, sold_volume=1_366_314)
    columns = trade_columns(day, scene(day=day))
    assert (columns[18], columns[22]) == ("84.90", "0.39")


def test_a_side_where_nobody_stands_is_zero() -> None:
    locked = BookLevels(MORNING, (), book().bids)
    columns = book_columns(scene(book=locked), MORNING, KrxPhase.CONTINUOUS, None)
    assert columns[3:13] == ("0",) * 10
    assert columns[23:33] == ("0",) * 10
    assert columns[43:45] == ("0", str(sum(100 - step for step in range(10))))
    assert columns[59] == "0"
    assert trade_columns(trade(ask=Decimal(0), ask_size=0), scene(book=locked))[10] == "0"


def test_the_book_has_its_changes_and_the_expected_price_of_an_auction() -> None:
    waiting = expected(KrxPhase.CLOSING_AUCTION, at=at(15, 25), price=Decimal(2_196_000))
    columns = book_columns(
        scene(totals=(1000, 1000)), at(15, 25), KrxPhase.CLOSING_AUCTION, waiting
    )
    assert len(columns) == 63
    assert columns[:4] == ("000660", "152500", "C", "1996000")
    assert columns[43:45] == ("1045", "955")
    assert columns[47:54] == ("2196000", "41000", "41000", "16000", "2", "0.73", "2388396")
    assert columns[54:56] == ("45", "-45")


def test_half_a_won_shows_in_the_middle_of_a_cheap_book() -> None:
    narrow = book(1001, 1000)
    assert book_columns(scene(book=narrow), MORNING, KrxPhase.CONTINUOUS, None)[59] == "1000.5"


@pytest.mark.parametrize(
    ("kind", "state", "columns"),
    [
        (
            EventKind.VI_START,
            SymbolState(vi_since=MORNING),
            ("000660", "N", "(null)", "", "311", "", "", "55", "Y", "N", "1"),
        ),
        (
            EventKind.VI_END,
            SymbolState(),
            ("000660", "N", "(null)", "", "", "", "", "55", "N", "N", "1"),
        ),
        (
            EventKind.HALT,
            SymbolState(halted=True),
            ("000660", "Y", "매매거래정지", "", "", "", "", "58", "N", "N", "1"),
        ),
        (
            EventKind.CLOSING_AUCTION,
            SymbolState(),
            ("000660", "N", "(null)", "121", "311", "", "", "55", "N", "N", "1"),
        ),
    ],
)
def test_market_operation_tells_of_halts_interruptions_and_sessions(
    kind: EventKind, state: SymbolState, columns: tuple[str, ...]
) -> None:
    assert market_columns(LISTINGS["000660"], kind, state) == columns


def test_a_fill_notice_is_written_in_26_columns() -> None:
    assert notice_columns(notice(), REAL, LISTINGS["820430"]) == (
        *("Htsreal", "6712345601", "0000117057", "", "02", "0", "00", "0", "820430"),
        *("0000000003", "000013150", "091502", "0", "2", "2", "06010", "000000010", "홍모래"),
        *("000000000", "1", "N", "", "", "", "두온시스템즈", "000013200"),
    )


@pytest.mark.parametrize(
    ("kind", "action", "flags"),
    [
        (NoticeKind.RECEIVED, Action.NEW, ("0", "0", "1", "1")),
        (NoticeKind.CONFIRMED, Action.NEW, ("0", "0", "1", "2")),
        (NoticeKind.FILL, Action.NEW, ("0", "0", "2", "2")),
        (NoticeKind.FILL, Action.AMEND, ("1", "0", "2", "2")),
        (NoticeKind.REFUSED, Action.NEW, ("0", "1", "1", "1")),
        (NoticeKind.REFUSED, Action.CANCEL, ("2", "1", "1", "1")),
        (NoticeKind.RECEIVED, Action.CANCEL, ("2", "0", "1", "1")),
        (NoticeKind.AMENDED, Action.AMEND, ("1", "0", "1", "2")),
        (NoticeKind.CANCELLED, Action.CANCEL, ("2", "0", "1", "2")),
        (NoticeKind.LAPSED, Action.NEW, ("0", "0", "1", "3")),
    ],
)
def test_each_step_of_an_order_has_its_flags(
    kind: NoticeKind, action: Action, flags: tuple[str, ...]
) -> None:
    columns = notice_columns(notice(kind, action=action), REAL, None)
    assert (columns[5], *columns[12:15]) == flags


def test_order_type_condition_trigger_and_venue_are_told() -> None:
    stop = notice(
        division=Division.STOP, lasts=Lasts.IOC, trigger=Decimal(13_000), venue="SOR",
        side=Side.SELL,
    )  # fmt: skip
    columns = notice_columns(stop, REAL, None)
    assert (columns[4], columns[6], columns[7]) == ("01", "22", "1")
    assert columns[18:20] == ("000013000", "3")


def test_older_layouts_lack_what_came_later() -> None:
    told = notice_columns(notice(), REAL, LISTINGS["820430"])
    traded = trade_columns(trade(), scene())
    shown = book_columns(scene(), MORNING, KrxPhase.CONTINUOUS, None)
    assert [len(each) for each in (told, traded, shown)] == [26, 47, 63]
    assert {TODAY[tr] for tr in ("H0STCNI0", "H0STCNI9")} == {26}
    assert Layout(OLDER).fit("H0STCNT0", traded) == traded[:46]
    assert Layout(OLDER).fit("H0STASP0", shown) == shown[:62]
    assert Layout(OLDEST).fit("H0STASP0", shown) == shown[:59]
    short = Layout(OLDEST).fit("H0STCNI0", told)
    assert len(short) == 23
    assert short[:18] == told[:18]
    assert short[18:] == ("두온시스템즈", "", "", "두온시스템즈", "000013200")
