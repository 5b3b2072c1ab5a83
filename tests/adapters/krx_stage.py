"""A scripted Korean market served in-process, and the domestic side of the engine pointed at it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.adapters.kis.budget import CallBudget, CallCaps
from engine.adapters.kis.desk_feed import DeskFeed
from engine.adapters.kis.endpoint import Server
from engine.adapters.kis.krx.broker import KisKrxBroker
from engine.adapters.kis.krx.market_data import KisMarketData
from engine.adapters.kis.krx.master import MasterFiles
from engine.adapters.kis.krx.quotes import KRX_QUOTES
from engine.adapters.kis.quotes import KisQuotes
from engine.adapters.kis.values import KST
from engine.model.ids import BrokerOrderNo, ClientOrderId, DeskName, Qty, Symbol
from engine.model.instrument import Exchange, Instrument
from engine.model.money import Krw
from engine.model.orders import CancelIntent, OrderIntent, OrderKind, OrderReason, Side
from sandbox.krx.account import KrxAccount
from sandbox.krx.listings import KrxListing
from sandbox.krx.side import KrxScenario
from sandbox.krx.tape import KrxPrint
from sandbox.ws_settings import SocketSettings
from tests.adapters.kis_stage import Stage, stage
from tests.sandbox.kis_desk import ScriptedTape
from tests.sandbox.krx_desk import LISTINGS, SHARE, KrxScript, kst, trade

TODAY = date(2026, 11, 20)
NAME = Instrument(Symbol(SHARE), Exchange.KRX)
MORNING = kst(10)


@dataclass
class KrxStage:
    """The domestic side, over the stage that both markets share."""

    at: Stage
    broker: KisKrxBroker
    quotes: KisQuotes[Krw]
    market: KisMarketData

    @property
    def feed(self) -> DeskFeed[Krw]:
        return self.at.socket.krx

    @property
    def account(self) -> KrxAccount:
        return self.at.running.world.krx.books.accounts[self.at.server]


def krx_date(moment: datetime) -> date:
    return moment.astimezone(KST).date()


@asynccontextmanager
async def krx_stage(
    server: Server = Server.REAL,
    tape: list[KrxPrint] | dict[str, list[KrxPrint]] | None = None,
    *,
    start: datetime = MORNING,
    speed: float = 60.0,
    holdings: tuple[tuple[str, int, str], ...] = (),
    listings: tuple[KrxListing, ...] = LISTINGS,
    cash: int = 10_000_000,
    days: int = 3,
    settings: SocketSettings | None = None,
) -> AsyncIterator[KrxStage]:
    prints = tape if isinstance(tape, dict) else {SHARE: tape or [trade(kst(9, 30), 10_050)]}
    scenario = KrxScenario(listings, KrxScript(prints, days), Decimal(cash), Decimal(0))
    async with stage(
        server,
        start=start,
        speed=speed,
        holdings=holdings,
        socket_settings=settings,
        tape=ScriptedTape({}),
        krx=scenario,
    ) as at:
        budget = CallBudget(DeskName.KRX, CallCaps.of_day(None), at.counts, at.clock, krx_date)
        with TemporaryDirectory() as kept:
            masters = MasterFiles(f"{at.running.url}/master", Path(kept))
            yield KrxStage(
                at,
                KisKrxBroker(at.transport, budget, at.clock),
                KisQuotes(at.transport, budget, at.clock, KRX_QUOTES),
                KisMarketData(at.transport, budget, at.clock, masters),
            )


def krx_order(
    qty: int = 3,
    limit: int = 10_000,
    side: Side = Side.BUY,
    kind: OrderKind = OrderKind.LIMIT,
    symbol: str = SHARE,
) -> OrderIntent[Krw]:
    return OrderIntent(
        client_order_id=ClientOrderId("krx-1"),
        desk=DeskName.KRX,
        symbol=Symbol(symbol),
        exchange=Exchange.KRX,
        side=side,
        qty=Qty(qty),
        limit=Krw(Decimal(limit)),
        reason=OrderReason.BREAKOUT,
        decision_price=Krw(Decimal(limit)),
        decided_at=MORNING,
        kind=kind,
    )


def krx_cancel(number: str, qty: int = 3, branch: str = "") -> CancelIntent:
    what = (BrokerOrderNo(number), Symbol(SHARE), Exchange.KRX, Qty(qty), branch)
    return CancelIntent(ClientOrderId("krx-1"), *what)
