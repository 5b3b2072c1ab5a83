"""What a whole US day costs in KIS calls, counted from the sandbox's request log.

The day is invented (seeded), begins asleep on the evening before and ends after the close. Five
symbols are held: three from before, two bought by hand. One is let rise to its target before
the open and one after it, so that the exits are paid for as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

from sandbox.generator import GeneratedTape
from sandbox.market import Drift, Print, Tape
from sandbox.model import Listing, Server
from sandbox.names import DEFAULT_UNIVERSE
from sandbox.request_log import LoggedRequest
from sandbox.scenario import Scenario, StartingHolding
from sandbox.session import at, session_day
from tests.harness.stage import Stage, et, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

EVENING, DAY = date(2026, 9, 15), date(2026, 9, 16)
HELD = ("AAPL", "AMAT", "KO")
BOUGHT = {"MU": time(4, 20), "BAC": time(5)}
SYMBOLS = (*HELD, *BOUGHT)
EARLY_EXIT, LATE_EXIT = "KO", "AAPL"
LISTINGS = tuple(listing for listing in DEFAULT_UNIVERSE if listing.symbol in SYMBOLS)
HOUR, TEN_MINUTES = timedelta(hours=1), timedelta(minutes=10)
READS = frozenset({"TTTS3012R", "TTTS3035R"})  # balance, executions
ORDERS = frozenset({"TTTT1002U", "TTTT1006U", "TTTT1004U"})
# Reads that a fill, an order or the window's opening asks for are no reconciliation.
SWITCHED = timedelta(seconds=5)  # what the switch to LIVE reads was asked for
AFTERMATH = timedelta(seconds=30)
POLLER_S = 3


class Market(StrEnum):
    """What kind of morning it is."""

    ORDINARY = "ordinary"
    NEAR = "near"  # all premarket less than half a point below the target
    SPREAD = "spread"  # all premarket the last price is at the target, the bid below


class NearTape:
    """Before the open every symbol trades each ten seconds around one level; then as invented.

    ``spread``: how far the bid is below the last price, per cent.
    """

    def __init__(self, seed: int, spread_pct: Decimal) -> None:
        self._invented = GeneratedTape(seed)
        self._spread = spread_pct / 100

    def prints(self, listing: Listing, day: date) -> Iterator[Print]:
        """The day's prints in time order."""
        if day != DAY:
            return
        hours = session_day(day)
        moment, level = hours.premarket_open, listing.prev_close
        cents = Decimal("0.01")
        while moment < hours.open:
            wiggle = Decimal(moment.second % 20) / 10 * cents
            price = (level + wiggle).quantize(cents)
            bid = (price * (1 - self._spread)).quantize(cents)
            yield Print(moment, price, 100, bid, price + cents, 500, 500)
            moment += timedelta(seconds=10)
        for later in self._invented.prints(listing, day):
            if later.at >= hours.open:
                yield later

    def halted(self, symbol: str, moment: datetime) -> bool:
        """No pauses."""
        return False


