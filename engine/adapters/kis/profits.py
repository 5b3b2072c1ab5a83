"""What KIS says that sales brought: a day's symbols. Real accounts only.

Source: kis-rest-domestic notes section 5.9, kis-rest-overseas notes section 6.6, the example of the
portal's workbook. Unconfirmed: that ``rlzt_pfls`` is after ``fee`` and ``tl_tax``; whether these
hold the commission of the buy; that ``trad_day`` is the exchange's date.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Generic

from engine.adapters.kis.budget import CallBudget
from engine.adapters.kis.fields import FOREIGN_EXCHANGES, Operation
from engine.adapters.kis.transport import KisTransport, Spender
from engine.adapters.kis.values import KST, Body, Row, listed, moment, number, text, whole
from engine.errors import PayloadError
from engine.model.ids import Symbol
from engine.model.money import Krw, M, Usd
from engine.model.quota import Priority
from engine.model.realised import Realised

_DAY = "%Y%m%d"
_LONG, _SHARE = 12, "A"
_KRX = {"SORT_DVSN": "01", "PDNO": "", "CBLC_DVSN": "00"}
_KRX_PAGE = {"CTX_AREA_FK100": "", "CTX_AREA_NK100": ""}
_US = {
    "OVRS_EXCG_CD": "",
    "NATN_CD": "",
    "CRCY_CD": "USD",
    "PDNO": "",
    "WCRC_FRCR_DVSN_CD": "01",  # foreign currency; 02 are won, the opposite of present-balance
}
_US_PAGE = {"CTX_AREA_FK200": "", "CTX_AREA_NK200": ""}
_MIDNIGHT = "000000"
Parse = Callable[[Sequence[Body]], tuple[Realised[M], ...]]


class KisProfits(Generic[M]):
    """Implements ports.profits.Profits for one market."""

    def __init__(
        self,
        transport: KisTransport,
        budget: CallBudget,
        operation: Operation,
        fixed: Mapping[str, str],
        parse: Parse[M],
    ) -> None:
        self._transport = transport
        self._budget = budget
        self._operation = operation
        self._fixed = fixed
        self._parse = parse
        keys = transport.endpoint.keys
        self._account = {"CANO": keys.cano, "ACNT_PRDT_CD": keys.product}

    async def fetch_realised(
        self, first: date, last: date, priority: Priority
    ) -> tuple[Realised[M], ...]:
        """All pages; BrokerRefused for a paper account, without a call."""
        query = {
            **self._account,
            **self._fixed,
            "INQR_STRT_DT": first.strftime(_DAY),
            "INQR_END_DT": last.strftime(_DAY),
        }
        spender = Spender(self._budget, priority)
        rows = self._parse(await self._transport.fetch_pages(self._operation, query, spender))
        if not all(first <= row.day <= last for row in rows):
            raise PayloadError("a day that was not asked for")
        return rows


def krx_profits(transport: KisTransport, budget: CallBudget) -> KisProfits[Krw]:
    """inquire-period-trade-profit."""
    fixed = {**_KRX, **_KRX_PAGE}
    return KisProfits(transport, budget, Operation.KRX_PROFITS, fixed, parse_krx)


def us_profits(transport: KisTransport, budget: CallBudget) -> KisProfits[Usd]:
    """inquire-period-profit of overseas stocks, in dollars."""
    return KisProfits(transport, budget, Operation.PROFITS, {**_US, **_US_PAGE}, parse_us)


def parse_krx(bodies: Sequence[Body]) -> tuple[Realised[Krw], ...]:
    """Rows with a sale. What the shares cost is not told: it is what is missing from the gain."""
    rows = listed(bodies, "output1", total="tot_qty")
    return _merged(rows, ("trad_dt", "pdno"), _krx_row)


def parse_us(bodies: Sequence[Body]) -> tuple[Realised[Usd], ...]:
    """Rows of US exchanges; ``stck_sll_tlex`` holds all that the sale cost."""
    rows = [
        row
        for row in listed(bodies, "output1", "Output1")
        if text(row, "ovrs_excg_cd").upper() not in FOREIGN_EXCHANGES
    ]
    return _merged(rows, ("trad_day", "ovrs_pdno"), _us_row)


def _merged(
    rows: Sequence[Row], names: tuple[str, ...], read: Callable[[Row], Realised[M] | None]
) -> tuple[Realised[M], ...]:
    """One for a day and symbol; shares bought on credit come apart, a page may come twice.

    So a row that is the same in everything is the same row.
    """
    unique = {tuple((name, text(row, name)) for name in sorted(row)): row for row in rows}
    found: dict[tuple[date, Symbol], Realised[M]] = {}
    for row in unique.values():
        one = read(row) if all(text(row, name) for name in names) else None
        if one is not None:
            before = found.get((one.day, one.symbol))
            found[one.day, one.symbol] = one if before is None else _sum(before, one)
    return tuple(found.values())


def _sum(first: Realised[M], second: Realised[M]) -> Realised[M]:
    tax = None if first.tax is None or second.tax is None else first.tax + second.tax
    return replace(
        first,
        qty=first.qty + second.qty,
        cost=first.cost + second.cost,
        proceeds=first.proceeds + second.proceeds,
        fee=first.fee + second.fee,
        tax=tax,
        realised=first.realised + second.realised,
    )


def _krx_row(row: Row) -> Realised[Krw] | None:
    qty = whole(row, "sll_qty")
    if not qty:
        return None
    proceeds, realised = _must(row, "sll_amt"), _must(row, "rlzt_pfls")
    interest = number(row, "loan_int") or Decimal(0)
    fee, tax = _must(row, "fee") + interest, _must(row, "tl_tax")
    return Realised(
        day=_day(row, "trad_dt"),
        symbol=short_code(text(row, "pdno")),
        qty=qty,
        cost=Krw(proceeds - fee - tax - realised),
        proceeds=Krw(proceeds),
        fee=Krw(fee),
        tax=Krw(tax),
        realised=Krw(realised),
    )


def _us_row(row: Row) -> Realised[Usd] | None:
    shares = _must(row, "slcl_qty")
    if not shares:
        return None
    return Realised(
        day=_day(row, "trad_day"),
        symbol=Symbol(text(row, "ovrs_pdno")),
        qty=int(shares),  # a fraction of a share is never the desk's
        cost=Usd(_must(row, "frcr_pchs_amt1")),
        proceeds=Usd(_must(row, "frcr_sll_amt_smtl1")),
        fee=Usd(_must(row, "stck_sll_tlex")),
        tax=None,
        realised=Usd(_must(row, "ovrs_rlzt_pfls_amt")),
        krw_per_usd=number(row, "exrt"),
    )


def short_code(code: str) -> Symbol:
    """``00000A005930`` is 005930, ``00000Q520057`` is Q520057."""
    if len(code) == _LONG:
        code = code.lstrip("0").removeprefix(_SHARE)
    return Symbol(code)


def _must(row: Row, name: str) -> Decimal:
    value = number(row, name)
    if value is None:
        raise PayloadError(f"{name} is blank")
    return value


def _day(row: Row, name: str) -> date:
    """Whatever zone: it is only a date."""
    at = moment(text(row, name), _MIDNIGHT, KST)
    if at is None:
        raise PayloadError(f"{name} is not a date")
    return at.date()
