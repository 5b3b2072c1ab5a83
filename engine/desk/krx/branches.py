"""Numbers of orders begin anew each day in each branch: one typed in the app may bear ours.

Source: kis-rest-domestic notes sections 5.1 to 5.4, kis-websocket notes section 7.5. No document
says that answers, lists and notices spell a branch alike. So a row of a list is told from ours only
where ours stands in the same list under the branch of its answer; a notice never is, the list
decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from engine.desk.blotter import Orders
from engine.desk.own_order import OwnOrder
from engine.model.fills import OrderNotice
from engine.model.ids import BRANCH_MARK, BrokerOrderNo
from engine.model.money import Krw
from engine.model.orders import OrderReport
from engine.rules.krx.sessions import kst_date

_Key = tuple[date, BrokerOrderNo]


def told_apart(
    orders: Orders[Krw], reports: Sequence[OrderReport[Krw]]
) -> tuple[OrderReport[Krw], ...]:
    """The rows of a list; one with our number from another branch gets its branch before it."""
    own = {
        (order.day, order.broker_order_no): order.branch
        for order in orders.values()
        if order.branch and order.broker_order_no is not None
    }
    seen = {key for row in reports if (key := _key(row)) in own and own[key] == row.branch}
    return tuple(
        _marked(row) if (key := _key(row)) in seen and own[key] != row.branch else row
        for row in reports
    )


def is_elsewhere(own: OwnOrder[Krw], notice: OrderNotice[Krw]) -> bool:
    """Whether a notice names another branch than the answer to our order of its number did."""
    is_same = own.broker_order_no == notice.broker_order_no
    return is_same and bool(own.branch and notice.branch) and own.branch != notice.branch


def _key(row: OrderReport[Krw]) -> _Key:
    day = date.min if row.ordered_at is None else kst_date(row.ordered_at)
    return day, row.broker_order_no


def _marked(row: OrderReport[Krw]) -> OrderReport[Krw]:
    number = f"{row.branch}{BRANCH_MARK}{row.broker_order_no}"
    return replace(row, broker_order_no=BrokerOrderNo(number))
