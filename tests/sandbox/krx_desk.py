"""A scripted Korean market behind the REST server, and the domestic calls of a signed client."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sandbox.kis_rest import KisRest
from sandbox.kis_wire import KisReply
from sandbox.krx.hours import at, previous_trading_day
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import DayBar
from sandbox.krx.side import KrxScenario
from sandbox.krx.tape import KrxPrint, PrintKind
from sandbox.model import Server, Side
from sandbox.scenario import Scenario, build
from tests.sandbox.kis_desk import KisDesk, ScriptedTape, Seconds

DAY = date(2026, 11, 20)
TRADING = "/uapi/domestic-stock/v1/trading/"
QUOTES = "/uapi/domestic-stock/v1/quotations/"
RANKING = "/uapi/domestic-stock/v1/ranking/"
SHARE, OTHER, FUND, NOTE = "900010", "900020", "900030", "Q900040"
BASE = Decimal(10_000)
SHARES = 20_000_000
PAGE = {"CTX_AREA_FK100": "", "CTX_AREA_NK100": ""}
PERIOD = {"INQR_STRT_DT": "20261101", "INQR_END_DT": "20261130", "CBLC_DVSN": "00"}


def listing(symbol: str, name: str, segment: str = "KOSPI", **traits: Any) -> KrxListing:
    return KrxListing(symbol, name, segment, BASE, 1_000_000, SHARES, **traits)


LISTINGS = (
    listing(SHARE, "한빛소재", large=True),
    listing(OTHER, "두리전자", "KOSDAQ"),
    listing(FUND, "한빛 코리아200", group="EF"),
    listing(NOTE, "한빛 금 선물 ETN", group="EN"),
)


def kst(hour: int, minute: int = 0, second: float = 0, day: date = DAY) -> datetime:
    return at(day, time(hour, minute)) + timedelta(seconds=second)


def trade(moment: datetime, price: int, size: int = 100, side: Side | None = Side.BUY) -> KrxPrint:
    """A print between a bid and an ask one step of ten won away."""
    return KrxPrint(
        moment,
        Decimal(price),
        size,
        side,
        bid=Decimal(price - 10),
        ask=Decimal(price),
        bid_size=1000,
        ask_size=1000,
    )


def auction(moment: datetime, price: int, size: int = 1000) -> KrxPrint:
    return KrxPrint(moment, Decimal(price), size, kind=PrintKind.AUCTION)


class KrxScript:
    """A tape of prints by symbol; yesterday and the days before stood at the base price."""

    is_recorded = False

    def __init__(self, by_symbol: dict[str, list[KrxPrint]], days: int = 3) -> None:
        self.by_symbol = by_symbol
        self.days = days

    def prints(self, listing: KrxListing, day: date) -> Iterator[KrxPrint]:
        return iter([p for p in self.by_symbol.get(listing.symbol, []) if _on(p, day)])

    def history(self, listing: KrxListing, before: date) -> tuple[DayBar, ...]:
        bars, day = [], before
        for age in range(self.days):
            day = previous_trading_day(day)
            close = listing.base_price - 10 * age
            high, low = close + 20, close - 30
            bars.append(DayBar(day, close, high, low, close, 500_000, close * 500_000))
        return tuple(reversed(bars))


def _on(entry: KrxPrint, day: date) -> bool:
    return kst(0, day=day) <= entry.at < kst(0, day=day) + timedelta(days=1)


class KrxDesk(KisDesk):
    """A world whose time the test moves, and a client of both servers' domestic calls."""

    def __init__(
        self,
        tape: list[KrxPrint] | dict[str, list[KrxPrint]] | None = None,
        start: datetime | None = None,
        cash: int = 10_000_000,
        fee_pct: str = "0",
        listings: tuple[KrxListing, ...] = LISTINGS,
        days: int = 3,
    ) -> None:
        script = tape if isinstance(tape, dict) else {SHARE: tape or []}
        self.tape = ScriptedTape({})
        self.seconds = Seconds()
        krx = KrxScenario(listings, KrxScript(script, days), Decimal(cash), Decimal(fee_pct))
        self.world = build(
            Scenario(start=start or kst(10), tape=self.tape, krx=krx, time_source=self.seconds)
        )
        self.rest = KisRest(self.world, {Server.REAL: 1000, Server.PAPER: 1000})
        self.notices = []
        self.world.krx.books.on_notice(self.notices.append)
        self.tokens = {}

    def until_day(self, moment: datetime) -> None:
        """Go to a later day, where the token of today is worth nothing."""
        self.until(moment)
        self.tokens.clear()

    def hold(self, symbol: str, qty: int, average: str, server: Server = Server.REAL) -> None:
        self.world.krx.books.accounts[server].put(symbol, qty, Decimal(average))

    def get(
        self,
        path: str,
        tr_id: str,
        params: dict[str, str],
        server: Server = Server.REAL,
        headers: Mapping[str, str] | None = None,
    ) -> KisReply:
        extra: dict[str, Any] = dict(headers or {})
        return self.call("GET", path, tr_id, params, server, **extra)

    def order(
        self,
        side: str,
        qty: str,
        price: str,
        symbol: str = SHARE,
        server: Server = Server.REAL,
        **changes: Any,
    ) -> KisReply:
        ours = {"buy": "TTTC0012U", "sell": "TTTC0011U"}[side]
        tr_id = changes.pop("tr_id", ours if server is Server.REAL else f"V{ours[1:]}")
        params = self.account(server) | {
            "PDNO": symbol,
            "ORD_DVSN": "00",
            "ORD_QTY": qty,
            "ORD_UNPR": price,
            "EXCG_ID_DVSN_CD": "KRX",
        }
        return self.call("POST", TRADING + "order-cash", tr_id, params | changes, server)

    def change(
        self,
        number: str,
        kind: str,
        qty: str = "0",
        price: str = "0",
        symbol: str = SHARE,
        server: Server = Server.REAL,
        **changes: Any,
    ) -> KisReply:
        params = self.account(server) | {
            "KRX_FWDG_ORD_ORGNO": "",
            "ORGN_ODNO": number,
            "ORD_DVSN": "00",
            "RVSE_CNCL_DVSN_CD": kind,
            "ORD_QTY": qty,
            "ORD_UNPR": price,
            "QTY_ALL_ORD_YN": "Y" if qty == "0" else "N",
        }
        tr_id = "TTTC0013U" if server is Server.REAL else "VTTC0013U"
        return self.call("POST", TRADING + "order-rvsecncl", tr_id, params | changes, server)

    def open_orders(self, **changes: str) -> KisReply:
        params = self.account(Server.REAL) | PAGE | {"INQR_DVSN_1": "0", "INQR_DVSN_2": "0"}
        return self.get(TRADING + "inquire-psbl-rvsecncl", "TTTC0084R", params | changes)

    def daily(
        self, server: Server = Server.REAL, headers: Mapping[str, str] | None = None, **changes: str
    ) -> KisReply:
        params = (
            self.account(server)
            | PAGE
            | {
                "INQR_STRT_DT": "20261120",
                "INQR_END_DT": "20261120",
                "SLL_BUY_DVSN_CD": "00",
                "PDNO": "",
                "ORD_GNO_BRNO": "",
                "ODNO": "",
                "CCLD_DVSN": "00",
                "INQR_DVSN": "00",
                "INQR_DVSN_1": "",
                "INQR_DVSN_3": "00",
                "EXCG_ID_DVSN_CD": "KRX",
            }
        )
        tr_id = "TTTC0081R" if server is Server.REAL else "VTTC0081R"
        path = TRADING + "inquire-daily-ccld"
        return self.get(path, tr_id, params | changes, server, headers)

    def krx_balance(
        self, server: Server = Server.REAL, headers: Mapping[str, str] | None = None, **changes: str
    ) -> KisReply:
        params = (
            self.account(server)
            | PAGE
            | {
                "AFHR_FLPR_YN": "N",
                "OFL_YN": "",
                "INQR_DVSN": "02",
                "UNPR_DVSN": "01",
                "FUND_STTL_ICLD_YN": "N",
                "FNCG_AMT_AUTO_RDPT_YN": "N",
                "PRCS_DVSN": "00",
            }
        )
        tr_id = "TTTC8434R" if server is Server.REAL else "VTTC8434R"
        path = TRADING + "inquire-balance"
        return self.get(path, tr_id, params | changes, server, headers)

    def trade_profits(
        self, server: Server = Server.REAL, headers: Mapping[str, str] | None = None, **changes: str
    ) -> KisReply:
        params = self.account(server) | PAGE | PERIOD | {"PDNO": "", "SORT_DVSN": "00"}
        path = TRADING + "inquire-period-trade-profit"
        return self.get(path, "TTTC8715R", params | changes, server, headers)

    def day_profits(self, server: Server = Server.REAL, **changes: str) -> KisReply:
        params = self.account(server) | PAGE | PERIOD | {"INQR_DVSN": "00", "SORT_DVSN": "00"}
        path = TRADING + "inquire-period-profit"
        return self.get(path, "TTTC8708R", params | changes, server)

    def buyable(self, division: str = "01", price: str = "0", symbol: str = SHARE) -> KisReply:
        params = self.account(Server.REAL) | {
            "PDNO": symbol,
            "ORD_UNPR": price,
            "ORD_DVSN": division,
            "CMA_EVLU_AMT_ICLD_YN": "N",
            "OVRS_ICLD_YN": "N",
        }
        return self.get(TRADING + "inquire-psbl-order", "TTTC8908R", params)

    def quote(
        self, path: str, tr_id: str, symbol: str = SHARE, server: Server = Server.REAL
    ) -> KisReply:
        params = {"FID_COND_MRKT_DIV_CODE": "J", "FID_INPUT_ISCD": symbol}
        return self.get(QUOTES + path, tr_id, params, server)
