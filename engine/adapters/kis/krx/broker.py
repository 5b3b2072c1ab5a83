"""The won account at KIS: orders on KRX, cash only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_DOWN, ROUND_UP

from engine.adapters.kis.budget import CallBudget
from engine.adapters.kis.endpoint import Server
from engine.adapters.kis.fields import (
    CANCEL_FLAG,
    KRX_ORDER_OPERATION,
    LIMIT_ORDER,
    MARKET_ORDER,
    Operation,
)
from engine.adapters.kis.krx.payloads import (
    parse_answer,
    parse_cash,
    parse_holdings,
    parse_reports,
)
from engine.adapters.kis.orders import order_once
from engine.adapters.kis.transport import KisTransport, Spender
from engine.adapters.kis.values import Body
from engine.model.account import Cash, Holding
from engine.model.ids import BRANCH_MARK
from engine.model.money import Krw
from engine.model.orders import (
    CancelIntent,
    OrderIntent,
    OrderKind,
    OrderReport,
    PlaceAnswer,
    Side,
)
from engine.model.quota import Priority, Quota
from engine.ports.clock import Clock

_DAY = "%Y%m%d"
_KRX = "KRX"
_NUMBER_WIDTH = 10
# Real: also what was typed elsewhere for another venue. Paper knows KRX only.
_VENUES: Mapping[Server, str] = {Server.REAL: "ALL", Server.PAPER: _KRX}
_PAGE = {"CTX_AREA_FK100": "", "CTX_AREA_NK100": ""}
_BALANCE = {
    "AFHR_FLPR_YN": "N",
    "OFL_YN": "",
    "INQR_DVSN": "02",
    "UNPR_DVSN": "01",
    "FUND_STTL_ICLD_YN": "N",
    "FNCG_AMT_AUTO_RDPT_YN": "N",
    "PRCS_DVSN": "00",
    **_PAGE,
}
# Without a symbol the amounts alone come; no CMA, no dollars: won that are there.
_BUYING_POWER = {
    "PDNO": "",
    "ORD_UNPR": "0",
    "ORD_DVSN": MARKET_ORDER,
    "CMA_EVLU_AMT_ICLD_YN": "N",
    "OVRS_ICLD_YN": "N",
}


class KisKrxBroker:
    """Implements Broker[Krw]. An order is posted once, by a path without any loop."""

    def __init__(self, transport: KisTransport, budget: CallBudget, clock: Clock) -> None:
        self._transport = transport
        self._budget = budget
        self._clock = clock
        keys = transport.endpoint.keys
        self._server = transport.endpoint.server
        self._account = {"CANO": keys.cano, "ACNT_PRDT_CD": keys.product}

    async def place(self, order: OrderIntent[Krw]) -> PlaceAnswer:
        """Send one order, once."""
        is_market = order.kind is OrderKind.MARKET
        body = {
            **self._account,
            "PDNO": order.symbol,
            "SLL_TYPE": "01" if order.side is Side.SELL else "",
            "ORD_DVSN": MARKET_ORDER if is_market else LIMIT_ORDER,
            "ORD_QTY": str(order.qty),
            "ORD_UNPR": "0" if is_market else render_won(order.limit, order.side),
            "CNDT_PRIC": "",
            "EXCG_ID_DVSN_CD": _KRX,
        }
        priority = Priority.EXIT if order.side is Side.SELL else Priority.ENTRY
        return await self._order(KRX_ORDER_OPERATION[order.side], body, priority)

    async def cancel(self, order: CancelIntent) -> PlaceAnswer:
        """Ask to take back all that is open, once. Only the reports end the order."""
        number = order.broker_order_no.rpartition(BRANCH_MARK)[2]
        body = {
            **self._account,
            "KRX_FWDG_ORD_ORGNO": order.branch,
            "ORGN_ODNO": number.zfill(_NUMBER_WIDTH),
            "ORD_DVSN": LIMIT_ORDER,
            "RVSE_CNCL_DVSN_CD": CANCEL_FLAG,
            "ORD_QTY": "0",
            "ORD_UNPR": "0",
            "QTY_ALL_ORD_YN": "Y",
            "CNDT_PRIC": "",
            "EXCG_ID_DVSN_CD": _KRX,
        }
        return await self._order(Operation.KRX_CANCEL, body, Priority.CANCEL)

    async def fetch_holdings(self, priority: Priority) -> tuple[Holding[Krw], ...]:
        """All shares of the account: 50 a page on real, 20 on paper."""
        query = {**self._account, **_BALANCE}
        return parse_holdings(await self._pages(Operation.KRX_HOLDINGS, query, priority))

    async def fetch_reports(
        self, first: date, last: date, priority: Priority
    ) -> tuple[OrderReport[Krw], ...]:
        """Orders between two KST dates of the last three months, both included."""
        query = {
            **self._account,
            "INQR_STRT_DT": first.strftime(_DAY),
            "INQR_END_DT": last.strftime(_DAY),
            "SLL_BUY_DVSN_CD": "00",
            "PDNO": "",
            "ORD_GNO_BRNO": "",
            "ODNO": "",
            "CCLD_DVSN": "00",
            "INQR_DVSN": "00",
            "INQR_DVSN_1": "",
            "INQR_DVSN_3": "00",
            "EXCG_ID_DVSN_CD": _VENUES[self._server],
            **_PAGE,
        }
        bodies = await self._pages(Operation.KRX_EXECUTIONS, query, priority)
        return parse_reports(bodies)

    async def fetch_cash(self, priority: Priority) -> Cash[Krw]:
        """Won after settlement, and what may be ordered without arrears: two calls."""
        spender = Spender(self._budget, priority)
        fetch = self._transport.fetch
        balance = await fetch(Operation.KRX_HOLDINGS, {**self._account, **_BALANCE}, spender)
        query = {**self._account, **_BUYING_POWER}
        buying_power = await fetch(Operation.KRX_BUYING_POWER, query, spender)
        return parse_cash(balance, buying_power, self._clock.now())

    def quota(self) -> Quota:
        """Calls spent by this desk so far."""
        return self._budget.quota()

    async def _pages(
        self, operation: Operation, query: Mapping[str, str], priority: Priority
    ) -> list[Body]:
        return await self._transport.fetch_pages(operation, query, Spender(self._budget, priority))

    async def _order(
        self, operation: Operation, body: Mapping[str, str], priority: Priority
    ) -> PlaceAnswer:
        spender = Spender(self._budget, priority)
        return await order_once(self._transport, operation, body, spender, parse_answer)


def render_won(limit: Krw, side: Side) -> str:
    """Whole won, rounded so that the limit is kept."""
    return str(limit.rounded(ROUND_UP if side is Side.SELL else ROUND_DOWN).amount)
