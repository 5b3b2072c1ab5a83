"""US account inquiries that matter for trading: nccs, ccnl, balance, psamount."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal, InvalidOperation

from sandbox.accounts import Account, Holding
from sandbox.kis_codes import ACTION_NAME, MARKET_NAME, PRODUCT_TYPE, QUOTE_CODE, SIDE_NAME
from sandbox.kis_wire import Answer, Call, KisRefusal, Row, kst_date, kst_time, money, page_of
from sandbox.model import Listing, Server, Side
from sandbox.orders import Order, OrderStatus
from sandbox.rates import usd_krw
from sandbox.session import us_date
from sandbox.world import World

PAGES = ("CTX_AREA_FK200", "CTX_AREA_NK200")
NCCS_KEYS = ("CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD", "SORT_SQN", *PAGES)
CCNL_KEYS = (
    "CANO", "ACNT_PRDT_CD", "PDNO", "ORD_STRT_DT", "ORD_END_DT", "SLL_BUY_DVSN",
    "CCLD_NCCS_DVSN", "OVRS_EXCG_CD", "SORT_SQN", "ORD_DT", "ORD_GNO_BRNO", "ODNO", *PAGES,
)  # fmt: skip
BALANCE_KEYS = ("CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD", "TR_CRCY_CD", *PAGES)
PSAMOUNT_KEYS = ("CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD", "OVRS_ORD_UNPR", "ITEM_CD")

NCCS_PAGE = 40
CCNL_PAGE = {Server.REAL: 20, Server.PAPER: 15}
BALANCE_PAGE = 100
FOUND = ("KIOK0510", "조회가 완료되었습니다")
NOTHING = ("KIOK0560", "조회할 내용이 없습니다")
# In a query NASD means all US exchanges; real only (kis-rest-overseas 6.3).
ALL_US = "NASD"
_STATE = {
    OrderStatus.SENT: "전송",
    OrderStatus.OPEN: "전송",
    OrderStatus.REFUSED: "거부",
}


def open_orders(world: World, call: Call) -> Answer:
    """TTTS3018R; the paper server does not offer it."""
    if call.server is Server.PAPER:
        raise KisRefusal("90000000", "모의투자에서는 해당업무가 제공되지 않습니다.")
    code = call["OVRS_EXCG_CD"]
    account = world.books.accounts[call.server]
    orders = [
        order
        for order in account.orders.values()
        if order.open_qty > 0 and code in {"", ALL_US, order.exchange}
    ]
    if call["SORT_SQN"] != "DS":
        orders.reverse()
    page = page_of(
        len(orders),
        NCCS_PAGE,
        call,
        ("CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD", "SORT_SQN"),
        lambda index: _open_row(world, account, call, orders[index]),
    )
    head = FOUND if orders else NOTHING
    return Answer(*head, {"output": page.rows}, page.tr_cont, page.ctx_fk, page.ctx_nk)


def executions(world: World, call: Call) -> Answer:
    """TTTS3035R, VTTS3035R: one row per order or amendment, US dates, ``odno`` unpadded."""
    account = world.books.accounts[call.server]
    first, last = call["ORD_STRT_DT"], call["ORD_END_DT"]
    orders = [o for o in account.orders.values() if first <= _us_day(o.placed_at) <= last]
    if call.server is Server.REAL:
        orders = [order for order in orders if _wanted(order, call)]
    if call.server is Server.REAL and call["SORT_SQN"] == "AS":
        orders.reverse()
    page = page_of(
        len(orders),
        CCNL_PAGE[call.server],
        call,
        ("CANO", "ACNT_PRDT_CD", "PDNO", "ORD_STRT_DT", "ORD_END_DT"),
        lambda index: _order_row(world, account, call, orders[index]),
    )
    rows = page.rows
    if rows and world.faults.take("rest", call.tr_id, "blank_rows"):
        rows = [*rows, {key: _blank_like(value) for key, value in rows[0].items()}]
    head = FOUND if orders else NOTHING
    return Answer(*head, {"output": rows}, page.tr_cont, page.ctx_fk, page.ctx_nk)


def balance(world: World, call: Call) -> Answer:
    """TTTS3012R, VTTS3012R: holdings with their cost."""
    account = world.books.accounts[call.server]
    prices = shown_prices(world, account, call)
    exchanges = _balance_scope(call)
    held = [h for h in account.holdings.values() if h.exchange in exchanges]
    page = page_of(
        len(held),
        BALANCE_PAGE,
        call,
        ("CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD", "TR_CRCY_CD"),
        lambda index: _balance_row(world, account, held[index], prices, call),
    )
    rows = list(page.rows)
    if rows and world.faults.take("rest", call.tr_id, "duplicate_rows"):
        rows += [row | {"ovrs_excg_cd": _other(row["ovrs_excg_cd"])} for row in page.rows]
    if world.faults.take("rest", call.tr_id, "blank_rows"):
        rows.append(_BLANK_BALANCE_ROW)
    outputs: dict[str, Row | list[Row]] = {
        "output1": rows,
        "output2": _balance_totals(account, held, prices),
    }
    head = FOUND if held else NOTHING
    return Answer(*head, outputs, page.tr_cont, page.ctx_fk, page.ctx_nk)


def buying_power(world: World, call: Call) -> Answer:
    """TTTS3007R, VTTS3007R."""
    try:
        limit = Decimal(call["OVRS_ORD_UNPR"])
    except InvalidOperation:
        raise KisRefusal("OPSQ2001", "ERROR : INPUT INVALID_OVRS_ORD_UNPR", rt_cd="2") from None
    if not limit.is_finite() or limit < 0:
        raise KisRefusal("OPSQ2001", "ERROR : INPUT INVALID_OVRS_ORD_UNPR", rt_cd="2")
    if world.market.listing(call["ITEM_CD"]) is None:
        raise KisRefusal("APBK0656", "해당종목정보가 없습니다.")
    account = world.books.accounts[call.server]
    cash = max(Decimal(0), account.buying_power())
    per_share = limit * (1 + account.fee_pct / 100)
    shares = int((cash / per_share).to_integral_value(ROUND_DOWN)) if per_share else 0
    output = {
        "tr_crcy_cd": "USD",
        "ord_psbl_frcr_amt": money(cash, 2),
        "sll_ruse_psbl_amt": "0.00",
        "ovrs_ord_psbl_amt": money(cash, 2),
        "max_ord_psbl_qty": str(shares),
        "echm_af_ord_psbl_amt": "0.00",
        "echm_af_ord_psbl_qty": "0",
        "ord_psbl_qty": str(shares),
        "exrt": money(usd_krw(call.now), 2),
        "frcr_ord_psbl_amt1": money(cash, 6),
        "ovrs_max_ord_psbl_qty": str(shares),
    }
    return Answer("KIOK0460", "조회 되었습니다.", {"output": output})


def shown_prices(world: World, account: Account, call: Call) -> dict[str, Decimal]:
    """``now_pric2`` by symbol: the last price, or a frozen one while that fault lasts."""
    prices = {symbol: world.market.price(symbol) for symbol in account.holdings}
    if world.faults.take("rest", call.tr_id, "frozen_price") is None:
        world.frozen_prices.clear()
        return prices
    for symbol, price in prices.items():
        prices[symbol] = world.frozen_prices.setdefault(symbol, price)
    return prices


def _open_row(world: World, account: Account, call: Call, order: Order) -> Row:
    row = _order_row(world, account, call, order)
    kept = {key: value for key, value in row.items() if key not in _NOT_IN_NCCS}
    return kept | {
        "odno": order.no,
        "orgn_odno": order.original_no,
        "rvse_cncl_dvsn_cd": order.action.value,
        "rvse_cncl_dvsn_cd_name": ACTION_NAME[order.action.value],
        "natn_cd": "840",
        "natn_kor_name": "미국",
    }


# What an order row has in inquire-ccnl under other names or not in inquire-nccs.
_NOT_IN_NCCS = frozenset(
    {"rvse_cncl_dvsn", "rvse_cncl_dvsn_name", "tr_natn", "tr_natn_name", "dmst_ord_dt"}
    | {"thco_ord_tmd", "mdia_dvsn_name"}
)


def _order_row(world: World, account: Account, call: Call, order: Order) -> Row:
    listing = world.market.listing(order.request.symbol)
    qty, value = _visible_fill(world, account, call, order)
    average = value / qty if qty else Decimal(0)
    side = order.request.side.value
    return {
        "ord_dt": _us_day(order.placed_at),
        "ord_gno_brno": "01790",
        "odno": order.no.lstrip("0"),
        "orgn_odno": order.original_no.lstrip("0"),
        "sll_buy_dvsn_cd": side,
        "sll_buy_dvsn_cd_name": SIDE_NAME[side],
        "rvse_cncl_dvsn": order.action.value,
        "rvse_cncl_dvsn_name": ACTION_NAME[order.action.value],
        "pdno": order.request.symbol,
        "prdt_name": _name(listing, order),
        "ft_ord_qty": str(order.request.qty),
        "ft_ord_unpr3": money(order.request.limit, 8),
        "ft_ccld_qty": str(qty),
        "ft_ccld_unpr3": money(average, 8),
        "ft_ccld_amt3": money(value, 5),
        "nccs_qty": str(order.open_qty + order.filled - qty),
        "prcs_stat_name": _STATE.get(order.status, "완료"),
        "rjct_rson": "9999" if order.reject_reason else "",
        "rjct_rson_name": order.reject_reason,
        "ord_tmd": kst_time(order.placed_at),
        "tr_mket_name": MARKET_NAME[order.exchange],
        "tr_crcy_cd": "USD",
        "tr_natn": "840",
        "tr_natn_name": "미국",
        "ovrs_excg_cd": order.exchange,
        "dmst_ord_dt": kst_date(order.placed_at),
        "thco_ord_tmd": kst_time(order.placed_at),
        "loan_type_cd": "10",
        "loan_dt": "",
        "mdia_dvsn_name": order.request.media,
        "usa_amk_exts_rqst_yn": "N",
        "splt_buy_attr_name": "",
    }


def _visible_fill(world: World, account: Account, call: Call, order: Order) -> tuple[int, Decimal]:
    hiding = world.faults.take("rest", call.tr_id, "fill_hidden") if order.filled else None
    if hiding is None:
        return order.filled, order.filled_value
    horizon = call.now - timedelta(seconds=float(hiding.value or "5"))
    seen = [e for e in account.executions if e.order_no == order.no and e.at <= horizon]
    return sum(e.qty for e in seen), sum((e.qty * e.price for e in seen), Decimal(0))


def _wanted(order: Order, call: Call) -> bool:
    by_fill = {"01": order.filled > 0, "02": order.open_qty > 0}
    return (
        call["PDNO"] in {"", "%", order.request.symbol}
        and call["SLL_BUY_DVSN"] in {"", "00", order.request.side.value}
        and by_fill.get(call["CCLD_NCCS_DVSN"], True)
        and call["OVRS_EXCG_CD"] in {"", "%", ALL_US, order.exchange}
    )


def _balance_scope(call: Call) -> set[str]:
    code = call["OVRS_EXCG_CD"]
    if code == ALL_US:
        return set(QUOTE_CODE) if call.server is Server.REAL else {"NASD"}
    if code == "NAS" and call.server is Server.REAL:
        return {"NASD"}
    if code in QUOTE_CODE:
        return {code}
    raise KisRefusal("OPSQ2001", "ERROR : INPUT INVALID_OVRS_EXCG_CD", rt_cd="2")


def _balance_row(
    world: World, account: Account, held: Holding, prices: dict[str, Decimal], call: Call
) -> Row:
    listing = world.market.listing(held.symbol)
    price = prices[held.symbol]
    paid, worth = held.average * held.qty, price * held.qty
    gain = (worth / paid - 1) * 100 if paid else Decimal(0)
    return {
        "cano": call["CANO"],
        "acnt_prdt_cd": call["ACNT_PRDT_CD"],
        "prdt_type_cd": PRODUCT_TYPE[held.exchange],
        "ovrs_pdno": held.symbol,
        "ovrs_item_name": held.symbol if listing is None else listing.name,
        "frcr_evlu_pfls_amt": money(worth - paid, 6),
        "evlu_pfls_rt": money(gain, 2),
        "pchs_avg_pric": money(held.average, 4),
        "ovrs_cblc_qty": str(held.qty),
        "ord_psbl_qty": str(account.sellable(held.symbol)),
        "frcr_pchs_amt1": money(paid, 5),
        "ovrs_stck_evlu_amt": money(worth, 8),
        "now_pric2": money(price, 6),
        "tr_crcy_cd": "USD",
        "ovrs_excg_cd": held.exchange,
        "loan_type_cd": "10",
        "loan_dt": "",
        "expd_dt": "",
    }


_BLANK_BALANCE_ROW: Row = {
    "cano": "",
    "acnt_prdt_cd": "",
    "prdt_type_cd": "",
    "ovrs_pdno": "",
    "ovrs_item_name": "",
    "frcr_evlu_pfls_amt": "0.000000",
    "evlu_pfls_rt": "0.00",
    "pchs_avg_pric": "0.0000",
    "ovrs_cblc_qty": "0",
    "ord_psbl_qty": "0",
    "frcr_pchs_amt1": "0.00000",
    "ovrs_stck_evlu_amt": "0.00000000",
    "now_pric2": "0.000000",
    "tr_crcy_cd": "",
    "ovrs_excg_cd": "",
    "loan_type_cd": "",
    "loan_dt": "",
    "expd_dt": "",
}


def _balance_totals(account: Account, held: list[Holding], prices: dict[str, Decimal]) -> Row:
    paid = sum((h.average * h.qty for h in held), Decimal(0))
    worth = sum((prices[h.symbol] * h.qty for h in held), Decimal(0))
    bought = sum((e.qty * e.price for e in account.executions if e.side is Side.BUY), Decimal(0))
    gain = (worth / paid - 1) * 100 if paid else Decimal(0)
    realised_pct = account.realised / bought * 100 if bought else Decimal(0)
    return {
        "frcr_pchs_amt1": money(paid, 5),
        "ovrs_rlzt_pfls_amt": money(account.realised, 5),
        "ovrs_tot_pfls": money(worth - paid + account.realised, 5),
        "rlzt_erng_rt": money(realised_pct, 8),
        "tot_evlu_pfls_amt": money(worth - paid, 8),
        "tot_pftrt": money(gain, 8),
        "frcr_buy_amt_smtl1": money(paid, 6),
        "ovrs_rlzt_pfls_amt2": money(account.realised, 5),
        "frcr_buy_amt_smtl2": money(paid, 6),
    }


def _name(listing: Listing | None, order: Order) -> str:
    return order.request.symbol if listing is None else listing.name


def _us_day(moment: datetime) -> str:
    return us_date(moment).strftime("%Y%m%d")


def _blank_like(value: str) -> str:
    return "0" if value.replace(".", "", 1).isdigit() and "." in value else ""


def _other(exchange: str) -> str:
    return "NYSE" if exchange == "NASD" else "NASD"
