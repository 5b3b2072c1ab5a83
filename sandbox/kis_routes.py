"""Which TR id means what on which server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox import (
    kis_accounts,
    kis_history,
    kis_orders,
    kis_present,
    kis_profits,
    kis_quotes,
)
from sandbox.kis_wire import Answer, Call
from sandbox.krx import (
    rest_accounts,
    rest_charts,
    rest_history,
    rest_index,
    rest_orderable,
    rest_orders,
    rest_price,
    rest_profits,
    rest_quotes,
    rest_rankings,
    rest_static,
)
from sandbox.model import Server
from sandbox.world import World

Handler = Callable[[World, Call], Answer]

_TRADING = "/uapi/overseas-stock/v1/trading/"
_QUOTES = "/uapi/overseas-price/v1/quotations/"
_KRX_TRADING = "/uapi/domestic-stock/v1/trading/"
_KRX_QUOTES = "/uapi/domestic-stock/v1/quotations/"
_KRX_RANKING = "/uapi/domestic-stock/v1/ranking/"


@dataclass(frozen=True, slots=True)
class Route:
    """One business function. ``paper`` blank: real only."""

    method: str
    path: str
    real: str
    paper: str
    required: tuple[str, ...]
    handler: Handler
    account: bool = True


_SAME = "="


def _quote(path: str, real: str, paper: str, handler: Handler) -> Route:
    tr_id = real if paper == _SAME else ""
    return Route("GET", path, real, tr_id, kis_quotes.QUOTE_KEYS, handler, account=False)


def _info(path: str, real: str, handler: Handler) -> Route:
    return Route("GET", path, real, "", kis_quotes.INFO_KEYS, handler, account=False)


US_ROUTES = (
    Route("POST", _TRADING + "order", "TTTT1002U", "VTTT1002U", kis_orders.ORDER_KEYS,
          kis_orders.buy),
    # On paper not VTTT1006U: that mistake must be noticed (kis-rest-overseas 5.1).
    Route("POST", _TRADING + "order", "TTTT1006U", "VTTT1001U", kis_orders.ORDER_KEYS,
          kis_orders.sell),
    Route("POST", _TRADING + "order-rvsecncl", "TTTT1004U", "VTTT1004U", kis_orders.CHANGE_KEYS,
          kis_orders.change),
    Route("GET", _TRADING + "inquire-nccs", "TTTS3018R", "VTTS3018R", kis_history.NCCS_KEYS,
          kis_history.open_orders),
    Route("GET", _TRADING + "inquire-ccnl", "TTTS3035R", "VTTS3035R", kis_history.CCNL_KEYS,
          kis_history.executions),
    Route("GET", _TRADING + "inquire-balance", "TTTS3012R", "VTTS3012R",
          kis_accounts.BALANCE_KEYS, kis_accounts.balance),
    Route("GET", _TRADING + "inquire-present-balance", "CTRP6504R", "VTRP6504R",
          kis_present.PRESENT_KEYS, kis_present.present_balance),
    Route("GET", _TRADING + "inquire-psamount", "TTTS3007R", "VTTS3007R",
          kis_accounts.PSAMOUNT_KEYS, kis_accounts.buying_power),
    Route("GET", _TRADING + "inquire-period-profit", "TTTS3039R", "", kis_profits.PROFIT_KEYS,
          kis_profits.period_profit),
    _quote(_QUOTES + "price", "HHDFS00000300", _SAME, kis_quotes.price),
    _quote(_QUOTES + "price-detail", "HHDFS76200200", "", kis_quotes.price_detail),
    _quote(_QUOTES + "inquire-asking-price", "HHDFS76200100", "", kis_quotes.asking_price),
    _info(_QUOTES + "search-info", "CTPF1702R", kis_quotes.overseas_info),
)  # fmt: skip

Keys = tuple[str, ...]


def _krx_order(path: str, real: str, keys: Keys, handler: Handler) -> Route:
    """An order call; on paper the first letter of its TR id is V."""
    return Route("POST", _KRX_TRADING + path, real, f"V{real[1:]}", keys, handler)


def _krx_account(path: str, real: str, keys: Keys, handler: Handler, paper: str = _SAME) -> Route:
    """An account inquiry; ``paper`` blank: not there."""
    on_paper = f"V{real[1:]}" if paper == _SAME else paper
    return Route("GET", _KRX_TRADING + path, real, on_paper, keys, handler)


def _krx_market(path: str, tr_id: str, keys: Keys, handler: Handler, paper: str = "") -> Route:
    """A call that needs no account; on paper, where it is there, under the same TR id."""
    on_paper = tr_id if paper == _SAME else ""
    return Route("GET", path, tr_id, on_paper, keys, handler, account=False)


KRX_ROUTES = (
    # Each TR id of the time before NXT, which published clients still send, below today's.
    _krx_order("order-cash", "TTTC0012U", rest_orders.ORDER_KEYS, rest_orders.buy),
    _krx_order("order-cash", "TTTC0802U", rest_orders.ORDER_KEYS, rest_orders.buy),
    _krx_order("order-cash", "TTTC0011U", rest_orders.ORDER_KEYS, rest_orders.sell),
    _krx_order("order-cash", "TTTC0801U", rest_orders.ORDER_KEYS, rest_orders.sell),
    _krx_order("order-rvsecncl", "TTTC0013U", rest_orders.CHANGE_KEYS, rest_orders.change),
    _krx_order("order-rvsecncl", "TTTC0803U", rest_orders.CHANGE_KEYS, rest_orders.change),
    _krx_account("inquire-psbl-rvsecncl", "TTTC0084R", rest_history.OPEN_KEYS,
                 rest_history.open_orders),
    _krx_account("inquire-psbl-rvsecncl", "TTTC8036R", rest_history.OPEN_KEYS,
                 rest_history.open_orders),
    _krx_account("inquire-daily-ccld", "TTTC0081R", rest_history.DAILY_KEYS,
                 rest_history.recent_orders),
    _krx_account("inquire-daily-ccld", "TTTC8001R", rest_history.DAILY_KEYS,
                 rest_history.recent_orders),
    _krx_account("inquire-daily-ccld", "CTSC9215R", rest_history.DAILY_KEYS,
                 rest_history.older_orders, "VTSC9215R"),
    _krx_account("inquire-daily-ccld", "CTSC9115R", rest_history.DAILY_KEYS,
                 rest_history.older_orders, "VTSC9115R"),
    _krx_account("inquire-balance", "TTTC8434R", rest_accounts.BALANCE_KEYS,
                 rest_accounts.balance),
    _krx_account("inquire-psbl-order", "TTTC8908R", rest_orderable.BUYABLE_KEYS,
                 rest_orderable.buyable),
    _krx_account("inquire-psbl-sell", "TTTC8408R", rest_orderable.SELLABLE_KEYS,
                 rest_orderable.sellable, ""),
    _krx_account("inquire-period-trade-profit", "TTTC8715R", rest_profits.TRADE_KEYS,
                 rest_profits.trade_profits, ""),
    _krx_account("inquire-period-profit", "TTTC8708R", rest_profits.DAY_KEYS,
                 rest_profits.day_profits, ""),
    _krx_market(_KRX_QUOTES + "inquire-price", "FHKST01010100", rest_price.PRICE_KEYS,
                rest_price.price, _SAME),
    _krx_market(_KRX_QUOTES + "inquire-asking-price-exp-ccn", "FHKST01010200",
                rest_quotes.QUOTE_KEYS, rest_quotes.asking_price, _SAME),
    _krx_market(_KRX_QUOTES + "inquire-ccnl", "FHKST01010300", rest_quotes.QUOTE_KEYS,
                rest_quotes.executions, _SAME),
    _krx_market(_KRX_QUOTES + "intstock-multprice", "FHKST11300006", rest_quotes.MANY_KEYS,
                rest_quotes.many_prices),
    _krx_market(_KRX_QUOTES + "inquire-daily-itemchartprice", "FHKST03010100",
                rest_charts.DAILY_KEYS, rest_charts.daily, _SAME),
    _krx_market(_KRX_QUOTES + "inquire-time-itemchartprice", "FHKST03010200",
                rest_charts.MINUTE_KEYS, rest_charts.minutes, _SAME),
    _krx_market(_KRX_QUOTES + "inquire-time-dailychartprice", "FHKST03010230",
                rest_charts.PAST_KEYS, rest_charts.past_minutes),
    _krx_market(_KRX_QUOTES + "inquire-daily-indexchartprice", "FHKUP03500100",
                rest_index.CHART_KEYS, rest_index.index_chart, _SAME),
    _krx_market(_KRX_QUOTES + "inquire-index-price", "FHPUP02100000", rest_index.INDEX_KEYS,
                rest_index.index_price),
    _krx_market(_KRX_QUOTES + "volume-rank", "FHPST01710000", rest_rankings.VOLUME_KEYS,
                rest_rankings.volume_rank),
    _krx_market(_KRX_RANKING + "fluctuation", "FHPST01700000", rest_rankings.CHANGE_KEYS,
                rest_rankings.fluctuation),
    _krx_market(_KRX_RANKING + "volume-power", "FHPST01680000", rest_rankings.POWER_KEYS,
                rest_rankings.volume_power),
    _krx_market(_KRX_RANKING + "near-new-highlow", "FHPST01870000", rest_rankings.NEAR_KEYS,
                rest_rankings.near_extremes),
    _krx_market(_KRX_QUOTES + "chk-holiday", "CTCA0903R", rest_static.HOLIDAY_KEYS,
                rest_static.holidays),
    _krx_market(_KRX_QUOTES + "search-stock-info", "CTPF1002R", rest_static.INFO_KEYS,
                rest_static.stock_info),
    _krx_market(_KRX_QUOTES + "search-info", "CTPF1604R", rest_static.INFO_KEYS,
                rest_static.product_info),
    _krx_market(_KRX_QUOTES + "inquire-vi-status", "FHPST01390000", rest_static.VI_KEYS,
                rest_static.interruptions),
)  # fmt: skip

ROUTES = (*US_ROUTES, *KRX_ROUTES)
BY_TR: dict[Server, dict[str, Route]] = {
    Server.REAL: {route.real: route for route in ROUTES},
    Server.PAPER: {route.paper: route for route in ROUTES if route.paper},
}
