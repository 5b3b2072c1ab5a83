"""Domestic account replies to values of the model. Pure; raises PayloadError and nothing else.

Source: kis-rest-domestic notes section 5, recorded replies. Tolerates added fields, blank rows,
blank padding, and an output that is a list or an object; not one that is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from engine.adapters.kis.fields import CANCEL_FLAG, SIDES
from engine.adapters.kis.values import (
    KST,
    Body,
    Row,
    listed,
    moment,
    number,
    one_row,
    order_no,
    text,
    whole,
    won,
)
from engine.errors import PayloadError
from engine.model.account import Cash, Holding
from engine.model.ids import BrokerOrderNo, Qty, Symbol
from engine.model.instrument import Exchange
from engine.model.money import ZERO_KRW, Krw
from engine.model.orders import Accepted, OrderReport

_CANCELLED_NAME = "취소"
_OTHER_VENUE = "NXT"
_VENUE_NAMES = ("excg_id_dvsn_cd", "excg_id_dvsn_Cd")  # an older workbook prints it so


def parse_holdings(bodies: Sequence[Body]) -> tuple[Holding[Krw], ...]:
    """Replies of inquire-balance, one row a symbol; what was sold today stays as a row of 0."""
    found: dict[tuple[Symbol, str], Row] = {}
    for row in listed(bodies, "output1", total="pchs_amt_smtl_amt"):
        symbol = Symbol(text(row, "pdno"))
        if symbol and whole(row, "hldg_qty") > 0:
            # The same shares twice are a page told twice; bought on credit they are another row.
            found[symbol, text(row, "loan_dt")] = row
    merged: dict[Symbol, Holding[Krw]] = {}
    for (symbol, _), row in found.items():
        merged[symbol] = _merged(merged.get(symbol), _holding(symbol, row))
    return tuple(merged.values())


def parse_reports(bodies: Sequence[Body]) -> tuple[OrderReport[Krw], ...]:
    """Replies of inquire-daily-ccld, one row an order, as KIS sorted them."""
    found: dict[tuple[str, str, BrokerOrderNo], OrderReport[Krw]] = {}
    for row in listed(bodies, "output1", total="tot_ord_qty"):
        number_of_order, branch = order_no(text(row, "odno")), text(row, "ord_gno_brno")
        if number_of_order is not None:
            found[text(row, "ord_dt"), branch, number_of_order] = _report(number_of_order, row)
    return tuple(found.values())


def parse_answer(body: Body) -> Accepted | None:
    """What an order's answer names, None if no number. Keys are upper case there."""
    row = one_row(body, "output")
    number_of_order = order_no(text(row, "ODNO", "odno"))
    if number_of_order is None:
        return None
    return Accepted(number_of_order, text(row, "KRX_FWDG_ORD_ORGNO", "krx_fwdg_ord_orgno"))


def parse_cash(balance: Body, buying_power: Body, at: datetime) -> Cash[Krw]:
    """Deposit of inquire-balance (after settlement, D+2), orderable of inquire-psbl-order.

    Raises:
        PayloadError: either is missing.
    """
    account = one_row(balance, "output2")
    deposit = number(account, "prvs_rcdl_excc_amt")
    if deposit is None:
        deposit = number(account, "dnca_tot_amt")
    # Never max_buy_amt: that one runs into arrears (미수).
    orderable = number(one_row(buying_power, "output"), "nrcvb_buy_amt")
    if deposit is None or orderable is None:
        raise PayloadError("prvs_rcdl_excc_amt or nrcvb_buy_amt is blank")
    return Cash(at, Krw(deposit), Krw(max(orderable, Decimal(0))), None)


def _holding(symbol: Symbol, row: Row) -> Holding[Krw]:
    return Holding(
        symbol=symbol,
        exchange=Exchange.KRX,
        name=text(row, "prdt_name") or symbol,
        qty=whole(row, "hldg_qty"),
        sellable_qty=whole(row, "ord_psbl_qty"),
        avg_cost=won(number(row, "pchs_avg_pric")) or ZERO_KRW,
        last_price=won(number(row, "prpr")),
    )


def _merged(first: Holding[Krw] | None, second: Holding[Krw]) -> Holding[Krw]:
    if first is None:
        return second
    qty = first.qty + second.qty
    paid = first.avg_cost * first.qty + second.avg_cost * second.qty
    return Holding(
        symbol=first.symbol,
        exchange=first.exchange,
        name=first.name,
        qty=Qty(qty),
        sellable_qty=Qty(first.sellable_qty + second.sellable_qty),
        avg_cost=Krw(paid.amount / qty),
        last_price=first.last_price or second.last_price,
    )


def _report(number_of_order: BrokerOrderNo, row: Row) -> OrderReport[Krw]:
    symbol, side = Symbol(text(row, "pdno")), SIDES.get(text(row, "sll_buy_dvsn_cd"))
    if not symbol or side is None:
        raise PayloadError("an order without symbol or side")
    ordered, filled = whole(row, "ord_qty"), whole(row, "tot_ccld_qty")
    refused = _optional(row, "rjct_qty")
    gone = refused + _optional(row, "cncl_cfrm_qty", "cnc_cfrm_qty")
    is_cancel = _is_cancel(row, filled)
    left = min(whole(row, "rmn_qty"), max(0, ordered - filled - gone))
    return OrderReport(
        broker_order_no=number_of_order,
        original_order_no=order_no(text(row, "orgn_odno")),
        symbol=symbol,
        exchange=None if text(row, *_VENUE_NAMES) == _OTHER_VENUE else Exchange.KRX,
        side=side,
        order_qty=ordered,
        filled_qty=filled,
        open_qty=Qty(0 if is_cancel else left),
        avg_price=won(number(row, "avg_prvs")),
        limit=won(number(row, "ord_unpr")),
        ordered_at=moment(text(row, "ord_dt"), text(row, "ord_tmd"), KST),
        is_rejected=refused > 0 and refused + filled >= ordered,
        reject_reason="",  # the reply has none
        by_api=True,  # nor does it tell where an order was typed
        is_cancel=is_cancel,
        branch=text(row, "ord_gno_brno"),
    )


def _is_cancel(row: Row, filled: Qty) -> bool:
    """No field says so for sure: the name of the side does, and a change without any price."""
    if order_no(text(row, "orgn_odno")) is None:
        return False
    if text(row, "rvse_cncl_dvsn_cd") == CANCEL_FLAG:
        return True
    if _CANCELLED_NAME in text(row, "sll_buy_dvsn_cd_name"):
        return True
    return won(number(row, "ord_unpr")) is None and filled == 0 and whole(row, "rmn_qty") == 0


def _optional(row: Row, *names: str) -> Qty:
    for name in names:
        if text(row, name):
            return whole(row, name)
    return Qty(0)
