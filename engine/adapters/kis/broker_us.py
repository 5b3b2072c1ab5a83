"""The US account at KIS, with the personality of the real or of the paper server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from engine.adapters.kis.budget import CallBudget
from engine.adapters.kis.endpoint import Server
from engine.adapters.kis.fields import CANCEL_FLAG, LIMIT_ORDER, ORDER_OPERATION, Operation
from engine.adapters.kis.orders import order_once
from engine.adapters.kis.payloads import (
    parse_buying_power,
    parse_cash,
    parse_holdings,
    parse_order_no,
    parse_reports,
)
from engine.adapters.kis.transport import KisTransport, Spender
from engine.adapters.kis.values import Body
from engine.model.account import Cash, Holding
from engine.model.instrument import US_EXCHANGES, Exchange
from engine.model.money import Usd
from engine.model.orders import Accepted, CancelIntent, OrderIntent, OrderReport, PlaceAnswer, Side
from engine.model.quota import Priority, Quota
from engine.ports.clock import Clock

_CENT = Decimal("0.01")
_BELOW_A_DOLLAR = Decimal("0.0001")
_DAY = "%Y%m%d"
# Real: NASD asks for all US exchanges at once. Paper: for Nasdaq only.
_BALANCE_SCOPE: Mapping[Server, tuple[Exchange, ...]] = {
    Server.REAL: (Exchange.NASD,),
    Server.PAPER: US_EXCHANGES,
}
_EXECUTION_FILTER: Mapping[Server, Mapping[str, str]] = {
    Server.REAL: {"PDNO": "%", "OVRS_EXCG_CD": "NASD", "SORT_SQN": "DS"},
    Server.PAPER: {"PDNO": "", "OVRS_EXCG_CD": "", "SORT_SQN": "DS"},
}
_PAGE = {"CTX_AREA_FK200": "", "CTX_AREA_NK200": ""}
# Any large, liquid listing will do: only the dollars of the answer are read.
_BUYING_POWER_PROBE = {"OVRS_EXCG_CD": "NASD", "OVRS_ORD_UNPR": "100.00", "ITEM_CD": "AAPL"}


class KisUsBroker:
    """Implements the Broker port. An order is posted once, by a path without any loop."""

    def __init__(self, transport: KisTransport, budget: CallBudget, clock: Clock) -> None:
        self._transport = transport
        self._budget = budget
        self._clock = clock
        keys = transport.endpoint.keys
        self._server = transport.endpoint.server
        self._account = {"CANO": keys.cano, "ACNT_PRDT_CD": keys.product}

    async def place(self, order: OrderIntent) -> PlaceAnswer:
        """Send one limit order, once."""
        body = {
            **self._account,
            "OVRS_EXCG_CD": order.exchange.value,
            "PDNO": order.symbol,
            "ORD_QTY": str(order.qty),
            "OVRS_ORD_UNPR": render_price(order.limit, order.side),
            "CTAC_TLNO": "",
            "MGCO_APTM_ODNO": "",
            "SLL_TYPE": "00" if order.side is Side.SELL else "",
            "ORD_SVR_DVSN_CD": "0",
            "ORD_DVSN": LIMIT_ORDER,
        }
        priority = Priority.EXIT if order.side is Side.SELL else Priority.ENTRY
        return await self._order(ORDER_OPERATION[order.side], body, priority)

    async def cancel(self, order: CancelIntent) -> PlaceAnswer:
        """Ask to take back the open quantity, once. Only the executions end the order."""
        body = {
            **self._account,
            "OVRS_EXCG_CD": order.exchange.value,
            "PDNO": order.symbol,
            "ORGN_ODNO": order.broker_order_no,
            "RVSE_CNCL_DVSN_CD": CANCEL_FLAG,
            "ORD_QTY": str(order.qty),
            "OVRS_ORD_UNPR": "0",
            "MGCO_APTM_ODNO": "",
            "ORD_SVR_DVSN_CD": "0",
        }
        return await self._order(Operation.CANCEL, body, Priority.CANCEL)

    async def fetch_holdings(self, priority: Priority) -> tuple[Holding, ...]:
        """All US holdings: one call on real, one per exchange on paper."""
        bodies = []
        for exchange in _BALANCE_SCOPE[self._server]:
            query = {**self._account, "OVRS_EXCG_CD": exchange.value, "TR_CRCY_CD": "USD", **_PAGE}
            bodies += await self._pages(Operation.HOLDINGS, query, priority)
        return parse_holdings(bodies)

    async def fetch_reports(
        self, first: date, last: date, priority: Priority
    ) -> tuple[OrderReport, ...]:
        """Orders between two US dates, both included."""
        query = {
            **self._account,
            **_EXECUTION_FILTER[self._server],
            "ORD_STRT_DT": first.strftime(_DAY),
            "ORD_END_DT": last.strftime(_DAY),
            "SLL_BUY_DVSN": "00",
            "CCLD_NCCS_DVSN": "00",
            "ORD_DT": "",
            "ORD_GNO_BRNO": "",
            "ODNO": "",
            **_PAGE,
        }
        reports = parse_reports(await self._pages(Operation.EXECUTIONS, query, priority))
        hide = self._transport.endpoint.keys.hide
        return tuple(replace(one, reject_reason=hide(one.reject_reason)) for one in reports)

    async def fetch_cash(self, priority: Priority) -> Cash:
        """Dollars and the won rate, by one call."""
        spender = Spender(self._budget, priority)
        if self._server is Server.PAPER:
            query = {**self._account, **_BUYING_POWER_PROBE}
            body = await self._transport.fetch(Operation.BUYING_POWER, query, spender)
            return parse_buying_power(body, self._clock.now())
        query = {
            **self._account,
            "WCRC_FRCR_DVSN_CD": "02",  # foreign currency; 01 would state prices in won
            "NATN_CD": "840",
            "TR_MKET_CD": "00",
            "INQR_DVSN_CD": "00",
        }
        body = await self._transport.fetch(Operation.CASH, query, spender)
        return parse_cash(body, self._clock.now())

    def quota(self) -> Quota:
        """Calls spent by this desk so far."""
        return self._budget.quota()

    async def _pages(
        self, operation: Operation, query: Mapping[str, str], priority: Priority
    ) -> list[Mapping[str, object]]:
        return await self._transport.fetch_pages(operation, query, Spender(self._budget, priority))

    async def _order(
        self, operation: Operation, body: Mapping[str, str], priority: Priority
    ) -> PlaceAnswer:
        spender = Spender(self._budget, priority)
        return await order_once(self._transport, operation, body, spender, _read_yes)


def _read_yes(body: Body) -> Accepted | None:
    number = parse_order_no(body)
    return None if number is None else Accepted(number)


def render_price(limit: Usd, side: Side) -> str:
    """Two decimals from $1 on, four below (US Rule 612), rounded so that the limit is kept."""
    rounding = ROUND_UP if side is Side.SELL else ROUND_DOWN
    step = _CENT if limit.amount >= 1 else _BELOW_A_DOLLAR
    return f"{limit.amount.quantize(step, rounding):f}"