@dataclass(slots=True)
class Spend:
    """The calls of one day by what they were for."""

    market: Market
    asleep: int = 0
    ready: int = 0
    premarket: int = 0
    busiest_hour: int = 0
    longest_gap_s: float = 0.0
    orders: int = 0
    reconciling: int = 0
    most_reconciling: int = 0
    rest: int = 0
    after_noon: int = 0
    keys: int = 0
    sells: list[dict[str, Any]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All calls of the date in New York."""
        regular = self.orders + self.reconciling + self.rest
        return self.asleep + self.ready + self.premarket + regular + self.after_noon


def scenario_of(market: Market) -> Scenario:
    """The day's world. Costs decide how far each symbol is from its target of 3 %."""
    start = et(EVENING, 20, 0)
    tape: Tape | None = None
    factor = Decimal("0.99")
    if market is not Market.ORDINARY:
        spread = Decimal("0.5") if market is Market.SPREAD else Decimal(0)
        tape = NearTape(7, spread)
        # Target 0.3 % above the price, or 0.1 % below it while the bid is 0.4 % below the target.
        reach = Decimal("1.003") if market is Market.NEAR else Decimal("0.999")
        factor = reach / Decimal("1.03")
    holdings = tuple(
        StartingHolding(Server.REAL, share.symbol, 20, share.prev_close * factor)
        for share in LISTINGS
        if share.symbol in HELD or market is not Market.ORDINARY
    )
    drifts = (
        Drift(EARLY_EXIT, et(DAY, 9, 5), Decimal("4.5"), 300),
        Drift(LATE_EXIT, et(DAY, 11, 20), Decimal(6), 300),
    )
    return Scenario(
        start=start, seed=7, listings=LISTINGS, tape=tape, drifts=drifts, holdings=holdings
    )


def spend_day(market: Market, folder: Path) -> Spend:
    """Play the day and count."""
    scenario = scenario_of(market)
    config = "  existing_holdings: always\n"

    async def main(loop: SteppedLoop) -> Spend:
        async with stage(loop, folder, scenario, config=config) as s:
            if market is Market.ORDINARY:
                for symbol, moment in BOUGHT.items():
                    await s.go_to(at(DAY, moment))
                    s.buy(symbol, 20)
            await s.go_to(et(DAY, 16, 30))
            return count(s, market, s.started + SWITCHED)

    return run_stepped(main)


def count(s: Stage, market: Market, begun: datetime) -> Spend:
    """Sort the log by the desk's windows, from ``begun`` on."""
    spend = Spend(market, sells=s.own_sells(), told=s.kinds())
    log = [e for e in s.world.request_log.entries if e.at >= begun]
    spend.keys = sum(not e.tr_id for e in log)
    calls = [e for e in log if e.tr_id]
    ready, open_at = et(DAY, 3, 50), et(DAY, 4, 0)
    regular, noon = et(DAY, 9, 30), et(DAY, 12, 0)
    spend.asleep = _within(calls, begun, ready)
    spend.ready = _within(calls, ready, open_at)
    spend.premarket = _within(calls, open_at, regular)
    spend.busiest_hour = _busiest([e.at for e in calls if open_at <= e.at < regular], HOUR)
    balances = [e.at for e in calls if e.tr_id == "TTTS3012R" and open_at <= e.at < regular]
    spend.longest_gap_s = max((b - a).total_seconds() for a, b in pairwise(balances))
    spend.after_noon = sum(e.at >= noon for e in calls)
    _count_socket_window(s, spend, [e for e in calls if regular <= e.at < noon], regular)
    return spend


def _count_socket_window(
    s: Stage, spend: Spend, calls: list[LoggedRequest], regular: datetime
) -> None:
    """Orders, reconciliation, and the rest.

    Reconciliation is a read nothing asked for. Reads within half a minute of a fill, an order or
    the window's opening were asked for by it: they count towards the rest, against the desk.
    """
    fills = [datetime.fromisoformat(fill["at"]) for fill in s.books()["fills"]]
    causes = [regular, *fills, *(e.at for e in calls if e.tr_id in ORDERS)]
    spend.orders = sum(e.tr_id in ORDERS for e in calls)
    plain = [
        e.at
        for e in calls
        if e.tr_id in READS and not any(c <= e.at <= c + AFTERMATH for c in causes)
    ]
    spend.reconciling = len(plain)
    spend.most_reconciling = _busiest(plain, TEN_MINUTES)
    spend.rest = len(calls) - spend.orders - spend.reconciling


def _within(calls: list[LoggedRequest], begin: datetime, end: datetime) -> int:
    return sum(begin <= e.at < end for e in calls)


def _busiest(moments: list[datetime], span: timedelta) -> int:
    """Most calls within any span, both ends apart by less than it."""
    return max((sum(a <= b < a + span for b in moments) for a in moments), default=0)


def table(spends: list[Spend]) -> str:
    """The spends beside a fixed poller's, which asks for each symbol every three seconds."""
    per_s = Decimal(len(SYMBOLS)) / POLLER_S
    hour, premarket = int(per_s * 3600), int(per_s * 3600 * Decimal("5.5"))
    socket = int(per_s * 3600 * Decimal("2.5"))
    spent_after = timedelta(seconds=5000 * POLLER_S // len(SYMBOLS))
    rows: list[tuple[object, ...]] = [
        ("asleep (20:00 to 03:50)", "0", *(x.asleep for x in spends), "-"),
        ("readiness check (03:50)", "4", *(x.ready for x in spends), "-"),
        ("premarket 04:00-09:30", "2750", *(x.premarket for x in spends), premarket),
        ("  busiest hour", "500", *(x.busiest_hour for x in spends), hour),
        (
            "  longest gap between balances, s",
            "10",
            *(f"{x.longest_gap_s:.1f}" for x in spends),
            POLLER_S,
        ),
        ("socket 09:30-12:00: orders", "", *(x.orders for x in spends), "-"),
        ("  reconciliation", "", *(x.reconciling for x in spends), "-"),
        ("    most in ten minutes", "2", *(x.most_reconciling for x in spends), "-"),
        ("  everything else", "40", *(x.rest for x in spends), socket),
        ("asleep (12:00 to 16:30)", "0", *(x.after_noon for x in spends), "-"),
        ("whole day", "4500", *(x.total for x in spends), premarket + socket),
        ("keys (token, approval)", "", *(x.keys for x in spends), "-"),
        ("sales", "", *(len(x.sells) for x in spends), "-"),
    ]
    head = ("calls", "limit", *(x.market.value for x in spends), "every 3 s")
    widths = [6, *(max(9, len(x.market.value)) for x in spends), 9]
    lines = [head, *(tuple(str(cell) for cell in row) for row in rows)]
    text = [
        "  ".join([f"{first:<36}", *(f"{c:>{w}}" for c, w in zip(cells, widths, strict=True))])
        for first, *cells in lines
    ]
    text.append(f"The fixed poller has spent the day's 5,000 calls after {spent_after}.")
    return "\n".join(text)
