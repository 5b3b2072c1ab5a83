"""The KRX on a session: who gets what, and what trouble does to it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from sandbox.frames import CipherPair
from sandbox.krx.hours import KrxPhase
from sandbox.krx.model import EventKind, SymbolState
from sandbox.krx.ws_feed import KrxFeed
from sandbox.model import Server
from sandbox.ws_feed import Record
from sandbox.ws_settings import OLDER, SocketSettings
from tests.sandbox.krx_ws_stage import (
    MORNING,
    StageKrxMarket,
    at,
    auction,
    book,
    expected,
    notice,
    trade,
)
from tests.sandbox.test_ws_frames import decrypted
from tests.sandbox.ws_stage import Desk, StageBooks, fields_of


class KrxDesk(Desk):
    """The socket's desk with a KRX at its back; ``flow`` hands over what the market has written."""

    def __init__(
        self, server: Server = Server.REAL, settings: SocketSettings | None = None
    ) -> None:
        super().__init__(server, settings)
        self.krx, self.krx_books = StageKrxMarket(), StageBooks()
        self.krx_feed = KrxFeed(self.krx, self.krx_books, self.customer, self.basket)
        self.session = self.open()

    def latest(self, tr_id: str, tr_key: str) -> Record | None:
        return self.krx_feed.latest(tr_id, tr_key)

    def forge(self, tr_id: str, symbol: str, now: datetime) -> Record:
        feed = self.krx_feed if tr_id == self.krx_feed.notices else self.feed
        return feed.forge(symbol, now)

    def register(self, tr_id: str, tr_key: str) -> str:
        code = self.code(self.session, tr_id, tr_key)
        self.basket.registered.setdefault(tr_id, []).append(tr_key)
        return code

    def flow(self) -> list[str]:
        return self.session.quotes(self.basket.empty(), self.now)


def test_a_registration_is_greeted_with_the_last_print_however_old() -> None:
    desk = KrxDesk()
    desk.register("H0STCNT0", "000660")
    assert desk.greeting == []  # nothing was printed yet
    desk.krx.print(trade())
    [frame] = desk.flow()
    desk.now += timedelta(minutes=20)
    desk.code(desk.session, "H0STCNT0", "000660", "2")
    assert desk.register("H0STCNT0", "000660") == "OPSP0000"
    assert desk.greeting == [frame]
    assert fields_of(frame)[1] == "103925"
    assert desk.register("H0STCNT0", "000660") == "OPSP0002"
    assert desk.register("H0STASP0", "000660") == "OPSP0000"
    assert desk.greeting == []


@pytest.mark.parametrize("server", Server)
def test_prints_and_books_come_on_both_servers(server: Server) -> None:
    desk = KrxDesk(server)
    for tr_id in ("H0STCNT0", "H0STASP0"):
        assert desk.register(tr_id, "000660") == "OPSP0000"
    desk.krx.print(trade(), trade(symbol="820430"), trade(size=7))
    trades, books = desk.flow()
    assert trades.startswith("0|H0STCNT0|002|000660^103925^1996000^")
    assert fields_of(trades)[12::47] == ["20", "7"]
    assert books.startswith("0|H0STASP0|001|000660^103925^0^1996000^")


def test_a_burst_travels_in_frames_of_twenty_records() -> None:
    desk = KrxDesk()
    desk.register("H0STCNT0", "000660")
    desk.register("H0STCNT0", "820430")
    desk.krx.print(*[trade(size=size) for size in range(1, 31)], trade(symbol="820430"))
    first, second = desk.flow()
    assert (first[:15], second[:15]) == ("0|H0STCNT0|020|", "0|H0STCNT0|011|")
    sizes = [*fields_of(first)[12::47], *fields_of(second)[12::47]]
    assert sizes == [*map(str, range(1, 31)), "20"]


def test_expected_prices_of_an_auction_come_before_its_print() -> None:
    desk = KrxDesk()
    desk.register("H0STCNT0", "000660")
    desk.register("H0STASP0", "000660")
    desk.krx.expect(expected())
    desk.krx.print(auction())
    trades, books = desk.flow()
    records = [fields_of(trades)[start : start + 47] for start in (0, 47)]
    assert [(each[2], each[43], each[13]) for each in records] == [
        ("2100000", "B", "0"),
        ("2113000", "0", "79564"),
    ]
    # After the auction its volume stays in the book's record, its price does not.
    assert fields_of(books)[47:50] == ["0", "0", "79564"]


