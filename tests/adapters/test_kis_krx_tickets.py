"""Orders of one number in two branches, and how each is named."""

from datetime import date, timedelta

import pytest

from engine.adapters.kis.krx.payloads import parse_reports
from engine.adapters.kis.krx.tickets import Ticket, Tickets
from engine.model.fills import OrderNotice
from engine.model.ids import BrokerOrderNo, ClientOrderId, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import Krw
from engine.model.orders import CancelIntent, OrderReport
from tests.adapters.test_kis_krx_frames import read
from tests.adapters.test_kis_krx_payloads import order

DAY = date(2026, 11, 20)
NUMBER = BrokerOrderNo("12345")
OURS = Ticket("06010", "0000012345")
HANDS = "00950"
MARKED = f"{HANDS}-{NUMBER}"


def tickets(own: Ticket | None = OURS) -> Tickets:
    kept = Tickets()
    if own is not None:
        kept.keep(DAY, NUMBER, own)
    return kept


def rows(*changes: dict[str, str]) -> tuple[OrderReport[Krw], ...]:
    return parse_reports([{"output1": [order(**each) for each in changes]}])


def numbers(reports: tuple[OrderReport[Krw], ...]) -> list[str]:
    return [report.broker_order_no for report in reports]


def told(branch: str) -> OrderNotice[Krw]:
    return read(ODER_NO="0000012345", BRNC_NO=branch)


def cancel(number: str = NUMBER, symbol: str = "005930") -> CancelIntent:
    name = Symbol(symbol)
    return CancelIntent(ClientOrderId("krx-1"), BrokerOrderNo(number), name, Exchange.KRX, Qty(30))


@pytest.mark.parametrize("is_first", [True, False])
def test_of_two_equal_orders_ours_is_the_one_of_our_branch(is_first: bool) -> None:
    both = rows({}, {"ord_gno_brno": HANDS, "tot_ccld_qty": "30", "rmn_qty": "0"})
    told_as = tickets().sort_reports(both if is_first else both[::-1])
    assert numbers(told_as if is_first else told_as[::-1]) == [NUMBER, MARKED]


def test_a_branch_alone_does_not_make_our_order_anothers() -> None:
    (alone,) = tickets().sort_reports(rows({"ord_gno_brno": HANDS}))
    assert alone.broker_order_no == NUMBER  # answer and list may spell it differently
    assert numbers(tickets(None).sort_reports(rows({}, {"ord_gno_brno": HANDS}))) == [NUMBER] * 2


def test_another_day_has_other_orders_of_our_number() -> None:
    both = rows({}, {"ord_dt": "20261119", "ord_gno_brno": HANDS}, {"ord_tmd": "x", "odno": "7"})
    assert numbers(tickets().sort_reports(both)) == [NUMBER, NUMBER, "7"]


def test_equal_notices_of_two_branches_have_two_keys() -> None:
    assert told(HANDS).key != told(OURS.branch).key


def test_a_cancel_names_the_branch_of_our_order() -> None:
    kept = tickets()
    kept.sort_reports(rows({"ord_gno_brno": HANDS}))
    assert kept.find(cancel(), DAY) == OURS  # not listed yet, but answered
    kept.sort_reports(rows({"ord_gno_brno": HANDS}, {}))
    assert kept.find(cancel(), DAY) == OURS
    assert kept.find(cancel(MARKED), DAY) == Ticket(HANDS, OURS.number)


def test_after_a_restart_a_cancel_takes_the_listed_order_of_its_stock_and_day() -> None:
    kept = tickets(None)
    kept.sort_reports(rows({}, {"ord_gno_brno": HANDS, "pdno": "000660"}, {"ord_dt": "20261119"}))
    assert kept.find(cancel(), DAY) == OURS
    assert kept.find(cancel(symbol="000660"), DAY) == Ticket(HANDS, OURS.number)
    assert kept.find(cancel(), DAY + timedelta(days=1)) == Ticket("", OURS.number)
    kept.sort_reports(rows({"ord_gno_brno": HANDS}))
    assert kept.find(cancel(), DAY) is None  # one of them is not ours to cancel


def test_after_a_restart_the_listed_order_with_our_open_shares_is_ours() -> None:
    kept = tickets(None)
    his = {"ord_gno_brno": HANDS, "ord_qty": "50", "rmn_qty": "50", "tot_ccld_qty": "0"}
    kept.sort_reports(rows(his, {"ord_qty": "30", "rmn_qty": "30", "tot_ccld_qty": "0"}))
    assert kept.find(cancel(), DAY) == OURS
