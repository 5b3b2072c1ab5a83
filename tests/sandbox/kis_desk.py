"""A scripted market and a signed client for the REST tests; no sockets, no real time."""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sandbox.kis_rest import KisRest
from sandbox.kis_wire import KisReply, KisRequest
from sandbox.market import Print
from sandbox.model import Fault, Listing, Notice, Server
from sandbox.scenario import Scenario, build
from sandbox.session import at

DAY = date(2026, 11, 20)
TRADING = "/uapi/overseas-stock/v1/trading/"
QUOTES = "/uapi/overseas-price/v1/quotations/"
AAPL = Listing("AAPL", "NASD", "애플", Decimal("100.00"), 1000)
KO = Listing("KO", "NYSE", "코카콜라", Decimal("60.00"), 2000)
SOXL = Listing("SOXL", "AMEX", "반도체 3배", Decimal("30.00"), 3000)


def et(hour: int, minute: int = 0, second: float = 0, day: date = DAY) -> datetime:
    return at(day, time(hour, minute)) + timedelta(seconds=second)


def prints(*rows: tuple[datetime, str, int]) -> list[Print]:
    return [Print(moment, Decimal(price), size) for moment, price, size in rows]


class ScriptedTape:
    def __init__(self, by_symbol: dict[str, list[Print]]) -> None:
        self.by_symbol = by_symbol
        self.halts: set[str] = set()

    def prints(self, listing: Listing, day: date) -> Iterator[Print]:
        for entry in self.by_symbol.get(listing.symbol, []):
            if at(day, time(0)) <= entry.at < at(day, time(23, 59)):
                yield entry

    def halted(self, symbol: str, moment: datetime) -> bool:
        return symbol in self.halts


class Seconds:
    """A time source that only moves when told."""

    def __init__(self) -> None:
        self.value = 0.0

    def __call__(self) -> float:
        return self.value


