"""KRX records: captured trades, halts, order notices."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.kis.frames import parse_frame, split_records
from engine.adapters.kis.krx.frames import parse_krx_notice, parse_krx_trade, parse_operation
from engine.errors import PayloadError
from engine.model.fills import NoticeKind, OrderNotice
from engine.model.ids import Symbol
from engine.model.money import Krw
from engine.model.orders import Side
from engine.model.quotes import DayFigures, Tick
from tests.adapters.test_kis_frames import ACCOUNT, captured

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
SAMSUNG = Symbol("005930")
# Recorded at the portal in 2023, 46 columns.
OLD = (
    "005930^093354^71900^5^-100^-0.14^72023.83^72100^72400^71700^71900^71800^1^3052507^219853241700"
    "^5105^6937^1832^84.90^1366314^1159996^1^0.39^20.28^090020^5^-200^090820^5^-500^092619^2^200"
    "^20230612^20^N^65945^216924^1118750^2199206^0.05^2424142^125.92^0^^72100"
)
TODAY = f"{OLD}^2"  # 47 since 2026-09-14


def won(amount: int) -> Krw:
    return Krw(Decimal(amount))


def changed(**columns: str) -> list[str]:
    record = TODAY.split("^")
    names = {
        "symbol": 0, "time": 1, "price": 2, "sign": 3, "ask": 10, "volume": 13, "date": 33,
        "operation": 34, "halted": 35, "hour": 43, "market": 46,
    }  # fmt: skip
    for name, value in columns.items():
        record[names[name]] = value
    return record


def day_of(**columns: str) -> DayFigures[Krw]:
    tick: Tick[Krw] = parse_krx_trade(changed(**columns), SAMSUNG)
    assert tick.day is not None
    return tick.day


# -- trades ----------------------------------------------------------------------------------


@pytest.mark.market_data
def test_every_captured_trade_frame_is_understood(market_data: Path) -> None:
    ticks = []
    for line in captured(market_data):
        frame = parse_frame(line["raw"])
        if isinstance(frame, tuple) and frame[0] == "H0STCNT0":
            assert {len(record) for record in frame[1]} == {line["fields_per_record"]}
            ticks += [parse_krx_trade(record, Symbol(record[0])) for record in frame[1]]
    assert [tick.symbol for tick in ticks] == ["000660", "005930"]
    hynix = ticks[0]
    assert hynix.at == datetime(2026, 7, 13, 1, 39, 25, tzinfo=UTC)
    assert (hynix.price, hynix.bid, hynix.ask) == (won(1_996_000), won(1_996_000), won(1_997_000))
    assert (hynix.bid_size, hynix.ask_size) == (53, 516)
    assert (hynix.cum_volume, hynix.prev_close) == (2_388_396, won(2_180_000))
    assert hynix.day == DayFigures(
        open=won(2_113_000),
        high=won(2_142_000),
        low=won(1_985_000),
        cum_value=won(4_895_117_363_500),
        strength=Decimal("76.45"),
        is_regular=True,
    )


def test_a_trade_of_today_has_one_column_more() -> None:
    old, today = (parse_krx_trade(raw.split("^"), SAMSUNG) for raw in (OLD, TODAY))
    assert old == today
    records = split_records("H0STCNT0", 3, f"{TODAY}^{TODAY}^{TODAY}")
    assert [len(record) for record in records] == [47] * 3
    with pytest.raises(PayloadError):
        split_records("H0STCNT0", 3, f"{TODAY}^{TODAY}^{OLD}")  # cut one off, all would be wrong


@pytest.mark.parametrize(
    ("codes", "is_regular"),
    [
        ({}, True),
        ({"operation": "21", "market": "5"}, True),  # the closing auction
        ({"market": ""}, True),
        ({"hour": "(null)"}, True),
        ({"operation": "10", "market": "1", "hour": "B"}, False),  # before the open
        ({"hour": "C"}, False),  # what an auction would trade
        ({"operation": "22"}, False),  # a block
        ({"operation": "30", "market": "3"}, False),  # the after-market
        ({"operation": "20", "market": "3"}, False),
        ({"operation": ""}, False),
    ],
)
def test_only_trades_of_the_regular_session_are_prices(
    codes: dict[str, str], is_regular: bool
) -> None:
    assert day_of(**codes).is_regular is is_regular


def test_halts_are_told_apart_from_auctions() -> None:
    assert day_of(halted="Y").is_halted
    assert day_of(hour="C").has_vi
    assert not day_of(hour="C", operation="21").has_vi  # the closing auction
    assert not day_of().has_vi  # a reference price for halts is always there


@pytest.mark.parametrize(
    ("sign", "before"), [("2", 71_800), ("1", 71_800), ("5", 72_000), ("4", 72_000), ("3", 71_900)]
)
def test_the_sign_tells_where_the_price_came_from(sign: str, before: int) -> None:
    assert parse_krx_trade(changed(sign=sign), SAMSUNG).prev_close == won(before)


def test_at_the_upper_limit_nobody_asks() -> None:
    assert parse_krx_trade(changed(ask="0"), SAMSUNG).ask is None


@pytest.mark.parametrize(
    "columns",
    [
        *[{"symbol": "000660"}, {"price": ""}, {"price": "0"}, {"price": "1e9"}, {"ask": "x"}],
        *[{"time": "250000"}, {"date": ""}, {"volume": "-1"}, {"volume": "1.5"}],
    ],
)
def test_a_record_that_cannot_be_trusted_is_refused(columns: dict[str, str]) -> None:
    with pytest.raises(PayloadError):
        parse_krx_trade(changed(**columns), SAMSUNG)


# -- market operation ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "is_halted", "has_vi"),
    [
        ("005930^N^(null)^^311^^^55^N^N", False, False),  # the portal's ten columns
        ("005930^N^(null)^^311^^^55^Y^N^1", False, True),
        ("005930^Y^매매거래정지^^^^^58^N^N^1", True, False),
        ("005930^N^(null)^174^^^^55^N^N^1", True, False),  # circuit breaker
        ("005930^N^(null)^175^^^^55^N^N^1", False, False),
    ],
)
def test_halts_come_and_go(raw: str, is_halted: bool, has_vi: bool) -> None:
    seen = parse_operation(raw.split("^"), SAMSUNG, NOW)
    assert (seen.is_halted, seen.has_vi, seen.at) == (is_halted, has_vi, NOW)


# -- notices ---------------------------------------------------------------------------------


def krx_notice(**changes: str) -> list[str]:
    columns = {
        "CUST_ID": "hts", "ACNT_NO": ACCOUNT, "ODER_NO": "0000012345", "OODER_NO": "",
        "SELN_BYOV_CLS": "02", "RCTF_CLS": "0", "ODER_KIND": "00", "ODER_COND": "0",
        "STCK_SHRN_ISCD": "005930", "CNTG_QTY": "0000000010", "CNTG_UNPR": "000071900",
        "STCK_CNTG_HOUR": "093354", "RFUS_YN": "0", "CNTG_YN": "2", "ACPT_YN": "2",
        "BRNC_NO": "06010", "ODER_QTY": "000000030", "ACNT_NAME": "홍길동", "ORD_COND_PRC": "",
        "ORD_EXG_GB": "1", "POPUP_YN": "N", "FILLER": "", "CRDT_CLS": "", "CRDT_LOAN_DATE": "",
        "CNTG_ISNM40": "삼성전자", "ODER_PRC": "000072000",
    }  # fmt: skip
    return list((columns | changes).values())


def read(seen_at: datetime = NOW, **changes: str) -> OrderNotice[Krw]:
    notice = parse_krx_notice(krx_notice(**changes), ACCOUNT, seen_at)
    assert notice is not None
    return notice


def test_a_fill_tells_its_own_shares_and_price() -> None:
    fill = read()
    assert (fill.kind, fill.broker_order_no, fill.symbol) == (NoticeKind.FILL, "12345", SAMSUNG)
    assert (fill.side, fill.qty, fill.price) == (Side.BUY, 10, won(71_900))
    assert (fill.order_qty, fill.original_order_no) == (30, None)


@pytest.mark.parametrize(
    ("flags", "kind"),
    [
        (("0", "0", "1", "1"), NoticeKind.RECEIVED),
        (("0", "0", "1", "2"), NoticeKind.CONFIRMED),
        (("1", "0", "2", "2"), NoticeKind.FILL),
        (("0", "1", "1", "1"), NoticeKind.REFUSED),
        (("1", "0", "1", "2"), NoticeKind.AMENDED),
        (("2", "0", "1", "1"), NoticeKind.RECEIVED),
        (("2", "0", "1", "2"), NoticeKind.CANCELLED),
        (("0", "0", "1", "3"), NoticeKind.CANCELLED),  # the rest of IOC and FOK
    ],
)
def test_the_flags_tell_what_happened(flags: tuple[str, str, str, str], kind: NoticeKind) -> None:
    change, refused, filled, accepted = flags
    notice = read(RCTF_CLS=change, RFUS_YN=refused, CNTG_YN=filled, ACPT_YN=accepted)
    assert notice.kind is kind


def test_a_notice_repeated_has_the_key_of_the_first() -> None:
    assert read().key == read(seen_at=NOW.replace(minute=5)).key
    others = [
        read(ODER_NO="0000012346"),
        read(BRNC_NO="00950"),  # and in every branch
        read(CNTG_QTY="0000000011"),
        read(CNTG_UNPR="000071800"),
        read(STCK_CNTG_HOUR="093355"),
        read(CNTG_YN="1"),
        read(seen_at=NOW.replace(day=23)),  # order numbers begin anew every day
    ]
    assert read().key not in {other.key for other in others}


def test_the_account_of_another_is_nobodys_business() -> None:
    assert parse_krx_notice(krx_notice(ACNT_NO="9999999901"), ACCOUNT, NOW) is None


@pytest.mark.parametrize(
    "changes",
    [
        *[{"RFUS_YN": "Y"}, {"CNTG_YN": "3"}, {"ACPT_YN": ""}, {"SELN_BYOV_CLS": "03"}],
        *[{"CNTG_QTY": ""}, {"CNTG_UNPR": "x"}, {"CNTG_UNPR": "-5"}, {"ODER_NO": "0"}],
    ],
)
def test_a_notice_of_an_unknown_layout_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(PayloadError):
        parse_krx_notice(krx_notice(**changes), ACCOUNT, NOW)


def test_the_layout_of_23_columns_is_not_read() -> None:
    with pytest.raises(PayloadError):
        split_records("H0STCNI0", 1, "^".join(krx_notice()[:23]))
