"""What an account can still do: inquire-psbl-order (buy) and inquire-psbl-sell."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal

from sandbox.kis_wire import Answer, Call, Row, money
from sandbox.krx.acceptance import Reason
from sandbox.krx.account import KrxAccount
from sandbox.krx.divisions import Division, Pricing
from sandbox.krx.hours import kst_date
from sandbox.krx.listings import KrxListing
from sandbox.krx.rest_codes import (
    ACCOUNT_KEYS,
    FULL_MARGIN_PCT,
    business_refusal,
    input_refusal,
    margin_pct,
)
from sandbox.krx.rest_snapshot import pct, snapshot
from sandbox.world import World

BUYABLE_KEYS = (
    *ACCOUNT_KEYS, "PDNO", "ORD_UNPR", "ORD_DVSN", "CMA_EVLU_AMT_ICLD_YN", "OVRS_ICLD_YN",
)  # fmt: skip
SELLABLE_KEYS = (*ACCOUNT_KEYS, "PDNO")
INQUIRED = ("KIOK0420", "정상적으로 조회되었습니다")
ZERO = Decimal(0)


def buyable(world: World, call: Call) -> Answer:
    """TTTC8908R, VTTC8908R. ``max_`` counts on arrears, which the books do not give."""
    account = world.krx.books.accounts[call.server]
    power = max(ZERO, account.buying_power())
    proceeds = min(power, max(ZERO, account.cash - account.deposit(kst_date(call.now))))
    listing = _listing(world, call) if call["PDNO"] else None
    price = ZERO if listing is None else _price(world, call, listing)
    most = power * FULL_MARGIN_PCT / (FULL_MARGIN_PCT if listing is None else margin_pct(listing))
    output = {
        "ord_psbl_cash": money(power - proceeds, 0),
        "ord_psbl_sbst": "0",
        "ruse_psbl_amt": money(proceeds, 0),
        "fund_rpch_chgs": "0",
        "psbl_qty_calc_unpr": money(price, 0),
        "nrcvb_buy_amt": money(power, 0),
        "nrcvb_buy_qty": str(_shares(account, power, price)),
        "max_buy_amt": _whole(most),
        "max_buy_qty": str(_shares(account, most, price)),
        "cma_evlu_amt": "0",
        "ovrs_re_use_amt_wcrc": "0",
        "ord_psbl_frcr_amt_wcrc": "0",
    }
    return Answer(*INQUIRED, {"output": output})


def sellable(world: World, call: Call) -> Answer:
    """TTTC8408R, real only."""
    listing = _listing(world, call)
    account = world.krx.books.accounts[call.server]
    today = account.turnover(kst_date(call.now), listing.symbol)
    held = account.holdings.get(listing.symbol)
    average = ZERO if held is None else held.average
    qty = account.held(listing.symbol)
    price = snapshot(world.krx.market, listing).price
    paid, worth = (average * qty).quantize(Decimal(1)), price * qty
    output: Row = {
        "pdno": listing.symbol,
        "prdt_name": listing.name,
        "buy_qty": str(today.bought),
        "sll_qty": str(today.sold),
        "cblc_qty": str(qty),
        "nsvg_qty": "0",
        "ord_psbl_qty": str(account.sellable(listing.symbol)),
        "pchs_avg_pric": money(average, 4),
        "pchs_amt": money(paid, 0),
        "now_pric": money(price, 0),
        "evlu_amt": money(worth, 0),
        "evlu_pfls_amt": money(worth - paid, 0),
        "evlu_pfls_rt": money(pct(worth, paid), 2),
    }
    return Answer(*INQUIRED, {"output": output})


def _listing(world: World, call: Call) -> KrxListing:
    listing = world.krx.market.listing(call["PDNO"])
    if listing is None:
        raise business_refusal(call.server, Reason.UNKNOWN_SYMBOL)
    return listing


def _price(world: World, call: Call, listing: KrxListing) -> Decimal:
    """What a share is reckoned at: what an order of this type would hold back for it."""
    text = call["ORD_UNPR"] or "0"
    if not (text.isascii() and text.isdigit()):
        raise input_refusal("ORD_UNPR")
    if call["ORD_DVSN"] not in set(Division):
        raise input_refusal("ORD_DVSN")
    pricing = Division(call["ORD_DVSN"]).pricing
    if pricing is Pricing.CLOSE:
        return listing.base_price
    if pricing in {Pricing.LIMIT, Pricing.STOP} and int(text):
        return Decimal(text)
    return world.krx.market.band(listing.symbol)[1]


def _shares(account: KrxAccount, amount: Decimal, price: Decimal) -> int:
    """As many as ``amount`` pays for, the fee included."""
    if not price:
        return 0
    shares = int(amount / price)
    while shares and account.with_fee(price * shares) > amount:
        shares -= 1
    return shares


def _whole(amount: Decimal) -> str:
    return str(amount.to_integral_value(ROUND_FLOOR))
