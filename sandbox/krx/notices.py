"""Notices of KRX orders: what the US ones tell, and what only H0STCNI0 has room for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sandbox.krx.account import KrxAccount
from sandbox.krx.divisions import Division, Lasts
from sandbox.krx.orders import KRX, KrxOrder
from sandbox.model import Notice, NoticeKind, Server
from sandbox.notices import NoticeTray
from sandbox.orders import Action


@dataclass(frozen=True, slots=True)
class KrxNotice(Notice):
    """A notice of a KRX order; ``exchange`` is KRX.

    ``price`` is that of the fill, or of the order for the other kinds, as ``order_price`` always
    is. ``venue`` is the one the customer asked for.
    """

    action: Action
    division: Division
    lasts: Lasts
    branch: str
    order_price: Decimal
    trigger: Decimal
    venue: str


class KrxNoticePost(NoticeTray):
    """Writes the notices of KRX orders."""

    def __init__(self, accounts: Mapping[Server, KrxAccount]) -> None:
        super().__init__()
        self._accounts = accounts

    def send(
        self,
        kind: NoticeKind,
        order: KrxOrder,
        at: datetime,
        qty: int | None = None,
        price: Decimal | None = None,
    ) -> None:
        """Tell of an order; ``qty`` and ``price`` are those of the order unless given."""
        request = order.request
        notice = KrxNotice(
            kind=kind,
            server=request.server,
            account=self._accounts[request.server].number,
            order_no=order.no,
            original_no=order.original_no,
            side=request.side,
            symbol=request.symbol,
            exchange=KRX,
            qty=request.qty if qty is None else qty,
            price=request.limit if price is None else price,
            order_qty=request.qty,
            at=at,
            action=order.action,
            division=order.division,
            lasts=order.lasts,
            branch=order.branch,
            order_price=request.limit,
            trigger=request.trigger,
            venue=request.venue,
        )
        self.post(notice)