class KisDesk:
    """A world with three listings, whose time the test moves, and a client for both servers."""

    def __init__(
        self,
        tape: list[Print] | dict[str, list[Print]] | None = None,
        start: datetime | None = None,
        cash: str = "10000.00",
        fee_pct: str = "0",
        listings: tuple[Listing, ...] = (AAPL, KO, SOXL),
    ) -> None:
        script = tape if isinstance(tape, dict) else {"AAPL": tape or []}
        self.tape = ScriptedTape(script)
        self.seconds = Seconds()
        self.world = build(
            Scenario(
                start=start or et(10),
                listings=listings,
                tape=self.tape,
                cash=Decimal(cash),
                fee_pct=Decimal(fee_pct),
                has_levies=False,
                time_source=self.seconds,
            )
        )
        self.rest = KisRest(self.world)
        self.notices: list[Notice] = []
        self.world.books.on_notice(self.notices.append)
        self.tokens: dict[Server, str] = {}

    def wait(self, seconds: float) -> None:
        self.seconds.value += seconds
        self.world.catch_up()

    def until(self, moment: datetime) -> None:
        self.wait((moment - self.world.clock.now()).total_seconds())

    def hold(self, symbol: str, qty: int, average: str, server: Server = Server.REAL) -> None:
        listing = self.world.market.listing(symbol)
        assert listing is not None
        self.world.books.accounts[server].put(symbol, listing.exchange, qty, Decimal(average))

    def fault(self, kind: str, target: str = "*", times: int = 1, value: str = "") -> None:
        self.world.faults.add(Fault("rest", kind, target, times, value))

    def ask_token(self, server: Server = Server.REAL, **changes: str) -> KisReply:
        owner = self.world.credentials[server]
        fields = {
            "grant_type": "client_credentials",
            "appkey": owner.app_key,
            "appsecret": owner.app_secret,
        } | changes
        return self.post_auth("/oauth2/tokenP", fields, server)

    def post_auth(self, path: str, fields: dict[str, str], server: Server) -> KisReply:
        headers = {"content-type": "application/json"}
        return self.rest.handle(KisRequest(server, "POST", path, headers, {}, json.dumps(fields)))

    def headers(self, server: Server, tr_id: str) -> dict[str, str]:
        owner = self.world.credentials[server]
        if server not in self.tokens:
            self.tokens[server] = body(self.ask_token(server))["access_token"]
        return {
            "content-type": "application/json; charset=utf-8",
            "authorization": f"Bearer {self.tokens[server]}",
            "appkey": owner.app_key,
            "appsecret": owner.app_secret,
            "tr_id": tr_id,
            "custtype": "P",
        }

    def account(self, server: Server) -> dict[str, str]:
        number = self.world.credentials[server].account
        return {"CANO": number[:8], "ACNT_PRDT_CD": number[8:]}

    def call(
        self,
        method: str,
        path: str,
        tr_id: str,
        params: dict[str, Any],
        server: Server = Server.REAL,
        **headers: str,
    ) -> KisReply:
        signed = self.headers(server, tr_id) | headers
        text = json.dumps(params) if method == "POST" else ""
        query = params if method == "GET" else {}
        return self.rest.handle(KisRequest(server, method, path, signed, query, text))

    def price(self, symbol: str = "AAPL", code: str = "NAS", **headers: str) -> KisReply:
        params = {"AUTH": "", "EXCD": code, "SYMB": symbol}
        path = QUOTES + "price"
        return self.call("GET", path, "HHDFS00000300", params, Server.REAL, **headers)

    def order(
        self,
        side: str,
        qty: str,
        price: str,
        symbol: str = "AAPL",
        server: Server = Server.REAL,
        **changes: Any,
    ) -> KisReply:
        listing = self.world.market.listing(symbol)
        tr_ids = {
            (Server.REAL, "buy"): "TTTT1002U",
            (Server.REAL, "sell"): "TTTT1006U",
            (Server.PAPER, "buy"): "VTTT1002U",
            (Server.PAPER, "sell"): "VTTT1001U",
        }
        params = self.account(server) | {
            "OVRS_EXCG_CD": "NASD" if listing is None else listing.exchange,
            "PDNO": symbol,
            "ORD_QTY": qty,
            "OVRS_ORD_UNPR": price,
            "CTAC_TLNO": "",
            "MGCO_APTM_ODNO": "",
            "SLL_TYPE": "00" if side == "sell" else "",
            "ORD_SVR_DVSN_CD": "0",
            "ORD_DVSN": "00",
        }
        tr_id = changes.pop("tr_id", tr_ids[server, side])
        params |= changes
        return self.call("POST", TRADING + "order", tr_id, params, server)

    def change(
        self,
        number: str,
        kind: str,
        qty: str,
        price: str = "0",
        symbol: str = "AAPL",
        server: Server = Server.REAL,
    ) -> KisReply:
        listing = self.world.market.listing(symbol)
        assert listing is not None
        params = self.account(server) | {
            "OVRS_EXCG_CD": listing.exchange,
            "PDNO": symbol,
            "ORGN_ODNO": number,
            "RVSE_CNCL_DVSN_CD": kind,
            "ORD_QTY": qty,
            "OVRS_ORD_UNPR": price,
            "MGCO_APTM_ODNO": "",
            "ORD_SVR_DVSN_CD": "0",
        }
        tr_id = "TTTT1004U" if server is Server.REAL else "VTTT1004U"
        return self.call("POST", TRADING + "order-rvsecncl", tr_id, params, server)

    def balance(self, exchange: str = "NASD", server: Server = Server.REAL) -> KisReply:
        params = self.account(server) | {
            "OVRS_EXCG_CD": exchange,
            "TR_CRCY_CD": "USD",
            "CTX_AREA_FK200": "",
            "CTX_AREA_NK200": "",
        }
        tr_id = "TTTS3012R" if server is Server.REAL else "VTTS3012R"
        return self.call("GET", TRADING + "inquire-balance", tr_id, params, server)

    def ccnl(
        self,
        server: Server = Server.REAL,
        nk: str = "",
        headers: dict[str, str] | None = None,
        **changes: str,
    ) -> KisReply:
        params = self.account(server) | {
            "PDNO": "%" if server is Server.REAL else "",
            "ORD_STRT_DT": "20261120",
            "ORD_END_DT": "20261120",
            "SLL_BUY_DVSN": "00",
            "CCLD_NCCS_DVSN": "00",
            "OVRS_EXCG_CD": "%" if server is Server.REAL else "",
            "SORT_SQN": "DS",
            "ORD_DT": "",
            "ORD_GNO_BRNO": "",
            "ODNO": "",
            "CTX_AREA_NK200": nk,
            "CTX_AREA_FK200": "",
        }
        params |= changes
        tr_id = "TTTS3035R" if server is Server.REAL else "VTTS3035R"
        path = TRADING + "inquire-ccnl"
        return self.call("GET", path, tr_id, params, server, **(headers or {}))

    def nccs(self, server: Server = Server.REAL) -> KisReply:
        params = self.account(server) | {
            "OVRS_EXCG_CD": "NASD",
            "SORT_SQN": "DS",
            "CTX_AREA_FK200": "",
            "CTX_AREA_NK200": "",
        }
        tr_id = "TTTS3018R" if server is Server.REAL else "VTTS3018R"
        return self.call("GET", TRADING + "inquire-nccs", tr_id, params, server)

    def profits(
        self,
        server: Server = Server.REAL,
        headers: dict[str, str] | None = None,
        **changes: str,
    ) -> KisReply:
        params = self.account(server) | {
            "OVRS_EXCG_CD": "",
            "NATN_CD": "",
            "CRCY_CD": "USD",
            "PDNO": "",
            "INQR_STRT_DT": "20261101",
            "INQR_END_DT": "20261130",
            "WCRC_FRCR_DVSN_CD": "01",
            "CTX_AREA_FK200": "",
            "CTX_AREA_NK200": "",
        }
        path = TRADING + "inquire-period-profit"
        return self.call("GET", path, "TTTS3039R", params | changes, server, **(headers or {}))

    def kinds(self) -> list[str]:
        return [notice.kind.value for notice in self.notices]


def body(reply: KisReply) -> dict[str, Any]:
    content = json.loads(reply.body)
    assert isinstance(content, dict)
    return content


def code(reply: KisReply) -> tuple[int, str]:
    return reply.status, body(reply)["msg_cd"]


def number(reply: KisReply) -> str:
    return str(body(reply)["output"]["ODNO"])
