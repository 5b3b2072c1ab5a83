"""REST replies to values of the model. Pure; raises PayloadError and nothing else.

Source: kis-rest-overseas notes sections 6 and 7, recorded replies. Tolerates added fields, blank
rows, blank padding, and an output that is a list or an object; not one that is missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from engine.adapters.kis.fields import CANCEL_FLAG, EXCHANGES, FOREIGN_EXCHANGES, SIDES
from engine.adapters.kis.values import (
    KST,
    Best,
    Body,
    Row,
    listed,
    moment,
    number,
    one_row,
    order_no,
    positive,
    text,
    whole,
)
from engine.errors import PayloadError
from engine.model.account import Cash, Holding
from engine.model.ids import BrokerOrderNo, Symbol
from engine.model.instrument import Exchange
from engine.model.money import ZERO_USD, FxRate, Usd
from engine.model.orders import OrderReport
from engine.model.quotes import QuoteSource, Tick

_REFUSED = "거부"
_BY_API = "openapi"
_FX_SOURCE = "KIS"
_NOTHING = Decimal(0)


def parse_holdings(bodies: Sequence[Body]) -> tuple[Holding, ...]:
    """Replies of inquire-balance, one row a symbol.

    The same holding may come back under two exchange codes: it counts once, the row whose
    product type agrees with its exchange wins.
    """
    found: dict[Symbol, Row] = {}
    for row in listed(bodies, "output1", "Output1", total="frcr_pchs_amt1"):
        symbol = Symbol(text(row, "ovrs_pdno"))
        if not symbol or _is_foreign(row) or whole(row, "ovrs_cblc_qty") == 0:
            continue
        if symbol not in found or (_agrees(row) and not _agrees(found[symbol])):
            found[symbol] = row
    return tuple(_holding(symbol, row) for symbol, row in found.items())


def parse_reports(bodies: Sequence[Body]) -> tuple[OrderReport, ...]:
    """Replies of inquire-ccnl or inquire-nccs, one row an order, as KIS sorted them."""
    found: dict[tuple[str, BrokerOrderNo], OrderReport] = {}
    for row in listed(bodies, "output", "output1"):
        number_of_order = order_no(text(row, "odno"))
        if number_of_order is None or _is_foreign(row):
            continue
        found[text(row, "ord_dt"), number_of_order] = _report(number_of_order, row)
    return tuple(found.values())


def parse_price(symbol: Symbol, body: Body, at: datetime) -> Tick | None:
    """A reply of price; None while KIS shows none (before the first trade of the day)."""
    row = one_row(body, "output")
    last = positive(number(row, "last"))
    if last is None:
        return None
    volume = number(row, "tvol")
    return Tick(
        symbol=symbol,
        at=at,
        price=last,
        source=QuoteSource.PRICE,
        cum_volume=None if volume is None else int(volume),
        prev_close=positive(number(row, "base")),
    )


def parse_book(body: Body) -> Best[Usd]:
    """Prices only, out of a reply of inquire-asking-price."""
    row = one_row(body, "output2")
    return Best(positive(number(row, "pbid1")), positive(number(row, "pask1")))


def parse_cash(body: Body, at: datetime) -> Cash:
    """The dollar row of inquire-present-balance. ``orderable`` is what could be withdrawn.

    Raises:
        PayloadError: no currencies, or dollars without an amount.
    """
    for row in listed([body], "output2"):
        if text(row, "crcy_cd") == "USD":
            deposit, free = number(row, "frcr_dncl_amt_2"), number(row, "frcr_drwg_psbl_amt_1")
            if deposit is None:
                raise PayloadError("frcr_dncl_amt_2 is blank")
            orderable = deposit if free is None else free
            return Cash(at, Usd(deposit), Usd(orderable), _rate(row, "frst_bltn_exrt", at))
    return Cash(at, Usd(_NOTHING), Usd(_NOTHING), None)


def parse_buying_power(body: Body, at: datetime) -> Cash:
    """A reply of inquire-psamount, for paper, whose balance calls state no dollars.

    Raises:
        PayloadError: no amount.
    """
    row = one_row(body, "output")
    deposit, orderable = number(row, "ord_psbl_frcr_amt"), number(row, "ovrs_ord_psbl_amt")
    if deposit is None:
        raise PayloadError("ord_psbl_frcr_amt is blank")
    free = deposit if orderable is None else orderable
    return Cash(at, Usd(deposit), Usd(free), _rate(row, "exrt", at))


def parse_order_no(body: Body) -> BrokerOrderNo | None:
    """The number in an order's answer, None if there is none. Keys are upper case there."""
    return order_no(text(one_row(body, "output"), "ODNO", "odno"))


def _holding(symbol: Symbol, row: Row) -> Holding:
    return Holding(
        symbol=symbol,
        exchange=_exchange(row),
        name=text(row, "ovrs_item_name") or symbol,
        qty=whole(row, "ovrs_cblc_qty"),
        sellable_qty=whole(row, "ord_psbl_qty"),
        avg_cost=positive(number(row, "pchs_avg_pric")) or ZERO_USD,
        last_price=positive(number(row, "now_pric2")),
    )


def _report(number_of_order: BrokerOrderNo, row: Row) -> OrderReport:
    symbol, side = Symbol(text(row, "pdno")), SIDES.get(text(row, "sll_buy_dvsn_cd"))
    if not symbol or side is None:
        raise PayloadError("an order without symbol or side")
    reason = text(row, "rjct_rson_name")
    return OrderReport(
        broker_order_no=number_of_order,
        original_order_no=order_no(text(row, "orgn_odno")),
        symbol=symbol,
        exchange=_exchange(row),
        side=side,
        order_qty=whole(row, "ft_ord_qty"),
        filled_qty=whole(row, "ft_ccld_qty"),
        open_qty=whole(row, "nccs_qty"),
        avg_price=positive(number(row, "ft_ccld_unpr3")),
        limit=positive(number(row, "ft_ord_unpr3")),
        ordered_at=moment(text(row, "dmst_ord_dt", "ord_dt"), text(row, "ord_tmd"), KST),
        is_rejected=text(row, "prcs_stat_name") == _REFUSED or bool(reason),
        reject_reason=reason,
        by_api=text(row, "mdia_dvsn_name").casefold() == _BY_API,
        is_cancel=text(row, "rvse_cncl_dvsn", "rvse_cncl_dvsn_cd") == CANCEL_FLAG,
    )


def _rate(row: Row, name: str, at: datetime) -> FxRate | None:
    rate = number(row, name)
    return FxRate(rate, _FX_SOURCE, at) if rate is not None and rate > 0 else None


def _exchange(row: Row) -> Exchange | None:
    """None for a market we do not order on: one such row must not hide all others."""
    for name in ("ovrs_excg_cd", "prdt_type_cd"):
        exchange = EXCHANGES.get(text(row, name))
        if exchange is not None:
            return exchange
    return None


def _is_foreign(row: Row) -> bool:
    return text(row, "ovrs_excg_cd") in FOREIGN_EXCHANGES


def _agrees(row: Row) -> bool:
    exchange = EXCHANGES.get(text(row, "ovrs_excg_cd"))
    return exchange is not None and EXCHANGES.get(text(row, "prdt_type_cd")) is exchange
