"""What a whole Korean day costs in KIS calls, counted from the sandbox's request log.

The day is invented: the sixty names of the sandbox, of which the desk may trade thirty-eight and
stream twenty, so that it has to find breakouts by its scans too, as in the whole market. Its risk
guards are wide; what they held back all the same is not timed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from http import HTTPStatus
from pathlib import Path
from statistics import median

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
from tests.days.breakouts import (
    ENTRIES_FROM,
    ENTRIES_TO,
    POLLED,
    Breakout,
    Sight,
    asks_of,
    breakout_at,
    first_entries,
    polled_at,
    seen_by_all,
)
from tests.days.korean import KST, KoreanDay, kst
from tests.harness.stage import TRADER, Stage, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

BEGIN, END = time(8, 25), time(15, 45)
CONFIG = """\
trading: {enabled: false}
domestic: {enabled: true, scan: {max_watched: 20}}
risk: {max_trades: 60, max_positions: 10, max_order_krw: 1000000, loss_streak: 20}
"""
_REAL = {operation: call for (operation, server), call in CALLS.items() if server is KisServer.REAL}
PURPOSES = {call.tr_id: call.purpose for call in _REAL.values()}
BUY = _REAL[KRX_ORDER_OPERATION[Side.BUY]].tr_id


@dataclass(slots=True)
class KoreanSpend:
    """The calls of a day by Korean hour and purpose."""

    by_hour: dict[int, Counter[Purpose]] = field(default_factory=dict)
    breakouts: list[Breakout] = field(default_factory=list)
    per_second: float = 0.0
    keys: int = 0
    refused: int = 0
    round_trips: int = 0
    entries: dict[str, datetime] = field(default_factory=dict)
    orders: list[tuple[str, datetime]] = field(default_factory=list)
    untimed: int = 0

    @property
    def total(self) -> int:
        """All calls but those for keys."""
        return sum(calls.total() for calls in self.by_hour.values())


def spend_korean_day(folder: Path, seed: int = 1) -> KoreanSpend:
    """Play the day and count."""
    market = KrxScenario(listings=DEFAULT_KRX)
    scenario = Scenario(start=kst(BEGIN), seed=seed, listings=(), krx=market)
    recordings = folder / "recordings"
    trades: list[KrxTrade] = []

    async def main(loop: SteppedLoop) -> KoreanSpend:
        async with stage(
            *(loop, folder, scenario),
            mode=Mode.DRY_RUN,
            config=CONFIG,
            recordings=recordings,
        ) as s:
            offer = await s.assembly.control.switch_mode(DeskName.KRX, Mode.LIVE, TRADER)
            assert not offer.refusal, offer
            s.world.krx.market.on_trade(trades.append)
            await s.go_to(kst(END))
            spend = _count(s)
            spend.entries = first_entries(s.facts())
        return spend

    spend = run_stepped(main)
    (recording,) = recordings.glob("krx-live-*")
    prints = seen_by_all(KoreanDay(recording, folder / "config.yaml"), trades)
    _time(spend, prints)
    return spend


def count_calls(log: Iterable[LoggedRequest]) -> dict[int, Counter[Purpose]]:
    """Calls by hour of the Korean day and purpose; keys are none."""
    found: dict[int, Counter[Purpose]] = defaultdict(Counter)
    for entry in log:
        if entry.tr_id:
            found[entry.at.astimezone(KST).hour][PURPOSES[entry.tr_id]] += 1
    return dict(sorted(found.items()))


def _count(s: Stage) -> KoreanSpend:
    log = s.world.request_log.since(s.started)
    first, last = kst(ENTRIES_FROM), kst(ENTRIES_TO)
    calls = sum(bool(entry.tr_id) and first <= entry.at < last for entry in log)
    spend = KoreanSpend(count_calls(log))
    spend.per_second = calls / (last - first).total_seconds()
    spend.keys = sum(not entry.tr_id for entry in log)
    spend.refused = sum(entry.status != HTTPStatus.OK for entry in log)
    spend.orders = [(entry.params["PDNO"], entry.at) for entry in log if entry.tr_id == BUY]
    view = s.assembly.control.status().krx
    assert view is not None
    spend.round_trips = view.today.round_trips
    return spend


def _time(spend: KoreanSpend, prints: Mapping[str, Sequence[Sight]]) -> None:
    places = {listing.symbol: place for place, listing in enumerate(DEFAULT_KRX)}
    for symbol, decided_at in spend.entries.items():
        began = breakout_at(prints[symbol], decided_at)
        if began is None:
            spend.untimed += 1
            continue
        ordered = next(at for one, at in spend.orders if one == symbol and at >= decided_at)
        asks = asks_of(places[symbol], kst(ENTRIES_FROM), spend.per_second)
        seen = polled_at(prints[symbol], began, asks)
        spend.breakouts.append(Breakout(symbol, began, ordered, seen))


def korean_table(spend: KoreanSpend) -> str:
    """Calls an hour, and the delays beside the poller's."""
    lines = [f"{'calls':<12}" + "".join(f"{hour:>7}h" for hour in spend.by_hour) + f"{'day':>9}"]
    for purpose in Purpose:
        cells = [calls[purpose] for calls in spend.by_hour.values()]
        lines.append(_line(purpose.value, cells))
    lines.append(_line("all", [calls.total() for calls in spend.by_hour.values()]))
    lines.append(
        f"{spend.per_second:.2f} calls a second while entries are allowed, {spend.keys} for keys, "
        f"{spend.refused} refused; {spend.round_trips} round trips, "
        f"{spend.untimed} entries with a print the all-seeing desk would not have taken"
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
