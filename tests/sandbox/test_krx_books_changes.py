from datetime import date
from decimal import Decimal

import pytest

from sandbox.krx.acceptance import Reason
from sandbox.krx.divisions import Division
from sandbox.model import NoticeKind, Server, Side
from sandbox.orders import OrderStatus
from tests.sandbox.krx_floor import SHARE, KrxStage, at_ten, kst, reason, taken


@pytest.fixture
def stage() -> KrxStage:
    return at_ten()


def test_an_amendment_moves_the_order_to_a_new_number(stage: KrxStage) -> None:
    stage.hold(10)
    stage.trade(kst(10, 5), 10_200, 99)
    old = stage.sell(10, 10_300)
    stage.wait()
    new = taken(stage.books.amend(Server.REAL, old.no.lstrip("0"), None, Decimal(10_150)))
    assert old.open_qty == 10
    stage.wait()
    assert (old.status, old.open_qty, old.cancelled) == (OrderStatus.REPLACED, 0, 0)
    assert (new.original_no, new.open_qty) == (old.no, 10)
    assert int(new.no) > int(old.no)
    stage.until(kst(10, 6))
    assert stage.fills() == [(10, 10_150)]
    assert new.filled == 10
    assert stage.kinds() == ["received", "confirmed", "received", "amended", "fill"]


def test_an_amendment_may_change_the_type_and_a_part_of_the_order(stage: KrxStage) -> None:
    stage.hold(10)
    old = stage.sell(10, 10_300)
    stage.wait()
    new = taken(stage.books.amend(Server.REAL, old.no, 4, Decimal(0), Division.MARKET))
    stage.wait()
    assert (old.status, old.open_qty, new.filled) == (OrderStatus.OPEN, 6, 4)
    assert stage.account.sellable(SHARE) == 0


def test_a_dearer_amendment_holds_its_cash_while_it_is_on_its_way() -> None:
    stage = KrxStage(cash="100000")
    order = stage.buy(10, 9_000)
    stage.wait()
    taken(stage.books.amend(Server.REAL, order.no, None, Decimal(9_900)))
    assert stage.account.buying_power() == 1_000
    assert stage.refused(Side.BUY, 1, 9_000) is Reason.NO_CASH
    stage.wait()
    assert stage.account.buying_power() == 1_000
    assert reason(stage.books.amend(Server.REAL, order.no, None, Decimal(9_000))) is (
        Reason.NOTHING_OPEN
    )


def test_an_amendment_needs_the_cash_for_what_it_adds() -> None:
    stage = KrxStage(cash="100000")
    order = stage.buy(10, 9_000)
    stage.wait()
    result = stage.books.amend(Server.REAL, order.no, None, Decimal(10_010))
    assert reason(result) is Reason.NO_CASH


def test_a_cancellation_frees_the_open_rest(stage: KrxStage) -> None:
    order = stage.buy(30, 10_010)
    stage.wait()
    cancel = taken(stage.books.cancel(Server.REAL, order.no))
    stage.wait()
    assert (order.filled, order.cancelled, order.status) == (20, 10, OrderStatus.CANCELLED)
    assert (cancel.request.qty, cancel.original_no) == (10, order.no)
    assert stage.account.buying_power() == stage.account.cash
    assert stage.notices[-1].kind is NoticeKind.CANCELLED


@pytest.mark.parametrize(("printed", "left"), [(20, 0), (4, 6)])
def test_a_fill_that_overtakes_a_change_wins(stage: KrxStage, printed: int, left: int) -> None:
    stage.hold(20)
    stage.trade(kst(10, 0, 10.02), 10_300, printed)
    order = stage.sell(10, 10_300)
    stage.until(kst(10, 0, 10))
    amended = taken(stage.books.amend(Server.REAL, order.no, None, Decimal(10_200)))
    cancel = taken(stage.books.cancel(Server.REAL, order.no))
    stage.wait()
    assert (amended.status, amended.open_qty) == (OrderStatus.REFUSED, 0)
    assert (order.filled, order.cancelled, order.open_qty) == (10 - left, left, 0)
    assert stage.account.sellable(SHARE) == 10 + left
    assert stage.notices[-2].kind is NoticeKind.REFUSED
    last = stage.notices[-1]
    if left:
        assert (last.kind, last.qty, cancel.status) == (
            NoticeKind.CANCELLED, left, OrderStatus.CANCELLED,
        )  # fmt: skip
    else:
        assert (last.kind, cancel.status) == (NoticeKind.REFUSED, OrderStatus.REFUSED)


