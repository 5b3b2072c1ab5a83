"""What a whole Korean day costs in KIS calls, and how soon a breakout is ordered.

The day is invented: the sixty names of the sandbox, the desk's own settings but for the number of
entries, which is raised so that breakouts all day long are timed.

A breakout begins with the first print above the highest level that was broken when the desk
decided to enter, in the stretch of prints above it that lasts until that decision. What the desk
waits for in between, its score's volume above all, counts as delay. Beside it stands a poller
that asks each of a hundred symbols for its price in turn, as many a second as the desk called on
average while entries were allowed: it is told of the same breakout when it next asks for the
symbol and finds the price above the level.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from statistics import median
from typing import NamedTuple

from engine.adapters.kis.endpoint import Server as KisServer
from engine.adapters.kis.fields import CALLS, KRX_ORDER_OPERATION
from engine.model.ids import DeskName, Mode
from engine.model.orders import Side
from engine.model.quota import Purpose
from sandbox.krx.listings import DEFAULT_KRX
from sandbox.krx.model import KrxTrade
from sandbox.krx.side import KrxScenario
from sandbox.request_log import LoggedRequest
from sandbox.scenario import Scenario
from tests.days.korean import KST, kst
from tests.harness.stage import TRADER, Stage, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

BEGIN, END = time(8, 25), time(15, 45)
ENTRIES_FROM, ENTRIES_TO = time(9, 5), time(15, 10)
POLLED = 100
CONFIG = """\
trading: {enabled: false}
domestic: {enabled: true}
risk: {max_trades: 30}
"""
_REAL = {operation: call for (operation, server), call in CALLS.items() if server is KisServer.REAL}
PURPOSES = {call.tr_id: call.purpose for call in _REAL.values()}
BUY = _REAL[KRX_ORDER_OPERATION[Side.BUY]].tr_id


class Price(NamedTuple):
    """A print."""

    at: datetime
    price: Decimal


@dataclass(frozen=True, slots=True)
class Breakout:
    """A level that was entered on: when it broke, when the order came, when a poller saw it."""

    symbol: str
    level: Decimal
    at: datetime
    ordered_at: datetime
    polled_at: datetime | None

    @property
    def delay_s(self) -> float:
        """Of the desk's order."""
        return (self.ordered_at - self.at).total_seconds()

    @property
    def polled_s(self) -> float | None:
        """Of the poller; None where the price had fallen back each time it asked."""
        return None if self.polled_at is None else (self.polled_at - self.at).total_seconds()


@dataclass(slots=True)
class KoreanSpend:
    """The calls of a day by Korean hour and purpose."""

    by_hour: dict[int, Counter[Purpose]] = field(default_factory=dict)
    breakouts: list[Breakout] = field(default_factory=list)
    per_second: float = 0.0
    keys: int = 0
    refused: int = 0
    round_trips: int = 0

    @property
    def total(self) -> int:
        """All calls but those for keys."""
        return sum(calls.total() for calls in self.by_hour.values())


def spend_korean_day(folder: Path, seed: int = 1) -> KoreanSpend:
    """Play the day and count."""
    market = KrxScenario(listings=DEFAULT_KRX)
    scenario = Scenario(start=kst(BEGIN), seed=seed, listings=(), krx=market)

    async def main(loop: SteppedLoop) -> KoreanSpend:
        async with stage(loop, folder, scenario, mode=Mode.DRY_RUN, config=CONFIG) as s:
            offer = await s.assembly.control.switch_mode(DeskName.KRX, Mode.LIVE, TRADER)
            assert not offer.refusal, offer
            prints: dict[str, list[Price]] = defaultdict(list)

            def note(trade: KrxTrade) -> None:
                prints[trade.symbol].append(Price(trade.at, trade.price))

            s.world.krx.market.on_trade(note)
            await s.go_to(kst(END))
            return _count(s, prints)

    return run_stepped(main)


def count_calls(log: Iterable[LoggedRequest]) -> dict[int, Counter[Purpose]]:
    """Calls by hour of the Korean day and purpose; keys are none."""
    found: dict[int, Counter[Purpose]] = defaultdict(Counter)
    for entry in log:
        if entry.tr_id:
            found[entry.at.astimezone(KST).hour][PURPOSES[entry.tr_id]] += 1
    return dict(sorted(found.items()))


