"""A small world for the socket: real clock (frozen), faults and approvals; scripted market."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.clock import SandboxClock
from sandbox.credentials import Approvals
from sandbox.faults import Faults
from sandbox.model import (
    Credentials,
    Fault,
    Listing,
    Notice,
    NoticeKind,
    NoticeListener,
    Server,
    Side,
    Trade,
    TradeListener,
)
from sandbox.ws_feed import Record
from sandbox.ws_registrations import AppKeySlot
from sandbox.ws_session import Service, SocketSession
from sandbox.ws_settings import Layout, SocketSettings
from sandbox.ws_us import UsFeed
from tests.sandbox.krx_ws_stage import StageKrxMarket

START = datetime(2026, 7, 10, 14, 43, 30, tzinfo=UTC)  # 10:43:30 ET, 23:43:30 KST

LISTINGS = {
    "GOOGL": Listing("GOOGL", "NASD", "ALPHABET A", Decimal("358.89")),
    "SPY": Listing("SPY", "AMEX", "SPDR S&P 500", Decimal("751.71")),
    "F": Listing("F", "NYSE", "FORD MOTOR", Decimal("0.0115")),
}

CUSTOMERS = {
    server: Credentials(
        server=server,
        app_key=f"APPKEY-{server}",
        app_secret="SECRET",
        account="6712345601",
        hts_id=f"Hts{server}",
        holder="홍모래",
    )
    for server in Server
}


def trade(symbol: str = "GOOGL", price: str = "354.42", **changes: Any) -> Trade:
    made = Trade(
        symbol=symbol,
        at=START,
        price=Decimal(price),
        size=201,
        cum_volume=3474974,
        cum_value=Decimal("1237049112.55"),
        open=Decimal("357.525"),
        high=Decimal("357.82"),
        low=Decimal("353.34"),
        bid=Decimal("354.38"),
        ask=Decimal("354.44"),
        bid_size=20,
        ask_size=10,
    )
    return replace(made, **changes)


def notice(kind: NoticeKind = NoticeKind.FILL, **changes: Any) -> Notice:
    made = Notice(
        kind=kind,
        server=Server.REAL,
        account="6712345601",
        order_no="0000037501",
        original_no="",
        side=Side.BUY,
        symbol="GOOGL",
        exchange="NASD",
        qty=3,
        price=Decimal("148.01"),
        order_qty=10,
        at=START,
    )
    return replace(made, **changes)


def request_text(
    tr_id: str, tr_key: str, approval_key: str, tr_type: str = "1", custtype: str = "P"
) -> str:
    header = {
        "approval_key": approval_key,
        "custtype": custtype,
        "tr_type": tr_type,
        "content-type": "utf-8",
    }
    return json.dumps({"header": header, "body": {"input": {"tr_id": tr_id, "tr_key": tr_key}}})


class StageMarket:
    def __init__(self) -> None:
        self.listeners: list[TradeListener] = []

    def on_trade(self, listener: TradeListener) -> None:
        self.listeners.append(listener)

    def listing(self, symbol: str) -> Listing | None:
        return LISTINGS.get(symbol)

    def print(self, *trades: Trade) -> None:
        for each in trades:
            for listener in self.listeners:
                listener(each)


class StageBooks:
    def __init__(self) -> None:
        self.listeners: list[NoticeListener] = []

    def on_notice(self, listener: NoticeListener) -> None:
        self.listeners.append(listener)

    def tell(self, told: Notice) -> None:
        for listener in self.listeners:
            listener(told)


@dataclass(frozen=True)
class StageKrx:
    """Market and books of a scripted KRX."""

    market: StageKrxMarket
    books: StageBooks


class StageWorld:
    """Satisfies ``SocketWorld``; market time moves only by ``pass_time``."""

    def __init__(self) -> None:
        self.clock = SandboxClock(START)
        self.clock.freeze()
        self.clock.jump(START)
        self.market = StageMarket()
        self.books = StageBooks()
        self.krx = StageKrx(StageKrxMarket(), StageBooks())
        self.faults = Faults()
        self.approvals = Approvals(self.clock.now)
        self.credentials: Mapping[Server, Credentials] = CUSTOMERS
        self.jumping = False

    def pass_time(self, seconds: float) -> None:
        self.clock.jump(self.clock.now() + timedelta(seconds=seconds))


class Basket:
    """An outlet that keeps what it is given, wanted or not."""

    def __init__(self) -> None:
        self.quotes: list[Record] = []
        self.notices: list[Record] = []
        self.registered: dict[str, list[str]] = {}

    def wants(self, tr_id: str, tr_key: str) -> bool:
        return True

    def keys(self, tr_id: str) -> list[str]:
        return self.registered.get(tr_id, [])

    def quote(self, record: Record) -> None:
        self.quotes.append(record)

    def notice(self, record: Record) -> None:
        self.notices.append(record)

    def empty(self) -> list[Record]:
        taken = [*self.notices, *self.quotes]
        self.notices.clear()
        self.quotes.clear()
        return taken


class Desk:
    """One server without sockets: sessions, one clock hand, one fault desk."""

    def __init__(
        self, server: Server = Server.REAL, settings: SocketSettings | None = None
    ) -> None:
        self.now = START
        self.settings = settings or SocketSettings()
        self.faults = Faults()
        self.approvals = Approvals(lambda: self.now)
        self.customer = CUSTOMERS[server]
        self.approval_key = self.approvals.issue(server, self.customer.app_key)
        self.slot = AppKeySlot(timedelta(seconds=self.settings.slot_hold_seconds))
        self.market, self.books, self.basket = StageMarket(), StageBooks(), Basket()
        self.feed = UsFeed(self.market, self.books, self.customer, self.basket)
        self.service = Service(
            customer=self.customer,
            is_approved=lambda key: self.approvals.valid(server, key),
            forge=self.forge,
            latest=self.latest,
            faults=self.faults,
            slot=self.slot,
            layout=Layout(self.settings.widths),
            settings=self.settings,
            verdicts=[],
        )

    def latest(self, tr_id: str, tr_key: str) -> Record | None:
        return self.feed.latest(tr_id, tr_key)

    def forge(self, tr_id: str, symbol: str, now: datetime) -> Record:
        assert tr_id == self.feed.notices
        return self.feed.forge(symbol, now)

    def open(self) -> SocketSession:
        return SocketSession(self.service, self.now)

    def ask(
        self, session: SocketSession, tr_id: str, tr_key: str, tr_type: str = "1"
    ) -> dict[str, Any]:
        text = request_text(tr_id, tr_key, self.approval_key, tr_type)
        reply, *self.greeting = session.receive(text, self.now)
        answer: dict[str, Any] = json.loads(reply)
        return answer

    def code(self, session: SocketSession, tr_id: str, tr_key: str, tr_type: str = "1") -> str:
        return str(self.ask(session, tr_id, tr_key, tr_type)["body"]["msg_cd"])

    def script(self, kind: str, target: str = "*", times: int = 1, value: str = "") -> None:
        self.faults.add(Fault("ws", kind, target, times, value))

    def send_trades(self, session: SocketSession, *trades: Trade) -> list[str]:
        self.market.print(*trades)
        return session.quotes(self.basket.empty(), self.now)

    def send_notice(self, session: SocketSession, told: Notice) -> list[str]:
        self.books.tell(told)
        [record] = self.basket.empty()
        return session.notice(record, self.now)

    def wait(self, session: SocketSession, seconds: float) -> list[str]:
        """Let market time pass as the clock task would: tick at each moment it asks for."""
        end = self.now + timedelta(seconds=seconds)
        sent: list[str] = []
        while session.wake_at <= end and not session.is_dropped:
            self.now = max(self.now, session.wake_at)
            sent += session.tick(self.now)
        self.now = end
        return sent


def fields_of(frame: str) -> list[str]:
    return frame.split("|", 3)[3].split("^")
