"""Which TR id means what on which server. Domestic calls get their rows here later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox import kis_accounts, kis_history, kis_orders, kis_present, kis_quotes
from sandbox.kis_wire import Answer, Call
from sandbox.model import Server
from sandbox.world import World

Handler = Callable[[World, Call], Answer]

_TRADING = "/uapi/overseas-stock/v1/trading/"
_QUOTES = "/uapi/overseas-price/v1/quotations/"
_PRODUCTS = "/uapi/domestic-stock/v1/quotations/"


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


ROUTES = (
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
    _quote(_QUOTES + "price", "HHDFS00000300", _SAME, kis_quotes.price),
    _quote(_QUOTES + "price-detail", "HHDFS76200200", "", kis_quotes.price_detail),
    _quote(_QUOTES + "inquire-asking-price", "HHDFS76200100", "", kis_quotes.asking_price),
    _info(_PRODUCTS + "search-info", "CTPF1604R", kis_quotes.product_info),
    _info(_QUOTES + "search-info", "CTPF1702R", kis_quotes.overseas_info),
)  # fmt: skip

BY_TR: dict[Server, dict[str, Route]] = {
    Server.REAL: {route.real: route for route in ROUTES},
    Server.PAPER: {route.paper: route for route in ROUTES if route.paper},
}
