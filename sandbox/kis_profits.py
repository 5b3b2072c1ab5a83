"""What US sales brought: inquire-period-profit, a row for a day and symbol. Real only.

Rows are there from the day after the trade on, by the exchange's date. Costs are those of the sale.
``WCRC_FRCR_DVSN_CD`` means the opposite of what it means to inquire-present-balance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from sandbox.kis_codes import ALL_US, FOUND, NOTHING, PAGE_KEYS
from sandbox.kis_wire import Answer, Call, Row, money, page_of
from sandbox.krx.rest_codes import input_refusal
from sandbox.krx.rest_profits import MORE, day_of
from sandbox.model import Server, Side
from sandbox.orders import Execution
from sandbox.rates import usd_krw
from sandbox.session import us_date
from sandbox.world import World

PROFIT_KEYS = (
    "CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD", "NATN_CD", "CRCY_CD", "PDNO", "INQR_STRT_DT",
    "INQR_END_DT", "WCRC_FRCR_DVSN_CD", *PAGE_KEYS,
)  # fmt: skip
PROFIT_PAGE = 50
IN_DOLLARS, IN_WON = "01", "02"
_ALLOWED = {
    "OVRS_EXCG_CD": {"", ALL_US},
    "NATN_CD": {""},
    "CRCY_CD": {"", "USD"},
    "WCRC_FRCR_DVSN_CD": {IN_DOLLARS, IN_WON},
}
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Sold:
    """A day's sales of a symbol. ``fx``: won per dollar as they were made."""

    day: str
    symbol: str
    sales: Sequence[Execution]
    fx: Decimal

    @property
    def qty(self) -> int:
        return sum(one.qty for one in self.sales)

    @property
    def proceeds(self) -> Decimal:
        return sum((one.price * one.qty for one in self.sales), _ZERO)

    @property
    def fees(self) -> Decimal:
        return sum((one.fee for one in self.sales), _ZERO)

    @property
    def realised(self) -> Decimal:
        return sum((one.realised for one in self.sales), _ZERO)

    @property
    def cost(self) -> Decimal:
        return self.proceeds - self.fees - self.realised


def period_profit(world: World, call: Call) -> Answer:
    """TTTS3039R, the latest day first."""
    for key, allowed in _ALLOWED.items():
        if call[key] not in allowed:
            raise input_refusal(key)
    rows = _sold(world, call)
    page = page_of(
        len(rows),
        PROFIT_PAGE,
        call,
        ("CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD", "INQR_STRT_DT", "INQR_END_DT"),
        lambda index: _row(world, rows[index], call),
    )
    head = MORE if page.ctx_nk else FOUND if rows else NOTHING
    outputs: dict[str, Row | list[Row]] = {"output1": page.rows, "output2": _totals(rows, call)}
    return Answer(*head, outputs, page.tr_cont, page.ctx_fk, page.ctx_nk)


def _sold(world: World, call: Call) -> list[_Sold]:
    first, last = (day_of(call, key) for key in ("INQR_STRT_DT", "INQR_END_DT"))
    if first > last:
        raise input_refusal("INQR_STRT_DT")
    today, asked = us_date(call.now).strftime("%Y%m%d"), call["PDNO"].strip()

    def key(one: Execution) -> tuple[str, str]:
        return us_date(one.at).strftime("%Y%m%d"), one.symbol

    sales = [
        one
        for one in world.books.accounts[Server.REAL].executions
        if one.side is Side.SELL
        and first <= key(one)[0] <= last
        and key(one)[0] < today
        and asked in {"", one.symbol}
    ]
    sales.sort(key=key)
    found = [
        _Sold(day, symbol, (these := list(ones)), usd_krw(these[-1].at))
        for (day, symbol), ones in groupby(sales, key=key)
    ]
    return found[::-1]


def _row(world: World, sold: _Sold, call: Call) -> Row:
    listing = world.market.listing(sold.symbol)
    factor = sold.fx if call["WCRC_FRCR_DVSN_CD"] == IN_WON else Decimal(1)
    return {
        "trad_day": sold.day,
        "ovrs_pdno": sold.symbol,
        "ovrs_item_name": sold.symbol if listing is None else listing.name,
        "slcl_qty": str(sold.qty),
        "pchs_avg_pric": money(sold.cost / sold.qty * factor, 4),
        "frcr_pchs_amt1": money(sold.cost * factor, 5),
        "avg_sll_unpr": money(sold.proceeds / sold.qty * factor, 8),
        "frcr_sll_amt_smtl1": money(sold.proceeds * factor, 6),
        "stck_sll_tlex": money(sold.fees * factor, 4),
        "ovrs_rlzt_pfls_amt": money(sold.realised * factor, 5),
        "pftrt": _rate(sold.realised, sold.cost),
        "exrt": money(sold.fx, 1),
        "ovrs_excg_cd": "NASD" if listing is None else listing.exchange,
        "frst_bltn_exrt": money(sold.fx, 8),
    }


def _totals(rows: Sequence[_Sold], call: Call) -> Row:
    """Dollars of all exchanges are not summed: those fields are to be ignored then, and are 0."""
    in_won = call["WCRC_FRCR_DVSN_CD"] == IN_WON
    told = rows if in_won or call["OVRS_EXCG_CD"] else ()

    def total(amount: Callable[[_Sold], Decimal]) -> Decimal:
        return sum((amount(row) * (row.fx if in_won else 1) for row in told), _ZERO)

    gain, cost = total(lambda row: row.realised), total(lambda row: row.cost)
    return {
        "stck_sll_amt_smtl": money(total(lambda row: row.proceeds), 4),
        "stck_buy_amt_smtl": money(cost, 4),
        "smtl_fee1": money(total(lambda row: row.fees), 8),
        "excc_dfrm_amt": money(total(lambda row: row.proceeds - row.fees), 5),
        "ovrs_rlzt_pfls_tot_amt": money(gain, 5),
        "tot_pftrt": _rate(gain, cost),
        "bass_dt": us_date(call.now).strftime("%Y%m%d"),
        "exrt": money(usd_krw(call.now), 8),
    }


def _rate(gain: Decimal, cost: Decimal) -> str:
    return money(gain / cost * 100 if cost else _ZERO, 8)