def test_numbers_begin_anew_every_day_and_in_the_branch_of_the_app(stage: KrxStage) -> None:
    stage.hold(10)
    ours = stage.sell(2, 10_200)
    theirs = taken(stage.books.hand_order(Server.REAL, Side.SELL, SHARE, 3, Decimal(10_200)))
    stage.wait()
    assert (ours.no, ours.branch, theirs.branch) == (theirs.no, "06010", "00950")
    cancel = taken(stage.books.cancel(Server.REAL, theirs.no, branch=theirs.branch))
    stage.wait()
    assert (ours.open_qty, theirs.open_qty) == (2, 0)
    assert (cancel.branch, cancel.original_no) == (theirs.branch, theirs.no)
    taken(stage.books.cancel(Server.REAL, ours.no))  # without a branch: ours before the app's
    stage.wait()
    assert ours.open_qty == 0
    stage.until(kst(9, 30, day=date(2026, 11, 23)))
    later = stage.sell(1, 10_200)
    assert (later.no, later.day) == (ours.no, date(2026, 11, 23))
    assert reason(stage.books.cancel(Server.REAL, "117058")) is Reason.NO_SUCH_ORDER


def test_a_change_of_what_is_gone_is_refused(stage: KrxStage) -> None:
    order = stage.buy(10, 10_010)
    with_rest = stage.buy(30, 10_010)
    stage.wait()
    cancel = stage.books.cancel
    assert reason(cancel(Server.REAL, order.no)) is Reason.NOTHING_OPEN
    assert reason(cancel(Server.REAL, "99")) is Reason.NO_SUCH_ORDER
    assert reason(cancel(Server.PAPER, with_rest.no)) is Reason.NO_SUCH_ORDER
    assert reason(cancel(Server.REAL, with_rest.no, 21)) is Reason.TOO_MANY
    assert reason(cancel(Server.REAL, with_rest.no, 0)) is Reason.BAD_QTY
    stage.until(kst(15, 30))
    assert reason(cancel(Server.REAL, with_rest.no)) is Reason.NOTHING_OPEN


def test_a_bad_price_is_refused_in_an_amendment_too(stage: KrxStage) -> None:
    order = stage.buy(10, 9_000)
    stage.wait()
    amend = stage.books.amend
    assert reason(amend(Server.REAL, order.no, None, Decimal(9_005))) is Reason.OFF_TICK
    assert reason(amend(Server.REAL, order.no, None, Decimal(13_100))) is Reason.OUTSIDE_BAND
    assert order.open_qty == 10


def test_a_sale_may_ask_for_more_without_any_cash() -> None:
    stage = KrxStage(cash="0")
    stage.hold(10)
    order = stage.sell(10, 10_000)
    stage.wait()
    taken(stage.books.amend(Server.REAL, order.no, None, Decimal(11_000)))


def test_a_change_on_its_way_at_the_close_is_refused(stage: KrxStage) -> None:
    stage.hold(10)
    order = stage.sell(10, 10_300)
    stage.until(kst(15, 29, 59.98))
    changes = (
        taken(stage.books.amend(Server.REAL, order.no, 4, Decimal(10_200))),
        taken(stage.books.cancel(Server.REAL, order.no)),
    )
    stage.wait()
    assert [change.status for change in changes] == [OrderStatus.REFUSED] * 2
    assert order.status is OrderStatus.EXPIRED


def test_a_stop_limit_that_was_set_off_stays_so_when_amended(stage: KrxStage) -> None:
    stage.hold(10)
    stage.trade(kst(10, 1), 9_900, 50, bids=[(9_890, 30)])
    order = stage.sell(10, 9_950, Division.STOP, trigger=Decimal(9_900))
    stage.until(kst(10, 2))
    assert (order.filled, order.open_qty) == (0, 10)
    taken(stage.books.amend(Server.REAL, order.no, None, Decimal(9_890)))
    stage.wait()
    assert stage.fills() == [(10, 9_890)]