def test_the_interruption_reference_is_that_of_the_last_auction() -> None:
    desk = KrxDesk()
    desk.register("H0STCNT0", "000660")
    desk.krx.print(trade(), auction(), trade())
    [frame] = desk.flow()
    assert fields_of(frame)[45::47] == ["2180000", "2113000", "2113000"]


def test_the_auction_volume_in_the_book_is_of_the_same_day() -> None:
    desk = KrxDesk()
    desk.register("H0STASP0", "000660")
    desk.krx.print(auction(), trade())
    assert fields_of(desk.flow()[0])[49] == "79564"
    desk.krx.print(trade(at=MORNING + timedelta(days=1)))
    assert fields_of(desk.flow()[0])[49] == "0"


def test_a_book_tells_what_changed_since_the_one_before() -> None:
    desk = KrxDesk()
    desk.register("H0STASP0", "000660")
    desk.krx.print(trade())
    assert fields_of(desk.flow()[0])[54:56] == ["0", "0"]
    desk.krx.books["000660"] = book(size=200)
    desk.krx.print(trade())
    assert fields_of(desk.flow()[0])[54:56] == ["1000", "1000"]


def test_market_operation_comes_for_the_symbol_and_for_the_whole_market() -> None:
    desk = KrxDesk()
    for symbol in ("000660", "820430"):
        assert desk.register("H0STMKO0", symbol) == "OPSP0000"
    desk.krx.states["820430"] = SymbolState(vi_since=MORNING)
    desk.krx.tell(EventKind.VI_START, "820430")
    [one] = desk.flow()
    assert one == "0|H0STMKO0|001|820430^N^(null)^^311^^^55^Y^N^1"
    desk.krx.tell(EventKind.CLOSING_AUCTION)
    desk.krx.tell(EventKind.AFTER_OPEN)
    [all_] = desk.flow()
    assert all_.startswith("0|H0STMKO0|002|000660^N^(null)^121^311^")


@pytest.mark.parametrize("tr_id", ["H0STMKO0", "H0UNCNT0", "H0NXCNT0", "H0STCNI0"])
def test_paper_refuses_what_only_real_serves(tr_id: str) -> None:
    assert KrxDesk(Server.PAPER).register(tr_id, "000660") == "OPSP8991"


@pytest.mark.parametrize(
    ("tr_id", "key"),
    [
        ("H0UNCNT0", "000660"),
        ("H0NXCNT0", "000660"),
        ("H0STCNT0", "999999"),
        ("H0STCNT0", "A00066"),
        ("H0STMKO0", "999999"),
    ],
)
def test_what_has_no_market_is_acknowledged_and_silent(tr_id: str, key: str) -> None:
    desk = KrxDesk()
    assert desk.register(tr_id, key) == "OPSP0000"
    desk.krx.print(auction(), trade())
    desk.krx.expect(expected(KrxPhase.CLOSING_AUCTION))
    desk.krx.tell(EventKind.MARKET_CLOSE)
    desk.krx.tell(EventKind.VI_START, "000660")
    assert desk.flow() == []


@pytest.mark.parametrize("key", ["00066", "0006600", "A000660", "00 660", "DNASAAPL", ""])
def test_a_malformed_symbol_is_refused(key: str) -> None:
    assert KrxDesk().register("H0STCNT0", key) == "OPSP8992"


def test_an_etn_is_registered_with_its_seven_characters() -> None:
    desk = KrxDesk()
    assert desk.register("H0STCNT0", "Q840010") == "OPSP0000"
    desk.krx.print(trade(symbol="Q840010"))
    assert fields_of(desk.flow()[0])[0] == "Q840010"


def test_domestic_and_us_registrations_share_the_41_places() -> None:
    desk = KrxDesk()
    hts_id = desk.customer.hts_id
    assert desk.register("H0STCNI0", hts_id) == "OPSP0000"
    assert desk.register("H0GSCNI0", hts_id) == "OPSP0000"
    for number in range(13):
        assert desk.register("H0STCNT0", f"{number:06d}") == "OPSP0000"
        assert desk.register("H0STMKO0", f"{number:06d}") == "OPSP0000"
        assert desk.register("HDFSCNT0", f"DNASAA{number}") == "OPSP0000"
    assert desk.register("H0UNCNT0", "000660") == "OPSP0008"


