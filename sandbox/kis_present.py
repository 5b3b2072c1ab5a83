"""inquire-present-balance: the settled-basis view, in won or dollars, not in real time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from sandbox.accounts import Account
from sandbox.kis_codes import MARKET_NAME, PRODUCT_TYPE, QUOTE_CODE, TRADE_MARKET
from sandbox.kis_wire import Answer, Call, KisRefusal, Row, money
from sandbox.model import Server, Side
from sandbox.orders import Execution
from sandbox.rates import usd_krw
from sandbox.session import KST, is_trading_day, session_day, us_date
from sandbox.world import World

PRESENT_KEYS = (
    "CANO", "ACNT_PRDT_CD", "WCRC_FRCR_DVSN_CD", "NATN_CD", "TR_MKET_CD", "INQR_DVSN_CD",
)  # fmt: skip
IN_WON, IN_DOLLARS = "01", "02"
STALE_FROM = time(18, 15)
FRESH_AFTER_CLOSE = timedelta(minutes=30)


@dataclass(slots=True)
class _Position:
    """A holding as this inquiry sees it."""

    symbol: str
    exchange: str
    qty: int
    average: Decimal
    bought: int = 0
    sold: int = 0
    paid: Decimal = Decimal(0)
    received: Decimal = Decimal(0)


def present_balance(world: World, call: Call) -> Answer:
    """CTRP6504R, VTRP6504R. On paper only ``output3`` means anything."""
    unit = call["WCRC_FRCR_DVSN_CD"]
    if unit not in {IN_WON, IN_DOLLARS}:
        raise KisRefusal("OPSQ2001", "ERROR : INPUT INVALID_WCRC_FRCR_DVSN_CD", rt_cd="2")
    account = world.books.accounts[call.server]
    fx = usd_krw(call.now)
    shown = [p for p in _positions(world, account, call.now) if _wanted(p, call)]
    rows = [_row(world, position, unit, fx, account) for position in shown]
    outputs: dict[str, Row | list[Row]] = {
        "output1": rows if call.server is Server.REAL else [],
        "output2": [_currency_row(account, fx)] if call.server is Server.REAL else [],
        "output3": _totals(world, account, shown, fx),
    }
    return Answer("KIOK0510", "조회가 완료되었습니다", outputs)


def stale_since(now: datetime) -> datetime | None:
    """Executions after this moment are not shown at ``now``; None when all are."""
    day = us_date(now)
    if not is_trading_day(day):
        return None
    start = datetime.combine(day, STALE_FROM, KST)
    end = session_day(day).close + FRESH_AFTER_CLOSE
    return start if start <= now < end else None


def _positions(world: World, account: Account, now: datetime) -> list[_Position]:
    found = {
        h.symbol: _Position(h.symbol, h.exchange, h.qty, h.average)
        for h in account.holdings.values()
    }
    cut = stale_since(now)
    today = us_date(now)
    for execution in reversed(account.executions):
        hidden = cut is not None and execution.at > cut
        if not hidden and us_date(execution.at) != today:
            continue
        position = found.get(execution.symbol)
        if position is None:
            position = found[execution.symbol] = _sold_out(world, execution)
        _count(position, execution, hidden=hidden)
    return [p for p in found.values() if p.qty or p.bought or p.sold]


def _count(position: _Position, execution: Execution, *, hidden: bool) -> None:
    buys = execution.side is Side.BUY
    if hidden:
        position.qty -= execution.qty if buys else -execution.qty
    elif buys:
        position.bought += execution.qty
        position.paid += execution.qty * execution.price
    else:
        position.sold += execution.qty
        position.received += execution.qty * execution.price


def _sold_out(world: World, sale: Execution) -> _Position:
    listing = world.market.listing(sale.symbol)
    average = sale.price - (sale.realised + sale.fee) / sale.qty
    return _Position(sale.symbol, "NASD" if listing is None else listing.exchange, 0, average)


def _wanted(position: _Position, call: Call) -> bool:
    market = TRADE_MARKET.get(call["TR_MKET_CD"])
    return call["NATN_CD"] in {"000", "840"} and market in {None, position.exchange}


def _row(world: World, position: _Position, unit: str, fx: Decimal, account: Account) -> Row:
    listing = world.market.listing(position.symbol)
    price = world.market.price(position.symbol)
    factor = fx if unit == IN_WON else Decimal(1)
    paid, worth = position.average * position.qty, price * position.qty
    gain = (worth / paid - 1) * 100 if paid else Decimal(0)
    return {
        "prdt_name": position.symbol if listing is None else listing.name,
        "cblc_qty13": money(Decimal(position.qty - position.bought + position.sold), 8),
        "thdt_buy_ccld_qty1": money(Decimal(position.bought), 8),
        "thdt_sll_ccld_qty1": money(Decimal(position.sold), 8),
        "ccld_qty_smtl1": money(Decimal(position.qty), 8),
        "ord_psbl_qty1": money(Decimal(max(0, account.sellable(position.symbol))), 8),
        "frcr_pchs_amt": money(paid * factor, 5),
        "frcr_evlu_amt2": money(worth * factor, 5),
        "evlu_pfls_amt2": money((worth - paid) * factor, 5),
        "evlu_pfls_rt1": money(gain, 2),
        "pdno": position.symbol,
        "bass_exrt": money(fx, 8),
        "buy_crcy_cd": "USD",
        "ovrs_now_pric1": money(price * factor, 5),
        "avg_unpr3": money(position.average * factor, 4),
        "tr_mket_name": MARKET_NAME[position.exchange],
        "natn_kor_name": "미국",
        "pchs_rmnd_wcrc_amt": money(paid * fx, 0),
        "thdt_buy_ccld_frcr_amt": money(position.paid, 5),
        "thdt_sll_ccld_frcr_amt": money(position.received, 5),
        "unit_amt": "1",
        "std_pdno": f"US{position.symbol:0>10}",
        "prdt_type_cd": PRODUCT_TYPE[position.exchange],
        "loan_rmnd": "0",
        "loan_dt": "",
        "loan_expd_dt": "",
        "ovrs_excg_cd": position.exchange,
        "item_lnkg_excg_cd": QUOTE_CODE[position.exchange],
    }


def _currency_row(account: Account, fx: Decimal) -> Row:
    power = max(Decimal(0), account.buying_power())
    return {
        "crcy_cd": "USD",
        "crcy_cd_name": "미국 달러",
        "frcr_buy_amt_smtl": money(_amount(account.executions, Side.BUY), 5),
        "frcr_sll_amt_smtl": money(_amount(account.executions, Side.SELL), 5),
        "frcr_dncl_amt_2": money(account.cash, 6),
        "frst_bltn_exrt": money(fx, 8),
        "frcr_buy_mgn_amt": money(account.cash - power, 6),
        "frcr_etc_mgna": "0.000000",
        "frcr_drwg_psbl_amt_1": money(power, 6),
        "frcr_evlu_amt2": money(account.cash * fx, 6),
        "acpl_cstd_crcy_yn": "Y",
        "nxdy_frcr_drwg_psbl_amt": money(power, 6),
    }


def _totals(world: World, account: Account, shown: list[_Position], fx: Decimal) -> Row:
    paid = sum((p.average * p.qty for p in shown), Decimal(0)) * fx
    worth = sum((world.market.price(p.symbol) * p.qty for p in shown), Decimal(0)) * fx
    cash = account.cash * fx
    gain = (worth / paid - 1) * 100 if paid else Decimal(0)
    zero = "0.000000"
    return {
        "pchs_amt_smtl": money(paid, 0),
        "evlu_amt_smtl": money(worth, 0),
        "evlu_pfls_amt_smtl": money(worth - paid, 0),
        "dncl_amt": "0",
        "cma_evlu_amt": "0",
        "tot_dncl_amt": money(cash, 0),
        "etc_mgna": "0",
        "wdrw_psbl_tot_amt": "0",
        "frcr_evlu_tota": money(cash, 0),
        "evlu_erng_rt1": money(gain, 10),
        "pchs_amt_smtl_amt": money(paid, 0),
        "evlu_amt_smtl_amt": money(worth, 0),
        "tot_evlu_pfls_amt": money(worth - paid, 0),
        "tot_asst_amt": money(worth + cash, 0),
        "buy_mgn_amt": "0",
        "mgna_tota": "0",
        "frcr_use_psbl_amt": money(max(Decimal(0), account.buying_power()), 2),
        "ustl_sll_amt_smtl": zero,
        "ustl_buy_amt_smtl": zero,
        "tot_frcr_cblc_smtl": money(cash, 6),
        "tot_loan_amt": "0",
    }


def _amount(executions: Iterable[Execution], side: Side) -> Decimal:
    return sum((e.qty * e.price for e in executions if e.side is side), Decimal(0))