def breakout_at(prints: Sequence[Price], level: Decimal, decided_at: datetime) -> datetime | None:
    """The first print above ``level`` in the stretch above it up to ``decided_at``.

    None: the last print before the decision was not above the level.
    """
    began: datetime | None = None
    for at, price in prints:
        if at > decided_at:
            break
        began = None if price <= level else began or at
    return began


def polled_at(
    prints: Sequence[Price], level: Decimal, since: datetime, asks: Iterable[datetime]
) -> datetime | None:
    """The first of ``asks`` from ``since`` on that finds the last price above ``level``."""
    last = prints[-1].at
    for at in asks:
        if at > last:
            return None
        place = bisect_right(prints, at, key=lambda one: one.at)
        if at >= since and place and prints[place - 1].price > level:
            return at
    return None


def asks_of(place: int, begin: datetime, per_second: float) -> Iterable[datetime]:
    """When the symbol at ``place`` of the poller's list is asked for."""
    for turn in count():
        yield begin + timedelta(seconds=(place + turn * POLLED) / per_second)


def _count(s: Stage, prints: dict[str, list[Price]]) -> KoreanSpend:
    log = s.world.request_log.since(s.started)
    first, last = kst(ENTRIES_FROM), kst(ENTRIES_TO)
    calls = sum(bool(entry.tr_id) and first <= entry.at < last for entry in log)
    spend = KoreanSpend(count_calls(log))
    spend.per_second = calls / (last - first).total_seconds()
    spend.keys = sum(not entry.tr_id for entry in log)
    spend.refused = sum(entry.status != 200 for entry in log)
    view = s.assembly.control.status().krx
    assert view is not None
    spend.round_trips = view.today.round_trips
    places = {listing.symbol: place for place, listing in enumerate(DEFAULT_KRX)}
    for decided_at, kind, fact in s.facts():
        if kind != "EntryDecided" or fact["step"] != 1:
            continue
        symbol, level = fact["order"]["symbol"], Decimal(fact["card"]["level"]["krw"])
        began = breakout_at(prints[symbol], level, decided_at)
        if began is None:
            continue
        ordered = next(
            entry.at
            for entry in log
            if entry.tr_id == BUY and entry.params["PDNO"] == symbol and entry.at >= decided_at
        )
        asks = asks_of(places[symbol], first, spend.per_second)
        seen = polled_at(prints[symbol], level, began, asks)
        spend.breakouts.append(Breakout(symbol, level, began, ordered, seen))
    return spend


def korean_table(spend: KoreanSpend) -> str:
    """Calls an hour, and the delays beside the poller's."""
    lines = [f"{'calls':<12}" + "".join(f"{hour:>7}h" for hour in spend.by_hour) + f"{'day':>9}"]
    for purpose in Purpose:
        cells = [calls[purpose] for calls in spend.by_hour.values()]
        lines.append(_line(purpose.value, cells))
    lines.append(_line("all", [calls.total() for calls in spend.by_hour.values()]))
    lines.append(
        f"{spend.per_second:.2f} calls a second while entries are allowed, {spend.keys} for keys, "
        f"{spend.refused} refused; {spend.round_trips} round trips"
    )
    own = [breakout.delay_s for breakout in spend.breakouts]
    polled = [late for b in spend.breakouts if (late := b.polled_s) is not None]
    lines += [
        f"{'breakout to order, s':<34}{'median':>8}{'worst':>9}",
        _delays(f"this desk ({len(own)} breakouts)", own),
        _delays(f"a poller of {POLLED} ({len(own) - len(polled)} never seen)", polled),
    ]
    return "\n".join(lines)


def _line(name: str, cells: list[int]) -> str:
    return f"{name:<12}" + "".join(f"{cell:>8}" for cell in cells) + f"{sum(cells):>9}"


def _delays(name: str, delays: list[float]) -> str:
    if not delays:
        return f"{name:<34}{'-':>8}{'-':>9}"
    return f"{name:<34}{median(delays):>8.2f}{max(delays):>9.2f}"
