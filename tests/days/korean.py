"""An invented Korean day on the stage, recorded, and what of it must come out the same again.

Ten names of both boards, quiet enough to be played soon, traded enough to break out. The
morning's breakouts are played, then the clock jumps to the evening's, so that the desk enters,
exits by its rules, and ends the day flat.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from engine.adapters.recording import read_heading, read_steps
from engine.adapters.sim.krx_account import KrxSimAccount, SimBooks
from engine.config import load_config
from engine.desk.base import Outcome
from engine.desk.krx.desk import KrxDesk
from engine.flow.relive import Difference, relive
from engine.flow.what_if import WhatIf
from engine.model.entry_facts import EntryFilled
from engine.model.fills import Fill
from engine.model.ids import DeskName, Mode
from engine.model.money import Krw, Money
from engine.model.order_facts import OrderFilled
from engine.ports.recorder import Heading, Step
from engine.rules.krx.sessions import kst_date
from engine.wiring.desks import recorded_desk
from engine.wiring.modes import krx_costs
from sandbox.krx.books import ACCEPT_DELAY
from sandbox.krx.listings import DEFAULT_KRX, KOSDAQ, KOSPI, KrxListing
from sandbox.krx.side import DEFAULT_WON, KrxScenario
from sandbox.scenario import Scenario
from tests.harness.stage import TRADER, Stage, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

KST = ZoneInfo("Asia/Seoul")
DAY = date(2026, 11, 20)
LEADS_FROM = 12_000_000_000  # won a day; below it no invented name breaks out
EACH_BOARD = 5
# The morning's entries must not use up the evening's.
CONFIG = """\
trading: {enabled: false}
domestic: {enabled: true, scan: {rankings_every_s: 60}}
risk: {max_trades: 30}
"""


class Trade(NamedTuple):
    """All that one order brought, with the minute of its last share."""

    minute: str
    symbol: str
    side: str
    qty: int
    price: Decimal


@dataclass(slots=True)
class KoreanDay:
    """A played day: the recording, and what the sandbox's own books hold."""

    recording: Path
    config: Path
    trades: list[Trade] = field(default_factory=list)
    holdings: int = 0

    def steps(self) -> list[Step[Krw]]:
        """What the desk was given."""
        return list(read_steps(self.recording))  # type: ignore[arg-type]  # a KRX desk's figures are won

    def heading(self) -> Heading:
        """What the desk was made of."""
        return read_heading(self.recording)

    def desk(self) -> KrxDesk:
        """A fresh one of the same make."""
        made = recorded_desk(load_config(self.config).config, self.heading())
        assert isinstance(made, KrxDesk)
        return made


def kst(clock: time) -> datetime:
    """A Korean time of the day, in UTC."""
    return datetime.combine(DAY, clock, KST).astimezone(UTC)


def listings() -> tuple[KrxListing, ...]:
    """Of each board those that trade least among what may break out."""

    def traded(entry: KrxListing) -> Decimal:
        return entry.usual_volume * entry.base_price

    leaders = sorted(
        (entry for entry in DEFAULT_KRX if entry.is_ordinary and traded(entry) >= LEADS_FROM),
        key=traded,
    )
    chosen: list[KrxListing] = []
    for board in (KOSPI, KOSDAQ):
        chosen += [entry for entry in leaders if entry.segment == board][:EACH_BOARD]
    return tuple(chosen)


def play_korean(
    seed: int, folder: Path, parts: tuple[tuple[time, time], ...], begin: time = time(8, 58)
) -> KoreanDay:
    """Play from ``begin``; between the parts the clock jumps."""
    market = KrxScenario(listings=listings())
    scenario = Scenario(start=kst(begin), seed=seed, listings=(), krx=market)
    recordings = folder / "recordings"

    async def main(loop: SteppedLoop) -> KoreanDay:
        async with stage(
            *(loop, folder, scenario),
            mode=Mode.DRY_RUN,
            config=CONFIG,
            jumps=len(parts) > 1,
            recordings=recordings,
        ) as s:
            offer = await s.assembly.control.switch_mode(DeskName.KRX, Mode.LIVE, TRADER)
            assert not offer.refusal, offer
            for place, (first, last) in enumerate(parts):
                if place:
                    await s.world.jump(kst(first))
                await s.go_to(kst(last))
                s.assembly.control.scan()  # who looks at a desk changes nothing
            day = KoreanDay(recordings, s.data / "config.yaml")
            _take_books(s, day)
        (day.recording,) = recordings.glob("krx-live-*")
        return day

    return run_stepped(main)


def _take_books(s: Stage, day: KoreanDay) -> None:
    account = s.world.krx.books.report()["real"]
    assert isinstance(account, dict)
    day.holdings = len(account["holdings"])
    fills = [
        Share(
            f["order_no"], datetime.fromisoformat(f["at"]), f["symbol"], f["side"], f["qty"],
            Decimal(f["price"]),
        )
        for f in account["fills"]
    ]  # fmt: skip
    day.trades = trades_of(fills)


class Share(NamedTuple):
    """One execution."""

    order_no: str
    at: datetime
    symbol: str
    side: str
    qty: int
    price: Decimal


def trades_of(fills: list[Share]) -> list[Trade]:
    """Executions by order; sorted, since orders of one moment have no order."""
    found = []
    for _, group in groupby(sorted(fills), key=lambda share: share.order_no):
        shares = list(group)
        qty = sum(share.qty for share in shares)
        price = sum((share.qty * share.price for share in shares), Decimal(0)) / qty
        last = max(share.at for share in shares).astimezone(KST)
        found.append(Trade(f"{last:%H:%M}", shares[0].symbol, shares[0].side, qty, price))
    return sorted(found)


def relived(day: KoreanDay) -> list[Difference]:
    """Where a fresh desk wants something else than was recorded."""
    return list(relive(day.desk(), day.steps()))


@dataclass(slots=True)
class _Ledger:
    """A witness that keeps what was filled."""

    fills: list[Share] = field(default_factory=list)

    def on_outcome(self, outcome: Outcome[Krw], now: datetime) -> None:
        del now
        for fact in outcome.facts:
            if isinstance(fact, EntryFilled | OrderFilled):
                self.fills.append(_share(fact.fill))


def _share(fill: Fill[Money]) -> Share:
    return Share(
        *(fill.broker_order_no, fill.at, fill.symbol, fill.side, fill.qty, fill.price.amount)
    )


def what_if(
    day: KoreanDay, cash: Decimal = DEFAULT_WON, latency: timedelta = ACCEPT_DELAY
) -> list[Trade]:
    """What the same settings do with the quotes alone; orders are as long on their way."""
    settings = day.heading().settings
    costs = krx_costs(lambda: settings.fee_pct)
    account = KrxSimAccount(SimBooks(Krw(cash)), kst_date, costs, latency)
    ledger = _Ledger()
    WhatIf(day.desk(), account, ledger, latency=latency).play(day.steps())
    return trades_of(ledger.fills)
