"""Columns of domestic order notices in today's order and width, before an older layout is applied.

Source: kis-websocket.md 7.5. Prices are whole won, times KST.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sandbox.frames import KST
from sandbox.krx.divisions import Division, Lasts
from sandbox.krx.listings import KrxListing
from sandbox.krx.notices import KrxNotice
from sandbox.krx.orders import BRANCH, KRX, NXT, SOR
from sandbox.model import Credentials, NoticeKind, Side
from sandbox.orders import Action

_VENUES: Mapping[str, str] = {KRX: "1", NXT: "2", SOR: "3"}
_CHANGES: Mapping[Action, str] = {Action.NEW: "0", Action.AMEND: "1", Action.CANCEL: "2"}
# RFUS_YN, CNTG_YN, ACPT_YN
_FLAGS: Mapping[NoticeKind, tuple[str, str, str]] = {
    NoticeKind.RECEIVED: ("0", "1", "1"),
    NoticeKind.CONFIRMED: ("0", "1", "2"),
    NoticeKind.FILL: ("0", "2", "2"),
    NoticeKind.REFUSED: ("1", "1", "1"),
    NoticeKind.AMENDED: ("0", "1", "2"),
    NoticeKind.CANCELLED: ("0", "1", "2"),
    NoticeKind.LAPSED: ("0", "1", "3"),
}


def notice_columns(
    notice: KrxNotice, customer: Credentials, listing: KrxListing | None
) -> tuple[str, ...]:
    """H0STCNI0 and H0STCNI9, 26 columns."""
    refused, filled, accepted = _FLAGS[notice.kind]
    return (
        *(customer.hts_id, notice.account, notice.order_no, notice.original_no),
        *(notice.side.value, _CHANGES[notice.action]),
        *(notice.division.value, notice.lasts.value, notice.symbol),
        *(f"{notice.qty:010d}", _nine(notice.price), f"{notice.at.astimezone(KST):%H%M%S}"),
        *(refused, filled, accepted, notice.branch, f"{notice.order_qty:09d}", customer.holder),
        *(_nine(notice.trigger), _VENUES[notice.venue], "N", "", "", ""),
        *(notice.symbol if listing is None else listing.name, _nine(notice.order_price)),
    )


def forge_fill(symbol: str, customer: Credentials, at: datetime) -> KrxNotice:
    """A buy that never happened, as somebody on the path would write it."""
    price = Decimal(1_000)
    return KrxNotice(
        kind=NoticeKind.FILL,
        server=customer.server,
        account=customer.account,
        order_no="0099999999",
        original_no="",
        side=Side.BUY,
        symbol=symbol,
        exchange=KRX,
        qty=100,
        price=price,
        order_qty=100,
        at=at,
        action=Action.NEW,
        division=Division.LIMIT,
        lasts=Lasts.DAY,
        branch=BRANCH[customer.server],
        order_price=price,
        trigger=Decimal(0),
        venue=KRX,
    )


def _nine(value: Decimal) -> str:
    return f"{int(value):09d}"