def test_a_notice_opens_with_the_pair_of_its_own_registration() -> None:
    desk = KrxDesk()
    hts_id = desk.customer.hts_id
    us = desk.ask(desk.session, "H0GSCNI0", hts_id)["body"]["output"]
    domestic = desk.ask(desk.session, "H0STCNI0", hts_id)["body"]["output"]
    assert us != domestic
    desk.krx_books.tell(notice(server=Server.PAPER))
    desk.krx_books.tell(notice())
    [record] = desk.basket.empty()
    [frame] = desk.session.notice(record, desk.now)
    enc, tr_id, count, payload = frame.split("|", 3)
    assert (enc, tr_id, count) == ("1", "H0STCNI0", "001")
    fields = decrypted(payload, CipherPair(**domestic)).split("^")
    assert len(fields) == 26
    assert fields[8:11] == ["820430", "0000000003", "000013150"]
    assert "두온" not in frame


def test_domestic_notices_can_be_lost_while_the_us_ones_come() -> None:
    desk = KrxDesk()
    desk.register("H0STCNI0", desk.customer.hts_id)
    desk.script("lost", "H0STCNI0", times=0)
    desk.krx_books.tell(notice())
    [record] = desk.basket.empty()
    assert desk.session.notice(record, desk.now) == []
    assert desk.wait(desk.session, 60) == []


def test_paper_notices_are_silent_unless_switched_on() -> None:
    for is_on, count in ((False, 0), (True, 1)):
        desk = KrxDesk(Server.PAPER, SocketSettings(paper_notices=is_on))
        assert desk.register("H0STCNI9", desk.customer.hts_id) == "OPSP0000"
        desk.krx_books.tell(notice(server=Server.PAPER))
        [record] = desk.basket.empty()
        assert len(desk.session.notice(record, desk.now)) == count


def test_the_layout_before_september_2026_can_be_switched_on() -> None:
    desk = KrxDesk(settings=SocketSettings(widths=OLDER))
    desk.register("H0STCNT0", "000660")
    desk.krx.print(trade(), trade())
    [frame] = desk.flow()
    assert len(fields_of(frame)) == 2 * 46
    assert fields_of(frame)[45] == "2180000"
    desk.script("layout", "H0STCNT0", value="47")
    desk.krx.print(trade())
    assert fields_of(desk.flow()[0])[46] == "2"


def test_a_late_print_of_a_held_back_burst_keeps_the_book_of_its_moment() -> None:
    desk = KrxDesk()
    desk.register("H0STCNT0", "000660")
    desk.script("burst", "H0STCNT0", value="5")
    desk.krx.print(trade(size=1))
    assert desk.flow() == []
    desk.krx.books["000660"] = book(size=900)
    desk.krx.print(trade(size=2))
    assert desk.flow() == []
    [frame] = desk.wait(desk.session, 6)
    assert fields_of(frame)[38::47] == ["1045", "9045"]


def test_after_market_prints_say_so() -> None:
    desk = KrxDesk()
    desk.register("H0STCNT0", "000660")
    desk.krx.print(trade(phase=KrxPhase.AFTER, at=at(16, 39), price=Decimal(2_000_000)))
    fields = fields_of(desk.flow()[0])
    assert (fields[1], fields[34], fields[43], fields[46]) == ("163900", "30", "0", "3")


def test_a_forged_plain_notice_is_in_the_domestic_layout() -> None:
    desk = KrxDesk()
    desk.register("H0STCNI0", desk.customer.hts_id)
    desk.script("plain_notice", "H0STCNI0")
    [frame] = desk.wait(desk.session, 1)
    assert frame.startswith("0|H0STCNI0|001|")
    fields = fields_of(frame)
    assert (len(fields), fields[4], fields[8], fields[13]) == (26, "02", "000660", "2")


def test_every_answer_of_a_domestic_registration_carries_its_pair() -> None:
    desk = KrxDesk()
    answer = desk.ask(desk.session, "H0STCNT0", "000660")
    assert json.dumps(answer["header"]) == (
        '{"tr_id": "H0STCNT0", "tr_key": "000660", "encrypt": "N"}'
    )
    assert {name: len(text) for name, text in answer["body"]["output"].items()} == {
        "iv": 16,
        "key": 32,
    }


def test_a_notice_that_nobody_would_get_uses_no_trouble_up() -> None:
    desk = KrxDesk()
    desk.script("lost", "H0STCNI0")
    desk.krx_books.tell(notice())
    [record] = desk.basket.empty()
    assert desk.session.notice(record, desk.now) == []
    desk.register("H0STCNI0", desk.customer.hts_id)
    assert desk.session.notice(record, desk.now) == []
    assert len(desk.session.notice(record, desk.now)) == 1
