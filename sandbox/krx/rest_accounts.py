"""Domestic balance: inquire-balance, holdings on the trade date and won as they settle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sandbox.kis_accounts import shown_prices
from sandbox.kis_codes import FOUND, NOTHING
from sandbox.kis_wire import KRX_PAGES, Answer, Call, Row, money, page_of
from sandbox.krx.account import KrxAccount
from sandbox.krx.hours import kst_date, next_trading_day, previous_trading_day
from sandbox.krx.rest_codes import ACCOUNT_KEYS, PAGE_KEYS, input_refusal, margin_pct
from sandbox.krx.rest_snapshot import Snapshot, pct, snapshot
from sandbox.krx.side import KrxSide
from sandbox.model import Server
from sandbox.trouble import strike
from sandbox.world import World

BALANCE_KEYS = (
    *ACCOUNT_KEYS, "AFHR_FLPR_YN", "OFL_YN", "INQR_DVSN", "UNPR_DVSN", "FUND_STTL_ICLD_YN",
    "FNCG_AMT_AUTO_RDPT_YN", "PRCS_DVSN", *PAGE_KEYS,
)  # fmt: skip
BALANCE_PAGE = {Server.REAL: 50, Server.PAPER: 20}
WITHOUT_SOLD = "01"
# What a share counts for as security, in per cent of yesterday's close.
SUBSTITUTE_PCT = 70
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Position:
    """One row: a holding, or what was sold out and has not settled (quantity 0)."""

    symbol: str
    qty: int
    average: Decimal
    shot: Snapshot
    price: Decimal

    @property
    def paid(self) -> Decimal:
        return (self.average * self.qty).quantize(Decimal(1))

    @property
    def worth(self) -> Decimal:
        return self.price * self.qty


def balance(world: World, call: Call) -> Answer:
    """TTTC8434R, VTTC8434R. ``output2`` is an array of one."""
    side = world.krx
    _check(call)
    account = side.books.accounts[call.server]
    today = kst_date(call.now)
    positions = _positions(world, side, account, call)
    page = page_of(
        len(positions),
        BALANCE_PAGE[call.server],
        call,
        (*ACCOUNT_KEYS, "AFHR_FLPR_YN", "INQR_DVSN", "UNPR_DVSN", "PRCS_DVSN"),
        lambda index: _row(positions[index], account, today),
        KRX_PAGES,
    )
    rows = list(page.rows)
    if rows and strike(world.faults, call, "zero_price"):
        rows = [row | {"prpr": "0"} for row in rows]
    if rows and strike(world.faults, call, "blank_rows"):
        rows.append(dict.fromkeys(rows[0], ""))
    outputs: dict[str, Row | list[Row]] = {
        "output1": rows,
        "output2": [_totals(account, positions, today)],
    }
    head = FOUND if positions else NOTHING
    return Answer(*head, outputs, page.tr_cont, page.ctx_fk, page.ctx_nk, page_keys=KRX_PAGES)


def _check(call: Call) -> None:
    for key, allowed in (
        ("AFHR_FLPR_YN", {"", "N", "X", "Y"}),
        ("INQR_DVSN", {"01", "02"}),
        ("UNPR_DVSN", {"01"}),
        ("PRCS_DVSN", {"00", WITHOUT_SOLD}),
    ):
        if call[key] not in allowed:
            raise input_refusal(key)


def _positions(world: World, side: KrxSide, account: KrxAccount, call: Call) -> list[_Position]:
    sold = [] if call["PRCS_DVSN"] == WITHOUT_SOLD else account.sold_out(kst_date(call.now))
    shots = {}
    for symbol in (*account.holdings, *sold):
        listing = side.market.listing(symbol)
        if listing is not None:
            shots[symbol] = snapshot(side.market, listing)
    prices = shown_prices(world, call, {symbol: shot.price for symbol, shot in shots.items()})
    found = []
    for symbol, shot in shots.items():
        held = account.holdings.get(symbol)
        qty, average = (0, ZERO) if held is None else (held.qty, held.average)
        found.append(_Position(symbol, qty, average, shot, prices[symbol]))
    return found


def _row(position: _Position, account: KrxAccount, today: date) -> Row:
    listing = position.shot.listing
    now = account.turnover(today, position.symbol)
    before = account.turnover(previous_trading_day(today), position.symbol)
    gain = position.worth - position.paid
    return {
        "pdno": position.symbol,
        "prdt_name": listing.name,
        "trad_dvsn_name": "현금",
        "bfdy_buy_qty": str(before.bought),
        "bfdy_sll_qty": str(before.sold),
        "thdt_buyqty": str(now.bought),
        "thdt_sll_qty": str(now.sold),
        "hldg_qty": str(position.qty),
        "ord_psbl_qty": str(account.sellable(position.symbol)),
        "pchs_avg_pric": money(position.average, 4),
        "pchs_amt": money(position.paid, 0),
        "prpr": money(position.price, 0),
        "evlu_amt": money(position.worth, 0),
        "evlu_pfls_amt": money(gain, 0),
        "evlu_pfls_rt": money(pct(position.worth, position.paid), 2),
        "evlu_erng_rt": "0.00000000",
        "loan_dt": "",
        "loan_amt": "0",
        "stln_slng_chgs": "0",
        "expd_dt": "",
        "fltt_rt": money(pct(position.price, position.shot.base), 8),
        "bfdy_cprs_icdc": money(position.price - position.shot.base, 0),
        "item_mgna_rt_name": f"{margin_pct(listing)}%",
        "grta_rt_name": "",
        "sbst_pric": money(position.shot.base * SUBSTITUTE_PCT / 100, 0),
        "stck_loan_unpr": "0.0000",
    }


def _totals(account: KrxAccount, positions: list[_Position], today: date) -> Row:
    cash = account.cash
    now = account.turnover(today)
    before = account.turnover(previous_trading_day(today))
    paid = sum((position.paid for position in positions), ZERO)
    worth = sum((position.worth for position in positions), ZERO)
    total, earlier = worth + cash, _this_morning(account, positions, today)
    return {
        "dnca_tot_amt": money(account.deposit(today), 0),
        "nxdy_excc_amt": money(account.deposit(next_trading_day(today)), 0),
        "prvs_rcdl_excc_amt": money(cash, 0),
        "cma_evlu_amt": "0",
        "bfdy_buy_amt": money(before.bought_value, 0),
        "thdt_buy_amt": money(now.bought_value, 0),
        "nxdy_auto_rdpt_amt": "0",
        "bfdy_sll_amt": money(before.sold_value, 0),
        "thdt_sll_amt": money(now.sold_value, 0),
        "d2_auto_rdpt_amt": "0",
        "bfdy_tlex_amt": money(before.costs, 0),
        "thdt_tlex_amt": money(now.costs, 0),
        "tot_loan_amt": "0",
        "scts_evlu_amt": money(worth, 0),
        "tot_evlu_amt": money(total, 0),
        "nass_amt": money(total, 0),
        "fncg_gld_auto_rdpt_yn": "",
        "pchs_amt_smtl_amt": money(paid, 0),
        "evlu_amt_smtl_amt": money(worth, 0),
        "evlu_pfls_smtl_amt": money(worth - paid, 0),
        "tot_stln_slng_chgs": "0",
        "bfdy_tot_asst_evlu_amt": money(earlier, 0),
        "asst_icdc_amt": money(total - earlier, 0),
        "asst_icdc_erng_rt": "0.00000000",
    }


def _this_morning(account: KrxAccount, positions: list[_Position], today: date) -> Decimal:
    """Cash and shares before today's trades, at yesterday's closes."""
    now = account.turnover(today)
    total = account.cash + now.bought_value - now.sold_value + now.costs
    for position in positions:
        mine = account.turnover(today, position.symbol)
        total += (position.qty - mine.bought + mine.sold) * position.shot.base
    return total
