"""The way of order notices from the books to who listens."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sandbox.accounts import Account
from sandbox.model import Notice, NoticeKind, NoticeListener, Server
from sandbox.orders import Order


class NoticeTray:
    """Delivers notices, except while an order's answer is being written."""

    def __init__(self) -> None:
        self._listeners: list[NoticeListener] = []
        self._held: dict[str, list[Notice]] = {}

    def subscribe(self, listener: NoticeListener) -> None:
        """Call ``listener`` with every notice."""
        self._listeners.append(listener)

    def hold(self, order_no: str) -> None:
        """Keep this order's notices back."""
        self._held[order_no] = []

    def release(self, order_no: str) -> None:
        """Deliver what was kept back, in order."""
        for notice in self._held.pop(order_no, ()):
            self._deliver(notice)

    def post(self, notice: Notice) -> None:
        """Deliver a notice, or keep it while its order is held."""
        if notice.order_no in self._held:
            self._held[notice.order_no].append(notice)
        else:
            self._deliver(notice)

    def _deliver(self, notice: Notice) -> None:
        for listener in self._listeners:
            listener(notice)


class NoticePost(NoticeTray):
    """Writes the notices of US orders."""

    def __init__(self, accounts: Mapping[Server, Account]) -> None:
        super().__init__()
        self._accounts = accounts

    def send(
        self,
        kind: NoticeKind,
        order: Order,
        at: datetime,
        qty: int | None = None,
        price: Decimal | None = None,
    ) -> None:
        """Tell of an order; ``qty`` and ``price`` are those of the order unless given."""
        request = order.request
        notice = Notice(
            kind=kind,
            server=request.server,
            account=self._accounts[request.server].number,
            order_no=order.no,
            original_no=order.original_no,
            side=request.side,
            symbol=request.symbol,
            exchange=order.exchange,
            qty=request.qty if qty is None else qty,
            price=request.limit if price is None else price,
            order_qty=request.qty,
            at=at,
        )
        self.post(notice)
