"""How KIS names orders: numbers begin anew each day, in each branch. Pure.

Source: kis-rest-domestic notes sections 5.1 to 5.4, kis-websocket notes section 7.5. No document
says that answers and lists spell a branch alike. So a branch tells an order from ours only where
ours was seen under the branch of its answer in the same list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from engine.adapters.kis.values import KST
from engine.model.ids import BrokerOrderNo
from engine.model.money import Krw
from engine.model.orders import CancelIntent, OrderReport

_NUMBER_WIDTH = 10
_BETWEEN = "-"
_Key = tuple[date, BrokerOrderNo]


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a change of an order must name: its branch and its number as KIS wrote it."""

    branch: str
    number: str


class Tickets:
    """Of our orders by their answers, of all others by the lists.

    An order of another branch with the number of one of ours is told with its branch before the
    number: in the books it is nobody's then.
    """

    def __init__(self) -> None:
        self._own: dict[_Key, Ticket] = {}
        self._listed: dict[_Key, dict[Ticket, OrderReport[Krw]]] = defaultdict(dict)

    def keep(self, day: date, number: BrokerOrderNo, ticket: Ticket) -> None:
        """KIS took an order of ours."""
        self._own[day, number] = ticket

    def sort_reports(self, reports: Sequence[OrderReport[Krw]]) -> tuple[OrderReport[Krw], ...]:
        """The rows of a list; those of others get numbers that are not ours."""
        seen = {_key(report) for report in reports if self._is_own(report)}
        told = tuple(
            _strange(report) if _key(report) in seen and not self._is_own(report) else report
            for report in reports
        )
        for report in told:
            if (key := _key(report)) is not None:
                self._listed[key][_ticket(report.branch, report.broker_order_no)] = report
        return told

    def find(self, order: CancelIntent, today: date) -> Ticket | None:
        """How to name an order of today; None where that could be more than one.

        After a restart only the lists know: of two with the same number and stock ours is the one
        that has as many shares open.
        """
        key = (today, order.broker_order_no)
        if (own := self._own.get(key)) is not None:
            return own
        listed = self._listed.get(key, {})
        alike = [ticket for ticket, row in listed.items() if row.symbol == order.symbol]
        if len(alike) > 1:
            alike = [ticket for ticket in alike if listed[ticket].open_qty == order.qty]
            if len(alike) != 1:
                return None
        return alike[0] if alike else _ticket("", order.broker_order_no)

    def _is_own(self, report: OrderReport[Krw]) -> bool:
        key = _key(report)
        own = None if key is None else self._own.get(key)
        return own is not None and own.branch == report.branch


def _key(report: OrderReport[Krw]) -> _Key | None:
    if report.ordered_at is None:
        return None
    return report.ordered_at.astimezone(KST).date(), report.broker_order_no


def _strange(report: OrderReport[Krw]) -> OrderReport[Krw]:
    number = f"{report.branch}{_BETWEEN}{report.broker_order_no}"
    return replace(report, broker_order_no=BrokerOrderNo(number))


def _ticket(branch: str, number: BrokerOrderNo) -> Ticket:
    """``number`` may be one of those with a branch."""
    before, _, digits = number.rpartition(_BETWEEN)
    return Ticket(branch or before, digits.zfill(_NUMBER_WIDTH))
