"""US balance and buying power: inquire-balance, inquire-psamount."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal, InvalidOperation

from sandbox.accounts import Account, Holding
from sandbox.kis_codes import ALL_US, FOUND, NOTHING, PAGE_KEYS, PRODUCT_TYPE, QUOTE_CODE
from sandbox.kis_wire import Answer, Call, KisRefusal, Row, money, page_of
from sandbox.model import Server, Side
from sandbox.rates import usd_krw
from sandbox.trouble import strike
from sandbox.world import World

BALANCE_KEYS = ("CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD", "TR_CRCY_CD", *PAGE_KEYS)
PSAMOUNT_KEYS = ("CANO", "ACNT_PRDT_CD", "OVRS_EXCG_CD", "OVRS_ORD_UNPR", "ITEM_CD")
BALANCE_PAGE = 100


def balance(world: World, call: Call) -> Answer:
    """TTTS3012R, VTTS3012R: holdings with their cost."""
    account = world.books.accounts[call.server]
    prices = shown_prices(world, call, {s: world.market.price(s) for s in account.holdings})
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
    if rows and strike(world.faults, call, "duplicate_rows"):
        rows += [row | {"ovrs_excg_cd": _other(row["ovrs_excg_cd"])} for row in page.rows]
    if strike(world.faults, call, "blank_rows"):
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


def shown_prices(world: World, call: Call, prices: dict[str, Decimal]) -> dict[str, Decimal]:
    """The last prices by symbol as a balance shows them: frozen while that fault lasts."""
    if strike(world.faults, call, "frozen_price") is None:
        for symbol in prices:
            world.frozen_prices.pop(symbol, None)
        return prices
    return {symbol: world.frozen_prices.setdefault(symbol, p) for symbol, p in prices.items()}


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


def _other(exchange: str) -> str:
    return "NYSE" if exchange == "NASD" else "NASD"
