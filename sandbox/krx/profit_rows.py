"""Rows and sums of the domestic profit inquiries, from executions.

Fee and tax of a row are those of its sales, as ``rlzt_pfls`` is after them; the commission of buys
is in the sums alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from sandbox.kis_wire import Row, money
from sandbox.krx.account import KrxAccount
from sandbox.krx.orders import KrxExecution
from sandbox.krx.side import KrxSide
from sandbox.model import Side

_ZERO = Decimal(0)


@dataclass(slots=True)
class Traded:
    """Buys and sales of one row; ``pdno`` blank: of all symbols."""

    day: str
    pdno: str = ""
    symbol: str = ""
    executions: list[KrxExecution] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str]:
        """What the next page is named by."""
        return self.day, self.pdno

    def qty(self, side: Side) -> int:
        """Shares."""
        return sum(one.qty for one in self.executions if one.side is side)

    def sum(self, side: Side, amount: Callable[[KrxExecution], Decimal]) -> Decimal:
        """Won of one side."""
        return sum((amount(one) for one in self.executions if one.side is side), _ZERO)

    @property
    def realised(self) -> Decimal:
        """After the costs of the sales."""
        return self.sum(Side.SELL, lambda one: one.realised)

    @property
    def cost(self) -> Decimal:
        """Of what was sold."""
        return self.sum(Side.SELL, lambda one: one.amount - one.fee - one.tax - one.realised)

    @property
    def figures(self) -> Row:
        """What both inquiries call alike."""
        return {
            "trad_dt": self.day,
            "buy_amt": money(self.sum(Side.BUY, _amount), 0),
            "sll_amt": money(self.sum(Side.SELL, _amount), 0),
            "rlzt_pfls": _won(self.realised),
            "pfls_rt": _rate(self.realised, self.cost),
            "fee": money(self.sum(Side.SELL, _fee), 0),
            "tl_tax": money(self.sum(Side.SELL, _tax), 0),
            "loan_int": "0",
        }


def trade_row(side: KrxSide, account: KrxAccount, row: Traded) -> Row:
    """A day of a symbol."""
    bought, sold = row.qty(Side.BUY), row.qty(Side.SELL)
    listing = side.market.listing(row.symbol)
    unit = row.cost / sold if sold else row.sum(Side.BUY, _amount) / bought
    known = row.figures | {
        "pdno": row.pdno,
        "prdt_name": row.symbol if listing is None else listing.name,
        "trad_dvsn_name": "현금",
        "loan_dt": "",
        "hldg_qty": str(_held_after(account, row)),
        "pchs_unpr": _cut(unit),
        "buy_qty": str(bought),
        "sll_pric": _cut(row.sum(Side.SELL, _amount) / sold if sold else _ZERO),
        "sll_qty": str(sold),
    }
    return {name: known[name] for name in _TRADE_FIELDS.split()}


def _held_after(account: KrxAccount, row: Traded) -> int:
    """Shares at the end of that day."""
    held = account.held(row.symbol)
    for one in reversed(account.executions):
        if day_of_execution(one) <= row.day:
            break
        if one.symbol == row.symbol:
            held += one.qty if one.side is Side.SELL else -one.qty
    return held


def day_row(row: Traded) -> Row:
    """A day of all symbols."""
    amounts = {"sll_qty1": str(row.qty(Side.SELL)), "buy_qty1": str(row.qty(Side.BUY))}
    return row.figures | amounts


def _totals(rows: Sequence[Traded], bought: str) -> Row:
    total = Traded("", executions=[one for row in rows for one in row.executions])
    buys, sales = total.sum(Side.BUY, _amount), total.sum(Side.SELL, _amount)
    paid, fee, tax = (
        total.sum(*one) for one in ((Side.BUY, _fee), (Side.SELL, _fee), (Side.SELL, _tax))
    )
    received, spent = sales - fee - tax, buys + paid
    return {
        "sll_qty_smtl": str(total.qty(Side.SELL)),
        "sll_tr_amt_smtl": money(sales, 0),
        "sll_fee_smtl": money(fee, 0),
        "sll_tltx_smtl": money(tax, 0),
        "sll_excc_amt_smtl": money(received, 0),
        bought: str(total.qty(Side.BUY)),
        "buy_tr_amt_smtl": money(buys, 0),
        "buy_fee_smtl": money(paid, 0),
        "buy_tax_smtl": "0",
        "buy_excc_amt_smtl": money(spent, 0),
        "tot_qty": str(total.qty(Side.SELL) + total.qty(Side.BUY)),
        "tot_tr_amt": money(sales + buys, 0),
        "tot_fee": money(fee + paid, 0),
        "tot_tltx": money(tax, 0),
        "tot_excc_amt": money(received + spent, 0),
        "tot_rlzt_pfls": _won(total.realised),
        "loan_int": "0",
    }


def trade_totals(rows: Sequence[Traded]) -> Row:
    """Sums over all pages, with their rate."""
    gain = sum((row.realised for row in rows), _ZERO)
    cost = sum((row.cost for row in rows), _ZERO)
    return _totals(rows, "buyqty_smtl") | {"tot_pftrt": _rate(gain, cost)}


def day_totals(rows: Sequence[Traded]) -> Row:
    """Sums over all pages."""
    return _totals(rows, "buy_qty_smtl")


def day_of_execution(one: KrxExecution) -> str:
    """YYYYMMDD."""
    return one.day.strftime("%Y%m%d")


def _amount(one: KrxExecution) -> Decimal:
    return one.amount


def _fee(one: KrxExecution) -> Decimal:
    return one.fee


def _tax(one: KrxExecution) -> Decimal:
    return one.tax


def _won(amount: Decimal) -> str:
    return str(amount.quantize(Decimal(1), ROUND_HALF_UP))


def _cut(amount: Decimal) -> str:
    return str(amount.quantize(Decimal(1), ROUND_FLOOR))


def _rate(gain: Decimal, cost: Decimal) -> str:
    return money(gain / cost * 100 if cost else _ZERO, 8)


_TRADE_FIELDS = (
    "trad_dt pdno prdt_name trad_dvsn_name loan_dt hldg_qty pchs_unpr buy_qty buy_amt sll_pric "
    "sll_qty sll_amt rlzt_pfls pfls_rt fee tl_tax loan_int"
)
